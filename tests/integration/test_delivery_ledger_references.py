"""A message belongs to a step and to a lane that exist: held by the database, whoever writes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    from support.house import House

_ADD = """
insert into broadcast.messages (workspace_id, broadcast_id, step_id, lane_id, channel, address)
values (%s, %s, %s, %s, 'sms', %s) returning id
"""


async def whole(house: House) -> list[Any]:
    """Workspace, broadcast, step and lane that belong together."""
    broadcast = await house.draft()
    lane = await house.value(
        "insert into broadcast.lanes (channel, provider, sender, rate_per_second)"
        " values ('sms', 'fake', %s, 1) returning id",
        str(uuid4()),
    )
    return [house.workspace.id, broadcast.id, broadcast.first_step.id, lane]


@pytest.mark.parametrize("wrong", ["workspace", "broadcast", "step", "lane"])
async def test_a_message_of_nothing_is_refused(house: House, wrong: str) -> None:
    parts = await whole(house)
    other = await whole(house)
    place = ["workspace", "broadcast", "step", "lane"].index(wrong)
    strangers = [uuid4(), other[1], other[2], uuid4()]
    parts[place] = strangers[place]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await house.execute(_ADD, *parts, "+1")
    assert await house.messages() == []


@pytest.mark.parametrize("column", ["step_id", "lane_id", "broadcast_id", "workspace_id"])
async def test_a_message_cannot_be_moved_to_nothing(house: House, column: str) -> None:
    message: UUID = await house.value(_ADD, *await whole(house), "+1")
    before = await house.message()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await house.execute(
            f"update broadcast.messages set {column} = %s where id = %s",  # noqa: S608
            uuid4(),
            message,
        )
    assert await house.message() == before


@pytest.mark.parametrize("table", ["broadcast_steps", "lanes"])
async def test_what_has_messages_cannot_be_deleted(house: House, table: str) -> None:
    parts = await whole(house)
    await house.execute(_ADD, *parts, "+1")
    held = parts[2] if table == "broadcast_steps" else parts[3]
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="There are messages"):
        await house.execute(f"delete from broadcast.{table} where id = %s", held)  # noqa: S608
    await house.execute("delete from broadcast.messages")
    await house.execute(f"delete from broadcast.{table} where id = %s", held)  # noqa: S608


async def test_a_step_is_not_deleted_under_a_message_that_is_being_written(house: House) -> None:
    parts = await whole(house)
    async with house.database.as_worker() as writing:
        await writing.execute(_ADD.encode(), [*parts, "+1"])
        deleting = asyncio.create_task(
            house.execute("delete from broadcast.broadcast_steps where id = %s", parts[2])
        )
        waits = "select count(*) from pg_locks where not granted"
        async with asyncio.timeout(20):
            while not await house.value(waits):
                assert not deleting.done()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="There are messages"):
        await deleting
    assert len(await house.messages()) == 1
