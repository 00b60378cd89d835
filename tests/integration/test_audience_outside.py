"""Who was written to, who answered, who is in a segment, who is going to be written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from clarion.audience.contact_table import ContactNames, ContactTable
from clarion.audience.days import days_ago
from clarion.audience.fields import OPERATORS, Activity, Field, FieldType
from clarion.audience.filter import (
    ActivityCondition,
    Condition,
    Group,
    Match,
    Part,
    ScheduledCondition,
    SegmentCondition,
    SegmentInFilter,
)
from clarion.audience.filter_sql import compile_filter
from clarion.audience.outside import people_of
from clarion.kernel.errors import Invalid
from support.ledger import NOW, Ledger

if TYPE_CHECKING:
    from support.house import House

_OTHER_WORKSPACE = UUID(int=99)


@pytest.fixture
def ledger(house: House) -> Ledger:
    return Ledger(house)


async def who(house: House, part: Part, **others: Any) -> set[str]:
    """The ids of those whom the database finds, counted too."""
    group = part if isinstance(part, Group) else Group(match=Match.ALL, conditions=(part,))
    compiled = compile_filter(
        group, contacts=house.audience.contacts, zone=house.workspace.zone, now=NOW, **others
    )
    async with house.database.as_workspace(house.workspace.id) as connection:
        page = await house.audience.page(connection, house.workspace, compiled, limit=200)
        matched = await house.audience.store.count(connection, house.workspace.id, compiled)
    found = [contact.id for contact in page.contacts]
    assert matched == len(found) == len(set(found))
    return set(found)


def activity(
    name: str, *, broadcasts: tuple[UUID, ...] | None = None, days: int | None = None
) -> ActivityCondition:
    return ActivityCondition(
        activity=Activity(name), broadcasts=broadcasts, days=days, negated=False
    )


def negated(condition: ActivityCondition) -> ActivityCondition:
    return ActivityCondition(
        activity=condition.activity,
        broadcasts=condition.broadcasts,
        days=condition.days,
        negated=True,
    )


async def test_activity_is_ever_in_broadcasts_and_lately_and_never_the_neighbours(
    house: House, ledger: Ledger
) -> None:
    people = await house.add_people(6)
    sent, delivered, clicked, replied, planned, nobody = people
    await house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Other')", _OTHER_WORKSPACE
    )
    spring, autumn = await ledger.broadcast(), await ledger.broadcast()
    elsewhere = await ledger.broadcast(workspace=_OTHER_WORKSPACE)
    zone = house.workspace.zone
    first = days_ago(7, now=NOW, zone=zone)
    just_before = first - timedelta(microseconds=1)
    await ledger.message(sent, spring, sent=first)
    await ledger.message(sent, autumn, sent=just_before)
    await ledger.message(delivered, spring, sent=just_before, delivered=first)
    of_clicked = await ledger.message(clicked, autumn, sent=just_before, delivered=just_before)
    of_replied = await ledger.message(replied, spring, sent=just_before)
    await ledger.event("click", of_clicked, first)
    await ledger.event("click", of_clicked, just_before)
    await ledger.event("inbound", of_replied, None, received=first)
    # Not sent yet; of nobody; another kind of event; another workspace.
    await ledger.message(planned, spring, sent=None)
    await ledger.message(None, spring, sent=first)
    await ledger.event("open", of_replied, first)
    await ledger.event("inbound", None, first)
    foreign = await ledger.message(nobody, elsewhere, sent=first, workspace=_OTHER_WORKSPACE)
    await ledger.event("click", foreign, first, workspace=_OTHER_WORKSPACE)

    expected: list[tuple[ActivityCondition, set[str]]] = [
        (activity("sent"), {sent, delivered, clicked, replied}),
        (activity("delivered"), {delivered, clicked}),
        (activity("clicked"), {clicked}),
        (activity("replied"), {replied}),
        (activity("sent", broadcasts=(spring,)), {sent, delivered, replied}),
        (activity("sent", broadcasts=(autumn,)), {sent, clicked}),
        (activity("sent", broadcasts=(spring, autumn)), {sent, delivered, clicked, replied}),
        (activity("sent", broadcasts=(elsewhere, uuid4())), set()),
        (activity("delivered", broadcasts=(spring,)), {delivered}),
        (activity("clicked", broadcasts=(spring,)), set()),
        (activity("clicked", broadcasts=(autumn,)), {clicked}),
        (activity("replied", broadcasts=(spring,)), {replied}),
        (activity("sent", days=7), {sent}),
        (activity("sent", days=8), {sent, delivered, clicked, replied}),
        (activity("sent", days=6), set()),
        (activity("delivered", days=7), {delivered}),
        (activity("delivered", days=8), {delivered, clicked}),
        (activity("clicked", days=7), {clicked}),
        (activity("clicked", days=6), set()),
        (activity("replied", days=7), {replied}),
        (activity("replied", days=6), set()),
    ]
    for condition, met in expected:
        assert await who(house, condition) == met, condition
        assert await who(house, negated(condition)) == set(people) - met, condition


async def test_an_answer_is_found_in_whatever_month_it_came(house: House, ledger: Ledger) -> None:
    (early, late) = await house.add_people(2)
    spring = await ledger.broadcast()
    of_early, of_late = [await ledger.message(contact, spring) for contact in (early, late)]
    last_day = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    await ledger.event("inbound", of_early, last_day - timedelta(days=40), received=last_day)
    # Received in the month after, and by a clock that is behind.
    await ledger.event("inbound", of_late, last_day, received=last_day + timedelta(seconds=5))
    assert await who(house, activity("replied", days=24)) == {late}
    assert await who(house, activity("replied", days=70)) == {early, late}


async def test_segments_are_their_filters_or_their_people(house: House, ledger: Ledger) -> None:
    people = await house.add_people(4)
    first_name = Field(path=("first_name",), source="column", type=FieldType.TEXT)
    names_first = Condition(
        field=first_name,
        operator=OPERATORS["is"],
        values=("Person 100",),
        reading=FieldType.TEXT,
    )
    await house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Other')", _OTHER_WORKSPACE
    )
    frozen = await ledger.segment(people[1], people[2], str(uuid4()))
    empty = await ledger.segment()
    elsewhere = await ledger.segment(people[3], workspace=_OTHER_WORKSPACE)

    def saved(segment_id: UUID) -> SegmentInFilter:
        return SegmentInFilter(id=segment_id, name="Saved", group=None)

    dynamic = SegmentInFilter(
        id=uuid4(), name="First", group=Group(match=Match.ALL, conditions=(names_first,))
    )
    for segments, met in (
        ((saved(frozen),), {people[1], people[2]}),
        ((saved(empty),), set()),
        ((saved(elsewhere),), set()),
        ((dynamic,), {people[0]}),
        ((dynamic, saved(frozen), saved(frozen)), set(people[:3])),
    ):
        assert await who(house, SegmentCondition(segments=segments, negated=False)) == met
        found = await who(house, SegmentCondition(segments=segments, negated=True))
        assert found == set(people) - met


@pytest.mark.parametrize(
    ("status", "step", "left_out", "is_scheduled"),
    [
        ("scheduled", "scheduled", None, True),
        ("sending", "scheduled", None, True),
        ("sending", "launching", None, True),
        ("sending", "sending", None, False),
        ("scheduled", "scheduled", "opted_out", False),
        ("draft", "draft", None, False),
        ("paused", "scheduled", None, False),
        ("cancelled", "cancelled", None, False),
        ("completed", "completed", None, False),
    ],
)
async def test_scheduled_are_those_to_whom_a_broadcast_is_going_to_write(
    house: House,
    ledger: Ledger,
    status: str,
    step: str,
    left_out: str | None,
    *,
    is_scheduled: bool,
) -> None:
    meant, other = await house.add_people(2)
    broadcast_id = await ledger.broadcast(status=status, step=step)
    await ledger.recipient(meant, broadcast_id, left_out)
    met = {meant} if is_scheduled else set()
    assert await who(house, ScheduledCondition(negated=False)) == met
    assert await who(house, ScheduledCondition(negated=True)) == {meant, other} - met
    # Its own audience does not shrink because it is scheduled itself.
    itself = await who(house, ScheduledCondition(negated=False), broadcast_id=broadcast_id)
    assert itself == set()


async def test_many_conditions_stand_side_by_side_in_groups(house: House, ledger: Ledger) -> None:
    one, other, third = await house.add_people(3)
    spring = await ledger.broadcast()
    await ledger.message(one, spring, sent=NOW, delivered=NOW)
    await ledger.message(other, spring, sent=NOW - timedelta(days=20))
    frozen = SegmentInFilter(id=await ledger.segment(one, third), name="Saved", group=None)
    in_frozen = SegmentCondition(segments=(frozen,), negated=False)
    sent, lately = activity("sent"), activity("sent", days=7)
    assert await who(house, Group(match=Match.ALL, conditions=(sent, negated(lately)))) == {other}
    assert await who(
        house, Group(match=Match.ANY, conditions=(in_frozen, negated(sent), lately))
    ) == {one, third}
    inner = Group(match=Match.NONE, conditions=(sent, sent))
    assert await who(house, Group(match=Match.ALL, conditions=(inner, in_frozen))) == {third}
    assert await who(
        house, Group(match=Match.NONE, conditions=(in_frozen, ScheduledCondition(negated=False)))
    ) == {other}


def test_people_who_are_named_twice_are_looked_up_once() -> None:
    table = ContactTable(names=ContactNames(), id_type="uuid", columns=())
    sent = activity("sent")
    group = Group(match=Match.ANY, conditions=(sent, negated(sent), activity("sent", days=3)))
    compiled = compile_filter(group, contacts=table, zone=ZoneInfo("UTC"), now=NOW)
    assert compiled.joins.as_string(None).count("left join") == 2


async def test_the_people_of_a_condition_can_be_asked_for_alone(
    house: House, ledger: Ledger
) -> None:
    one, other = await house.add_people(2)
    spring = await ledger.broadcast()
    for _ in range(2):
        await ledger.message(one, spring, sent=NOW)
    await ledger.message(other, spring, sent=NOW - timedelta(days=20))
    condition = negated(activity("sent", days=7))
    statement, parameters = people_of(condition, zone=house.workspace.zone, now=NOW)
    async with house.database.as_worker() as connection:
        cursor = await connection.execute(
            statement, {**parameters, "workspace_id": house.workspace.id}
        )
        assert [row["contact_id"] for row in await cursor.fetchall()] == [one]


# --- from the document


async def read_and_find(house: House, *conditions: dict[str, Any]) -> set[str]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(
            connection, house.workspace, {"match": "all", "conditions": list(conditions)}, now=NOW
        )
        page = await house.audience.page(connection, house.workspace, compiled)
    return {contact.id for contact in page.contacts}


async def test_a_document_names_saved_segments_by_their_ids(house: House, ledger: Ledger) -> None:
    people = await house.add_people(3)
    dynamic = await ledger.segment(
        document={
            "match": "all",
            "conditions": [{"field": "first_name", "operator": "is", "value": "Person 101"}],
        }
    )
    frozen = await ledger.segment(people[2])
    both = {"field": "@segment", "operator": "is_in", "value": [str(dynamic), str(frozen)]}
    assert await read_and_find(house, both) == {people[1], people[2]}


async def test_a_segment_of_another_workspace_does_not_exist(house: House, ledger: Ledger) -> None:
    await house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Other')", _OTHER_WORKSPACE
    )
    elsewhere = await ledger.segment(workspace=_OTHER_WORKSPACE)
    with pytest.raises(Invalid) as refused:
        await read_and_find(
            house, {"field": "@segment", "operator": "is_in", "value": [str(elsewhere)]}
        )
    (fault,) = refused.value.faults
    assert fault.pointer == "/filter/conditions/0/value/0"
    assert fault.detail == "This segment no longer exists."


async def test_the_audience_of_a_broadcast_is_saved_whole_although_it_is_scheduled_itself(
    house: House,
) -> None:
    people = await house.add_people(3)
    house.saver._slice = 1
    not_planned = {"field": "@scheduled", "operator": "is_false", "value": None}
    launched = await house.launched(filter={"match": "all", "conditions": [not_planned]})
    rows = await house.rows(
        "select contact_id from broadcast.broadcast_recipients where broadcast_id = %s",
        launched.id,
    )
    assert {row["contact_id"] for row in rows} == set(people)
