"""Numbers that move: the audience of a filter, and a broadcast from draft to last receipt."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ValidationError

from clarion.api.bodies import audience as bodies
from clarion.api.bodies.broadcasts import Broadcast as BroadcastBody
from clarion.api.broadcast_shapes import broadcast_body, outlook_body
from clarion.api.caller import caller_of, clarion_of, uuid_of
from clarion.api.problems import faults_of, problem_of
from clarion.api.shapes import (
    contact_body,
    estimate_body,
    facets_body,
    matched_body,
)
from clarion.api.tracking_shapes import tracking_body
from clarion.audience.at_once import AtOnce
from clarion.audience.audience import Estimate
from clarion.audience.filter_sql import AskedFilter
from clarion.audience.index.evaluate import NotInMemory, NotNow
from clarion.broadcasts.audience_mode import expected_now
from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.store import get_broadcast
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import Actor
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import ClarionError, Invalid
from clarion.kernel.field_path import FieldPath, read_path
from clarion.kernel.workspace import Workspace
from clarion.tracking.numbers import read_tracking
from clarion.wiring.clarion import Clarion

router = APIRouter(prefix="/live")

#: How often an open screen looks whether something has changed; a look reads a few index entries.
_LOOK_EVERY = 0.5

#: An answer of an earlier moment than this is given again at the next look.
_TOO_OLD = timedelta(seconds=0.6)

#: Close codes of our own: not signed in, not found.
_NOT_SIGNED_IN, _NOT_FOUND = 4401, 4404

#: RFC 6455's registry: the server cannot at the moment.
_TRY_AGAIN = 1013

log = logging.getLogger(__name__)


class BroadcastMoved(BaseModel):
    """The broadcast itself has changed: its status, its version, its text."""

    type: str = "broadcast"
    broadcast: BroadcastBody


@router.websocket("/audience")
async def live_audience(socket: WebSocket) -> None:
    """The client sends AskAudience with each change of the filter; the newest question counts."""
    actor = await _accept(socket)
    if actor is not None:
        await _until_closed(AudienceScreen(socket, clarion_of(socket), actor).run)


@router.websocket("/broadcasts/{broadcast_id}")
async def live_broadcast(socket: WebSocket, broadcast_id: str) -> None:
    """Pushes `outlook` while it is a draft, then `tracking`, and `broadcast` when it moves."""
    actor = await _accept(socket)
    if actor is None:
        return
    try:
        screen = BroadcastScreen(
            socket, clarion_of(socket), actor, uuid_of(broadcast_id, "broadcast")
        )
        await _until_closed(screen.run)
    except ClarionError as error:
        await socket.send_json(problem_of(error))
        await socket.close(code=_NOT_FOUND)


async def _accept(socket: WebSocket) -> Actor | None:
    await socket.accept()
    try:
        return caller_of(socket)
    except ClarionError as error:
        await socket.send_json(problem_of(error))
        await socket.close(code=_NOT_SIGNED_IN)
        return None


async def _until_closed(run: Callable[[], Awaitable[None]]) -> None:
    """A client that goes away in the middle of an answer is no error."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await run()


class AudienceScreen:
    """One open audience screen. A question that comes while the one before is being answered
    makes that answer void: it is broken off."""

    def __init__(self, socket: WebSocket, clarion: Clarion, actor: Actor) -> None:
        self._socket = socket
        self._clarion = clarion
        self._actor = actor
        self._at_once = AtOnce(clarion.audience, clarion.database)
        self._version: tuple[object, ...] = ()
        self._newest: bodies.AskAudience | None = None

    async def run(self) -> None:
        answering: asyncio.Task[None] | None = None
        try:
            while True:
                question = await self._next_question()
                if question is None:
                    continue
                # Before Python 3.12 a cancellation is lost that comes just as the driver has waited
                # to its end: then the answer goes on, sees that it is void, and ends.
                self._newest = question
                await _break_off(answering)
                answering = asyncio.create_task(self._answer_and_follow(question))
        finally:
            self._newest = None
            await _break_off(answering)

    async def _next_question(self) -> bodies.AskAudience | None:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text = message.get("text") or ""
        try:
            return bodies.AskAudience.model_validate_json(text)
        except ValidationError as error:
            wrong = Invalid("The question has another form.", faults=faults_of(error))
            await self._socket.send_json({**problem_of(wrong), "id": _id_of(text)})
            return None

    async def _answer_and_follow(self, question: bodies.AskAudience) -> None:
        try:
            await self._follow(question)
        except (WebSocketDisconnect, RuntimeError):
            return
        except Exception:
            # A screen that is silent for ever looks like one on which nothing happens: the client
            # hears that it is closed, and asks again on a new connection.
            log.exception("api.live_audience_failed")
            await _until_closed(partial(self._socket.close, code=_TRY_AGAIN))

    async def _follow(self, question: bodies.AskAudience) -> None:
        document = question.filter.model_dump()
        await self._answer(question, document, quick=True)
        while self._newest is question:
            await asyncio.sleep(_LOOK_EVERY)
            if await self._at_once.version(self._actor.workspace_id, document) != self._version:
                await self._answer(question, document, quick=False)

    async def _answer(
        self,
        question: bodies.AskAudience,
        document: dict[str, Any],
        *,
        quick: bool,
    ) -> None:
        audience = self._clarion.audience
        try:
            self._version = await self._at_once.version(self._actor.workspace_id, document)
            workspace, asked = await self._at_once.ask(self._actor.workspace_id, document)
            estimate, is_behind = None, False
            try:
                matched = await audience.matched_at_once(workspace, asked)
                if quick:
                    await self._send(matched_body(question.id, matched))
                estimate = matched.estimate
            except NotInMemory as reason:
                is_behind = isinstance(reason, NotNow)
            if estimate is None:
                estimate = await self._by_database(question, document, quick=quick)
            # What was told of messages or segments may have been read before.
            is_old = utc_now() - estimate.freshness.as_of > _TOO_OLD
            try:
                await self._tell_facets(question, workspace, asked)
            except NotNow:
                is_behind = True
            if is_behind:
                # All is told again as soon as the index can be trusted.
                self._version = await self._at_once.version_by_database(workspace.id, document)
            async with self._clarion.database.as_workspace(workspace.id) as connection:
                compiled = audience.compile(asked, workspace)
                page = await audience.page(connection, workspace, compiled, limit=question.limit)
        except ClarionError as error:
            await self._socket.send_json({**problem_of(error), "id": question.id})
            return
        if is_old:
            self._version = ()
        await self._send(
            bodies.AudienceAnswer(
                id=question.id,
                estimate=estimate_body(estimate),
                contacts=[contact_body(contact) for contact in page.contacts],
                next=page.next,
            )
        )

    async def _by_database(
        self, question: bodies.AskAudience, document: dict[str, Any], *, quick: bool
    ) -> Estimate:
        """While the index has no answer. Facets, and quicker numbers, come as soon as it has."""
        audience = self._clarion.audience
        async with (
            audience.counting_by_database,
            self._clarion.database.as_workspace(self._actor.workspace_id) as connection,
        ):
            workspace = await get_workspace(connection, self._actor.workspace_id)
            compiled = await audience.read(connection, workspace, document)
            if quick:
                matched = await audience.matched(connection, workspace, compiled)
                await self._send(matched_body(question.id, matched))
                if matched.estimate is not None:
                    return matched.estimate
            return await audience.estimate(connection, workspace, compiled)

    async def _tell_facets(
        self, question: bodies.AskAudience, workspace: Workspace, asked: AskedFilter
    ) -> None:
        if question.facets is False:
            return
        of = None if question.facets is True else _paths_of(question.facets)
        facets = await self._clarion.audience.facets(workspace, asked, of=of)
        if facets is not None:
            await self._send(facets_body(question.id, facets))

    async def _send(self, body: BaseModel) -> None:
        await self._socket.send_text(body.model_dump_json())


