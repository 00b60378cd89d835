"""A Clarion, put together from its settings: what the API and the worker both stand on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.audience.binding import read_contact_table
from clarion.audience.exports.service import Exports
from clarion.audience.exports.write import WRITE_EXPORT, ExportWriter
from clarion.audience.index.indexes import Indexes, IndexOptions
from clarion.audience.segments.freeze import Freezer
from clarion.audience.segments.measure import Measurer
from clarion.audience.segments.service import Segments
from clarion.audience.segments.tasks import FREEZE_SEGMENT, MEASURE_SEGMENT
from clarion.audience.service import Audience
from clarion.broadcasts.audience_mode import SAVE_RECIPIENTS
from clarion.broadcasts.kill_switch import KillSwitch
from clarion.broadcasts.save_recipients import LAUNCH_STEP, RecipientSaver
from clarion.broadcasts.service import CANCEL_PENDING, RESUME, Broadcasts
from clarion.db.connection import Database
from clarion.db.server_time import ServerTime
from clarion.delivery.lanes import POOL, Lanes
from clarion.delivery.launching.launch import FORMER_TASKS, Launcher
from clarion.delivery.launching.second import SecondChannel
from clarion.delivery.pump import Pump
from clarion.delivery.reroute import Rerouter
from clarion.delivery.sending.wire import Wire
from clarion.delivery.settling.put_back import PUT_BACK, PuttingBack
from clarion.delivery.settling.settle import Patience, Settler
from clarion.delivery.settling.sweep import Sweeper
from clarion.delivery.step_tests.send import StepTestSender
from clarion.delivery.step_tests.service import SEND_TEST, StepTests
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.message_links import LinkSigner
from clarion.queue.engine import ProcrastinateEngine
from clarion.queue.job import JobKind
from clarion.queue.outside import OutsideQueue, call_back
from clarion.queue.service import CALL_BACK, HAND_OVER, RUN, QueueService
from clarion.tracking.apply import Applier, store_events
from clarion.wiring.providers import make_providers
from clarion.wiring.secrets import signing_secret
from clarion.wiring.senders import sender_lanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.audience.contact_table import ContactTable
    from clarion.providers.sending import Providers
    from clarion.wiring.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarion:
    settings: Settings
    database: Database
    engine: ProcrastinateEngine
    queue: QueueService
    audience: Audience
    segments: Segments
    freezer: Freezer
    measurer: Measurer
    exports: Exports
    export_writer: ExportWriter
    broadcasts: Broadcasts
    kill_switch: KillSwitch
    launcher: Launcher
    saver: RecipientSaver
    pump: Pump
    rerouter: Rerouter
    putting_back: PuttingBack
    settler: Settler
    sweeper: Sweeper
    applier: Applier
    providers: Providers
    lanes: Lanes
    signer: LinkSigner
    second_channel: SecondChannel
    step_tests: StepTests
    step_test_sender: StepTestSender
    secret: str
    sms_rate: Decimal
    sms_sender: str


@asynccontextmanager
async def running(
    settings: Settings, *, max_connections: int = 12, with_index: bool = False
) -> AsyncIterator[Clarion]:
    """Opens what Clarion holds open (pools of connections) and closes it at the end.

    `with_index` keeps the contacts in memory, for whoever shows numbers to people.
    """
    database = Database(settings.database_url, max_connections=max_connections)
    await database.open()
    try:
        async with database.as_worker() as connection:
            contacts = await read_contact_table(connection, settings.contacts.names())
        indexes = _indexes(settings, contacts) if with_index else None
        audience = Audience(contacts, utc_now, indexes)
        providers = make_providers(settings)
        try:
            yield _put_together(settings, database, audience, providers)
        finally:
            if indexes is not None:
                await asyncio.to_thread(indexes.close)
            for provider in providers.values():
                await provider.aclose()
    finally:
        await database.close()


def _indexes(settings: Settings, contacts: ContactTable) -> Indexes | None:
    options = settings.audience_index
    if not options.enabled:
        return None
    return Indexes(
        settings.database_url,
        contacts,
        IndexOptions(
            folder=settings.data_folder / "audience-index",
            memory=options.memory_mb * 1_000_000,
        ),
    )


def _put_together(
    settings: Settings,
    database: Database,
    audience: Audience,
    providers: Providers,
) -> Clarion:
    engine = ProcrastinateEngine(settings.database_url)
    queue = QueueService(engine, external=bool(settings.queue_service_url))
    lanes = Lanes(sender_lanes(settings))
    launcher = Launcher(database, queue, lanes, audience, utc_now)
    saver = RecipientSaver(database, audience, engine, utc_now)
    server_time = ServerTime()
    signer = LinkSigner(signing_secret(settings), settings.base_url)
    pump = Pump(
        database,
        queue,
        lanes,
        providers,
        signer,
        server_time,
        set_clock=server_time.look,
        wire=Wire(in_flight=settings.worker_in_flight, on_the_way=settings.worker_on_the_way),
    )
    settler = Settler(
        database,
        queue,
        providers,
        utc_now,
        patience=Patience(
            claim=timedelta(seconds=settings.uncertain_after_seconds),
            silence=timedelta(seconds=settings.never_left_after_seconds),
        ),
        tell=store_events,
    )
    step_tests = StepTests(queue, lanes, audience, base_url=settings.base_url)
    queue.handle(JobKind.STEP_TEST, step_tests.begin)
    queue.handle(JobKind.MESSAGE, launcher.accept_messages)
    queue.handle(JobKind.BROADCAST_STEP, launcher.begin)
    sms_pool = [spec for spec in lanes.specs(Channel.SMS) if spec.tier == POOL]
    clarion = Clarion(
        settings=settings,
        database=database,
        engine=engine,
        queue=queue,
        audience=audience,
        segments=Segments(audience, engine),
        freezer=Freezer(database, audience, utc_now),
        measurer=Measurer(database, audience, engine, utc_now),
        exports=Exports(audience, engine),
        export_writer=ExportWriter(database, audience, engine, utc_now),
        broadcasts=Broadcasts(audience, queue),
        kill_switch=KillSwitch(database, utc_now),
        launcher=launcher,
        saver=saver,
        pump=pump,
        rerouter=Rerouter(database, lanes, utc_now),
        putting_back=PuttingBack(database, engine, utc_now),
        settler=settler,
        sweeper=Sweeper(database, providers, utc_now, tell=store_events),
        applier=Applier(database, queue, utc_now),
        providers=providers,
        secret=signing_secret(settings),
        lanes=lanes,
        signer=signer,
        second_channel=SecondChannel(database, queue, lanes, utc_now),
        step_tests=step_tests,
        step_test_sender=StepTestSender(
            database,
            queue,
            lanes,
            audience,
            providers,
            server_time,
            base_url=settings.base_url,
        ),
        sms_rate=sum((spec.rate_per_second for spec in sms_pool), Decimal(0)),
        sms_sender=", ".join(spec.sender for spec in sms_pool),
    )
    _register_tasks(clarion)
    return clarion


def _register_tasks(clarion: Clarion) -> None:  # noqa: C901 - a list of small functions
    """What each task name of the queue means; all of them may run twice."""
    database, settings = clarion.database, clarion.settings
    outside = OutsideQueue(
        database, url=settings.queue_service_url, secret=clarion.secret, clock=utc_now
    )

    async def run(*, job_ids: list[str]) -> None:
        async with database.as_worker() as connection:
            await clarion.queue.run(connection, [UUID(each) for each in job_ids], now=utc_now())

    async def hand_over(*, job_ids: list[str]) -> None:
        await outside.hand_over(job_ids)

    async def tell_submitter(*, job_id: str) -> None:
        await call_back(database, UUID(job_id))

    async def save_recipients(*, broadcast_id: str, workspace_id: str) -> None:
        await clarion.saver.save(WorkspaceId(UUID(workspace_id)), UUID(broadcast_id))

    async def write_export(*, export_id: str) -> None:
        await clarion.export_writer.write(UUID(export_id))

    async def freeze_segment(*, workspace_id: str, segment_id: str) -> None:
        await clarion.freezer.save(WorkspaceId(UUID(workspace_id)), UUID(segment_id))

    async def measure_segment(*, workspace_id: str, segment_id: str) -> None:
        await clarion.measurer.measure(WorkspaceId(UUID(workspace_id)), UUID(segment_id))

    async def launch_step(*, step_id: str) -> None:
        await clarion.launcher.launch_step(UUID(step_id))

    async def resume(*, broadcast_id: str) -> None:
        await clarion.launcher.resume(UUID(broadcast_id))

    async def cancel_pending(*, broadcast_id: str) -> None:
        await clarion.launcher.cancel_pending(UUID(broadcast_id))

    async def put_back(*, retry_id: str) -> None:
        await clarion.putting_back.put_back(UUID(retry_id))

    async def send_test(*, test_id: str) -> None:
        await clarion.step_test_sender.send(UUID(test_id))

    tasks: dict[str, Any] = {
        RUN: run,
        HAND_OVER: hand_over,
        CALL_BACK: tell_submitter,
        SAVE_RECIPIENTS: save_recipients,
        FREEZE_SEGMENT: freeze_segment,
        MEASURE_SEGMENT: measure_segment,
        WRITE_EXPORT: write_export,
        LAUNCH_STEP: launch_step,
        RESUME: resume,
        CANCEL_PENDING: cancel_pending,
        PUT_BACK: put_back,
        SEND_TEST: send_test,
    }
    for name, task in tasks.items():
        clarion.engine.task(name, task)
    for name in FORMER_TASKS:
        clarion.engine.task(name, _nothing)


async def _nothing(**_: object) -> None:
    """A task of a former version, left in the queue: its work is done elsewhere."""
