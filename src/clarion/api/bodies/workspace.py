"""The settings of the workspace that its admins change."""

from __future__ import annotations

from pydantic import Field

from clarion.api.bodies.shape import Body, DecimalText


class WorkspaceSettings(Body):
    """Messages leave from `sending_from` until `sending_until` ("08:00", "21:00"), by the clock of
    the broadcast's time zone; both null: at any hour."""

    id: str
    name: str
    time_zone: str
    currency: str
    phone_region: str
    price_per_segment: DecimalText
    sending_from: str | None
    sending_until: str | None
    company_name: str
    postal_address: str


class WorkspaceChange(Body):
    """Only what is given changes; both times null mean any hour. Name and address of the company
    stand at the end of each email, as the law wants it."""

    sending_from: str | None = Field(default=None, examples=["08:00"])
    sending_until: str | None = Field(default=None, examples=["21:00"])
    company_name: str | None = Field(default=None, max_length=200)
    postal_address: str | None = Field(default=None, max_length=500)
