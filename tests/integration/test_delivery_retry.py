"""*Retry failed*: what is safe to send again, said before it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from clarion.delivery.settling.put_back import SAFE_CODES
from clarion.delivery.settling.retry import RetryPreview, preview_retry, retry_failed
from clarion.kernel.errors import Conflict, NotFound
from clarion.providers.error_codes import ERROR_WORDS, Consequence, explain
from support.house import House, number_of, within
from support.reports import attempts, counted, counters, hand_over, report

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

#: What may be sent again: it was too much, it passes, it was mended, another sender may do it.
SAFE = ["30001", "30003", "30034", "21408", "21612", "unavailable", "20003"]

#: What would fail again, must not be tried again, or may have gone out.
UNSAFE = ["30006", "21610", "30007", "text", "30410", "99999", None]


async def failed_with(house: House, *codes: str | None) -> Broadcast:
    """A completed broadcast whose messages have failed, one with each code, by address."""
    await house.add_people(len(codes))
    broadcast = await house.launched()
    ids = await hand_over(house)
    for message_id, code in zip(ids, codes, strict=True):
        await house.execute(
            "update broadcast.messages set status = 'failed', error_code = %s, failed_at = %s"
            " where id = %s",
            code,
            house.clock.now,
            message_id,
        )
    await house.settler.settle()
    found = await house.read(broadcast)
    assert found.status == "completed"
    return found


async def preview(house: House, broadcast: Broadcast) -> RetryPreview:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await preview_retry(connection, broadcast.id)


async def retried(house: House, broadcast: Broadcast) -> int:
    async with house.database.as_workspace(house.workspace.id) as connection:
        done = await retry_failed(connection, house.engine, broadcast.id, now=house.clock.now)
        assert done.waiting == done.messages
        return done.messages


async def test_what_is_safe_is_sent_again_and_said_beforehand(house: House) -> None:
    broadcast = await failed_with(house, *SAFE, *UNSAFE, "30003")
    before = await house.statuses()
    told = await preview(house, broadcast)
    assert await house.statuses() == before
    assert told.retryable == len(SAFE) + 1
    assert told.by_code[0] == ("30003", explain("30003").words, 2)
    assert {(code, count) for code, _, count in told.by_code[1:]} == {
        (code, 1) for code in SAFE if code != "30003"
    }
    assert sum(count for _, count in told.left) == len(UNSAFE)
    assert {words for words, _ in told.left} == {explain(code).words for code in UNSAFE}
    assert await retried(house, broadcast) == told.retryable
    rows = {row["address"]: row for row in await house.messages()}
    waiting = {address for address, row in rows.items() if row["status"] == "pending"}
    assert waiting == {
        *(number_of(100 + place) for place in range(len(SAFE))),
        number_of(100 + len(SAFE) + len(UNSAFE)),
    }
    assert await counted(house) == await counters(house)
    again = await preview(house, broadcast)
    assert (again.retryable, again.left) == (0, told.left)
    assert await retried(house, broadcast) == 0


async def test_those_that_are_sent_again_leave_at_once_and_keep_their_history(
    house: House,
) -> None:
    broadcast = await failed_with(house, "30034", "30006")
    house.clock.forward(timedelta(days=30))
    assert await retried(house, broadcast) == 1
    kept = await attempts(house)
    assert [(each["attempt"], each["error_code"], each["provider_id"]) for each in kept] == [
        (1, "30034", "SM1")
    ]
    found = await house.read(broadcast)
    assert (found.status, found.first_step.status) == ("sending", "sending")
    assert await house.value("select completed_at from broadcast.broadcasts") is None
    await house.send(found)
    assert [(each.to, each.attempt) for each in house.provider.sent] == [(number_of(100), 2)]
    await house.settler.settle()
    assert (await house.read(broadcast)).status == "completed"
    assert await house.counts() == {"sent": 1, "failed": 1}


@pytest.mark.parametrize("reason", ["opted_out", "invalid_address", "complaint"])
async def test_nobody_who_must_not_be_written_to_now_is_sent_it_again(
    house: House, reason: str
) -> None:
    broadcast = await failed_with(house, "30003", "30003")
    await house.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'sms', %s, %s, 'test')",
        house.workspace.id,
        number_of(100),
        reason,
    )
    told = await preview(house, broadcast)
    assert (told.retryable, [count for _, count in told.left]) == (1, [1])
    assert await retried(house, broadcast) == 1
    assert await house.statuses() == {number_of(100): "failed", number_of(101): "pending"}


async def test_what_nobody_knows_the_outcome_of_is_told_and_left(house: House) -> None:
    broadcast = await failed_with(house, "30003", "30003", "30003")
    first, second, _ = [row["id"] for row in await house.messages()]
    for message_id, statuses in (
        (first, ["sending", "uncertain"]),
        (second, ["sending", "uncertain", "unknown"]),
    ):
        await house.execute(
            "update broadcast.messages set status = 'pending', retries = 1 where id = %s",
            message_id,
        )
        for status in statuses:
            await house.execute(
                "update broadcast.messages set status = %s where id = %s", status, message_id
            )
    told = await preview(house, broadcast)
    assert told.retryable == 1
    assert sorted(count for _, count in told.left) == [1, 1]
    assert await retried(house, broadcast) == 1
    assert await house.counts() == {"pending": 1, "uncertain": 1, "unknown": 1}


async def test_of_a_paused_broadcast_they_wait_until_it_is_resumed(house: House) -> None:
    broadcast = await failed_with(house, "30003")
    await house.execute("update broadcast.broadcasts set status = 'paused'")
    assert await retried(house, broadcast) == 1
    found = await house.read(broadcast)
    assert (found.status, found.first_step.status) == ("paused", "sending")
    await house.send(found)
    assert house.provider.sent == []


@pytest.mark.parametrize("status", ["cancelled", "failed", "draft", "scheduled"])
async def test_of_one_that_was_cancelled_or_has_not_begun_nothing_is_sent_again(
    house: House, status: str
) -> None:
    broadcast = await failed_with(house, "30003")
    await house.execute("update broadcast.broadcasts set status = %s", status)
    with pytest.raises(Conflict, match=status):
        await retried(house, broadcast)
    assert await house.counts() == {"failed": 1}


async def test_a_broadcast_of_nobody_or_of_somebody_else_is_not_found(house: House) -> None:
    broadcast = await failed_with(house, "30003")
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(NotFound):
            await retry_failed(connection, house.engine, uuid4(), now=house.clock.now)
    other = uuid4()
    await house.execute("insert into broadcast.workspaces (id, name) values (%s, 'Other')", other)
    async with house.database.as_workspace(other) as connection:  # type: ignore[arg-type]
        assert (await preview_retry(connection, broadcast.id)).retryable == 0
        with pytest.raises(NotFound):
            await retry_failed(connection, house.engine, broadcast.id, now=house.clock.now)
    assert await house.counts() == {"failed": 1}


async def test_two_people_who_press_it_at_once_send_each_message_once(house: House) -> None:
    broadcast = await failed_with(house, *["30003"] * 30)
    done = await within(60, *(retried(house, broadcast) for _ in range(3)))
    assert sum(done) == 30
    assert {row["retries"] for row in await house.messages()} == {1}


async def test_a_second_failure_is_on_record_beside_the_first(house: House) -> None:
    broadcast = await failed_with(house, "30034")
    await retried(house, broadcast)
    (message_id,) = await hand_over(house)
    await report(house, "k", "failed", message_id=message_id, attempt=2, error_code="21408")
    assert await retried(house, broadcast) == 1
    assert [(each["attempt"], each["error_code"]) for each in await attempts(house)] == [
        (1, "30034"),
        (2, "21408"),
    ]


def test_the_codes_that_may_be_sent_again_are_those_of_four_consequences() -> None:
    safe = {Consequence.WAIT, Consequence.RETRY, Consequence.CONFIG, Consequence.OTHER_SENDER}
    for code, words in ERROR_WORDS.items():
        assert (code in SAFE_CODES) == (words.consequence in safe)