async def _break_off(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _paths_of(ids: list[str]) -> set[FieldPath]:
    """Of ids that can be read: a field that has gone meanwhile is no reason to tell nothing."""
    found = set()
    for each in ids:
        with contextlib.suppress(Invalid):
            found.add(read_path(each))
    return found


def _id_of(text: str) -> int | None:
    """The id of a question that cannot be read, if that at least can be."""
    try:
        question = json.loads(text)
    except ValueError:
        return None
    found = question.get("id") if isinstance(question, dict) else None
    return found if isinstance(found, int) else None


class BroadcastScreen:
    """One open broadcast: looks twice a second and says only what is new."""

    def __init__(
        self, socket: WebSocket, clarion: Clarion, actor: Actor, broadcast_id: UUID
    ) -> None:
        self._socket = socket
        self._clarion = clarion
        self._actor = actor
        self._broadcast_id = broadcast_id
        self._seen: tuple[object, ...] = ()
        self._said: dict[str, Any] = {}

    async def run(self) -> None:
        closed = asyncio.create_task(self._wait_until_closed())
        try:
            while not closed.done():
                try:
                    await self._look()
                except (OperationalError, PoolTimeout):
                    log.exception("api.live_broadcast_failed")
                    await self._socket.close(code=_TRY_AGAIN)
                    return
                await asyncio.wait({closed}, timeout=_LOOK_EVERY)
        finally:
            closed.cancel()
            await asyncio.gather(closed, return_exceptions=True)

    async def _wait_until_closed(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return

    async def _look(self) -> None:
        now = utc_now()
        async with self._clarion.database.as_workspace(self._actor.workspace_id) as connection:
            workspace = await get_workspace(connection, self._actor.workspace_id)
            broadcast = await get_broadcast(connection, workspace.id, self._broadcast_id)
            draft = broadcast.status is Status.DRAFT
            # Of these the audience is counted, which is done anew only when it may have moved.
            counted = draft or broadcast.awaits_its_audience
            contacts = self._clarion.audience
            audience = await contacts.version(connection, workspace) if counted else ()
            # Of a draft the end moves with the clock: it is worked out anew once a minute.
            minute = now.replace(second=0, microsecond=0) if counted else None
            seen = (broadcast.version, broadcast.status, audience, minute)
            moved = seen[:2] != self._seen[:2]
            if counted and seen == self._seen:
                return
            self._seen = seen
            if draft:
                numbers: BaseModel = outlook_body(
                    await foresee(
                        connection,
                        self._clarion.audience,
                        workspace,
                        broadcast,
                        rate_per_second=self._clarion.sms_rate,
                        now=now,
                    )
                )
            else:
                numbers = tracking_body(
                    await read_tracking(
                        connection,
                        workspace,
                        broadcast,
                        rate_per_second=self._clarion.sms_rate,
                        now=now,
                    ),
                    expected=await expected_now(connection, contacts, workspace, broadcast),
                )
        if moved:
            await self._say(BroadcastMoved(broadcast=broadcast_body(broadcast, now=now)))
        await self._say(numbers)

    async def _say(self, body: BaseModel) -> None:
        """Nothing twice: an idle broadcast is silent."""
        what = body.model_dump(mode="json")
        kind = str(what["type"])
        new = {key: value for key, value in what.items() if key not in ("counted_at", "done_at")}
        if self._said.get(kind) != new:
            self._said[kind] = new
            await self._socket.send_text(body.model_dump_json())
