from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.providers.events import ProviderStatus
from clarion.providers.sending import FoundMessage, Uncertain
from support.house import House, build_house, number_of
from support.reports import apply, attempts, claim, report

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

_CLAIM = timedelta(seconds=60)
_SILENCE = timedelta(minutes=5)
_MOMENT = timedelta(seconds=1)


async def one_left_sending(house: House) -> Broadcast:
    """A worker has died with a message in its hands."""
    await house.add_people(1)
    broadcast = await house.launched("Hello")
    await claim(house)
    assert await house.counts() == {"sending": 1}
    return broadcast


def record(house: House, provider_id: str = "SM1", **others: Any) -> FoundMessage:
    return FoundMessage(
        **{
            "provider_id": provider_id,
            "to": number_of(100),
            "body": "Hello",
            "status": ProviderStatus.SENT,
            "created_at": house.clock.now,
            "segments": 1,
            **others,
        }
    )


async def test_a_claim_becomes_uncertain_only_after_patience(house: House) -> None:
    await one_left_sending(house)
    house.clock.forward(_CLAIM)
    assert await house.settler.settle() == 0
    assert await house.counts() == {"sending": 1}
    assert house.provider.asked_for == []
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 0
    assert await house.counts() == {"uncertain": 1}
    ((to, since),) = house.provider.asked_for
    assert (to, since) == (
        number_of(100),
        house.clock.now - _CLAIM - _MOMENT - timedelta(minutes=2),
    )


async def test_what_the_provider_has_is_sent_and_the_broadcast_completed(house: House) -> None:
    broadcast = await one_left_sending(house)
    house.provider.records = [record(house)]
    house.clock.forward(_CLAIM + _MOMENT)
    assert await house.settler.settle() == 1
    row = await house.message()
    assert (row["status"], row["provider_id"], row["segments"]) == ("sent", "SM1", 1)
    assert (row["error_code"], row["attempts"]) == (None, 1)
    assert house.provider.sent == []
    assert (await house.read(broadcast)).status == "completed"


async def test_what_never_left_is_sent_again_after_the_silence_and_not_before(
    house: House,
) -> None:
    broadcast = await one_left_sending(house)
    house.clock.forward(_SILENCE - _MOMENT)
    await house.settler.settle()
    await house.send(broadcast)
    assert (house.provider.sent, await house.counts()) == ([], {"uncertain": 1})
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 1
    assert await house.counts() == {"pending": 1}
    await house.send(broadcast)
    assert [message.attempt for message in house.provider.sent] == [2]
    assert await house.counts() == {"sent": 1}


async def test_while_the_provider_cannot_be_asked_nothing_is_sent_again(house: House) -> None:
    broadcast = await one_left_sending(house)
    house.provider.records = None
    house.clock.forward(timedelta(hours=23))
    assert await house.settler.settle() == 0
    await house.send(broadcast)
    assert (house.provider.sent, await house.counts()) == ([], {"uncertain": 1})


async def test_the_record_of_another_message_settles_nothing(house: House) -> None:
    broadcast = await one_left_sending(house)
    await house.execute("update broadcast.messages set provider_id = 'SM0'")
    await house.execute("update broadcast.messages set status = 'sent'")
    other = await house.launched("Hello")  # to the same person, with the same text
    await claim(house)
    house.provider.records = [record(house, "SM0")]
    house.clock.forward(_SILENCE)
    await house.settler.settle()
    rows = await house.rows(
        "select step_id, status from broadcast.messages order by created_at, id"
    )
    assert {row["step_id"]: row["status"] for row in rows} == {
        broadcast.first_step.id: "sent",
        other.first_step.id: "pending",
    }


async def test_two_lost_messages_with_one_text_get_a_record_each(house: House) -> None:
    await one_left_sending(house)
    await house.launched("Hello")
    await claim(house)
    later = house.clock.now + _MOMENT
    house.provider.records = [record(house, "SM2", created_at=later), record(house, "SM1")]
    house.clock.forward(_SILENCE)
    assert await house.settler.settle() == 2
    assert sorted(row["provider_id"] for row in await house.messages()) == ["SM1", "SM2"]


async def test_what_another_worker_settled_meanwhile_is_not_touched(house: House) -> None:
    """Both asked; the other was first, and the message is on its way again."""
    await one_left_sending(house)
    house.clock.forward(_SILENCE + _CLAIM)
    other = await build_house(house.database)
    other.clock.now = house.clock.now

    async def settled_by_the_other() -> None:
        assert await other.settler.settle() == 1
        assert len(await claim(house)) == 1

    house.provider.while_asked = settled_by_the_other
    assert await house.settler.settle() == 0
    row = await house.message()
    assert (row["status"], row["attempts"]) == ("sending", 2)


async def test_a_callback_that_comes_while_the_provider_is_asked_stands(house: House) -> None:
    await one_left_sending(house)
    house.clock.forward(_SILENCE)

    async def delivered() -> None:
        await house.execute("update broadcast.messages set status = 'delivered'")

    house.provider.while_asked = delivered
    await house.settler.settle()
    assert await house.counts() == {"delivered": 1}


