"""Steps over several days: rows when due, who leaves, conditions, zones, changes under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.broadcast import Broadcast, BroadcastType, Status
from clarion.broadcasts.step import StepStatus
from clarion.broadcasts.step_change import StepChange
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Invalid
from clarion.providers.events import EventKind, ProviderEvent
from clarion.tracking.apply import store_events
from support.house import ANA, House, number_of
from support.sequences import MAIL, add_step, change_step, draft_of, launched, rows_of, run

SMS = {"channel": "sms"}
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture(autouse=True)
async def _early(house: House) -> None:
    """Six or seven in the morning in Chicago, at any hour of the day: steps at nine are to come."""
    house.clock.now = house.clock.now.replace(hour=12, minute=30, second=0)


async def told(house: House, kind: EventKind, number: int, **more: object) -> None:
    event = ProviderEvent(
        key=f"{kind}:{number}:{house.clock.now}:{more}",
        kind=kind,
        provider="fake",
        channel=Channel.SMS,
        address=number_of(number),
        occurred_at=house.clock.now,
        **more,  # type: ignore[arg-type]
    )
    async with house.database.as_worker() as connection:
        await store_events(connection, [event], received_at=house.clock.now)
    while await house.applier.apply_batch():
        pass


async def test_a_later_step_has_no_row_before_its_time(house: House) -> None:
    await house.add_people(3)
    draft = await draft_of(
        house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"}, {"body": "3"}
    )
    assert [step.day_number for step in draft.steps] == [None, 2, 3]
    broadcast = await launched(house, draft)
    assert broadcast.status is Status.SENDING
    counts = [len(await rows_of(house, step)) for step in broadcast.steps]
    assert counts == [3, 0, 0]
    assert [m.body for m in house.provider.sent] == ["One"] * 3
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert [m.body for m in house.provider.sent] == ["One"] * 3 + ["Two"] * 3
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    after = await house.read(broadcast)
    assert after.status is Status.COMPLETED
    assert house.provider.times_sent_to().total() == 9


async def test_who_answers_or_opts_out_leaves_and_is_counted_so(house: House) -> None:
    await house.add_people(4)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    house.clock.forward(timedelta(hours=1))
    await told(house, EventKind.INBOUND, 100, text="Yes please")
    await told(house, EventKind.OPT_OUT, 101, text="STOP")
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert await rows_of(house, broadcast.steps[1]) == [
        ("sms", "skipped", "replied"),
        ("sms", "skipped", "opted_out"),
        ("sms", "sent", None),
        ("sms", "sent", None),
    ]
    left = await house.rows(
        "select left_reason, count(*) as people from broadcast.broadcast_recipients"
        " where left_at is not null group by 1 order by 1"
    )
    assert [(row["left_reason"], row["people"]) for row in left] == [
        ("opted_out", 1),
        ("replied", 1),
    ]


async def test_an_answer_that_comes_while_a_step_waits_stops_its_message(house: House) -> None:
    await house.add_people(2)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    house.clock.forward(timedelta(days=2))
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.steps[1].id)
    assert await rows_of(house, broadcast.steps[1]) == [("sms", "pending", None)] * 2
    await told(house, EventKind.INBOUND, 100, text="Call me")
    await house.send()
    assert await rows_of(house, broadcast.steps[1]) == [
        ("sms", "skipped", "replied"),
        ("sms", "sent", None),
    ]


async def test_answers_do_not_end_a_sequence_that_goes_on_all_the_same(house: House) -> None:
    await house.add_people(1)
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One"},
        {"body": "Two"},
        sequence={"leave_on_reply": False},
    )
    broadcast = await launched(house, draft)
    house.clock.forward(timedelta(hours=1))
    await told(house, EventKind.INBOUND, 100, text="Yes")
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert await rows_of(house, broadcast.steps[1]) == [("sms", "sent", None)]


@pytest.mark.parametrize(
    ("deed", "gets_it"),
    [
        ({"did": "replied"}, [True, False]),
        ({"did": "replied", "negated": True}, [False, True]),
        ({"did": "delivered"}, [True, False]),
        ({"did": "clicked"}, [False, False]),
        ({"did": "clicked", "negated": True, "of": "any"}, [True, True]),
    ],
)
async def test_a_condition_decides_who_gets_a_step(
    house: House, deed: dict[str, object], gets_it: list[bool]
) -> None:
    await house.add_people(2)
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One"},
        {"body": "Two", "condition": {"only_if": [deed]}},
        sequence={"leave_on_reply": False},
    )
    broadcast = await launched(house, draft)
    house.clock.forward(timedelta(hours=1))
    await told(house, EventKind.INBOUND, 100, text="Yes")
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert await rows_of(house, broadcast.steps[1]) == [
        ("sms", "sent", None) if gets else ("sms", "skipped", "condition") for gets in gets_it
    ]


async def test_who_meets_the_goal_or_matches_no_more_gets_no_further_step(house: House) -> None:
    ids = await house.add_people(3)
    goal = {
        "match": "all",
        "conditions": [{"field": "first_name", "operator": "is", "value": "Done"}],
    }
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One"},
        {"body": "Two", "condition": {"still_matches": True}},
        sequence={"goal": goal},
    )
    broadcast = await launched(house, draft)
    await house.execute("update public.contacts set first_name = 'Done' where id = %s", ids[0])
    await house.execute("delete from public.contacts where id = %s", ids[1])
    await house.follow()
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert await rows_of(house, broadcast.steps[1]) == [
        ("sms", "skipped", "goal"),
        ("sms", "skipped", "no_longer_matches"),
        ("sms", "sent", None),
    ]
    assert (
        await house.value(
            "select count(*) from broadcast.broadcast_recipients where left_reason = 'goal'"
        )
        == 1
    )


async def test_each_person_gets_it_at_their_own_hour(house: House) -> None:
    house.clock.now = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    for number, zone in ((100, "Asia/Tokyo"), (101, "America/New_York"), (102, "America/Denver")):
        await house.add_contact(phone=number_of(number), metadata={"time_zone": zone})
    wall = datetime(2026, 11, 25, 9, 0)  # noqa: DTZ001 - wall time
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "Hi", "send_mode": "later", "scheduled_for": wall, "zone_mode": "recipient"},
    )
    broadcast = await launched(house, draft)
    sent: list[tuple[str, datetime]] = []
    for _ in range(4 * 24):
        before = len(house.provider.sent)
        await run(house, broadcast)
        sent += [(m.to, house.clock.now) for m in house.provider.sent[before:]]
        house.clock.forward(timedelta(hours=1))
    nine = {
        number_of(number): wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for number, zone in (
            (100, "Asia/Tokyo"),
            (101, "America/New_York"),
            (102, "America/Denver"),
        )
    }
    assert dict(sent) == nine
    assert (await house.read(broadcast)).status is Status.COMPLETED


ZONES = ((100, "Asia/Tokyo"), (101, "America/New_York"), (102, "America/Denver"))


async def sent_by_the_hour(house: House, broadcast: Broadcast, hours: int) -> dict[str, datetime]:
    """When each address got its last message, at most an hour apart."""
    sent: dict[str, datetime] = {}
    for _ in range(hours):
        before = len(house.provider.sent)
        await run(house, broadcast)
        sent |= {message.to: house.clock.now for message in house.provider.sent[before:]}
        house.clock.forward(timedelta(hours=1))
    return sent


@pytest.mark.parametrize("words", ["if clicked", "if not clicked"])
async def test_a_condition_is_asked_when_the_person_s_own_time_comes(
    house: House, words: str
) -> None:
    """Tokyo begins step 2; somebody in Denver clicks after that, and before nine there."""
    negated = "not" in words
    house.clock.now = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    for number, zone in ZONES:
        await house.add_contact(phone=number_of(number), metadata={"time_zone": zone})
    second = {
        "body": "Two",
        "day_number": 4,
        "day_time": "09:00",
        "zone_mode": "recipient",
        "condition": {"only_if": [{"did": "clicked", "negated": negated}]},
    }
    draft = await draft_of(house, BroadcastType.SMS, {"body": "One"}, second)
    broadcast = await launched(house, draft)
    begins = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # nine in Tokyo
    house.clock.now = begins
    await run(house, broadcast)
    step = (await house.read(broadcast)).steps[1]
    assert step.status is StepStatus.LAUNCHING
    first = "sent" if negated else "skipped"
    assert [status for _, status, _ in await rows_of(house, step)] == [first]
    await house.execute(
        "insert into broadcast.engagements (message_id, step_id, workspace_id, clicked_at)"
        " select m.id, m.step_id, m.workspace_id, %s from broadcast.messages m"
        " where m.address = %s and m.step_id = %s",
        house.clock.now,
        number_of(102),
        broadcast.steps[0].id,
    )
    sent = await sent_by_the_hour(house, broadcast, 30)
    nine = {
        number_of(number): datetime(2026, 11, 25, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for number, zone in ZONES
    }
    asked = {102} if not negated else {101}
    assert sent == {number_of(number): nine[number_of(number)] for number in asked}
    ended = await house.read(broadcast)
    assert ended.status is Status.COMPLETED
    assert sorted(await rows_of(house, step)) == sorted(
        ("sms", "sent", None) if (number == 102) is not negated else ("sms", "skipped", "condition")
        for number, _ in ZONES
    )


async def test_the_goal_is_asked_after_when_the_person_s_own_time_comes(house: House) -> None:
    house.clock.now = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    people = [
        await house.add_contact(phone=number_of(number), metadata={"time_zone": zone})
        for number, zone in ZONES
    ]
    second = {"body": "Two", "day_number": 4, "day_time": "09:00", "zone_mode": "recipient"}
    goal = {
        "match": "all",
        "conditions": [{"field": "first_name", "operator": "is", "value": "Done"}],
    }
    draft = await draft_of(
        house, BroadcastType.SMS, {"body": "One"}, second, sequence={"goal": goal}
    )
    broadcast = await launched(house, draft)
    house.clock.now = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    await run(house, broadcast)
    await house.execute("update public.contacts set first_name = 'Done' where id = %s", people[2])
    await house.follow()
    await sent_by_the_hour(house, broadcast, 30)
    step = (await house.read(broadcast)).steps[1]
    assert [reason for _, _, reason in await rows_of(house, step)] == [None, None, "goal"]
    assert (await house.read(broadcast)).status is Status.COMPLETED


async def test_a_step_waits_for_its_days_and_its_window(house: House) -> None:
    house.clock.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One"},
        {
            "body": "Two",
            "day_number": 2,
            "day_time": "08:00",
            "weekdays": [1, 2, 3, 4, 5],
            "window_from": "10:00",
            "window_until": "17:00",
            "time_zone": "UTC",
        },
    )
    assert draft.steps[1].scheduled_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


async def test_a_running_sequence_changes_where_it_has_not_begun(house: House) -> None:
    await house.add_people(2)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    with pytest.raises(Conflict, match="has begun"):
        await change_step(house, broadcast, 0, body="Other")
    changed = await change_step(house, broadcast, 1, body="Second", day_number=4, day_time="09:00")
    jobs = await house.rows(
        "select status from broadcast.queue_jobs where payload ->> 'step_id' = %s order by id",
        str(broadcast.steps[1].id),
    )
    assert [job["status"] for job in jobs] == ["cancelled", "scheduled"]
    more = await add_step(house, changed)
    more = await change_step(house, more, 2, body="Third")
    assert more.steps[2].status is StepStatus.SCHEDULED
    house.clock.forward(timedelta(days=2))
    await run(house, more)
    assert len(house.provider.sent) == 2
    house.clock.forward(timedelta(days=4))
    await run(house, more)
    assert [m.body for m in house.provider.sent] == ["One"] * 2 + ["Second"] * 2 + ["Third"] * 2
    assert (await house.read(more)).status is Status.COMPLETED


async def test_an_added_step_without_words_sends_nothing_and_says_why(house: House) -> None:
    await house.add_people(2)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    more = await add_step(house, broadcast)
    house.clock.forward(timedelta(days=4))
    await run(house, more)
    assert [message.body for message in house.provider.sent] == ["One"] * 2 + ["Two"] * 2
    found = await house.rows(
        "select status, error_code from broadcast.messages where step_id = %s", more.steps[2].id
    )
    assert [row["status"] for row in found] == ["failed", "failed"]
    assert {row["error_code"] for row in found} == {"text"}
    assert (await house.read(more)).status is Status.COMPLETED


async def test_a_step_added_to_one_long_under_way_waits_to_be_written(house: House) -> None:
    await house.add_people(1)
    both = {"channel": "sms_email", "both_how": "second_if_needed", "second_after_hours": 100}
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS_EMAIL, {**MAIL, **both, "body": "One"})
    )
    # The email waits for its hundred hours; the day after the first step is over.
    house.clock.forward(timedelta(hours=80))
    await run(house, broadcast)
    more = await add_step(house, await house.read(broadcast))
    added = more.steps[1].scheduled_at
    assert added is not None
    assert timedelta(hours=12) <= added - house.clock.now <= timedelta(hours=36)
    await run(house, more)
    assert (await house.read(more)).steps[1].status is StepStatus.SCHEDULED
    await change_step(house, more, 1, channel="sms", body="Two")
    house.clock.now = added
    await run(house, more)
    assert [message.body for message in house.provider.sent] == ["One", "Two"]


async def test_what_a_change_would_do_is_said_and_nothing_is_changed(house: House) -> None:
    await house.add_people(2)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    async with house.database.as_workspace(house.workspace.id) as connection:
        effects = await house.broadcasts.steps.effects(
            connection,
            house.workspace,
            broadcast.id,
            broadcast.steps[1].id,
            StepChange(version=broadcast.version, body="Other", day_number=3),
            now=house.clock.now,
        )
    assert effects.people == 2
    when, text = effects.sentences
    assert when.startswith("Step 2 goes out on ")
    assert " to 2 people, instead of on " in when
    assert text == "Step 2 says something else to 2 people; nobody has got it yet."
    assert await house.read(broadcast) == broadcast


async def test_hours_days_and_people_of_a_step_are_spoken_of_too(house: House) -> None:
    await house.add_people(1)
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": "Two"})
    )
    async with house.database.as_workspace(house.workspace.id) as connection:
        effects = await house.broadcasts.steps.effects(
            connection,
            house.workspace,
            broadcast.id,
            broadcast.steps[1].id,
            StepChange(
                version=broadcast.version,
                name="Reminder",
                window_from="09:00",
                window_until="17:30",
                weekdays=[6, 1, 2],
                condition={"only_if": [{"did": "clicked"}]},
            ),
            now=house.clock.now,
        )
    within, condition = effects.sentences
    assert within == (
        "Step 2 (Reminder) is sent from 09:00 to 17:30 on Monday, Tuesday and Saturday, "
        "instead of at any hour on any day."
    )
    assert condition == "Who gets step 2 (Reminder) is decided anew when it begins."


async def test_steps_change_places_and_the_times_stay(house: House) -> None:
    draft = await draft_of(house, BroadcastType.SMS, {"body": "a"}, {"body": "b"}, {"body": "c"})
    days = [step.day_number for step in draft.steps]
    ids = [step.id for step in draft.steps]
    async with house.database.as_workspace(house.workspace.id) as connection:
        moved = await house.broadcasts.steps.reorder(
            connection,
            ANA,
            house.workspace,
            draft.id,
            [ids[2], ids[0], ids[1]],
            version=draft.version,
            now=house.clock.now,
        )
        assert [step.body for step in moved.steps] == ["c", "a", "b"]
        assert [step.day_number for step in moved.steps] == days
        assert [step.send_mode.value for step in moved.steps] == ["now", "later", "later"]
        copied = await house.broadcasts.steps.copy(
            connection,
            ANA,
            house.workspace,
            draft.id,
            ids[0],
            version=moved.version,
            now=house.clock.now,
        )
        assert [step.body for step in copied.steps] == ["c", "a", "a", "b"]
        removed = await house.broadcasts.steps.remove(
            connection,
            ANA,
            house.workspace,
            draft.id,
            ids[2],
            version=copied.version,
            now=house.clock.now,
        )
    assert [step.body for step in removed.steps] == ["a", "a", "b"]
    assert [step.position for step in removed.steps] == [1, 2, 3]
    assert removed.first_step.send_mode.value == "now"


async def test_a_step_before_the_one_before_it_is_told(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    draft = await draft_of(
        house,
        BroadcastType.SMS,
        {"body": "One"},
        {"body": "Two", "day_number": 5, "day_time": "09:00"},
        {"body": "Three", "day_number": 3, "day_time": "09:00"},
    )
    (problem,) = (await house.outlook(draft)).problems
    assert problem.of_step == draft.steps[2].id
    assert problem.step.value == "schedule"
    with pytest.raises(Invalid):
        await house.launch(draft)


async def test_a_step_needs_the_channel_of_its_broadcast(house: House) -> None:
    draft = await draft_of(house, BroadcastType.SMS, {"body": "One"})
    with pytest.raises(Invalid) as refused:
        await change_step(house, draft, 0, channel="email", **MAIL)
    assert [fault.pointer for fault in refused.value.faults] == ["/channel"]
