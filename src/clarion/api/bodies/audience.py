"""Filters, fields, counts and contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from clarion.api.bodies.shape import Body

LeftOut = Literal["no_phone", "invalid_phone", "unchecked_phone", "opted_out", "duplicate_number"]
FieldType = Literal["text", "number", "date", "boolean", "list"]


class Condition(Body):
    """`field` is an id from the field list; `value` fits the operator."""

    field: str
    operator: str
    value: Any = None


def _choice(part: object) -> str:
    """Which of the two a part of a filter wants to be, so that its faults are those of one."""
    if isinstance(part, dict):
        return "Group" if "conditions" in part or "match" in part else "Condition"
    return type(part).__name__ if isinstance(part, Body) else "Condition"


class Group(Body):
    match: Literal["all", "any", "none"]
    conditions: list[
        Annotated[
            Annotated[Group, Tag("Group")] | Annotated[Condition, Tag("Condition")],
            Discriminator(_choice),
        ]
    ] = Field(max_length=200)


class AudienceField(Body):
    """`token` is what a message writes between {{ }} for this field."""

    id: str
    label: str
    source: Literal["column", "metadata"]
    type: FieldType
    operators: list[str]
    token: str
    contacts: int


class Operator(Body):
    id: str
    label: str
    value: Literal["none", "one", "many", "range", "days"]


class AudienceFields(Body):
    fields: list[AudienceField]
    operators: list[Operator]


class FieldValue(Body):
    value: Any
    contacts: int


class FieldValues(Body):
    values: list[FieldValue]


class LeftOutCount(Body):
    reason: LeftOut
    contacts: int


class Reach(Body):
    reachable: int
    left_out: list[LeftOutCount]


class Estimate(Body):
    """`matched` = `sms.reachable` + the sum of `sms.left_out`."""

    matched: int
    sms: Reach
    total: int
    took_ms: float
    counted_at: datetime


class CountAudience(Body):
    filter: Group


class ListContacts(Body):
    """`left_out` narrows to the people who would not get an SMS for that reason;
    `reachable` true to those who would. `after` is the `next` of the page before."""

    filter: Group
    left_out: LeftOut | None = None
    reachable: bool | None = None
    after: str | None = None
    limit: int = Field(default=20, ge=1, le=200)


class Contact(Body):
    """`columns` are the values of the table's other columns, by their names."""

    id: str
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    metadata: dict[str, Any]
    columns: dict[str, Any]
    left_out: LeftOut | None = None


class ContactPage(Body):
    contacts: list[Contact]
    next: str | None


class AskAudience(Body):
    """What a client sends over /api/v1/live/audience, again with each change of the filter.
    A newer `id` makes older answers void."""

    id: int
    filter: Group
    limit: int = Field(default=10, ge=1, le=50)


class AudienceMatched(Body):
    """The first answer: the exact matched number."""

    type: Literal["matched"] = "matched"
    id: int
    matched: int
    total: int
    took_ms: float


class AudienceAnswer(Body):
    """The whole answer; comes again by itself when contacts change."""

    type: Literal["audience"] = "audience"
    id: int
    estimate: Estimate
    contacts: list[Contact]
    next: str | None