async def test_an_uncertain_answer_is_asked_about_at_once(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched("Hello")
    house.provider.answers(Uncertain(detail="cut off"))
    await house.send(broadcast)
    house.provider.records = [record(house, status=ProviderStatus.FAILED, error_code="30006")]
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 1
    assert await apply(house) == 1
    row = await house.message()
    assert (row["status"], row["error_code"], row["failed_at"]) == (
        "failed",
        "30006",
        house.clock.now,
    )


@pytest.mark.parametrize("how_many", [3])
async def test_messages_of_another_provider_are_left_alone(house: House, how_many: int) -> None:
    await house.add_people(how_many)
    broadcast = await house.launched("Hello")
    house.provider.answers(Uncertain(detail="cut off"))
    await house.send(broadcast)
    await house.execute("update broadcast.messages set provider = 'former'")
    house.clock.forward(_SILENCE)
    assert await house.settler.settle() == 0
    assert (house.provider.asked_for, await house.counts()) == ([], {"uncertain": how_many})


# --- what nobody will tell of


async def left_uncertain(house: House, *, channel: str = "sms") -> Broadcast:
    """The answer was lost, and the provider cannot be asked at present."""
    broadcast = await one_left_sending(house)
    await house.execute("update broadcast.messages set channel = %s, segments = 1", channel)
    house.provider.records = None
    house.clock.forward(_CLAIM + _MOMENT)
    await house.settler.settle()
    assert await house.counts() == {"uncertain": 1}
    return broadcast


async def test_after_a_day_it_is_left_as_unknown_and_the_broadcast_completed(house: House) -> None:
    broadcast = await left_uncertain(house)
    claimed_at = (await house.message())["claimed_at"]
    house.clock.now = claimed_at + timedelta(hours=24)
    assert await house.settler.settle() == 0
    assert await house.counts() == {"uncertain": 1}
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 1
    assert (await house.message())["status"] == "unknown"
    assert (await house.read(broadcast)).status == "completed"
    house.clock.forward(timedelta(days=1))
    await house.send(broadcast)
    assert house.provider.sent == []


@pytest.mark.parametrize("status", ["sent", "delivered", "failed"])
async def test_a_late_report_moves_what_is_unknown(house: House, status: str) -> None:
    await left_uncertain(house)
    house.clock.forward(timedelta(days=2))
    await house.settler.settle()
    message_id = (await house.message())["id"]
    await report(house, "k", status, message_id=message_id, attempt=1)
    assert (await house.message())["status"] == status


async def test_of_a_provider_without_records_it_is_unknown_after_an_hour(house: House) -> None:
    await one_left_sending(house)
    house.provider.keeps_records = False
    house.clock.forward(_CLAIM + _MOMENT)
    await house.settler.settle()
    assert (house.provider.asked_for, await house.counts()) == ([], {"uncertain": 1})
    house.clock.forward(timedelta(hours=1) - _CLAIM - _MOMENT)
    assert await house.settler.settle() == 0
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 1
    assert await house.counts() == {"unknown": 1}


@pytest.mark.parametrize(
    ("channel", "resends", "ends"),
    [
        ("email", True, "pending"),
        ("email", False, "unknown"),
        ("sms", True, "unknown"),
        ("sms", False, "unknown"),
    ],
)
async def test_the_policy_of_the_broadcast_sends_mail_anew_and_texts_never(
    house: House, channel: str, ends: str, *, resends: bool
) -> None:
    broadcast = await left_uncertain(house, channel=channel)
    await house.execute("update broadcast.broadcasts set resend_uncertain = %s", resends)
    house.clock.forward(timedelta(hours=24))
    assert await house.settler.settle() == 1
    row = await house.message()
    assert row["status"] == ends
    kept = await attempts(house)
    if ends == "unknown":
        assert kept == []
        return
    assert (row["retries"], row["due_at"]) == (1, house.clock.now)
    assert [(each["attempt"], each["status"]) for each in kept] == [(1, "uncertain")]
    assert await house.value("select due_at from broadcast.streams") <= house.clock.now
    assert (await house.read(broadcast)).status == "sending"


async def test_what_was_sent_anew_once_is_not_sent_anew_again(house: House) -> None:
    await left_uncertain(house, channel="email")
    await house.execute("update broadcast.broadcasts set resend_uncertain = true")
    await house.execute("update broadcast.messages set retries = 1")
    house.clock.forward(timedelta(hours=24))
    await house.settler.settle()
    assert (await house.message())["status"] == "unknown"


async def test_nobody_who_has_opted_out_is_sent_it_anew(house: House) -> None:
    await left_uncertain(house, channel="email")
    await house.execute("update broadcast.broadcasts set resend_uncertain = true")
    await house.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'email', %s, 'opted_out', 'test')",
        house.workspace.id,
        number_of(100),
    )
    house.clock.forward(timedelta(hours=24))
    await house.settler.settle()
    assert (await house.message())["status"] == "unknown"


async def test_a_report_of_the_lost_attempt_ends_the_waiting_for_another(house: House) -> None:
    await left_uncertain(house, channel="email")
    await house.execute("update broadcast.broadcasts set resend_uncertain = true")
    house.clock.forward(timedelta(hours=24))
    await house.settler.settle()
    message_id = (await house.message())["id"]
    await report(house, "k", "sent", message_id=message_id, attempt=1, provider_id="SM1")
    row = await house.message()
    assert (row["status"], row["provider_id"], row["retries"]) == ("sent", "SM1", 0)
    assert await attempts(house) == []


async def test_a_step_that_was_completed_too_early_goes_on(house: House) -> None:
    """It was completed in the very moment in which one of its messages was made to wait."""
    await house.add_people(1)
    broadcast = await house.launched()
    await house.execute("update broadcast.broadcast_steps set status = 'completed'")
    await house.execute("update broadcast.broadcasts set status = 'completed'")
    await house.settler.settle()
    again = await house.read(broadcast)
    assert (again.status, again.first_step.status) == ("sending", "sending")


async def test_a_provider_that_does_not_answer_does_not_hold_the_round(house: House) -> None:
    await house.add_people(40)
    await house.launched("Hello")
    await claim(house)
    house.provider.records = None
    house.clock.forward(_SILENCE)
    assert await house.settler.settle() == 0
    assert 0 < len(house.provider.asked_for) < 40
