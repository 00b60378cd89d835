"""How the sandbox reports: again when nobody is there, twice or never when told so."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from aiohttp import web

from clarion.kernel.clock import utc_now
from clarion.providers.events import CallbackRequest, EventKind
from clarion.providers.sandbox.work import WorkQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from providers.conftest import MakeTwilio, Receiver, Sandbox

GOOD = {"To": "+15551230001", "From": "+15005550006", "Body": "Hello"}


async def callbacks_when(
    sandbox: Sandbox, holds: Callable[[dict[str, int]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            counts: dict[str, int] = (await sandbox.get("/sandbox/summary"))["callbacks"]
            if holds(counts):
                return counts
            await asyncio.sleep(0.005)


async def test_a_callback_is_posted_again_until_somebody_is_there(
    sandbox: Sandbox, make_twilio: MakeTwilio
) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    url = f"http://127.0.0.1:{port}/cb?m=1&a=1"
    await sandbox.set(callback_retries=50, callback_retry_delay_ms=1)
    await sandbox.create(**GOOD, StatusCallback=url)
    await callbacks_when(sandbox, lambda one: one["retried"] >= 3)
    requests: list[CallbackRequest] = []
    both = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        requests.append(
            CallbackRequest(
                url=url,
                headers=dict(request.headers),
                body=await request.read(),
                received_at=utc_now(),
            )
        )
        if len(requests) == 2:
            both.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/cb", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with asyncio.timeout(10):
            await both.wait()
    finally:
        await runner.cleanup()
    provider = make_twilio()
    assert all(provider.read_callback(each) for each in requests)


async def test_the_sandbox_gives_up_after_the_last_retry(sandbox: Sandbox) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{place.getsockname()[1]}/"
    await sandbox.set(callback_retries=2, callback_retry_delay_ms=1)
    await sandbox.create(**GOOD, StatusCallback=url)
    counts = await callbacks_when(sandbox, lambda one: one["given_up"] == 2)
    assert counts == {
        "posted": 0,
        "refused": 0,
        "retried": 4,
        "given_up": 2,
        "dropped": 0,
        "held": 0,
        "waiting": counts["waiting"],
    }


async def test_callbacks_can_be_dropped_while_the_message_goes_on(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    await sandbox.set(drop_callbacks_rate=1)
    await sandbox.create(**GOOD, StatusCallback=receiver.url)
    await callbacks_when(sandbox, lambda one: one["dropped"] == 2 and one["waiting"] == 0)
    assert receiver.requests == []
    assert (await sandbox.get("/sandbox/summary"))["statuses"] == {"delivered": 1}


async def test_an_answer_of_an_error_is_counted_and_not_asked_again(sandbox: Sandbox) -> None:
    # The sandbox itself answers 404 here.
    await sandbox.create(**GOOD, StatusCallback=f"{sandbox.url}/nowhere")
    counts = await callbacks_when(sandbox, lambda one: one["refused"] == 2)
    assert counts["retried"] == 0


async def test_a_callback_carries_twilios_fields(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.create(**GOOD, StatusCallback=f"{receiver.url}/cb?m=1&a=1#rc=3")
    requests = await receiver.until(lambda all_: len(all_) == 2)
    assert requests[0].url == f"{receiver.url}/cb?m=1&a=1"
    fields = dict(pair.split("=", 1) for pair in requests[1].body.decode().split("&"))
    assert fields.keys() == {
        "ApiVersion",
        "AccountSid",
        "From",
        "MessageSid",
        "MessageStatus",
        "RawDlrDoneDate",
        "SmsSid",
        "SmsStatus",
        "To",
    }
    assert len(fields["RawDlrDoneDate"]) == 10


async def test_what_a_person_writes_arrives_signed_at_the_inbound_address(
    sandbox: Sandbox, receiver: Receiver, make_twilio: MakeTwilio
) -> None:
    await sandbox.set(inbound_url=f"{receiver.url}/callbacks/twilio/inbound")
    told = {"from": "+15551230001", "to": "+15005550006", "body": "STOP"}
    assert await sandbox.post("/sandbox/inbound", told) == 202
    (request,) = await receiver.until(lambda all_: len(all_) == 1)
    events = make_twilio().read_callback(request)
    assert [event.kind for event in events] == [EventKind.INBOUND, EventKind.OPT_OUT]
    assert events[0].address == "+15551230001"
    assert events[0].text == "STOP"


async def test_a_reset_forgets_the_messages_and_their_callbacks(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    await sandbox.set(callback_delay_ms=60_000)
    await sandbox.create(**GOOD, StatusCallback=receiver.url)
    async with sandbox.session.delete(f"{sandbox.url}/sandbox/messages") as answer:
        assert answer.status == 204
    summary = await sandbox.get("/sandbox/summary")
    assert (summary["accepted"], summary["statuses"]) == (0, {})
    assert summary["callbacks"]["waiting"] == 0


async def test_jobs_run_when_they_are_due_and_not_in_the_order_they_were_given() -> None:
    queue = WorkQueue(workers=1)
    done: list[str] = []
    ended = asyncio.Event()

    def job(name: str) -> Callable[[], Any]:
        async def run() -> None:
            done.append(name)
            if len(done) == 4:
                ended.set()

        return run

    queue.push(job("late"), after_ms=60)
    queue.push(job("early"), after_ms=0)
    queue.start()
    queue.push(job("middle"), after_ms=30)
    queue.push(job("next"), after_ms=0)
    async with asyncio.timeout(10):
        await ended.wait()
    await queue.stop()
    assert done == ["early", "next", "middle", "late"]


async def test_a_job_that_breaks_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = WorkQueue(workers=1)
    ended = asyncio.Event()

    async def breaks() -> None:
        raise RuntimeError("broken")

    async def ends() -> None:
        ended.set()

    queue.start()
    queue.push(breaks, after_ms=0)
    queue.push(ends, after_ms=0)
    async with asyncio.timeout(10):
        await ended.wait()
    await queue.stop()
    assert "sandbox.job_failed" in caplog.text


async def test_no_more_jobs_run_at_once_than_there_are_workers() -> None:
    queue = WorkQueue(workers=3)
    running, most, left = 0, 0, 30
    ended = asyncio.Event()

    async def job() -> None:
        nonlocal running, most, left
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        left -= 1
        if not left:
            ended.set()

    queue.start()
    for _ in range(30):
        queue.push(job, after_ms=0)
    async with asyncio.timeout(10):
        await ended.wait()
    await queue.stop()
    assert most == 3
