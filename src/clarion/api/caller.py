"""What a route asks for: the running Clarion, the caller, and a transaction as that caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from clarion.api.identity import COOKIE, read
from clarion.db.connection import Connection
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import Actor
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import Fault, Invalid, NotAllowed, NotFound, NotSignedIn
from clarion.kernel.workspace import Workspace
from clarion.wiring.clarion import Clarion

#: Browsers do not let a foreign page set this header without asking first.
CSRF_HEADER = "x-clarion"

_SAFE = ("GET", "HEAD", "OPTIONS")


def clarion_of(connection: HTTPConnection) -> Clarion:
    return cast("Clarion", connection.app.state.clarion)


def caller_of(connection: HTTPConnection) -> Actor:
    """Raises NotSignedIn without a good token, NotAllowed for a request that a page of another
    site may have made."""
    secret = clarion_of(connection).secret
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return read(token.strip(), secret=secret)
    cookie = connection.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn("Sign in first.")
    actor = read(cookie, secret=secret)
    if connection.scope["type"] == "websocket":
        origin = urlsplit(connection.headers.get("origin", "")).netloc
        if origin != connection.headers.get("host"):
            raise NotAllowed("This connection comes from another site.")
    elif connection.scope["method"] not in _SAFE and CSRF_HEADER not in connection.headers:
        raise NotAllowed("The header X-Clarion is missing.")
    return actor


async def transaction(
    connection: HTTPConnection, actor: Annotated[Actor, Depends(caller_of)]
) -> AsyncIterator[Connection]:
    async with clarion_of(connection).database.as_workspace(actor.workspace_id) as opened:
        yield opened


async def workspace_of(
    actor: Annotated[Actor, Depends(caller_of)],
    connection: Annotated[Connection, Depends(transaction, scope="function")],
) -> Workspace:
    return await get_workspace(connection, actor.workspace_id)


def uuid_of(text: str, what: str) -> UUID:
    """An id that is no id is one that does not exist."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(f"There is no such {what}.") from error


def page_mark(text: str | None) -> UUID | None:
    """The id after which a page begins. Raises Invalid at /after."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise no_such_page() from error


def no_such_page() -> Invalid:
    fault = Fault(pointer="/after", detail="This is not the mark of a page.")
    return Invalid("There is no such page.", faults=[fault])


def now() -> datetime:
    return utc_now()


TheClarion = Annotated[Clarion, Depends(clarion_of)]
Caller = Annotated[Actor, Depends(caller_of)]
# Committed before the answer leaves: who is told "done" must find it done.
Transaction = Annotated[Connection, Depends(transaction, scope="function")]
TheWorkspace = Annotated[Workspace, Depends(workspace_of, scope="function")]
Now = Annotated[datetime, Depends(now)]
