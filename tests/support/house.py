"""The rooms from audience to tracking on one database, with a provider and a clock of the test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.audience.binding import read_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.follow import follow
from clarion.audience.service import Audience
from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.save_recipients import RecipientSaver
from clarion.broadcasts.service import BroadcastChange, Broadcasts
from clarion.broadcasts.step import SendMode
from clarion.broadcasts.step_change import StepChange
from clarion.broadcasts.store import get_broadcast
from clarion.db.workspaces import get_workspace
from clarion.delivery.lanes import Lanes, LaneSpec
from clarion.delivery.launching.launch import Launcher
from clarion.delivery.launching.second import SecondChannel
from clarion.delivery.pump import Pump
from clarion.delivery.sending.claim import Slice
from clarion.delivery.settling.put_back import PuttingBack
from clarion.delivery.settling.settle import Patience, Settler
from clarion.delivery.settling.sweep import Sweeper
from clarion.delivery.step_tests.send import StepTestSender
from clarion.delivery.step_tests.service import StepTests
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role, WorkspaceId
from clarion.kernel.channel import Channel
from clarion.kernel.message_links import LinkSigner
from clarion.queue.job import JobKind
from clarion.queue.service import QueueService
from clarion.tracking.apply import Applier, store_events
from support.clock import Clock, clock_at_present
from support.fake_provider import FakeProvider
from support.recording_engine import RecordingEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.outlook import Outlook
    from clarion.db.connection import Database
    from clarion.delivery.sending.store import Attempt
    from clarion.kernel.workspace import Workspace
    from clarion.queue.engine import Engine

ANA = Actor(workspace_id=DEFAULT_WORKSPACE, id="ana", name="Ana", role=Role.ADMIN)

EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}

SIGNER = LinkSigner("a secret of the tests, long enough", "https://clarion.example")

#: A pace at which nothing has to wait for its slot.
FAST = Decimal(100_000)


@dataclass(kw_only=True)
class House:
    database: Database
    workspace: Workspace
    audience: Audience
    queue: QueueService
    broadcasts: Broadcasts
    launcher: Launcher
    saver: RecipientSaver
    pump: Pump
    lanes: Lanes
    putting_back: PuttingBack
    settler: Settler
    sweeper: Sweeper
    applier: Applier
    provider: FakeProvider
    mail_provider: FakeProvider
    second_channel: SecondChannel
    step_tests: StepTests
    step_test_sender: StepTestSender
    clock: Clock
    engine: RecordingEngine

    # --- the database

    async def execute(self, statement: str, *parameters: Any) -> None:
        async with self.database.as_worker() as connection:
            await connection.execute(statement.encode(), parameters or None)

    async def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        async with self.database.as_worker() as connection:
            cursor = await connection.execute(statement.encode(), parameters or None)
            return await cursor.fetchall()

    async def value(self, statement: str, *parameters: Any) -> Any:
        (row,) = await self.rows(statement, *parameters)
        (value,) = row.values()
        return value

    # --- the CRM

    async def add_contact(
        self,
        *,
        first_name: str | None = "Ann",
        last_name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        metadata: dict[str, Any] | None = None,
        contact_id: str | UUID | None = None,
    ) -> str:
        return str(
            await self.value(
                "insert into public.contacts"
                " (id, first_name, last_name, email, phone_number, metadata)"
                " values (coalesce(%s::uuid, gen_random_uuid()), %s, %s, %s, %s, %s)"
                " returning id",
                contact_id,
                first_name,
                last_name,
                email,
                phone,
                Jsonb(metadata or {}),
            )
        )

    async def add_people(self, count: int, *, first: int = 100) -> list[str]:
        """People with valid numbers: +1 512 555 0100, 0101 and so on; their ids in that order."""
        return [
            await self.add_contact(
                first_name=f"Person {number}",
                phone=number_of(number),
                contact_id=f"00000000-0000-4000-9000-{number:012}",
            )
            for number in range(first, first + count)
        ]

    async def keep_hours(self) -> None:
        """The sending hours that a new workspace has; without this messages leave at any hour."""
        await self.execute(
            "update broadcast.workspaces set sending_from = default, sending_until = default"
        )
        async with self.database.as_worker() as connection:
            self.workspace = await get_workspace(connection, self.workspace.id)

    async def follow(self) -> None:
        """Until all that has changed is dealt with."""
        while await follow(self.database, self.audience.store, self.workspace, now=self.clock.now):
            pass

    # --- broadcasts

    async def draft(
        self,
        body: str = "Hello",
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the word of the broadcast
        scheduled_for: datetime | None = None,
        time_zone: str | None = None,
    ) -> Broadcast:
        async with self.database.as_workspace(self.workspace.id) as connection:
            made = await self.broadcasts.create(
                connection,
                ANA,
                self.workspace,
                name="Spring",
                broadcast_type=BroadcastType.SMS,
                now=self.clock.now,
            )
            changed = await self.broadcasts.change(
                connection,
                self.workspace,
                made.id,
                BroadcastChange(version=made.version, filter=filter or EVERYBODY),
                now=self.clock.now,
            )
            return await self.broadcasts.steps.change(
                connection,
                ANA,
                self.workspace,
                made.id,
                made.first_step.id,
                StepChange(
                    version=changed.version,
                    body=body,
                    send_mode=SendMode.LATER if scheduled_for else SendMode.NOW,
                    scheduled_for=scheduled_for,
                    time_zone=time_zone,
                ),
                now=self.clock.now,
            )

    async def outlook(self, broadcast: Broadcast, *, rate: Decimal = Decimal(10)) -> Outlook:
        async with self.database.as_workspace(self.workspace.id) as connection:
            return await foresee(
                connection,
                self.audience,
                self.workspace,
                broadcast,
                rate_per_second=rate,
                now=self.clock.now,
            )

    async def read(self, broadcast: Broadcast) -> Broadcast:
        async with self.database.as_workspace(self.workspace.id) as connection:
            return await get_broadcast(connection, self.workspace.id, broadcast.id)

    async def launch(self, broadcast: Broadcast, *, expected: int | None = None) -> Broadcast:
        async with self.database.as_workspace(self.workspace.id) as connection:
            outlook = await foresee(
                connection,
                self.audience,
                self.workspace,
                broadcast,
                rate_per_second=Decimal(10),
                now=self.clock.now,
            )
            return await self.broadcasts.launch(
                connection,
                ANA,
                self.workspace,
                broadcast.id,
                version=broadcast.version,
                expected_recipients=outlook.will_send if expected is None else expected,
                outlook=outlook,
                now=self.clock.now,
            )

    async def run_jobs(self) -> None:
        """What the queue service would do now: begin the jobs that are due."""
        ids = [row["id"] for row in await self.rows("select id from broadcast.queue_jobs")]
        async with self.database.as_worker() as connection:
            await self.queue.run(connection, ids, now=self.clock.now)

    async def launched(self, body: str = "Hello", **draft: Any) -> Broadcast:
        """A broadcast whose recipients are saved and whose messages are written."""
        await self.follow()
        broadcast = await self.launch(await self.draft(body, **draft))
        await self.saver.save(self.workspace.id, broadcast.id)
        await self.run_jobs()
        await self.launcher.launch_step(broadcast.first_step.id)
        return await self.read(broadcast)

    async def send(self, *_: Broadcast) -> None:
        """All that may leave now, of whatever broadcast, with its answers."""
        async with asyncio.timeout(60):
            while await self.pump.turn():
                await self.pump.drain()

    async def claim(self) -> tuple[Attempt, ...]:
        """One turn's messages, on record as being sent and never sent: as of a worker that dies."""
        turned = await self.pump._claimer.turn(room=500, busy_lanes=())
        assert isinstance(turned, Slice)
        return turned.attempts

    async def messages(self) -> list[dict[str, Any]]:
        """All messages, by address."""
        return await self.rows("select * from broadcast.messages order by address, id")

    async def message(self) -> dict[str, Any]:
        (row,) = await self.messages()
        return row

    async def statuses(self) -> dict[str, str]:
        """Address → status."""
        return {row["address"]: row["status"] for row in await self.messages()}

    async def counts(self) -> dict[str, int]:
        """The counters of all steps, without zeros."""
        return {
            row["status"]: row["messages"]
            for row in await self.rows(
                "select status, sum(messages)::int as messages from broadcast.step_counts"
                " group by status having sum(messages) <> 0"
            )
        }


