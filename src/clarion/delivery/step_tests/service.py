"""Use cases of test sends; each runs in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.broadcasts.store import get_broadcast
from clarion.db.queries import rows
from clarion.delivery.step_tests.addresses import address_for, check_not_suppressed
from clarion.delivery.step_tests.step_test import HOUR, StepTest, check_limit
from clarion.delivery.step_tests.store import queries, step_test_of
from clarion.delivery.step_tests.text import text_of
from clarion.kernel.errors import Conflict, Fault, Invalid, NotFound
from clarion.queue.job import JobKind, NewJob

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.audience.service import Audience
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection
    from clarion.delivery.lanes import Lanes
    from clarion.kernel.actor import Actor
    from clarion.kernel.channel import Channel
    from clarion.kernel.workspace import Workspace
    from clarion.queue.job import Job
    from clarion.queue.service import QueueService

SEND_TEST = "delivery.send_test"

_SHOWN = 5
_WORDS = {"sms": "SMS", "email": "email"}


class StepTests:
    def __init__(
        self, queue: QueueService, lanes: Lanes, audience: Audience, *, base_url: str
    ) -> None:
        self._queue = queue
        self._lanes = lanes
        self._audience = audience
        self._base_url = base_url

    async def ask(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        *,
        channel: Channel,
        to: str | None,
        contact_id: str | None,
        now: datetime,
    ) -> StepTest:
        """Handed to the queue service. It shows this contact, without one the first of the
        audience, and nobody where there is none.

        Raises NotFound; Invalid for an address, a contact or a text that cannot be; Conflict for an
        address that must not be written to, and beyond the hour's limit.
        """
        broadcast, step = await _step(connection, workspace, broadcast_id, step_id)
        if channel not in step.channel.channels:
            raise _wrong("/channel", f"This step sends no {_WORDS[channel]}.")
        if not self._lanes.has(channel):
            raise Conflict(f"No sender of {_WORDS[channel]} is set up on this Clarion yet.")
        shown_id, contact = await self._contact(
            connection, workspace, broadcast, channel, contact_id
        )
        # What cannot be made is said now, and not a minute later.
        await text_of(
            connection,
            step_id=step.id,
            channel=channel,
            body=step.body,
            contact=contact,
            base_url=self._base_url,
            with_files=False,
        )
        address = await address_for(connection, actor, workspace, channel, to, now=now)
        await check_not_suppressed(connection, actor, channel, address)
        await queries.one_at_a_time(connection, workspace_id=actor.workspace_id, asked_by=actor.id)
        asked = await rows(
            queries.asked_since(
                connection,
                workspace_id=actor.workspace_id,
                asked_by=actor.id,
                since=now - HOUR,
            )
        )
        check_limit([row["created_at"] for row in asked], now=now)
        row = await queries.add_test(
            connection,
            workspace_id=workspace.id,
            broadcast_id=broadcast.id,
            step_id=step.id,
            channel=channel,
            address=address,
            asked_by=actor.id,
            contact_id=shown_id,
            now=now,
        )
        (job,) = await self._queue.submit(
            connection,
            workspace.id,
            [
                NewJob(
                    kind=JobKind.STEP_TEST,
                    payload={
                        "test_id": str(row["id"]),
                        "broadcast_id": str(broadcast.id),
                        "channel": channel.value,
                    },
                    idempotency_key=f"step-test:{row['id']}",
                )
            ],
            by=actor.name,
            now=now,
        )
        await queries.set_job(connection, id=row["id"], job_id=job.id)
        return step_test_of(row)

    async def get(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        test_id: UUID,
    ) -> StepTest:
        """Raises NotFound."""
        await _step(connection, workspace, broadcast_id, step_id)
        row = await queries.get_test(
            connection, workspace_id=workspace.id, step_id=step_id, id=test_id
        )
        if row is None:
            raise NotFound("There is no such test.")
        return step_test_of(row)

    async def of_person(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
    ) -> list[StepTest]:
        """The latest first. Raises NotFound."""
        await _step(connection, workspace, broadcast_id, step_id)
        found = await rows(
            queries.tests_of_person(
                connection,
                workspace_id=workspace.id,
                step_id=step_id,
                asked_by=actor.id,
                limit=_SHOWN,
            )
        )
        return [step_test_of(row) for row in found]

    async def begin(self, connection: Connection, jobs: Sequence[Job], *, now: datetime) -> None:  # noqa: ARG002
        """The jobs' time has come: each is a task of its own, which may wait for its slot."""
        for job in jobs:
            await ask_to_send(self._queue, connection, UUID(job.payload["test_id"]))

    async def _contact(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast: Broadcast,
        channel: Channel,
        contact_id: str | None,
    ) -> tuple[str | None, dict[str, Any]]:
        if contact_id is not None:
            found = await self._audience.rows_by_ids(connection, workspace, [contact_id])
            if contact_id not in found:
                raise _wrong("/contact_id", "There is no such contact. Choose another one.")
            return contact_id, found[contact_id]
        try:
            compiled = await self._audience.read(
                connection, workspace, broadcast.filter, broadcast_id=broadcast.id
            )
        except Invalid:
            # The audience step says what is wrong with it.
            return None, {}
        page = await self._audience.page(
            connection, workspace, compiled, limit=1, channel=channel, reachable=True
        )
        return next(((each.id, dict(each.row)) for each in page.contacts), (None, {}))


async def ask_to_send(
    queue: QueueService, connection: Connection, test_id: UUID, *, at: datetime | None = None
) -> None:
    mark = f"{SEND_TEST}:{test_id}"
    await queue.engine.defer(
        connection, SEND_TEST, at=at, once=mark, alone=mark, test_id=str(test_id)
    )


async def _step(
    connection: Connection, workspace: Workspace, broadcast_id: UUID, step_id: UUID
) -> tuple[Broadcast, Step]:
    broadcast = await get_broadcast(connection, workspace.id, broadcast_id)
    step = next((each for each in broadcast.steps if each.id == step_id), None)
    if step is None:
        raise NotFound("There is no such step.")
    return broadcast, step


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
