from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.providers.events import ProviderStatus
from clarion.providers.sending import FoundMessage, Uncertain
from support.house import House, build_house, number_of

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

_CLAIM = timedelta(seconds=60)
_SILENCE = timedelta(minutes=5)
_MOMENT = timedelta(seconds=1)


async def one_left_sending(house: House) -> Broadcast:
    """A worker has died with a message in its hands."""
    await house.add_people(1)
    broadcast = await house.launched("Hello")
    async with house.database.as_worker() as connection:
        await house.sender._claim(connection, {"step_id": broadcast.first_step.id})
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
    house.clock.forward(timedelta(days=2))
    assert await house.settler.settle() == 0
    await house.send(broadcast)
    assert (house.provider.sent, await house.counts()) == ([], {"uncertain": 1})


async def test_the_record_of_another_message_settles_nothing(house: House) -> None:
    broadcast = await one_left_sending(house)
    await house.execute("update broadcast.messages set provider_id = 'SM0'")
    await house.execute("update broadcast.messages set status = 'sent'")
    other = await house.launched("Hello")  # to the same person, with the same text
    async with house.database.as_worker() as connection:
        await house.sender._claim(connection, {"step_id": other.first_step.id})
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
    other = await house.launched("Hello")
    async with house.database.as_worker() as connection:
        await house.sender._claim(connection, {"step_id": other.first_step.id})
    later = house.clock.now + _MOMENT
    house.provider.records = [record(house, "SM2", created_at=later), record(house, "SM1")]
    house.clock.forward(_SILENCE)
    assert await house.settler.settle() == 2
    assert sorted(row["provider_id"] for row in await house.messages()) == ["SM1", "SM2"]


async def test_what_another_worker_settled_meanwhile_is_not_touched(house: House) -> None:
    """Both asked; the other was first, and the message is on its way again."""
    broadcast = await one_left_sending(house)
    house.clock.forward(_SILENCE + _CLAIM)
    other = await build_house(house.database)
    other.clock.now = house.clock.now

    async def settled_by_the_other() -> None:
        assert await other.settler.settle() == 1
        async with house.database.as_worker() as connection:
            attempts, _ = await house.sender._claim(
                connection, {"step_id": broadcast.first_step.id}
            )
        assert len(attempts) == 1

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
    house.provider.records = [record(house, status=ProviderStatus.FAILED, error_code="30003")]
    house.clock.forward(_MOMENT)
    assert await house.settler.settle() == 1
    row = await house.message()
    assert (row["status"], row["error_code"], row["failed_at"]) == (
        "failed",
        "30003",
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
