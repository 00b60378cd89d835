"""What the sandbox can be made to do to its callers: outages, waits, codes, slowness, silence."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp
import pytest

from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.providers.sandbox import SandboxSettings, serve
from clarion.providers.sending import Accepted, OutgoingMessage, Throttled, Unavailable, Uncertain
from providers.conftest import PATIENCE, Sandbox, nobody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from providers.conftest import MakeTwilio, Receiver, Stage

GOOD = {"To": "+15551230001", "From": "+15005550006", "Body": "Hello"}


def number(each: int) -> str:
    return f"+1555123{each:04}"


async def until(sandbox: Sandbox, path: str, holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await sandbox.get(path)
            if holds(answer):
                return answer
            await asyncio.sleep(0.005)


async def accepted(sandbox: Sandbox) -> int:
    summary = await sandbox.get("/sandbox/summary")
    return int(summary["accepted"] + summary["emails"]["accepted"])


# --- what it notes


async def test_it_notes_when_each_request_came_in_to_the_microsecond(sandbox: Sandbox) -> None:
    await sandbox.set(latency_ms=40)
    before = datetime.now().astimezone()
    for each in range(3):
        await sandbox.create(**{**GOOD, "To": number(each)})
    kept = (await sandbox.get("/sandbox/messages"))["messages"]
    arrivals = [datetime.fromisoformat(each["arrived_at"]) for each in kept]
    assert arrivals == sorted(arrivals)
    assert before <= arrivals[0]
    # One after the other: each came when the former had been answered, and was taken later.
    for former, following in pairwise(arrivals):
        assert following - former >= timedelta(milliseconds=40)
    for each, arrived in zip(kept, arrivals, strict=True):
        assert datetime.fromisoformat(each["created_at"]) - arrived >= timedelta(milliseconds=40)
        assert len(each["arrived_at"].partition(".")[2].partition("+")[0]) == 6


async def test_it_notes_the_arrival_of_mails_as_well(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    kept = (await stage.sandbox.get("/sandbox/messages"))["messages"]
    kept += (await stage.sandbox.get("/sandbox/emails"))["emails"]
    (one,) = kept
    assert one["arrived_at"] <= one["created_at"]


async def test_it_takes_any_sender_and_keeps_which_one_it_was(sandbox: Sandbox) -> None:
    senders = ["+15005550006", "+15005550123", "12345"]
    for each, sender in enumerate(senders * 2):
        assert (await sandbox.create(**{**GOOD, "To": number(each), "From": sender}))[0] == 201
    kept = (await sandbox.get("/sandbox/messages"))["messages"]
    assert [each["from"] for each in kept] == senders * 2


# --- slowness and limits


async def test_its_slowness_changes_while_it_runs(sandbox: Sandbox) -> None:
    for seconds in (0.08, 0.16):
        await sandbox.set(latency_ms=seconds * 1000)
        began = time.monotonic()
        await sandbox.create(**GOOD)
        assert time.monotonic() - began >= seconds
    await sandbox.set(latency_ms=60_000)
    await sandbox.set(latency_ms=0)
    async with asyncio.timeout(PATIENCE):
        assert (await sandbox.create(**GOOD))[0] == 201


@pytest.mark.parametrize("seconds", [0, 0.5, 7])
async def test_a_429_asks_for_the_wait_that_it_is_told_to(stage: Stage, seconds: float) -> None:
    await stage.sandbox.set(rate_limit=0, retry_after_seconds=seconds)
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Throttled)
    assert result.retry_after == timedelta(seconds=seconds)
    await stage.sandbox.set(rate_limit=None)
    assert isinstance(await stage.provider.send(stage.message), Accepted)


# --- codes


async def test_a_share_of_messages_fails_with_each_of_the_codes(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    await sandbox.set(error_codes={"30007": 0.3, "30003": 0.2})
    count = 400
    await asyncio.gather(*(sandbox.create(**{**GOOD, "To": number(n)}) for n in range(count)))

    def ended(answer: Any) -> bool:
        return all(each["status"] in ("delivered", "undelivered") for each in answer["messages"])

    kept = (await until(sandbox, "/sandbox/messages", ended))["messages"]
    codes = Counter(each["error_code"] for each in kept)
    assert set(codes) == {30007, 30003, None}
    assert 0.2 * count < codes[30007] < 0.4 * count
    assert 0.1 * count < codes[30003] < 0.3 * count
    # And callbacks say it too.
    await sandbox.set(error_codes={"30007": 1})
    await sandbox.create(**GOOD, StatusCallback=f"{receiver.url}/callbacks/twilio/status")
    requests = await receiver.until(lambda all_: len(all_) == 2)
    assert b"ErrorCode=30007" in requests[1].body


async def test_a_message_to_the_same_address_is_drawn_anew(sandbox: Sandbox) -> None:
    await sandbox.set(error_codes={"30003": 0.5}, callback_delay_ms=0)
    for each in list(range(30)) * 2:
        await sandbox.create(**{**GOOD, "To": number(each)})

    def ended(answer: Any) -> bool:
        return all(each["status"] in ("delivered", "undelivered") for each in answer["messages"])

    kept = (await until(sandbox, "/sandbox/messages", ended))["messages"]
    fates: dict[str, set[int | None]] = {}
    for each in kept:
        fates.setdefault(each["to"], set()).add(each["error_code"])
    assert {len(fate) for fate in fates.values()} == {1, 2}


@pytest.mark.parametrize("word", ["bounce", "blocked", "dropped"])
async def test_a_share_of_mails_fails_with_each_of_the_events(sandbox: Sandbox, word: str) -> None:
    await sandbox.set(error_codes={word: 1, "30007": 1})
    mail = {
        "personalizations": [{"to": [{"email": "ann@example.com"}]}],
        "from": {"email": "news@example.com"},
        "subject": "News",
        "content": [{"type": "text/plain", "value": "Hello"}],
    }
    headers = {"Authorization": "Bearer SG.sandbox"}
    url = f"{sandbox.url}/v3/mail/send"
    async with sandbox.session.post(url, json=mail, headers=headers) as answer:
        assert answer.status == 202
    await until(sandbox, "/sandbox/emails", lambda all_: all_["emails"][0]["status"] == word)


# --- callbacks held back


async def test_callbacks_are_held_and_then_all_posted(stage: Stage) -> None:
    await stage.sandbox.set(hold_callbacks=True)
    for each in range(3):
        to = number(each) if stage.records else f"person{each}@example.com"
        await stage.provider.send(stage.to(to))

    def all_held(summary: Any) -> bool:
        counts = summary["callbacks"]
        return bool(counts["held"] and not counts["waiting"])

    await until(stage.sandbox, "/sandbox/summary", all_held)
    assert stage.receiver.requests == []
    await stage.sandbox.set(hold_callbacks=False)
    await stage.events_until(6)
    summary = await stage.sandbox.get("/sandbox/summary")
    assert summary["callbacks"]["held"] == 0


async def test_what_is_held_is_forgotten_with_all_the_rest(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    await sandbox.set(hold_callbacks=True)
    await sandbox.create(**GOOD, StatusCallback=f"{receiver.url}/cb")
    await until(sandbox, "/sandbox/summary", lambda all_: all_["callbacks"]["held"] == 2)
    async with sandbox.session.delete(f"{sandbox.url}/sandbox/messages") as answer:
        assert answer.status == 204
    await sandbox.set(hold_callbacks=False)
    assert (await sandbox.get("/sandbox/summary"))["callbacks"] == {
        "posted": 0,
        "refused": 0,
        "retried": 0,
        "given_up": 0,
        "dropped": 0,
        "held": 0,
        "waiting": 0,
    }
    assert receiver.requests == []


# --- outages


async def test_in_an_outage_every_request_is_answered_with_503(stage: Stage) -> None:
    await stage.sandbox.set(outage="error")
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Uncertain)
    assert "503" in result.detail
    if stage.records:
        assert await stage.provider.find(to=stage.message.to, since=utc_now()) is None
        assert await stage.provider.fetch("SM" + "0" * 32) is None
    assert await accepted(stage.sandbox) == 0
    await stage.sandbox.set(outage=None)
    assert isinstance(await stage.provider.send(stage.message), Accepted)


async def test_without_a_port_beside_it_an_outage_that_refuses_cuts_the_connections(
    stage: Stage,
) -> None:
    await stage.sandbox.set(outage="refuse")
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Uncertain)
    assert "connection broke" in result.detail
    assert await accepted(stage.sandbox) == 0
    await stage.sandbox.set(outage=None)
    assert isinstance(await stage.provider.send(stage.message), Accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    url: str
    control: Sandbox


@pytest.fixture
async def served(session: aiohttp.ClientSession) -> AsyncIterator[Served]:
    """The sandbox as `clarion sandbox --control-port` serves it."""
    url, beside = nobody(), nobody()
    port, control_port = (int(each.rpartition(":")[2]) for each in (url, beside))
    task = asyncio.create_task(
        serve("127.0.0.1", port, SandboxSettings(callback_delay_ms=0), control_port=control_port)
    )
    await _until_listens(session, beside, listens=True)
    yield Served(url=url, control=Sandbox(url=beside, session=session))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _listens(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health"):
            return True
    except aiohttp.ClientConnectionError:
        return False


async def _until_listens(session: aiohttp.ClientSession, url: str, *, listens: bool) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await _listens(session, url) is listens:
                return
            await asyncio.sleep(0.005)


def sms() -> OutgoingMessage:
    return OutgoingMessage(
        message_id=uuid4(), attempt=1, channel=Channel.SMS, to="+15551230001", body="Hello"
    )


async def test_with_a_port_beside_it_an_outage_that_refuses_closes_the_port(
    served: Served, make_twilio: MakeTwilio
) -> None:
    known = make_twilio(api_base=served.url)
    assert isinstance(await known.send(sms()), Accepted)
    for _ in range(2):
        await served.control.set(outage="refuse")
        await _until_listens(served.control.session, served.url, listens=False)
        result = await make_twilio(api_base=served.url).send(sms())
        assert isinstance(result, Unavailable)
        # A connection that was open before is of no use either.
        assert not isinstance(await known.send(sms()), Accepted)
        assert await accepted(served.control) == 1
        await served.control.set(outage=None)
        await _until_listens(served.control.session, served.url, listens=True)
    assert isinstance(await known.send(sms()), Accepted)
    assert await accepted(served.control) == 2