def number_of(number: int) -> str:
    return f"+1512555{number:04}"


async def build_house(
    database: Database,
    *,
    names: ContactNames | None = None,
    rate: Decimal = FAST,
    segments_per_second: Decimal | None = None,
    slice_size: int = 10_000,
    engine: Engine | None = None,
    workspace_id: WorkspaceId = DEFAULT_WORKSPACE,
    patience: Patience | None = None,
) -> House:
    clock = clock_at_present()
    recording = RecordingEngine()
    provider = FakeProvider()
    queue = QueueService(engine or recording)
    spec = LaneSpec(
        channel=Channel.SMS,
        provider="fake",
        sender="+15125550000",
        rate_per_second=rate,
        segments_per_second=segments_per_second,
    )
    mail_provider = FakeProvider(channel=Channel.EMAIL, keeps_records=False)
    mail_spec = LaneSpec(
        channel=Channel.EMAIL,
        provider="fake",
        sender="hello@clarion.example",
        rate_per_second=FAST,
    )
    lanes = Lanes([spec, mail_spec])
    providers = {("fake", each.channel): each for each in (provider, mail_provider)}
    async with database.as_worker() as connection:
        # A test means the same at any hour of the day; those about the hours set them.
        await connection.execute(
            "update broadcast.workspaces set sending_from = null, sending_until = null,"
            " company_name = 'Acme', postal_address = '1 Main St'"
        )
        contacts = await read_contact_table(connection, names or ContactNames())
        workspace = await get_workspace(connection, workspace_id)
    audience = Audience(contacts, clock)
    launcher = Launcher(database, queue, lanes, audience, clock, slice_size=slice_size)
    queue.handle(JobKind.BROADCAST_STEP, launcher.begin)
    queue.handle(JobKind.MESSAGE, launcher.accept_messages)
    step_tests = StepTests(queue, lanes, audience, base_url=SIGNER.base_url)
    queue.handle(JobKind.STEP_TEST, step_tests.begin)
    return House(
        database=database,
        workspace=workspace,
        audience=audience,
        queue=queue,
        broadcasts=Broadcasts(audience, queue),
        launcher=launcher,
        saver=RecipientSaver(database, audience, queue.engine, clock, slice_size=slice_size),
        pump=Pump(database, queue, lanes, providers, SIGNER, clock),
        lanes=lanes,
        putting_back=PuttingBack(database, queue.engine, clock, slice_size=slice_size),
        settler=Settler(
            database,
            queue,
            providers,
            clock,
            patience=patience
            or Patience(claim=timedelta(seconds=60), silence=timedelta(minutes=5)),
            tell=store_events,
        ),
        sweeper=Sweeper(database, providers, clock, tell=store_events),
        applier=Applier(database, queue, clock),
        provider=provider,
        mail_provider=mail_provider,
        second_channel=SecondChannel(database, queue, lanes, clock, slice_size=slice_size),
        step_tests=step_tests,
        step_test_sender=StepTestSender(
            database, queue, lanes, audience, providers, clock, base_url=SIGNER.base_url
        ),
        clock=clock,
        engine=recording,
    )


async def within(seconds: float, *waiting: Any) -> Sequence[Any]:
    """All of them at once; a test that hangs fails instead."""
    async with asyncio.timeout(seconds):
        return await asyncio.gather(*waiting)
