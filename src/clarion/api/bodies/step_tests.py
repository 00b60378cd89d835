"""Tests that people send to themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.shape import Body

_CHANNEL = Literal["sms", "email"]


class AskStepTest(Body):
    """Without `to`: one's own address. An address that is given by somebody who has named none yet
    is kept as theirs; of emails that of any member will do. Without `contact_id` it shows the first
    person of the audience."""

    channel: _CHANNEL
    to: str | None = Field(default=None, max_length=320)
    contact_id: str | None = Field(default=None, max_length=200)


class StepTest(Body):
    """`unknown`: it may have arrived, and is not sent again. `words` say what went wrong."""

    id: str
    channel: _CHANNEL
    address: str
    contact_id: str | None
    status: Literal["queued", "sending", "sent", "failed", "unknown"]
    words: str | None
    error_code: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None


class StepTests(Body):
    tests: list[StepTest]


class TestMember(Body):
    name: str
    email: str


class TestAddresses(Body):
    """Where one's own tests go, and the `members` to whom tests by email may go as well."""

    email: str | None
    phone: str | None
    members: list[TestMember]


class TestAddressesChange(Body):
    email: str | None = Field(default=None, max_length=320)
    phone: str | None = Field(default=None, max_length=50)
