"""Sequences that are kept: steps of a broadcast, and a draft begun as them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from clarion.broadcasts.broadcast import Broadcast, BroadcastType
from clarion.broadcasts.sequence_templates import store
from clarion.broadcasts.sequence_templates.library import library_sequence
from clarion.broadcasts.sequence_templates.sequence_template import (
    Kept,
    SequenceTemplate,
    kept_of,
)
from clarion.broadcasts.sequence_templates.start import take_steps
from clarion.broadcasts.service import BroadcastChange
from clarion.broadcasts.step import SendMode, Step
from clarion.content.snippets.store import add_snippet, delete_snippet, list_snippets
from clarion.kernel.errors import Conflict, Invalid, NotFound
from support.house import ANA, House
from support.sequences import MAIL, change_step, draft_of, launched


async def keep(house: House, broadcast: Broadcast, name: str = "Mine") -> SequenceTemplate:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await store.keep_sequence(
            connection,
            ANA,
            name=name,
            purpose="For  tests",
            kept=kept_of(broadcast, now=house.clock.now),
            now=house.clock.now,
        )


async def take(house: House, draft: Broadcast, kept: Kept) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await take_steps(
            house.broadcasts,
            connection,
            ANA,
            house.workspace,
            draft.id,
            kept,
            version=draft.version,
            now=house.clock.now,
        )


def said(step: Step) -> tuple[object, ...]:
    return (
        step.name,
        step.channel,
        step.both,
        step.body,
        step.mail,
        step.day_number,
        step.day_time,
        step.zone_mode,
        (step.window_from, step.window_until, step.weekdays),
        step.condition,
    )


async def test_a_draft_that_takes_a_kept_sequence_says_the_same(house: House) -> None:
    await house.add_people(1)
    source = await draft_of(
        house,
        BroadcastType.SMS_EMAIL,
        {"channel": "sms", "body": "One", "name": "Hello"},
        {
            **MAIL,
            "channel": "email",
            "day_number": 3,
            "day_time": "16:30",
            "zone_mode": "recipient",
            "window_from": "09:00",
            "window_until": "17:00",
            "weekdays": [1, 2, 3],
            "condition": {"only_if": [{"did": "replied", "negated": True, "of": "any"}]},
        },
        {"channel": "sms_email", "both_how": "second_if_needed", "second_after_hours": 6},
        sequence={"leave_on_reply": False, "track_opens": False},
    )
    kept = (await keep(house, source)).kept
    assert [step["day_number"] for step in kept.steps] == [1, 3, 4]
    assert kept.days == 4
    draft = await draft_of(house, BroadcastType.SMS, {"body": "Other"}, {"body": "And another"})
    taken = await take(house, draft, kept)
    assert taken.broadcast_type is BroadcastType.SMS_EMAIL
    assert [said(step) for step in taken.steps] == [said(step) for step in source.steps]
    assert taken.sequence == source.sequence
    assert [step.send_mode for step in taken.steps] == [
        SendMode.NOW,
        SendMode.LATER,
        SendMode.LATER,
    ]
    assert taken.steps[0].id == draft.steps[0].id


async def test_dates_become_days_and_the_first_step_of_the_draft_keeps_its_time(
    house: House,
) -> None:
    wall = (house.clock.now + timedelta(days=5)).replace(tzinfo=None, hour=10, minute=0, second=0)
    source = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One", "send_mode": "later", "scheduled_for": wall},
        {"body": "Two", "scheduled_for": wall + timedelta(days=7, hours=2)},
    )
    kept = (await keep(house, source)).kept
    assert [(step["day_number"], step["day_time"]) for step in kept.steps] == [
        (1, "10:00"),
        (8, "12:00"),
    ]
    at = wall + timedelta(days=2)
    draft = await draft_of(
        house, BroadcastType.SMS, {"body": "x", "send_mode": "later", "scheduled_for": at}
    )
    taken = await take(house, draft, kept)
    assert taken.steps[0].scheduled_for == at
    assert [step.body for step in taken.steps] == ["One", "Two"]


@pytest.mark.parametrize("key", ["new-lead", "appointment", "quote", "win-back", "review"])
async def test_every_sequence_of_the_library_can_be_taken(house: House, key: str) -> None:
    kept = library_sequence(key).kept
    taken = await take(house, await draft_of(house, BroadcastType.SMS, {"body": "x"}), kept)
    assert [step.day_number for step in taken.steps[1:]] == [
        step["day_number"] for step in kept.steps[1:]
    ]
    await house.follow()
    problems = (await house.outlook(taken)).problems
    assert [each for each in problems if each.step.value == "compose"] == []


async def test_what_the_steps_had_attached_goes_and_the_goal_stays(house: House) -> None:
    goal = {"match": "all", "conditions": []}
    draft = await draft_of(house, BroadcastType.EMAIL, MAIL, MAIL, sequence={"goal": goal})
    other = await draft_of(house, BroadcastType.EMAIL, MAIL)
    for step in (*draft.steps, *other.steps):
        await house.execute(
            "insert into broadcast.step_files"
            " (workspace_id, step_id, name, content_type, bytes, content)"
            " values (%s, %s, 'a.txt', 'text/plain', 1, 'a')",
            house.workspace.id,
            step.id,
        )
    taken = await take(house, draft, library_sequence("review").kept)
    assert taken.sequence.goal == goal
    left = await house.rows("select step_id from broadcast.step_files")
    assert [row["step_id"] for row in left] == [other.first_step.id]


async def test_what_was_launched_or_changed_since_is_not_replaced(house: House) -> None:
    await house.add_people(1)
    kept = library_sequence("review").kept
    draft = await draft_of(house, BroadcastType.SMS, {"body": "x"})
    changed = await change_step(house, draft, 0, body="y")
    with pytest.raises(Conflict, match="changed elsewhere"):
        await take(house, draft, kept)
    broadcast = await launched(house, changed)
    with pytest.raises(Conflict):
        await take(house, broadcast, kept)
    assert await house.read(broadcast) == broadcast


async def test_names_are_free_the_archive_aside(house: House) -> None:
    draft = await draft_of(house, BroadcastType.SMS, {"body": "x"})
    first = await keep(house, draft)
    assert first.purpose == "For tests"
    with pytest.raises(Conflict, match="already"):
        await keep(house, draft, "mINE")
    with pytest.raises(Invalid, match="a name"):
        await keep(house, draft, "  ")
    async with house.database.as_workspace(house.workspace.id) as connection:
        copy = await store.duplicate_sequence(connection, ANA, first.id, now=house.clock.now)
        assert (copy.name, copy.kept) == ("Copy of Mine", first.kept)
        away = await store.archive_sequence(connection, ANA, first.id, now=house.clock.now)
        assert away.archived_at == house.clock.now
        assert [each.name for each in await store.list_sequences(connection, ANA.workspace_id)] == [
            "Copy of Mine"
        ]
    second = await keep(house, draft)
    async with house.database.as_workspace(house.workspace.id) as connection:
        back = await store.unarchive_sequence(connection, ANA, first.id, now=house.clock.now)
        assert back.name == "Mine 2"
        with pytest.raises(Conflict, match="saved “Mine 2” since"):
            await store.rename_sequence(
                connection, ANA, first.id, version=1, name="x", purpose=None, now=house.clock.now
            )
        with pytest.raises(NotFound):
            await store.get_sequence(connection, ANA.workspace_id, uuid4())
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(Conflict, match="already"):
            await store.rename_sequence(
                connection,
                ANA,
                first.id,
                version=back.version,
                name=second.name,
                purpose=None,
                now=house.clock.now,
            )


async def test_a_segment_that_a_goal_names_is_in_use(house: House) -> None:
    segment = await house.value(
        "insert into broadcast.segments (workspace_id, name, filter, created_by)"
        " values (%s, 'VIP', %s, 'Ana') returning id",
        house.workspace.id,
        Jsonb({"match": "all", "conditions": []}),
    )
    draft = await draft_of(house, BroadcastType.SMS, {"body": "x"})
    goal = {
        "match": "all",
        "conditions": [{"field": "@segment", "operator": "is_in", "value": [str(segment)]}],
    }

    async def put(version: int, goal: object) -> Broadcast:
        async with house.database.as_workspace(house.workspace.id) as connection:
            return await house.broadcasts.change(
                connection,
                house.workspace,
                draft.id,
                BroadcastChange(version=version, sequence={"goal": goal}),
                now=house.clock.now,
            )

    uses = "select count(*) from broadcast.segment_uses where segment_id = %s"
    changed = await put(draft.version, goal)
    assert await house.value(uses, segment) == 1
    await put(changed.version, None)
    assert await house.value(uses, segment) == 0


async def test_a_snippet_that_a_kept_sequence_names_is_in_use(house: House) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        snippet = await add_snippet(
            connection, ANA, name="hours", text="9 to 5", now=house.clock.now
        )
    draft = await draft_of(house, BroadcastType.SMS, {"body": "Open {% render 'hours' %}"})
    await keep(house, draft, "Hours")
    await house.execute("delete from broadcast.broadcasts where id = %s", draft.id)
    with pytest.raises(Conflict, match="used by the sequence “Hours”"):
        async with house.database.as_workspace(house.workspace.id) as connection:
            await delete_snippet(connection, house.workspace.id, snippet.id)
    async with house.database.as_workspace(house.workspace.id) as connection:
        assert [each.uses for each in await list_snippets(connection, house.workspace.id)] == [1]
