"""To which message a text of a person is an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel
from clarion.providers.events import EventKind, ProviderEvent
from clarion.tracking.apply import store_events
from support.house import House, number_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

ANN, BOB = number_of(100), number_of(101)


async def message(
    house: House,
    address: str,
    sent_at: datetime | None,
    *,
    channel: str = "sms",
    workspace_id: UUID = DEFAULT_WORKSPACE,
) -> UUID:
    """A message as the ledger has it, of a broadcast of its own."""
    message_id = uuid4()
    await house.execute(
        "insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, created_by)"
        " values (%s, %s, 'Spring', 'sms', 'Ana')",
        message_id,
        workspace_id,
    )
    await house.execute(
        "insert into broadcast.broadcast_steps"
        " (id, workspace_id, broadcast_id, position, channel, time_zone)"
        " values (%s, %s, %s, 1, 'sms', 'UTC')",
        message_id,
        workspace_id,
        message_id,
    )
    await house.execute(
        "insert into broadcast.messages"
        " (id, workspace_id, broadcast_id, step_id, channel, address, sent_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        message_id,
        workspace_id,
        message_id,
        message_id,
        channel,
        address,
        sent_at,
    )
    return message_id


async def hear(house: House, key: str, **others: Any) -> None:
    """A text comes in now, and is applied."""
    event = ProviderEvent(
        **{
            "key": key,
            "kind": EventKind.INBOUND,
            "provider": "fake",
            "channel": Channel.SMS,
            "address": ANN,
            "text": "Yes please",
            **others,
        }
    )
    async with house.database.as_worker() as connection:
        await store_events(connection, [event], received_at=house.clock.now)


async def answered(house: House) -> dict[str, UUID | None]:
    while await house.applier.apply_batch():
        pass
    rows = await house.rows("select event_key, message_id from broadcast.message_events")
    return {row["event_key"]: row["message_id"] for row in rows}


async def test_a_text_answers_the_latest_message_before_it(house: House) -> None:
    now = house.clock.now
    older = await message(house, ANN, now - timedelta(days=3))
    # Written down in another order than sent.
    later = await message(house, ANN, now + timedelta(seconds=1))
    latest = await message(house, ANN, now - timedelta(days=1))
    await message(house, ANN, now - timedelta(days=2))
    await message(house, BOB, now - timedelta(hours=1))
    await message(house, ANN, now - timedelta(hours=1), channel="email")
    await message(house, ANN, None)
    await hear(house, "now")
    await hear(house, "the provider says when", occurred_at=now - timedelta(days=2, hours=12))
    await hear(house, "before everything", occurred_at=now - timedelta(days=9))
    await hear(house, "afterwards", occurred_at=now + timedelta(days=1))
    assert await answered(house) == {
        "now": latest,
        "the provider says when": older,
        "before everything": None,
        "afterwards": later,
    }


@pytest.mark.parametrize("kind", [EventKind.INBOUND, EventKind.OPT_OUT, EventKind.OPT_IN])
async def test_whatever_a_person_writes_is_an_answer(house: House, kind: EventKind) -> None:
    sent = await message(house, ANN, house.clock.now - timedelta(hours=1))
    await hear(house, "text", kind=kind)
    assert await answered(house) == {"text": sent}


async def test_a_text_from_a_stranger_answers_nothing(house: House) -> None:
    await message(house, BOB, house.clock.now - timedelta(hours=1))
    await hear(house, "stranger")
    await hear(house, "nobody", address=None)
    assert await answered(house) == {"stranger": None, "nobody": None}


async def test_a_text_of_one_workspace_answers_no_message_of_another(house: House) -> None:
    mine = await message(house, ANN, house.clock.now - timedelta(hours=2))
    other = uuid4()
    await house.execute("insert into broadcast.workspaces (id, name) values (%s, 'Other')", other)
    await message(house, ANN, house.clock.now - timedelta(hours=1), workspace_id=other)
    await hear(house, "text")
    await house.execute("update broadcast.message_events set workspace_id = %s", DEFAULT_WORKSPACE)
    assert await answered(house) == {"text": mine}


async def test_whoever_answered_is_found_by_the_filter(house: House) -> None:
    ann, bob = await house.add_people(2)
    launched = await house.launched()
    await house.send(launched)
    house.clock.forward(timedelta(minutes=5))
    await hear(house, "text")
    await answered(house)
    for operator, value, found in (
        ("ever", None, {ann}),
        ("never", None, {bob}),
        ("in_broadcast", [str(launched.id)], {ann}),
        ("not_in_broadcast", [str(launched.id)], {bob}),
        ("in_last_days", 1, {ann}),
        ("not_in_last_days", 1, {bob}),
    ):
        document = {
            "match": "all",
            "conditions": [{"field": "@replied", "operator": operator, "value": value}],
        }
        async with house.database.as_workspace(house.workspace.id) as connection:
            compiled = await house.audience.read(connection, house.workspace, document)
            page = await house.audience.page(connection, house.workspace, compiled)
        assert {contact.id for contact in page.contacts} == found, operator
