"""Many broadcasts: in each order, copied, archived, and opened by several people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.broadcasts.broadcast import BroadcastType, Status
from clarion.broadcasts.managing.archive import archive
from clarion.broadcasts.managing.copy import Copied, duplicate
from clarion.broadcasts.managing.page import (
    Direction,
    Order,
    Sort,
    Wanted,
    list_authors,
    list_broadcasts,
)
from clarion.broadcasts.managing.presence import be_present
from clarion.broadcasts.step import SendMode
from clarion.kernel.errors import Conflict
from support.house import ANA, EVERYBODY
from support.segments import in_segment, segment_house

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from support.house import House

BO = replace(ANA, id="bo", name="Bo")


async def put(house: House, name: str, **columns: Any) -> UUID:
    """A broadcast as the list would find it; `first_at` is the time of its step."""
    first_at = columns.pop("first_at", None)
    given = {"name": name, "broadcast_type": "sms", "created_by": "Ana", **columns}
    broadcast_id: UUID = await house.value(
        f"insert into broadcast.broadcasts (workspace_id, {', '.join(given)})"  # noqa: S608
        f" values (%s{', %s' * len(given)}) returning id",
        house.workspace.id,
        *given.values(),
    )
    await house.execute(
        "insert into broadcast.broadcast_steps"
        " (workspace_id, broadcast_id, position, channel, time_zone, scheduled_at)"
        " values (%s, %s, 1, 'sms', 'UTC', %s)",
        house.workspace.id,
        broadcast_id,
        first_at,
    )
    return broadcast_id


async def listed(
    house: House, order: Order | None = None, *, limit: int = 100, **wanted: Any
) -> list[str]:
    """The names on all pages."""
    names: list[str] = []
    after = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        while True:
            page = await list_broadcasts(
                connection,
                house.workspace.id,
                Wanted(**wanted),
                order or Order(),
                after=after,
                limit=limit,
            )
            assert len(page.lines) <= limit
            names += [line["name"] for line in page.lines]
            after = page.next
            if after is None:
                return names


async def copied(house: House, source: Broadcast, what: Copied, name: str | None = None) -> Any:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await duplicate(connection, BO, source.id, what=what, name=name, now=house.clock.now)


async def put_away(house: House, broadcast: Broadcast, *, archived: bool = True) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await archive(
            connection, house.workspace.id, broadcast.id, archived=archived, now=house.clock.now
        )


# --- the list


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_every_order_is_read_page_by_page_with_its_ties(
    house: House, sort: Sort, direction: Direction, limit: int
) -> None:
    day = timedelta(days=1)
    rows: dict[str, dict[str, Any]] = {}
    #: Each value twice, in another order for each column.
    for index, name in enumerate(["b", "A", "b", "c", "A", "C"]):
        row: dict[str, Any] = {
            "name": name,
            "updated_at": house.clock.now + (index % 3) * day,
            "created_at": house.clock.now + (5 - index) // 2 * day,
            "first_at": None if index in (1, 4) else house.clock.now + (index % 2) * day,
        }
        rows[str(await put(house, **row))] = row

    def key(broadcast_id: str) -> Any:
        row = rows[broadcast_id]
        value = {"name": row["name"].lower(), "updated": row["updated_at"]}.get(sort)
        if sort is Sort.CREATED:
            value = row["created_at"]
        if sort is Sort.SCHEDULED:
            latest, earliest = house.clock.now + 99 * day, house.clock.now - 99 * day
            value = row["first_at"] or (earliest if descending else latest)
        return value, broadcast_id

    descending = direction is Direction.DESCENDING
    wanted = sorted(rows, key=key, reverse=descending)
    seen: list[str] = []
    after = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        while True:
            page = await list_broadcasts(
                connection,
                house.workspace.id,
                Wanted(),
                Order(sort=sort, direction=direction),
                after=after,
                limit=limit,
            )
            seen += [str(line["id"]) for line in page.lines]
            after = page.next
            if after is None:
                break
    assert seen == wanted


async def test_the_list_is_narrowed_by_each_filter_and_by_all_together(house: House) -> None:
    await put(house, "Spring sale", status="completed")
    await put(house, "Spring news", broadcast_type="email", created_by="Bo")
    await put(house, "Autumn sale", created_by="Bo")
    await put(house, "Old sale", archived_at=house.clock.now)
    by_name = Order(sort=Sort.NAME, direction=Direction.ASCENDING)
    assert await listed(house, by_name) == ["Autumn sale", "Spring news", "Spring sale"]
    assert await listed(house, by_name, archived=True) == ["Old sale"]
    assert await listed(house, by_name, types=(BroadcastType.EMAIL,)) == ["Spring news"]
    assert await listed(house, by_name, statuses=(Status.COMPLETED,)) == ["Spring sale"]
    assert await listed(house, by_name, authors=("Bo",)) == ["Autumn sale", "Spring news"]
    assert await listed(house, by_name, search=" SPRING ") == ["Spring news", "Spring sale"]
    assert await listed(
        house, by_name, search="sale", authors=("Ana", "Bo"), statuses=(Status.DRAFT,)
    ) == ["Autumn sale"]
    async with house.database.as_workspace(house.workspace.id) as connection:
        assert await list_authors(connection, house.workspace.id) == ["Ana", "Bo"]


async def test_the_time_in_the_list_follows_the_steps(house: House) -> None:
    now = house.clock.now
    broadcast_id = await put(house, "Sequence", first_at=now + timedelta(days=2))

    async def first_at() -> datetime | None:
        found: datetime | None = await house.value(
            "select first_at from broadcast.broadcasts where id = %s", broadcast_id
        )
        return found

    async def step(statement: str, *values: Any) -> None:
        await house.execute(statement, *values)

    assert await first_at() == now + timedelta(days=2)
    await step(
        "insert into broadcast.broadcast_steps"
        " (workspace_id, broadcast_id, position, channel, time_zone, scheduled_at)"
        " values (%s, %s, 2, 'sms', 'UTC', %s)",
        house.workspace.id,
        broadcast_id,
        now + timedelta(days=1),
    )
    assert await first_at() == now + timedelta(days=1)
    await step(
        "update broadcast.broadcast_steps set scheduled_at = null"
        " where broadcast_id = %s and position = 2",
        broadcast_id,
    )
    assert await first_at() == now + timedelta(days=2)
    await step("delete from broadcast.broadcast_steps where broadcast_id = %s", broadcast_id)
    assert await first_at() is None


# --- copies


async def rich_draft(house: House) -> Broadcast:
    """A draft in which every column that a person chooses differs from its default."""
    wall = (house.clock.now + timedelta(days=3)).replace(tzinfo=None)
    draft = await house.draft("Hi", scheduled_for=wall, time_zone="Asia/Kolkata")
    await house.execute(
        "update broadcast.broadcasts set audience_mode = 'resolved_at_send',"
        " audience_mode_chosen = true, late_policy = 'ask', max_per_minute = 5,"
        " stop_at_failure_rate = 0.5, resend_uncertain = true, track_opens = false,"
        " track_clicks = false, leave_on_reply = false, goal = '{}',"
        ' filter = \'{"match": "any", "conditions": []}\' where id = %s',
        draft.id,
    )
    await house.execute(
        "update broadcast.broadcast_steps set name = 'First', both_how = 'preferred',"
        " first_channel = 'sms', second_after_hours = 5, subject = 'S', preheader = 'P',"
        " email = '{}', text_part = 'T', from_name = 'F', reply_to = 'r@a.example',"
        " zone_mode = 'recipient', window_from = '09:00', window_until = '17:00', weekdays = 31,"
        " condition = '{}' where broadcast_id = %s",
        draft.id,
    )
    await house.execute(
        "insert into broadcast.step_files"
        " (workspace_id, step_id, name, content_type, bytes, content)"
        " values (%s, %s, 'a.txt', 'text/plain', 1, 'a')",
        house.workspace.id,
        draft.first_step.id,
    )
    return await house.read(draft)


#: What a copy never has: it is a draft of its own, to which nothing has happened.
_OF_ITS_OWN = {"id", "name", "created_by", "created_at", "updated_at", "version"}
_STEP_OF_ITS_OWN = {"id", "broadcast_id"}
#: What becomes of a broadcast and of its step. Whoever adds a column adds it here, or, as a choice
#: of a person, to `rich_draft` and to the copy.
_HISTORY = {
    "workspace_id",
    "broadcast_type",
    "status",
    "saving",
    "saved_up_to",
    "saved_recipients",
    "expected_recipients",
    "audience_at",
    "discard_up_to",
    "problem",
    "paused_by",
    "finished_before",
    "failed_before",
    "launched_at",
    "completed_at",
    "archived_at",
}
_STEP_HISTORY = {
    "snippets",
    # Of the texts.
    "snippet_names",
    "workspace_id",
    "position",
    "channel",
    "status",
    "launched_up_to",
    "launch_turns",
    "job_id",
    "launched_at",
    "completed_at",
    "second_done_at",
    # Beside a date of its own, a step has no day of the sequence.
    "day_number",
    "day_time",
}


async def columns_of(house: House, broadcast: Broadcast) -> tuple[dict[str, Any], dict[str, Any]]:
    (row,) = await house.rows("select * from broadcast.broadcasts where id = %s", broadcast.id)
    (step,) = await house.rows(
        "select * from broadcast.broadcast_steps where broadcast_id = %s", broadcast.id
    )
    return (
        {name: value for name, value in row.items() if name not in _OF_ITS_OWN},
        {name: value for name, value in step.items() if name not in _STEP_OF_ITS_OWN},
    )


async def test_the_copy_of_a_draft_has_every_column_that_a_person_chooses(house: House) -> None:
    source = await rich_draft(house)
    (row, step), (fresh, fresh_step) = (
        await columns_of(house, source),
        await columns_of(house, await house.draft("")),
    )
    assert {name for name in row if row[name] == fresh[name]} == _HISTORY
    assert {name for name in step if step[name] == fresh_step[name]} == _STEP_HISTORY
    made = await copied(house, source, Copied.ALL)
    assert await columns_of(house, made) == await columns_of(house, source)
    assert (made.name, made.created_by, made.version) == ("Copy of Spring", "Bo", 1)
    files = await house.rows(
        "select name, content from broadcast.step_files where step_id = %s", made.first_step.id
    )
    assert files == [{"name": "a.txt", "content": b"a"}]


async def test_a_copy_of_the_content_is_for_everybody(house: House) -> None:
    source = await rich_draft(house)
    made = await copied(house, source, Copied.CONTENT, "Again")
    (row, step), (former, former_step) = (
        await columns_of(house, made),
        await columns_of(house, source),
    )
    assert step == former_step
    assert {name for name in row if row[name] != former[name]} == {
        "filter",
        "audience_mode",
        "audience_mode_chosen",
    }
    assert (row["filter"], made.name) == (EVERYBODY, "Again")


async def test_a_copy_of_the_audience_has_one_empty_step(house: House) -> None:
    source = await rich_draft(house)
    made = await copied(house, source, Copied.AUDIENCE)
    fresh = await house.draft("")
    (row, step), (former, _) = await columns_of(house, made), await columns_of(house, source)
    _, empty = await columns_of(house, fresh)
    assert step == {**empty, "time_zone": "Asia/Kolkata"}
    assert row["filter"] == former["filter"]
    assert row["audience_mode"] == "resolved_at_send"
    assert (row["goal"], row["late_policy"], row["track_opens"]) == (None, "catch_up", True)


async def test_a_step_of_a_sequence_keeps_its_day(house: House) -> None:
    source = await house.draft("Hi")
    await house.execute(
        "update broadcast.broadcast_steps set day_number = 3, day_time = '09:00'"
        " where broadcast_id = %s",
        source.id,
    )
    made = await copied(house, source, Copied.ALL)
    assert await columns_of(house, made) == await columns_of(house, source)


async def test_times_that_have_passed_are_not_copied(house: House) -> None:
    wall = (house.clock.now + timedelta(hours=1)).replace(tzinfo=None)
    source = await house.draft("Hi", scheduled_for=wall, time_zone="UTC")
    house.clock.forward(timedelta(hours=2))
    step = (await copied(house, source, Copied.ALL)).first_step
    # It stays for later, so that nobody sends at once what was meant for a time.
    assert (step.send_mode, step.scheduled_for, step.scheduled_at) == (SendMode.LATER, None, None)


async def test_what_was_sent_is_copied_as_a_draft_without_its_history(house: House) -> None:
    await house.add_people(1)
    source = await house.launched("Hi")
    await house.send()
    made = await copied(house, source, Copied.ALL)
    assert (made.status, made.saved_recipients, made.launched_at) == (Status.DRAFT, 0, None)
    step = made.first_step
    assert (step.status, step.body, step.job_id) == ("draft", "Hi", None)
    assert step.scheduled_at is None
    launched = await house.launch(made)
    assert launched.status is Status.SCHEDULED


async def test_a_copy_uses_the_segments_of_its_filter(house: House) -> None:
    saved = segment_house(house)
    segment = await saved.create("Texas")
    source = await house.draft(filter=in_segment(segment))
    await copied(house, source, Copied.ALL, "Copy")
    await copied(house, source, Copied.CONTENT, "Without")
    assert sorted(name for name, _ in await saved.uses(segment)) == ["Copy", "Spring"]


async def test_an_audience_of_a_segment_that_is_gone_is_not_copied(house: House) -> None:
    saved = segment_house(house)
    segment = await saved.create("Texas")
    source = await house.draft(filter=in_segment(segment))
    await house.execute(
        "update broadcast.broadcasts set status = 'completed' where id = %s", source.id
    )
    await saved.delete(segment)
    for what in (Copied.ALL, Copied.AUDIENCE):
        with pytest.raises(Conflict, match="has been deleted since") as refused:
            await copied(house, source, what)
        assert [fault.pointer for fault in refused.value.faults] == ["/what"]
    assert (await copied(house, source, Copied.CONTENT)).filter == EVERYBODY


# --- the archive


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.SENDING, Status.PAUSED])
async def test_what_is_under_way_is_not_archived(house: House, status: Status) -> None:
    broadcast = await house.draft()
    await house.execute(
        "update broadcast.broadcasts set status = %s where id = %s", status, broadcast.id
    )
    with pytest.raises(Conflict, match="it can be archived when it has ended"):
        await put_away(house, broadcast)
    assert await listed(house, archived=True) == []


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.COMPLETED, Status.CANCELLED, Status.FAILED]
)
async def test_a_draft_and_what_has_ended_go_into_the_archive_and_come_back(
    house: House, status: Status
) -> None:
    broadcast = await house.draft()
    await house.execute(
        "update broadcast.broadcasts set status = %s where id = %s", status, broadcast.id
    )
    before = await house.read(broadcast)
    for _ in range(2):
        await put_away(house, broadcast)
        assert (await listed(house), await listed(house, archived=True)) == ([], ["Spring"])
    # Somebody who has the draft open is not told that it has changed.
    assert await house.read(broadcast) == before
    await put_away(house, broadcast, archived=False)
    assert (await listed(house), await listed(house, archived=True)) == (["Spring"], [])


async def test_an_archived_draft_that_is_launched_is_in_the_list_again(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.draft("Hi")
    await put_away(house, broadcast)
    await house.launch(broadcast)
    assert await listed(house) == ["Spring"]


async def test_what_ends_stays_where_it_is(house: House) -> None:
    broadcast = await house.draft()
    await put_away(house, broadcast)
    await house.execute(
        "update broadcast.broadcasts set status = 'cancelled' where id = %s", broadcast.id
    )
    assert await listed(house, archived=True) == ["Spring"]


# --- who has it open


async def test_two_people_are_told_of_each_other_and_nobody_of_themselves(house: House) -> None:
    broadcast = await house.draft()

    async def others(actor: Any) -> list[str]:
        async with house.database.as_workspace(house.workspace.id) as connection:
            found = await be_present(connection, actor, broadcast.id, now=house.clock.now)
        return [each.actor_name for each in found]

    assert await others(ANA) == []
    assert await others(ANA) == []
    assert await others(BO) == ["Ana"]
    assert await others(ANA) == ["Bo"]
    house.clock.forward(timedelta(seconds=30))
    assert await others(ANA) == ["Bo"]
    house.clock.forward(timedelta(seconds=1))
    assert await others(ANA) == []
    assert await house.value("select count(*) from broadcast.broadcast_editors") == 1
    assert await house.read(broadcast) == broadcast


async def test_a_draft_that_somebody_has_open_can_be_deleted(house: House) -> None:
    broadcast = await house.draft()
    async with house.database.as_workspace(house.workspace.id) as connection:
        await be_present(connection, ANA, broadcast.id, now=house.clock.now)
        await house.broadcasts.delete(connection, house.workspace, broadcast.id)
    assert await house.value("select count(*) from broadcast.broadcast_editors") == 0
