"""What every body shares: strict fields, money, problems and pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

#: Names of the forms among which a body chooses; the validator puts them into its locations.
CHOICES = frozenset({"Group", "Condition", "NewJobs", "NewJob"})


class Body(BaseModel):
    """Unknown fields are refused: a misspelt one must not be lost silently."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


#: A decimal that travels as text ("98.40"), so that no client rounds it.
DecimalText = Annotated[Decimal, PlainSerializer(lambda value: f"{value:f}", return_type=str)]


class Money(Body):
    amount: DecimalText
    currency: str


class Fault(Body):
    pointer: str
    detail: str


class Problem(Body):
    """RFC 9457; `errors` name each place that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []
