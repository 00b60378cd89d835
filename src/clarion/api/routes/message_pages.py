"""The pages behind the links of messages: open to whoever holds one, without signing in."""

from __future__ import annotations

import base64
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from clarion.api.caller import Now, TheClarion
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, NotFound
from clarion.tracking.inbox import Inbox
from clarion.tracking.message_links import (
    LinkedMessage,
    MessageLinkReader,
    clicked,
    opened,
    wishes,
)
from clarion.wiring.clarion import Clarion

router = APIRouter(prefix="/m/{token}", include_in_schema=False)

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NOT_KEPT = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer"}

#: A mail is shown as its reader would: no script, no form, nothing of this site.
_MAIL_POLICY = (
    "sandbox allow-popups; default-src 'none'; img-src * data:; style-src 'unsafe-inline'"
)

_NAMES = {Channel.SMS: "SMS", Channel.EMAIL: "Email"}

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1c2430;background:#f4f5f7}
main{max-width:32rem;margin:10vh auto 2rem;padding:2rem 1.5rem;background:#fff;border-radius:8px}
h1{font-size:1.4rem;margin:0 0 .5rem}label{display:block;padding:.6rem 0}
button{font:inherit;font-weight:600;min-height:44px;padding:.5rem 1.2rem;border:0;border-radius:6px;
background:#0b5cad;color:#fff;cursor:pointer}a{color:#0b5cad}
:focus-visible{outline:3px solid #f0a000;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#16191f;color:#e8eaee}main{background:#22262e}
a{color:#8fc3ff}}
"""


@router.get("/unsubscribe")
async def show_unsubscribe(token: str, clarion: TheClarion, request: Request) -> HTMLResponse:
    """Changes nothing: programs that look at every link of a mail come here too."""
    message = await _message(clarion, request, token)
    if message.channel not in message.allowed:
        return _stopped(message)
    return page(
        "Unsubscribe",
        f"<h1>Stop {_words(message.channel)} from {escape(message.sender)}?</h1>"
        f"<p>To {escape(message.addresses[message.channel])}.</p>"
        '<form method="post"><button>Unsubscribe</button></form>'
        '<p><a href="preferences">Choose what you get instead</a></p>',
    )


@router.post("/unsubscribe")
async def unsubscribe(token: str, clarion: TheClarion, request: Request, now: Now) -> HTMLResponse:
    """One click, in a mail program (RFC 8058) or on the page. The body says nothing we need."""
    message = await _message(clarion, request, token)
    await _inbox(request).put(wishes(message, message.allowed - {message.channel}, now=now))
    return _stopped(message)


@router.get("/preferences")
async def show_preferences(token: str, clarion: TheClarion, request: Request) -> HTMLResponse:
    return _preferences(await _message(clarion, request, token), said="")


@router.post("/preferences")
async def choose_preferences(
    token: str,
    clarion: TheClarion,
    request: Request,
    now: Now,
    channel: Annotated[list[str] | None, Form()] = None,
) -> HTMLResponse:
    message = await _message(clarion, request, token)
    wanted = frozenset(each for each in Channel if each.value in (channel or ()))
    await _inbox(request).put(wishes(message, wanted, now=now))
    return _preferences(message, said="<p role=status>Saved.</p>", wanted=wanted)


@router.get("/view")
async def view_mail(token: str, clarion: TheClarion, request: Request) -> HTMLResponse:
    """The mail in the browser."""
    reader = _reader(clarion, request)
    async with clarion.database.as_worker() as connection:
        html = await reader.html(connection, await reader.message(connection, token))
    return HTMLResponse(html, headers={**_NOT_KEPT, "Content-Security-Policy": _MAIL_POLICY})


@router.get("/open.gif")
async def open_pixel(token: str, clarion: TheClarion, request: Request, now: Now) -> Response:
    """The picture comes whatever becomes of the count: nobody's mail shows a broken one."""
    try:
        message_id = clarion.signer.read(token)
    except NotFound:
        pass
    else:
        agent = request.headers.get("user-agent", "")
        await _inbox(request).put([opened(message_id, user_agent=agent, now=now)])
    return Response(_PIXEL, media_type="image/gif", headers=_NOT_KEPT)


@router.get("/to/{number}")
async def follow_link(
    token: str, number: int, clarion: TheClarion, request: Request, now: Now
) -> Response:
    """To where the link of this number leads; nothing in the address says where."""
    reader = _reader(clarion, request)
    async with clarion.database.as_worker() as connection:
        message = await reader.message(connection, token)
        try:
            url = await reader.target(connection, message, number)
        except Invalid as error:
            raise NotFound("There is no such link.") from error
    agent = request.headers.get("user-agent", "")
    await _inbox(request).put([clicked(message.id, number, url, user_agent=agent, now=now)])
    return Response(status_code=302, headers={**_NOT_KEPT, "Location": url})


async def _message(clarion: Clarion, request: Request, token: str) -> LinkedMessage:
    async with clarion.database.as_worker() as connection:
        return await _reader(clarion, request).message(connection, token)


def _reader(clarion: Clarion, request: Request) -> MessageLinkReader:
    state = request.app.state
    if not hasattr(state, "message_links"):
        state.message_links = MessageLinkReader(clarion.signer)
    reader: MessageLinkReader = state.message_links
    return reader


def _inbox(request: Request) -> Inbox:
    inbox: Inbox = request.app.state.inbox
    return inbox


def _words(channel: Channel) -> str:
    return "SMS" if channel is Channel.SMS else "emails"


def _stopped(message: LinkedMessage) -> HTMLResponse:
    return page(
        "Unsubscribed",
        f"<h1>You will get no more {_words(message.channel)} from {escape(message.sender)}.</h1>"
        f"<p>{escape(message.addresses[message.channel])} is taken off the list.</p>"
        '<p><a href="preferences">Choose what you get</a></p>',
    )


def _preferences(
    message: LinkedMessage, *, said: str, wanted: frozenset[Channel] | None = None
) -> HTMLResponse:
    chosen = message.allowed if wanted is None else wanted
    boxes = "".join(
        f'<label><input type="checkbox" name="channel" value="{channel}"'
        f"{' checked' if channel in chosen else ''}> {_NAMES[channel]} to {escape(address)}</label>"
        for channel, address in message.addresses.items()
    )
    return page(
        "What you get",
        f"<h1>What you get from {escape(message.sender)}</h1>{said}"
        f'<form method="post">{boxes}<button>Save</button></form>',
    )


def page(title: str, content: str) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>{content}</main></body></html>",
        headers=_NOT_KEPT,
    )
