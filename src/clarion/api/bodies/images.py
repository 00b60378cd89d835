"""Pictures for mails."""

from __future__ import annotations

from datetime import datetime

from clarion.api.bodies.shape import Body


class Image(Body):
    """`url` is what a mail's document names; `width` and `height` are pixels."""

    id: str
    url: str
    name: str
    content_type: str
    width: int
    height: int
    bytes: int
    uploaded_by: str
    created_at: datetime


class ImagePage(Body):
    images: list[Image]
    next: str | None
