"""A page to look at: the last messages that the sandbox accepted."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.providers.sandbox.ledger import Sms

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.4rem .6rem;text-align:left;
border-bottom:1px solid #ddd;vertical-align:top}td:last-child{white-space:pre-wrap}
</style></head><body>
<h1>Sandbox</h1>
<p>Nothing leaves this machine: the messages below were accepted here and reach no phone.</p>
"""


def render(messages: Iterable[Sms], *, accepted: int) -> str:
    """The page in HTML; everything that came from outside is escaped."""
    rows = "".join(_row(sms) for sms in messages)
    return (
        f"{_HEAD}<p>{accepted} accepted. The last of them:</p>"
        "<table><thead><tr><th>Time</th><th>To</th><th>From</th><th>Status</th><th>Text</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></body></html>"
    )


def _row(sms: Sms) -> str:
    status = f"{sms.status} ({sms.error_code})" if sms.error_code else sms.status
    cells = (
        sms.created_at.strftime("%H:%M:%S"),
        sms.to,
        sms.sender or sms.service_sid or "",
        status,
        sms.body,
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
