"""Emails as people write them, and the addresses of one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clarion.content.email.compile import CompiledEmail, compile_email
from clarion.content.email.own_html import Footer

FOOTER = Footer(company="Acme & Co", postal_address="1 Main St\nAustin, TX 78701")


@dataclass(frozen=True, slots=True)
class Links:
    unsubscribe: str = "https://c.example/u?t=1&s=2"
    preferences: str = "https://c.example/p"
    view: str = "https://c.example/v"
    pixel: str = "https://c.example/o.gif"

    def click(self, number: int) -> str:
        return f"https://c.example/c/{number}"


LINKS = Links()


def blocks(*given: dict[str, Any], **style: object) -> dict[str, Any]:
    """A document of these blocks, each with an id of its own unless it has one."""
    numbered = [{"id": f"b{index}", **block} for index, block in enumerate(given)]
    return {"kind": "blocks", "style": style, "blocks": numbered}


def text(html: str) -> dict[str, Any]:
    return {"type": "text", "html": html}


def own(html: str) -> dict[str, Any]:
    return {"kind": "html", "html": html}


def compiled(document: dict[str, Any], **given: Any) -> CompiledEmail:
    return compile_email(document, **{"subject": "Hello", "footer": FOOTER, **given})


def html_of(document: dict[str, Any], contact: dict[str, Any] | None = None, **given: Any) -> str:
    return compiled(document, **given).preview(contact or {}, LINKS).html
