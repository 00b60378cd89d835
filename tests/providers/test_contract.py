"""What every provider promises, held against the vendor's protocol as the sandbox speaks it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from clarion.kernel.clock import utc_now
from clarion.kernel.errors import NotAllowed
from clarion.providers.error_codes import ERROR_WORDS
from clarion.providers.events import EventKind, ProviderStatus
from clarion.providers.sending import Accepted, Rejected, Throttled, Unavailable, Uncertain

if TYPE_CHECKING:
    from clarion.providers.events import CallbackRequest
    from clarion.providers.sending import OutgoingMessage
    from providers.conftest import Stage


def addresses(stage: Stage, count: int) -> list[OutgoingMessage]:
    """Messages to many people, so that chances of every kind are met."""
    if stage.message.to.startswith("+"):
        return [stage.to(f"+1555123{each:04}") for each in range(count)]
    return [stage.to(f"person{each}@example.com") for each in range(count)]


async def test_a_good_message_is_accepted_with_the_vendors_id(stage: Stage) -> None:
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Accepted)
    assert result.provider_id


async def test_a_message_goes_out_from_the_sender_that_it_names(stage: Stage) -> None:
    assert stage.other_sender != stage.own_sender
    for sender in (None, stage.other_sender, stage.own_sender, None):
        result = await stage.provider.send(replace(stage.message, sender=sender))
        assert isinstance(result, Accepted)
    kept = (await stage.sandbox.get("/sandbox/messages"))["messages"]
    kept += (await stage.sandbox.get("/sandbox/emails"))["emails"]
    own = stage.own_sender
    assert [each["from"] for each in kept] == [own, stage.other_sender, own, own]


async def test_a_message_the_vendor_refuses_is_rejected_with_its_code_and_words(
    stage: Stage,
) -> None:
    result = await stage.provider.send(stage.to(stage.bad_address))
    assert isinstance(result, Rejected)
    assert result.code in ERROR_WORDS
    assert result.detail
    assert not result.detail.startswith("Unable to create record")


async def test_a_refused_message_does_not_exist_at_the_vendor(stage: Stage) -> None:
    await stage.provider.send(stage.to(stage.bad_address))
    summary = await stage.sandbox.get("/sandbox/summary")
    assert summary["accepted"] == summary["emails"]["accepted"] == 0


async def test_too_many_messages_are_throttled_with_the_wait_the_vendor_asks_for(
    stage: Stage,
) -> None:
    await stage.sandbox.set(rate_limit=0.01)
    assert isinstance(await stage.provider.send(stage.message), Accepted)
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Throttled)
    assert result.retry_after is not None
    assert timedelta(seconds=90) <= result.retry_after <= timedelta(seconds=100)


async def test_a_lost_answer_is_uncertain_whether_it_is_an_error_or_a_cut_line(
    stage: Stage,
) -> None:
    await stage.sandbox.set(lost_answer_rate=1)
    results = [await stage.provider.send(each) for each in addresses(stage, 12)]
    assert all(isinstance(result, Uncertain) for result in results)
    # Both ways were met: an answer of 500, and no answer at all.
    assert len({"500" in result.detail for result in results if isinstance(result, Uncertain)}) == 2
    summary = await stage.sandbox.get("/sandbox/summary")
    assert summary["accepted"] + summary["emails"]["accepted"] == 12


async def test_a_message_whose_answer_was_lost_is_found_in_the_vendors_records(
    stage: Stage,
) -> None:
    since = utc_now()
    await stage.sandbox.set(lost_answer_rate=1)
    for each in addresses(stage, 6):
        await stage.provider.send(each)
        found = await stage.provider.find(to=each.to, since=since)
        if not stage.records:
            assert found is None
            continue
        assert found is not None
        assert [(one.to, one.body) for one in found] == [(each.to, each.body)]


async def test_a_server_error_is_uncertain_even_when_nothing_was_taken(stage: Stage) -> None:
    await stage.sandbox.set(error_5xx_rate=1)
    result = await stage.provider.send(stage.message)
    assert isinstance(result, Uncertain)
    assert "503" in result.detail


async def test_a_provider_at_which_nothing_listens_is_unavailable(stage: Stage) -> None:
    lost = stage.elsewhere(stage.nobody)
    try:
        result = await lost.send(stage.message)
        assert isinstance(result, Unavailable)
        assert await lost.find(to=stage.message.to, since=utc_now()) is None
        assert await lost.fetch("SM" + "0" * 32) is None
    finally:
        await lost.aclose()


async def test_a_host_that_does_not_exist_is_unavailable(stage: Stage) -> None:
    lost = stage.elsewhere("http://host.invalid")
    try:
        assert isinstance(await lost.send(stage.message), Unavailable)
    finally:
        await lost.aclose()


async def test_each_status_comes_back_signed_with_our_message_id_and_attempt(
    stage: Stage,
) -> None:
    message = replace(stage.message, attempt=3)
    result = await stage.provider.send(message)
    assert isinstance(result, Accepted)
    events = await stage.events_until(2)
    assert [event.status for event in events] == stage.statuses
    for event in events:
        assert event.kind is EventKind.STATUS
        assert event.provider == stage.provider.name
        assert event.channel is stage.provider.channel
        assert (event.message_id, event.attempt) == (message.message_id, 3)
        assert event.provider_id == result.provider_id
        assert event.error_code is None
        assert event.occurred_at is not None
        assert abs(event.occurred_at - utc_now()) < timedelta(seconds=10)


async def test_a_message_that_fails_says_why_in_a_known_code(stage: Stage) -> None:
    await stage.sandbox.set(failure_rate=1)
    for each in addresses(stage, 10):
        await stage.provider.send(each)

    def codes_in(requests: list[CallbackRequest]) -> list[str | None]:
        events = stage.events(requests)
        return [event.error_code for event in events if event.status is ProviderStatus.FAILED]

    codes = set(codes_in(await stage.receiver.until(lambda all_: len(codes_in(all_)) == 10)))
    assert len(codes) > 1
    assert all(code in ERROR_WORDS for code in codes)


async def test_a_repeated_callback_has_the_same_keys(stage: Stage) -> None:
    await stage.sandbox.set(duplicate_callbacks_rate=1)
    await stage.provider.send(stage.message)
    events = await stage.events_until(4)
    keys = [event.key for event in events]
    assert sorted(keys) == sorted([*set(keys), *set(keys)])
    assert len(set(keys)) == 2


async def test_reading_a_callback_twice_gives_the_same_events(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    await stage.events_until(2)
    for each in stage.receiver.requests:
        assert stage.provider.read_callback(each) == stage.provider.read_callback(each)


async def test_callbacks_may_arrive_in_the_wrong_order(stage: Stage) -> None:
    await stage.sandbox.set(reorder_callbacks=True)
    await stage.provider.send(stage.message)
    events = await stage.events_until(2)
    assert [event.status for event in events] == stage.statuses[::-1]


async def test_a_callback_without_a_signature_is_refused(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    await stage.events_until(1)
    request = stage.receiver.requests[0]
    bare = {key: value for key, value in request.headers.items() if key != stage.signature}
    with pytest.raises(NotAllowed):
        stage.provider.read_callback(replace(request, headers=bare))


async def test_a_callback_with_another_signature_is_refused(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    await stage.events_until(1)
    request = stage.receiver.requests[0]
    signature = request.headers[stage.signature]
    for wrong in ("", "x", signature[:-4] + "AAA=", signature.swapcase(), "ü"):
        forged = {**request.headers, stage.signature: wrong}
        with pytest.raises(NotAllowed):
            stage.provider.read_callback(replace(request, headers=forged))


async def test_a_callback_with_a_changed_body_is_refused(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    await stage.events_until(1)
    request = stage.receiver.requests[0]
    forged = request.body.replace(b"sent", b"read").replace(b"processed", b"delivered")
    assert forged != request.body
    with pytest.raises(NotAllowed):
        stage.provider.read_callback(replace(request, body=forged))


async def test_headers_are_read_whatever_their_case(stage: Stage) -> None:
    await stage.provider.send(stage.message)
    await stage.events_until(1)
    request = stage.receiver.requests[0]
    lower = {key.lower(): value for key, value in request.headers.items()}
    assert stage.provider.read_callback(replace(request, headers=lower))


async def test_many_messages_can_be_sent_at_once(stage: Stage) -> None:
    messages = addresses(stage, 200)
    results = await asyncio.gather(*(stage.provider.send(each) for each in messages))
    assert len({each.provider_id for each in results if isinstance(each, Accepted)}) == 200


async def test_a_provider_that_was_never_used_can_be_closed(stage: Stage) -> None:
    await stage.elsewhere(stage.nobody).aclose()
