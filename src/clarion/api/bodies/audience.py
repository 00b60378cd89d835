"""Filters, fields, counts and contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from clarion.api.bodies.shape import Body

LeftOut = Literal["no_phone", "invalid_phone", "unchecked_phone", "opted_out", "duplicate_number"]
EmailLeftOut = Literal["no_email", "invalid_email", "opted_out", "duplicate_email"]
AnyLeftOut = Literal[LeftOut, EmailLeftOut]
Channel = Literal["sms", "email"]
FieldType = Literal["text", "number", "date", "boolean", "list", "activity", "segment", "scheduled"]


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


class FieldKind(Body):
    type: FieldType
    contacts: int


class AudienceField(Body):
    """`token` is what a message writes between {{ }} for this field; empty for a field that no
    message can hold. `kinds` are the types of the values that contacts hold, the most frequent
    first; `note` says what follows from there being several."""

    id: str
    label: str
    source: Literal["column", "metadata", "activity", "segment", "scheduled"]
    type: FieldType
    operators: list[str]
    token: str
    contacts: int
    kinds: list[FieldKind]
    note: str | None


class Operator(Body):
    """`types` are those whose values it compares: `between` on a field of type text compares the
    values as numbers, since it does not compare texts."""

    id: str
    label: str
    value: Literal["none", "one", "many", "range", "days"]
    types: list[FieldType]


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


class AnyLeftOutCount(Body):
    """Of whichever channel."""

    reason: AnyLeftOut
    contacts: int


class Reach(Body):
    reachable: int
    left_out: list[LeftOutCount]


class EmailLeftOutCount(Body):
    reason: EmailLeftOut
    contacts: int


class EmailReach(Body):
    reachable: int
    left_out: list[EmailLeftOutCount]


class Freshness(Body):
    """Of when the numbers are, and where they come from; `reason` says why the database counted
    what the index in memory counts otherwise."""

    source: Literal["index", "database"]
    as_of: datetime
    reason: str | None = None


class Estimate(Body):
    """`matched` = `reachable` + the sum of `left_out`, of `sms` and of `email` alike."""

    matched: int
    sms: Reach
    email: EmailReach
    total: int
    took_ms: float
    counted_at: datetime
    freshness: Freshness


class CountAudience(Body):
    filter: Group


class WaterfallStep(Body):
    """A part of the filter, by its JSON pointer within the filter ("" is the filter itself).
    `lost` met all parts before this one; `left` meet this one too."""

    pointer: str
    left: int
    lost: int


class SmsStep(Body):
    reason: LeftOut
    lost: int
    left: int


class EmailStep(Body):
    reason: EmailLeftOut
    lost: int
    left: int


class ChannelSteps(Body):
    """The last `left` of a channel is whom it reaches."""

    sms: list[SmsStep]
    email: list[EmailStep]


class Waterfall(Body):
    """From all contacts through each condition to those who match, and on to each channel. Every
    step's `left` and `lost` add up to the `left` before it."""

    total: int
    steps: list[WaterfallStep]
    matched: int
    channels: ChannelSteps
    freshness: Freshness


class AskWhy(Body):
    filter: Group
    contact_id: str = Field(max_length=200)


class PartMet(Body):
    """A condition or group of the filter, by its JSON pointer within the filter. `met` is what
    the part itself says, whatever the group around it makes of that; `value` is what the contact
    holds in the condition's field."""

    pointer: str
    met: bool
    value: Any = None


class Keeper(Body):
    id: str
    name: str


class SmsReached(Body):
    """Without a `reason`, and not reachable, is who could be written to and does not match.
    `kept_by` is the matched contact that has the same number and comes first."""

    reachable: bool
    reason: LeftOut | None
    kept_by: Keeper | None


class EmailReached(Body):
    """As SmsReached, for the e-mail address."""

    reachable: bool
    reason: EmailLeftOut | None
    kept_by: Keeper | None


class Why(Body):
    matches: bool
    conditions: list[PartMet]
    sms: SmsReached
    email: EmailReached


class SortBy(Body):
    """`field` is an id from the field list. Contacts without a value come last either way."""

    field: str = Field(max_length=500)
    descending: bool = False


class ListContacts(Body):
    """`left_out` narrows to the people who would get nothing on `channel` (SMS without one) for
    that reason; `reachable` true to those who would get something, `reached_by` to whom which of
    both channels reaches. Of those reached, `without` leaves who has nothing in this field.
    `search` is looked for in the
    name, the phone number and the e-mail address. `after` is the `next` of the page before, of a
    list with the same `sort`."""

    filter: Group
    channel: Channel | None = None
    left_out: AnyLeftOut | None = None
    reachable: bool | None = None
    reached_by: Literal["any", "both", "only_sms", "only_email"] | None = None
    without: str | None = Field(default=None, max_length=500)
    sort: SortBy | None = None
    search: str | None = Field(default=None, max_length=200)
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
    left_out: AnyLeftOut | None = None


class ContactPage(Body):
    contacts: list[Contact]
    next: str | None


class AskAudience(Body):
    """What a client sends over /api/v1/live/audience, again with each change of the filter.
    A newer `id` makes older answers void. `facets` asks for how many match each value, too: of
    the fields with these ids, or true for every field with few values."""

    id: int
    filter: Group
    limit: int = Field(default=10, ge=1, le=50)
    facets: bool | Annotated[list[str], Field(max_length=100)] = False


class AudienceMatched(Body):
    """The first answer: the exact matched number. Whom each channel reaches is null while only
    the database can tell; it comes with the whole answer then."""

    type: Literal["matched"] = "matched"
    id: int
    matched: int
    total: int
    sms_reachable: int | None
    email_reachable: int | None
    took_ms: float
    freshness: Freshness


class FacetValue(Body):
    value: str
    contacts: int


class Facet(Body):
    """How many would match each value of a field, given the rest of the filter, the most first.
    `more` values are not listed; `empty` counts who has none."""

    field: str
    values: list[FacetValue]
    more: int
    empty: int


class AudienceFacets(Body):
    """Of those fields with few values that were asked for; `countable` has the ids of all of them.
    Comes only from the index: not while the database counts."""

    type: Literal["facets"] = "facets"
    id: int
    fields: list[Facet]
    countable: list[str] = Field(default_factory=list)
    took_ms: float


class AudienceAnswer(Body):
    """The whole answer; comes again by itself when contacts change."""

    type: Literal["audience"] = "audience"
    id: int
    estimate: Estimate
    contacts: list[Contact]
    next: str | None
