"""What real recipients would get."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clarion.api.bodies.shape import Body, Fault


class AskPreview(Body):
    """Of the first step without `step_id`, on all of its channels without `channel`. What is given
    of the texts stands in for what is saved.

    Those whom the step reaches, a page at a time: `after` is the `next` of the page before, and
    `search` narrows to a name, a phone number or an e-mail address. With `contact_id` this one
    alone; then `next` is the page of those behind them.
    """

    step_id: str | None = None
    channel: Literal["sms", "email"] | None = None
    body: str | None = Field(default=None, max_length=10_000)
    subject: str | None = Field(default=None, max_length=10_000)
    preheader: str | None = Field(default=None, max_length=10_000)
    email: dict[str, Any] | None = None
    text_part: str | None = Field(default=None, max_length=200_000)
    contact_id: str | None = Field(default=None, max_length=200)
    search: str | None = Field(default=None, max_length=200)
    after: str | None = None
    limit: int = Field(default=5, ge=1, le=50)


class SmsPreview(Body):
    text: str
    characters: int
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    left_in_segment: int
    forcing: list[str]
    missing: list[str]


class EmailPreview(Body):
    """`missing` are the fields that the person lacks, each shown as "[first name?]"."""

    subject: str
    preheader: str
    html: str
    text: str
    missing: list[str]


class RecipientPreview(Body):
    """The number and the address are as the contact has them, `contact` is the person as a text
    names the fields. `sms` or `email` null: the step has
    none, or none that can be made."""

    contact_id: str
    name: str
    phone_number: str | None
    email_address: str | None
    contact: dict[str, Any]
    sms: SmsPreview | None
    email: EmailPreview | None


class PreviewPage(Body):
    """`errors` is what is wrong with the texts; `recipients` is empty where none can be made."""

    recipients: list[RecipientPreview]
    next: str | None
    errors: list[Fault]
