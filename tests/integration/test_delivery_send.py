from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.compliance.suppression import Suppressed, suppress
from clarion.delivery.launching.store import queries
from clarion.delivery.message import MAX_ATTEMPTS
from clarion.kernel.channel import Channel
from clarion.providers.sending import Accepted, Rejected, Throttled, Unavailable, Uncertain
from clarion.queue.job import JobKind, NewJob
from support.house import House, build_house, number_of, within

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.providers.sending import OutgoingMessage, SendResult


async def opt_out(house: House, *addresses: str) -> None:
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=addresses,
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )


async def act(house: House, broadcast: Broadcast, verb: str) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await getattr(house.broadcasts, verb)(
            connection, house.workspace, broadcast.id, now=house.clock.now
        )


async def accept(message: OutgoingMessage) -> SendResult:
    return Accepted(provider_id=f"SM{message.to}")


async def lane(house: House) -> dict[str, Any]:
    (row,) = await house.rows(
        "select id, rate_per_second, nullif(next_free_at, '-infinity') as next_free_at"
        " from broadcast.lanes"
    )
    return row


# --- sending


async def test_what_is_accepted_is_sent_and_the_broadcast_completed(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched("Hi {{ first_name }}")
    await house.send(broadcast)
    assert {message.to: message.body for message in house.provider.sent} == {
        number_of(100): "Hi Person 100",
        number_of(101): "Hi Person 101",
    }
    first = (await house.messages())[0]
    assert (first["status"], first["attempts"], first["segments"]) == ("sent", 1, 1)
    assert (first["body"], first["provider"]) == ("Hi Person 100", "fake")
    assert first["provider_id"] == f"SM{first['id'].hex}-1"
    assert first["sent_at"] == house.clock.now
    done = await house.read(broadcast)
    assert (done.status, done.completed_at) == ("completed", house.clock.now)
    assert done.first_step.status == "completed"
    assert await house.value("select status from broadcast.queue_jobs") == "completed"


async def test_a_broadcast_whose_people_have_all_gone_is_completed(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.execute("update public.contacts set phone_number = null")
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.first_step.id)
    await house.send(broadcast)
    assert (await house.messages(), house.provider.sent) == ([], [])
    assert (await house.read(broadcast)).status == "completed"


async def test_the_attempt_is_on_record_before_anything_leaves(house: House) -> None:
    await house.add_people(3)
    broadcast = await house.launched("Hi {{ first_name }}")
    seen: list[dict[str, Any]] = []

    async def look(message: OutgoingMessage) -> SendResult:
        # Another connection sees only what is committed.
        (row,) = await house.rows(
            "select status, attempts, body, claimed_at, provider from broadcast.messages"
            " where id = %s",
            message.message_id,
        )
        seen.append(row)
        return Accepted(provider_id=message.to)

    house.provider.answer = look
    await house.send(broadcast)
    assert len(seen) == 3
    assert {(row["status"], row["attempts"], row["provider"]) for row in seen} == {
        ("sending", 1, "fake")
    }
    assert {row["body"] for row in seen} == {"Hi Person 100", "Hi Person 101", "Hi Person 102"}
    assert {row["claimed_at"] for row in seen} == {house.clock.now}


async def test_what_is_rejected_has_failed_with_its_code_and_the_others_go(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()

    async def answer(message: OutgoingMessage) -> SendResult:
        if message.to == number_of(100):
            return Rejected(code="30006", detail="Landline.")
        return Accepted(provider_id="SM1")

    house.provider.answer = answer
    await house.send(broadcast)
    failed, sent = await house.messages()
    assert (failed["status"], failed["error_code"], failed["error_detail"]) == (
        "failed",
        "30006",
        "Landline.",
    )
    assert (failed["failed_at"], failed["sent_at"], failed["attempts"]) == (
        house.clock.now,
        None,
        1,
    )
    assert sent["status"] == "sent"
    assert (await house.read(broadcast)).status == "completed"
    assert await house.value("select count(*) from broadcast.suppressions") == 0


async def test_an_opt_out_that_the_provider_knows_of_is_remembered(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    house.provider.answers(Rejected(code="21610", detail="Unsubscribed."))
    await house.send(broadcast)
    (row,) = await house.rows("select * from broadcast.suppressions")
    assert (row["address"], row["reason"], row["source"]) == (
        number_of(100),
        "opted_out",
        "provider:21610",
    )


async def test_throttled_costs_no_attempt_and_slows_the_lane(house: House) -> None:
    await house.add_people(3)
    broadcast = await house.launched()
    house.provider.answers(Throttled(code="20429", retry_after=timedelta(seconds=30)))
    await house.send(broadcast)
    again = house.clock.now + timedelta(seconds=30)
    rows = await house.messages()
    assert {(row["status"], row["attempts"]) for row in rows} == {("pending", 0)}
    assert (await lane(house))["next_free_at"] == again
    throttled = [row for row in rows if row["error_code"] == "20429"]
    assert {row["due_at"] for row in throttled} == {again}
    house.provider.answer = accept
    handed_over = len(house.provider.sent)
    house.clock.forward(timedelta(seconds=1))
    await house.send(broadcast)
    assert len(house.provider.sent) == handed_over  # the lane is booked until then
    house.clock.forward(timedelta(seconds=30))
    await house.send(broadcast)
    assert await house.counts() == {"sent": 3}


async def test_after_a_throttle_everybody_gets_it_once(house: House) -> None:
    await house.add_people(60)  # more than are in flight at once
    broadcast = await house.launched()
    taken: list[str] = []

    async def answer(message: OutgoingMessage) -> SendResult:
        if len(house.provider.sent) <= 2:
            return Throttled(code="20429", retry_after=timedelta(seconds=1))
        taken.append(message.to)
        return Accepted(provider_id=f"SM{message.to}")

    house.provider.answer = answer
    for _ in range(3):
        await house.send(broadcast)
        house.clock.forward(timedelta(seconds=3))
    assert sorted(taken) == [number_of(n) for n in range(100, 160)]
    assert await house.counts() == {"sent": 60}
    assert {row["attempts"] for row in await house.messages()} == {1}


async def test_an_unavailable_provider_is_tried_again_later_and_given_up_in_the_end(
    house: House,
) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    house.provider.answers(Unavailable(detail="connection refused"))
    await house.send(broadcast)
    row = await house.message()
    assert (row["status"], row["attempts"], row["error_code"]) == ("pending", 1, "unavailable")
    assert house.clock.now + timedelta(seconds=10) <= row["due_at"]
    assert row["due_at"] <= house.clock.now + timedelta(seconds=15)
    assert await house.value("select due_at from broadcast.streams") == row["due_at"]
    await house.send(broadcast)
    assert len(house.provider.sent) == 1  # not before it is due
    for _ in range(MAX_ATTEMPTS):
        house.clock.forward(timedelta(minutes=20))
        await house.send(broadcast)
    row = await house.message()
    assert (row["status"], row["attempts"], row["error_detail"]) == (
        "failed",
        MAX_ATTEMPTS,
        "connection refused",
    )
    assert [each.attempt for each in house.provider.sent] == list(range(1, MAX_ATTEMPTS + 1))
    assert (await house.read(broadcast)).status == "completed"


async def test_uncertain_is_kept_and_not_sent_again(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    house.provider.answers(Uncertain(detail="cut off"))
    await house.send(broadcast)
    house.clock.forward(timedelta(hours=1))
    await house.send(broadcast)
    row = await house.message()
    assert (row["status"], row["attempts"], row["error_detail"]) == ("uncertain", 1, "cut off")
    assert len(house.provider.sent) == 1
    assert (await house.read(broadcast)).status == "sending"


async def test_a_provider_that_breaks_leaves_the_message_uncertain(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.add_people(2)
    broadcast = await house.launched()

    async def answer(message: OutgoingMessage) -> SendResult:
        if message.to == number_of(100):
            raise RuntimeError("out of paper")
        return Accepted(provider_id="SM1")

    house.provider.answer = answer
    with caplog.at_level(logging.CRITICAL):
        await house.send(broadcast)
    broken, sent = await house.messages()
    assert (broken["status"], broken["error_detail"]) == (
        "uncertain",
        "RuntimeError: out of paper",
    )
    assert sent["status"] == "sent"


async def test_who_opts_out_between_launch_and_send_is_skipped(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()
    await opt_out(house, number_of(100))
    await house.send(broadcast)
    skipped, sent = await house.messages()
    assert (skipped["status"], skipped["skip_reason"], skipped["attempts"]) == (
        "skipped",
        "opted_out",
        0,
    )
    assert sent["status"] == "sent"
    assert [message.to for message in house.provider.sent] == [number_of(101)]


async def test_somebody_without_a_value_fails_alone_and_with_the_reason(house: House) -> None:
    await house.add_contact(first_name="Ann", phone=number_of(100))
    await house.add_contact(first_name="Bob", phone=number_of(101))
    broadcast = await house.launched("Hi {{ first_name }}")
    await house.execute(
        "update broadcast.broadcast_recipients"
        """ set contact = jsonb_set(contact, '{first_name}', 'null') where name = 'Ann'"""
    )
    await house.send(broadcast)
    failed, sent = await house.messages()
    assert (failed["status"], failed["error_code"], failed["attempts"]) == ("failed", "text", 0)
    assert "First name" in failed["error_detail"] or "first name" in failed["error_detail"]
    assert failed["failed_at"] == house.clock.now
    assert sent["body"] == "Hi Bob"
    assert (await house.read(broadcast)).status == "completed"


async def test_several_pumps_at_once_hand_nobody_over_twice(house: House) -> None:
    await house.add_people(120)
    broadcast = await house.launched()

    async def slowly(message: OutgoingMessage) -> SendResult:
        await asyncio.sleep(0)
        return Accepted(provider_id=f"SM{message.to}")

    house.provider.answer = slowly
    others = [await build_house(house.database) for _ in range(2)]
    for other in others:
        other.provider.answer = house.provider.send
    await within(60, *(each.send() for each in (house, *others)))
    assert set(house.provider.times_sent_to().values()) == {1}
    assert await house.counts() == {"sent": 120}
    assert (await house.read(broadcast)).status == "completed"


# --- pause, resume, cancel


async def test_a_pause_stops_the_claims_and_a_resume_goes_on(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()
    await act(house, broadcast, "pause")
    house.engine.forget()
    await house.send(broadcast)
    assert house.provider.sent == []
    assert await house.counts() == {"pending": 2}
    # Nothing asks and asks again for as long as the pause lasts.
    assert house.engine.tasks() == []
    await act(house, broadcast, "resume")
    await house.launcher.resume(broadcast.id)
    assert house.engine.tasks() == ["delivery.resume"]
    await house.send(broadcast)
    assert await house.counts() == {"sent": 2}


async def test_a_cancel_keeps_in_the_house_only_what_has_not_left(house: House) -> None:
    await house.add_people(4)
    broadcast = await house.launched()
    for number, status in enumerate(["sending", "sent", "uncertain"]):
        await house.execute(
            "update broadcast.messages set status = %s, claimed_at = now() where address = %s",
            status,
            number_of(100 + number),
        )
    await act(house, broadcast, "cancel")
    await house.launcher.cancel_pending(broadcast.id)
    assert await house.statuses() == {
        number_of(100): "sending",
        number_of(101): "sent",
        number_of(102): "uncertain",
        number_of(103): "cancelled",
    }
    await house.send(broadcast)
    assert house.provider.sent == []


async def test_what_comes_back_after_a_cancel_is_cancelled_too(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()

    async def cancel_meanwhile(message: OutgoingMessage) -> SendResult:
        if len(house.provider.sent) == 1:
            await act(house, broadcast, "cancel")
            await house.launcher.cancel_pending(broadcast.id)
        return Unavailable(detail="connection refused")

    house.provider.answer = cancel_meanwhile
    await house.send(broadcast)
    house.engine.forget()
    await house.launcher.find_idle()
    assert house.engine.tasks() == ["delivery.cancel_pending"]
    await house.launcher.cancel_pending(broadcast.id)
    assert await house.counts() == {"cancelled": 2}
    house.engine.forget()
    await house.launcher.find_idle()
    assert house.engine.tasks() == []


# --- messages of the queue service, and the sweep


async def single_message(house: House, *numbers: str) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.queue.submit(
            connection,
            house.workspace.id,
            [
                NewJob(
                    kind=JobKind.MESSAGE,
                    payload={"channel": "sms", "to": number, "body": "{{ not a token }}"},
                )
                for number in numbers
            ],
            by="ana",
            now=house.clock.now,
        )
    await house.run_jobs()


async def test_a_direct_message_is_sent_and_its_job_finished(house: House) -> None:
    await opt_out(house, number_of(101))
    await single_message(house, number_of(100), number_of(101))
    await house.run_jobs()  # once more changes nothing
    await house.send()
    assert [(each.to, each.body) for each in house.provider.sent] == [
        (number_of(100), "{{ not a token }}")
    ]
    jobs = await house.rows(
        "select j.status, j.error from broadcast.queue_jobs j"
        " join broadcast.messages m on m.job_id = j.id order by m.address"
    )
    assert [tuple(job.values()) for job in jobs] == [
        ("completed", None),
        ("failed", "opted_out"),
    ]


async def test_the_sweep_finds_a_stream_that_was_forgotten(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    await single_message(house, number_of(300))
    await house.execute("update broadcast.streams set due_at = 'infinity'")
    await house.send()
    assert house.provider.sent == []
    await house.launcher.find_idle()
    await house.send()
    assert house.provider.times_sent_to() == {number_of(100): 1, number_of(300): 1}


async def test_the_sweep_asks_again_for_a_launch_that_was_lost(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.run_jobs()
    house.engine.forget()
    await house.launcher.find_idle()
    assert house.engine.tasks() == ["delivery.launch_step"]
    assert house.engine.asked[0].arguments == {"step_id": str(broadcast.first_step.id)}


async def test_a_turn_does_not_wait_for_whoever_launches_the_step(house: House) -> None:
    """Else the two wait for each other: the launch for the stream, the turn for the step."""
    await house.add_people(3)
    broadcast = await house.launched()
    async with house.database.as_worker() as launching:
        await queries.lock_step(launching, step_id=broadcast.first_step.id)
        assert len(await asyncio.wait_for(house.claim(), 10)) == 3


async def test_a_launch_does_not_wait_for_a_turn_that_reserves_slots(house: House) -> None:
    await house.add_people(3)
    await house.launched()
    async with house.database.as_worker() as sending:
        await sending.execute("select from broadcast.lanes for no key update")
        async with asyncio.timeout(10):
            second = await house.launched()
    assert second.first_step.status == "sending"
