"""Why a contact is in an audience or not, and how everybody narrows to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.audience.audience import REASONS, LeftOut
from clarion.audience.why import Keeper, PartMet, Reached
from clarion.compliance.suppression import Suppressed, suppress
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, NotFound
from support.house import EVERYBODY, House, number_of

if TYPE_CHECKING:
    from clarion.audience.audience import Estimate
    from clarion.audience.waterfall import Waterfall
    from clarion.audience.why import Why


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(match: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions)}


TEXAN = condition("metadata.state", "is", "TX")
ADULT = condition("metadata.age", "at_least", 18)
NO_VIP = condition("metadata.tags", "has_none_of", ["vip"])


async def why(house: House, document: dict[str, Any], contact_id: str) -> Why:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.audience.why(connection, house.workspace, document, contact_id)


async def waterfall(house: House, document: dict[str, Any]) -> Waterfall:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.audience.waterfall(connection, house.workspace, document)


async def estimate(house: House, document: dict[str, Any]) -> Estimate:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, document)
        return await house.audience.estimate(connection, house.workspace, compiled)


async def opt_out(house: House, channel: Channel, address: str) -> None:
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=channel,
            addresses=[address],
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )


def nth(number: int) -> str:
    return f"00000000-0000-4000-9000-{number:012}"


# --- why


async def test_each_part_says_for_itself_whether_it_is_met(house: House) -> None:
    ann = await house.add_contact(
        metadata={"state": "tx", "age": "17", "tags": ["vip"], "in": {"k": 1.5}}
    )
    await house.add_contact(metadata={"state": "NY", "age": 40, "tags": []})
    await house.add_contact(metadata={"age": 50})
    await house.follow()
    document = group(
        "all",
        TEXAN,
        group("none", ADULT, condition("metadata.state", "is", "NY")),
        group("any", NO_VIP, group("all")),
        condition("last_name", "is_not_empty"),
        condition("first_name", "is", "ann"),
    )
    told = await why(house, document, ann)
    assert not told.matches
    assert told.parts == (
        PartMet(pointer="", met=False),
        PartMet(pointer="/conditions/0", met=True, value="tx"),
        # In a group that matches none, what is not met is what lets the contact through.
        PartMet(pointer="/conditions/1", met=True),
        PartMet(pointer="/conditions/1/conditions/0", met=False, value="17"),
        PartMet(pointer="/conditions/1/conditions/1", met=False, value="tx"),
        PartMet(pointer="/conditions/2", met=True),
        PartMet(pointer="/conditions/2/conditions/0", met=False, value=["vip"]),
        PartMet(pointer="/conditions/2/conditions/1", met=True),
        PartMet(pointer="/conditions/3", met=False, value=None),
        PartMet(pointer="/conditions/4", met=True, value="Ann"),
    )


async def test_a_group_that_matches_none_is_not_met_by_who_meets_one_of_its_conditions(
    house: House,
) -> None:
    ann = await house.add_contact(metadata={"state": "TX", "age": 40})
    await house.follow()
    told = await why(house, group("none", TEXAN, condition("metadata.age", "less_than", 18)), ann)
    assert [(part.pointer, part.met) for part in told.parts] == [
        ("", False),
        ("/conditions/0", True),
        ("/conditions/1", False),
    ]


async def test_everybody_meets_a_filter_without_conditions(house: House) -> None:
    ann = await house.add_contact()
    told = await why(house, EVERYBODY, ann)
    assert told.matches
    assert told.parts == (PartMet(pointer="", met=True),)


async def test_a_filter_of_many_groups_can_be_explained(house: House) -> None:
    ann = await house.add_contact()
    document = group("all", *[group("any", *[group("none")] * 50) for _ in range(100)])
    told = await why(house, document, ann)
    assert len(told.parts) == 1 + 100 + 100 * 50
    assert all(part.met for part in told.parts)


@pytest.mark.parametrize("contact_id", ["nobody", "", "7", "\x00", nth(404)])
async def test_a_contact_that_is_not_there_is_not_found(house: House, contact_id: str) -> None:
    await house.add_contact()
    with pytest.raises(NotFound):
        await why(house, EVERYBODY, contact_id)


async def test_a_contact_of_another_workspace_is_not_found(house: House) -> None:
    other = "00000000-0000-4000-8000-000000000002"
    await house.execute("insert into broadcast.workspaces (id, name) values (%s, 'Other')", other)
    ann = await house.add_contact()
    await house.execute("update public.contacts set workspace_id = %s", other)
    with pytest.raises(NotFound):
        await why(house, EVERYBODY, ann)


async def test_a_wrong_filter_is_refused(house: House) -> None:
    ann = await house.add_contact()
    for ask in (why(house, group("all", TEXAN), ann), waterfall(house, group("all", TEXAN))):
        with pytest.raises(Invalid) as raised:
            await ask
        assert [fault.pointer for fault in raised.value.faults] == ["/filter/conditions/0/field"]


async def fill(house: House) -> None:
    """Somebody for each reason of each channel, by their numbers."""
    for number, (phone, email, state) in enumerate(
        [
            ("(512) 555-0100", "ann@example.com", "NY"),  # has number and address first
            ("512-555-0100", "ANN@example.com", "TX"),  # keeps both among the Texans
            ("+15125550100", " ann@example.com", "TX"),
            (None, None, "TX"),
            ("12", "bob", "TX"),
            ("5125550101", "cy@example.com", "TX"),  # opted out of both
            ("512 555 0101", "CY@example.com", "TX"),
            ("512 555 0102", "dee@example.com", "TX"),
        ]
    ):
        await house.add_contact(
            first_name=f"P{number}",
            last_name="Lee",
            phone=phone,
            email=email,
            metadata={"state": state, "age": number},
            contact_id=nth(number),
        )
    await opt_out(house, Channel.SMS, number_of(101))
    await opt_out(house, Channel.EMAIL, "cy@example.com")
    await house.follow()
    # Written after the worker's last look.
    await house.add_contact(phone="5125550177", metadata={"state": "TX"}, contact_id=nth(8))


REACHED = Reached(reachable=True)


def left_out(reason: LeftOut, *, by: Keeper | None = None) -> Reached:
    return Reached(reachable=False, reason=reason, kept_by=by)


_FIRST = Keeper(id=nth(1), name="P1 Lee")


@pytest.mark.parametrize(
    ("number", "sms", "email"),
    [
        # Who does not match and could be written to has no reason of the channel.
        (0, Reached(reachable=False), Reached(reachable=False)),
        (1, REACHED, REACHED),
        (
            2,
            left_out(LeftOut.DUPLICATE_NUMBER, by=_FIRST),
            left_out(LeftOut.DUPLICATE_EMAIL, by=_FIRST),
        ),
        (3, left_out(LeftOut.NO_PHONE), left_out(LeftOut.NO_EMAIL)),
        (4, left_out(LeftOut.INVALID_PHONE), left_out(LeftOut.INVALID_EMAIL)),
        (5, left_out(LeftOut.OPTED_OUT), left_out(LeftOut.OPTED_OUT)),
        (6, left_out(LeftOut.OPTED_OUT), left_out(LeftOut.OPTED_OUT)),
        (7, REACHED, REACHED),
        (8, left_out(LeftOut.UNCHECKED_PHONE), left_out(LeftOut.NO_EMAIL)),
    ],
)
async def test_each_channel_says_whether_it_reaches_the_contact(
    house: House, number: int, sms: Reached, email: Reached
) -> None:
    await fill(house)
    told = await why(house, group("all", TEXAN), nth(number))
    assert told.channels == {Channel.SMS: sms, Channel.EMAIL: email}


async def test_a_duplicate_is_one_within_the_audience_only(house: House) -> None:
    await fill(house)
    everybody = await why(house, EVERYBODY, nth(1))
    keeper = Keeper(id=nth(0), name="P0 Lee")
    assert everybody.channels[Channel.SMS].kept_by == keeper
    assert everybody.channels[Channel.EMAIL].kept_by == keeper


@pytest.mark.parametrize("document", [EVERYBODY, group("all", TEXAN), group("none", TEXAN)])
async def test_what_is_told_of_each_agrees_with_the_estimate(
    house: House, document: dict[str, Any]
) -> None:
    await fill(house)
    told = [await why(house, document, nth(number)) for number in range(9)]
    found = await estimate(house, document)
    assert sum(each.matches for each in told) == found.matched
    for channel, reach in ((Channel.SMS, found.sms), (Channel.EMAIL, found.email)):
        within = [each.channels[channel] for each in told if each.matches]
        assert sum(each.reachable for each in within) == reach.reachable
        for reason in REASONS[channel]:
            assert sum(each.reason is reason for each in within) == reach.left_out.get(reason, 0)


# --- the waterfall


def steps_of(fall: Waterfall) -> list[tuple[str, int, int]]:
    return [(step.pointer, step.left, step.lost) for step in fall.steps]


async def test_everybody_narrows_condition_by_condition_and_by_each_reason(house: House) -> None:
    await fill(house)
    younger = condition("metadata.age", "less_than", 7)
    fall = await waterfall(house, group("all", TEXAN, group("any", younger, NO_AGE)))
    assert fall.total == 9
    # One is no Texan, one is seven.
    assert steps_of(fall) == [("/conditions/0", 8, 1), ("/conditions/1", 7, 1)]
    assert fall.matched == 7
    assert [(each.reason.value, each.lost, each.left) for each in fall.channels[Channel.SMS]] == [
        ("no_phone", 1, 6),
        ("unchecked_phone", 1, 5),
        ("invalid_phone", 1, 4),
        ("opted_out", 2, 2),
        ("duplicate_number", 1, 1),
    ]
    assert [(each.reason.value, each.lost, each.left) for each in fall.channels[Channel.EMAIL]] == [
        ("no_email", 2, 5),
        ("invalid_email", 1, 4),
        ("opted_out", 2, 2),
        ("duplicate_email", 1, 1),
    ]


NO_AGE = condition("metadata.age", "is_empty")


async def test_a_filter_that_is_not_of_conditions_in_a_row_is_one_step(house: House) -> None:
    await fill(house)
    assert steps_of(await waterfall(house, group("any", TEXAN, ADULT))) == [("", 8, 1)]
    assert steps_of(await waterfall(house, group("none", TEXAN, ADULT))) == [("", 1, 8)]
    everybody = await waterfall(house, EVERYBODY)
    assert (steps_of(everybody), everybody.total, everybody.matched) == ([], 9, 9)


async def test_nobody_narrows_to_nobody(house: House) -> None:
    fall = await waterfall(house, group("all", condition("first_name", "is", "Ann")))
    assert (fall.total, steps_of(fall), fall.matched) == (0, [("/conditions/0", 0, 0)], 0)


_CONDITIONS = st.lists(
    st.sampled_from(
        [
            TEXAN,
            NO_AGE,
            condition("metadata.age", "at_least", 2),
            condition("metadata.age", "less_than", 6),
            condition("email", "contains", "example"),
            group("none", condition("phone_number", "starts_with", "512")),
            group("any", TEXAN, NO_AGE),
            group("all"),
        ]
    ),
    max_size=5,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(match=st.sampled_from(["all", "any", "none"]), conditions=_CONDITIONS)
async def test_each_step_is_the_count_of_its_filter(
    filled: House, match: str, conditions: list[dict[str, Any]]
) -> None:
    fall = await waterfall(filled, group(match, *conditions))
    whole = await estimate(filled, group(match, *conditions))
    assert fall.total == whole.total
    if match == "all":
        for place, step in enumerate(fall.steps):
            narrowed = await estimate(filled, group("all", *conditions[: place + 1]))
            assert step.left == narrowed.matched
        assert len(fall.steps) == len(conditions)
    assert fall.matched == whole.matched
    for channel, reach in ((Channel.SMS, whole.sms), (Channel.EMAIL, whole.email)):
        assert fall.channels[channel][-1].left == reach.reachable
        assert {step.reason: step.lost for step in fall.channels[channel] if step.lost} == dict(
            reach.left_out
        )


@pytest.fixture
async def filled(house: House) -> House:
    await fill(house)
    return house
