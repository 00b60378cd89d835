"""Saved texts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.shape import Body


class NewTemplate(Body):
    """`body` (for an e-mail HTML) and `subject` are Liquid: `{{ first_name }}` is replaced."""

    name: str = Field(max_length=200)
    channel: Literal["sms", "email"] = "sms"
    subject: str | None = Field(default=None, max_length=500)
    body: str = Field(max_length=10_000)


class Template(Body):
    id: str
    name: str
    channel: Literal["sms", "email"]
    subject: str | None
    body: str
    created_by: str
    created_at: datetime


class TemplatePage(Body):
    templates: list[Template]
    next: str | None
