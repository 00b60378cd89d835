"""How far a saved audience and the contacts have drifted apart."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.shape import Body

DriftKind = Literal["joined", "left", "changed_number"]


class Drift(Body):
    """`joined`: match now and were not saved. `left`: were saved, and match no longer or are
    deleted. `changed_number`: were saved and have another number now. `saved` counts everybody who
    was saved, those who were left out among them."""

    saved_at: datetime | None
    saved: int
    joined: int
    left: int
    changed_number: int
    compared_at: datetime


class ListDrift(Body):
    """`after` is the `next` of the page before."""

    kind: DriftKind
    after: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=20, ge=1, le=200)


class DriftedContact(Body):
    """Numbers in E.164: as saved, and as the contact has it now."""

    contact_id: str
    name: str
    saved_address: str | None
    address: str | None
    deleted: bool


class DriftPage(Body):
    contacts: list[DriftedContact]
    next: str | None
