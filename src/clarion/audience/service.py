"""Use cases of the audience room: fields, values, exact counts and pages of contacts."""

from __future__ import annotations

from clarion.audience.numbers import Numbers
from clarion.audience.people import People


class Audience(Numbers, People):
    """Every method runs in the caller's transaction, as the caller's workspace."""
