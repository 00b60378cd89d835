"""An email that is looked at by many, or read by one as many people, is compiled once."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from clarion.content.email.compile import CompiledEmail, compile_email
from clarion.content.snippet_tag import NO_SNIPPETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.content.email.own_html import Footer

#: Each may take a megabyte.
_KEPT: Final = 32


def compile_once(
    document: Mapping[str, Any],
    *,
    subject: str,
    footer: Footer,
    preheader: str = "",
    text_part: str | None = None,
    from_name: str | None = None,
    reply_to: str | None = None,
    track_opens: bool = False,
    track_clicks: bool = False,
    public_url: str = "",
    snippets: Mapping[str, str] = NO_SNIPPETS,
) -> CompiledEmail:
    """As `compile_email`; the same content again is the same object. Raises Invalid as it does."""
    return _compiled(
        json.dumps(document, sort_keys=True),
        footer,
        tuple(sorted(snippets.items())),
        subject=subject,
        preheader=preheader,
        text_part=text_part,
        from_name=from_name,
        reply_to=reply_to,
        track_opens=track_opens,
        track_clicks=track_clicks,
        public_url=public_url,
    )


@lru_cache(maxsize=_KEPT)
def _compiled(
    document: str, footer: Footer, snippets: tuple[tuple[str, str], ...], **named: Any
) -> CompiledEmail:
    return compile_email(json.loads(document), footer=footer, snippets=dict(snippets), **named)
