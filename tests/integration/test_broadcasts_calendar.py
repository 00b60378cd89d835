"""The calendar as the database gives it: which steps, whose, and who gets two of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.managing import calendar
from clarion.broadcasts.managing.archive import archive
from clarion.broadcasts.managing.calendar import Calendar, overlap_of, read_calendar
from clarion.broadcasts.managing.calendar_step import Span
from clarion.broadcasts.managing.calendar_warnings import WarningKind
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import NotFound
from support.sequences import change_step, draft_of, launched

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.managing.calendar import Overlap
    from support.house import House


def day(house: House, days: int) -> date:
    """So many days from now, by the clock of the account."""
    return house.clock.now.astimezone(house.workspace.zone).date() + timedelta(days=days)


def at(house: House, days: int, hour: str = "12:00") -> str:
    return f"{day(house, days)}T{hour}:00"


def later(house: House, days: int, hour: str = "12:00", **given: Any) -> dict[str, Any]:
    """A step at a date, as a person chooses it."""
    return {
        "body": "Hello",
        "send_mode": "later",
        "scheduled_for": datetime.fromisoformat(at(house, days, hour)),
        **given,
    }


async def sms(house: House, days: int, hour: str = "12:00", **given: Any) -> Broadcast:
    return await draft_of(house, BroadcastType.SMS, later(house, days, hour, **given))


async def read(
    house: House, first: int, last: int, *, of: WorkspaceId | None = None, **asked: Any
) -> Calendar:
    async with house.database.as_workspace(of or house.workspace.id) as connection:
        workspace = await get_workspace(connection, of or house.workspace.id)
        span = Span(day(house, first), day(house, last), workspace.zone)
        return await read_calendar(connection, workspace, span, now=house.clock.now, **asked)


def listed(found: Calendar) -> list[UUID]:
    return [each.step.id for each in found.steps]


async def test_every_step_of_these_days_is_listed_in_its_order(house: House) -> None:
    sequence = await draft_of(
        house,
        BroadcastType.SMS,
        later(house, 3),
        {"day_number": 3, "day_time": "15:30", "name": "Reminder"},
        {"day_number": 9, "day_time": "09:00"},
    )
    single = await sms(house, 3, "08:00")
    await house.draft("Sent at once")
    found = await read(house, 3, 7)
    first, second, _ = sequence.steps
    assert listed(found) == [single.steps[0].id, first.id, second.id]
    reminder = found.steps[2]
    local = reminder.at.astimezone(house.workspace.zone)
    assert (local.date(), f"{local:%H:%M}") == (day(house, 5), "15:30")
    assert (reminder.step.name, reminder.step.position, reminder.steps) == ("Reminder", 2, 3)
    assert (reminder.version, reminder.people, reminder.is_movable) == (
        sequence.version,
        None,
        True,
    )
    assert found.shown_until is None
    assert listed(await read(house, 6, 20)) == [sequence.steps[2].id]
    assert listed(await read(house, 30, 40)) == []


async def test_days_end_at_midnight_of_the_account(house: House) -> None:
    last = await sms(house, 4, "23:59")
    first = await sms(house, 5, "00:00")
    assert listed(await read(house, 4, 4)) == [last.steps[0].id]
    assert listed(await read(house, 5, 5)) == [first.steps[0].id]


async def test_in_recipients_zones_a_step_is_on_the_day_of_its_wall_time(house: House) -> None:
    # The first zone on earth has this hour on the day before.
    theirs = await sms(house, 4, "09:00", zone_mode="recipient")
    assert [each.step.id for each in (await read(house, 4, 4)).steps] == [theirs.steps[0].id]
    assert listed(await read(house, 3, 3)) == []


async def test_a_draft_that_is_sent_at_once_has_no_days_until_it_is_launched(house: House) -> None:
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "Hello"},
        {"body": "Again", "day_number": 4, "day_time": "12:00"},
        {"body": "Last", "scheduled_for": later(house, 6)["scheduled_for"]},
    )
    assert listed(await read(house, 0, 9)) == [draft.steps[2].id]
    await house.add_people(2)
    await house.follow()
    sent = await launched(house, draft)
    found = await read(house, 0, 9)
    assert listed(found) == [each.id for each in sent.steps]
    assert [each.people for each in found.steps] == [2, 2, 2]
    assert [each.is_movable for each in found.steps] == [False, True, True]


async def test_the_archive_is_left_out_unless_it_is_asked_for(house: House) -> None:
    draft = await sms(house, 2)
    async with house.database.as_workspace(house.workspace.id) as connection:
        await archive(connection, house.workspace.id, draft.id, archived=True, now=house.clock.now)
    assert listed(await read(house, 2, 2)) == []
    (shown,) = (await read(house, 2, 2, archived=True)).steps
    assert shown.archived


async def test_another_workspace_has_a_calendar_of_its_own(house: House) -> None:
    mine = await sms(house, 2)
    other = WorkspaceId(uuid4())
    await house.execute(
        "insert into broadcast.workspaces (id, name, time_zone) values (%s, 'Other', 'UTC')", other
    )
    assert listed(await read(house, 1, 3, of=other)) == []
    async with house.database.as_workspace(other) as connection:
        workspace = await get_workspace(connection, other)
        with pytest.raises(NotFound, match="no such step"):
            await overlap_of(connection, workspace, mine.steps[0].id, mine.steps[0].id)


async def test_of_more_than_fit_it_says_until_when_all_are_listed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [await sms(house, days) for days in (1, 2, 3)]
    monkeypatch.setattr(calendar, "MOST_STEPS", 2)
    found = await read(house, 1, 9)
    assert listed(found) == [each.steps[0].id for each in drafts[:2]]
    assert found.shown_until == found.steps[1].at
    assert (await read(house, 1, 2)).shown_until is None


async def test_what_is_near_but_outside_of_the_days_is_in_conflict_too(house: House) -> None:
    evening, morning = await sms(house, 1, "20:00"), await sms(house, 2, "08:00")
    found = await read(house, 2, 2, within=timedelta(hours=12))
    assert listed(found) == [morning.steps[0].id]
    (warning,) = found.warnings[morning.steps[0].id]
    assert (warning.kind, warning.others[0].step.id) == (
        WarningKind.CONFLICT,
        evening.steps[0].id,
    )
    assert (await read(house, 2, 2)).warnings[morning.steps[0].id] == ()


async def test_moving_the_first_step_moves_the_days_that_count_from_it(house: House) -> None:
    sequence = await draft_of(
        house, BroadcastType.SMS, later(house, 2), {"day_number": 3, "day_time": "12:00"}
    )
    await change_step(house, sequence, 0, scheduled_for=later(house, 7)["scheduled_for"])
    assert listed(await read(house, 1, 6)) == []
    assert listed(await read(house, 7, 9)) == [each.id for each in sequence.steps]


# --- who gets both


async def both(house: House, one: Broadcast, other: Broadcast) -> Overlap:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await overlap_of(connection, house.workspace, one.steps[0].id, other.steps[0].id)


async def test_who_gets_both_is_counted_once_they_are_saved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await house.add_people(5)
    await house.follow()
    one, other = await sms(house, 2), await sms(house, 2)
    assert await both(house, one, other) == calendar.Overlap(people=None, exact=False)
    one = await launched(house, one)
    # Two of them are not there any more, and one that the first has not comes in.
    await house.execute("delete from public.contacts where id::text = any (%s)", people[:2])
    await house.add_people(1, first=300)
    await house.follow()
    other = await launched(house, other)
    assert await both(house, one, other) == calendar.Overlap(people=3, exact=True)
    assert await both(house, other, one) == calendar.Overlap(people=3, exact=True)
    # Who has left gets nothing more.
    await house.execute(
        "update broadcast.broadcast_recipients set left_at = now(), left_reason = 'replied'"
        " where broadcast_id = %s and contact_id = %s",
        one.id,
        people[2],
    )
    assert (await both(house, one, other)).people == 2
    monkeypatch.setattr(calendar, "COMPARED_AT_MOST", 1)
    bounded = await both(house, one, other)
    assert not bounded.exact
    assert bounded.people is not None
    assert bounded.people <= 1


async def test_of_two_channels_a_person_is_counted_once(house: House) -> None:
    for number in range(3):
        await house.add_contact(email=f"person{number}@example.com", phone=f"+151255501{number:02}")
    await house.add_contact(email="only@example.com")
    await house.follow()
    mail: dict[str, Any] = {"subject": "Hi", "email": {"kind": "html", "html": "<p>Hi</p>"}}
    first, second = [
        await launched(
            house, await draft_of(house, BroadcastType.SMS_EMAIL, later(house, 2, **mail))
        )
        for _ in range(2)
    ]
    assert (await both(house, first, second)).people == 4
    by_sms = await launched(house, await sms(house, 2))
    assert (await both(house, first, by_sms)).people == 3
    only_mail = await launched(
        house, await draft_of(house, BroadcastType.EMAIL, later(house, 2, **mail))
    )
    # They share no channel.
    assert (await both(house, by_sms, only_mail)).people == 0
