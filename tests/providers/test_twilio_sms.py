"""The parts of TwilioSms that other providers do not have."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from aiohttp import web

from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import Misconfigured
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import Accepted, OutgoingMessage, Rejected, Throttled, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from clarion.providers.sending import FoundMessage
    from clarion.providers.twilio import TwilioSms
    from providers.conftest import MakeTwilio, Receiver, Sandbox

SERVICE = "MG" + "a" * 32


def sms(to: str = "+15551230001", *, validity: timedelta | None = None) -> OutgoingMessage:
    return OutgoingMessage(
        message_id=uuid4(),
        attempt=1,
        channel=Channel.SMS,
        to=to,
        body="Hello",
        validity=validity,
    )


async def fetched_when(
    provider: TwilioSms, sid: str, holds: Callable[[FoundMessage], bool]
) -> FoundMessage:
    async with asyncio.timeout(10):
        while True:
            found = await provider.fetch(sid)
            if found is not None and holds(found):
                return found
            await asyncio.sleep(0.005)


async def test_the_segments_are_told_when_a_number_sends(make_twilio: MakeTwilio) -> None:
    result = await make_twilio().send(sms())
    assert isinstance(result, Accepted)
    assert result.segments == 1


async def test_the_segments_are_unknown_when_a_messaging_service_sends(
    make_twilio: MakeTwilio, sandbox: Sandbox
) -> None:
    result = await make_twilio(sender=SERVICE).send(sms())
    assert isinstance(result, Accepted)
    assert result.segments is None
    (kept,) = (await sandbox.get("/sandbox/messages"))["messages"]
    assert kept["messaging_service_sid"] == SERVICE


@pytest.mark.parametrize(("own", "named"), [("+15005550006", SERVICE), (SERVICE, "+15005550006")])
async def test_a_message_names_a_number_or_a_service_whatever_the_providers_own_is(
    make_twilio: MakeTwilio, sandbox: Sandbox, own: str, named: str
) -> None:
    await sandbox.set(callback_delay_ms=60_000)
    provider = make_twilio(sender=own)
    for sender in (named, own):
        assert isinstance(await provider.send(replace(sms(), sender=sender)), Accepted)
    kept = (await sandbox.get("/sandbox/messages"))["messages"]
    assert [each["messaging_service_sid"] or each["from"] for each in kept] == [named, own]
    # Exactly one of the two: with both, Twilio would take the number for one of the service's.
    assert all((each["messaging_service_sid"] is None) != (each["from"] is None) for each in kept)


async def test_a_messaging_service_reports_queued_before_sent(
    make_twilio: MakeTwilio, receiver: Receiver
) -> None:
    provider = make_twilio(sender=SERVICE)
    await provider.send(sms())
    requests = await receiver.until(lambda all_: len(all_) == 3)
    statuses = [provider.read_callback(each)[0].status for each in requests]
    assert statuses == [ProviderStatus.QUEUED, ProviderStatus.SENT, ProviderStatus.DELIVERED]


@pytest.mark.parametrize(
    ("validity", "seconds"),
    [
        (timedelta(minutes=30), "1800"),
        (timedelta(days=2), "36000"),
        (timedelta(milliseconds=1), "1"),
    ],
)
async def test_the_validity_is_given_in_seconds_within_twilios_bounds(
    make_twilio: MakeTwilio,
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
    validity: timedelta,
    seconds: str,
) -> None:
    forms: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        forms.append({key: str(value) for key, value in (await request.post()).items()})
        return web.json_response({"sid": "SM1", "num_segments": "1"}, status=201)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    async with serving(app) as url:
        await make_twilio(api_base=url).send(sms(validity=validity))
    assert forms[0]["ValidityPeriod"] == seconds


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, "no json", Uncertain),
        (201, "null", Uncertain),
        (201, "[]", Uncertain),
        (201, "{}", Uncertain),
        (302, "", Uncertain),
        (408, "", Uncertain),
        (500, "<html>", Uncertain),
        (503, '{"code": 20503, "message": "x", "status": 503}', Uncertain),
        (400, '{"code": 21610, "message": "x", "status": 400}', Rejected),
        (400, '{"code": 21611, "message": "x", "status": 400}', Throttled),
        (401, "<html>", Rejected),
        (
            400,
            '{"type": "t", "title": "x", "status": 400, "code": 21211, "detail": "d"}',
            Rejected,
        ),
        (429, "", Throttled),
        (429, '{"code": 20429}', Throttled),
    ],
)
async def test_no_answer_of_the_vendor_raises(
    make_twilio: MakeTwilio,
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
    status: int,
    body: str,
    expected: type,
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url:
        provider = make_twilio(api_base=url)
        assert isinstance(await provider.send(sms()), expected)
        assert await provider.find(to="+15551230001", since=utc_now()) in (None, [])
        assert await provider.fetch("SM1") is None


async def test_a_request_is_sent_once_whatever_the_answer(
    make_twilio: MakeTwilio,
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
) -> None:
    seen = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        return web.Response(status=503)

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with serving(app) as url:
        await make_twilio(api_base=url).send(sms())
    assert seen == 1


async def test_messages_from_before_the_question_are_not_found(make_twilio: MakeTwilio) -> None:
    provider = make_twilio()
    await provider.send(sms())
    now = utc_now()
    assert len(await provider.find(to="+15551230001", since=now) or []) == 1  # the same second
    assert await provider.find(to="+15551230001", since=now + timedelta(seconds=2)) == []
    assert await provider.find(to="+15551230002", since=now - timedelta(days=1)) == []


async def test_more_messages_than_are_read_means_that_nothing_is_known(
    make_twilio: MakeTwilio,
) -> None:
    provider = make_twilio()
    start = utc_now()
    for _ in range(200):
        await provider.send(sms())
    assert await provider.find(to="+15551230001", since=start) is None


async def test_a_message_shows_its_price_after_its_delivery(make_twilio: MakeTwilio) -> None:
    provider = make_twilio()
    result = await provider.send(sms())
    assert isinstance(result, Accepted)
    found = await fetched_when(provider, result.provider_id, lambda one: one.price is not None)
    assert found.status is ProviderStatus.DELIVERED
    assert (found.price, found.currency) == (Decimal("0.00790"), "USD")
    assert found.segments == 1


async def test_a_message_that_failed_shows_its_code(
    make_twilio: MakeTwilio, sandbox: Sandbox
) -> None:
    await sandbox.set(failure_rate=1)
    provider = make_twilio()
    result = await provider.send(sms())
    assert isinstance(result, Accepted)
    found = await fetched_when(
        provider, result.provider_id, lambda one: one.status is ProviderStatus.FAILED
    )
    assert found.error_code in {"30003", "30005", "30006", "30007", "30008"}


async def test_wrong_credentials_are_rejected(make_twilio: MakeTwilio) -> None:
    result = await make_twilio(auth_token="wrong").send(sms())
    assert isinstance(result, Rejected)
    assert result.code == "20003"


async def test_the_callback_address_keeps_its_query_and_its_fragment(
    make_twilio: MakeTwilio, sandbox: Sandbox
) -> None:
    message = sms()
    base = "https://clarion.example/cb?tenant=7#rc=3&rp=5xx"
    await make_twilio(status_callback_url=base).send(message)
    (kept,) = (await sandbox.get("/sandbox/messages"))["messages"]
    parts = urlsplit(kept["status_callback"])
    assert parse_qs(parts.query) == {
        "tenant": ["7"],
        "m": [str(message.message_id)],
        "a": ["1"],
    }
    assert parts.fragment == "rc=3&rp=5xx"


@pytest.mark.parametrize(
    "changes", [{"sender": ""}, {"auth_token": ""}, {"account_sid": ""}, {"api_key": "SK1"}]
)
def test_parts_that_do_not_fit_together_are_misconfigured(
    make_twilio: MakeTwilio, changes: dict[str, str]
) -> None:
    with pytest.raises(Misconfigured):
        make_twilio(**changes)
