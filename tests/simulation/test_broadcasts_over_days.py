"""Thousands of broadcasts over days, in a world where everything goes wrong that may."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

import pytest

from clarion.broadcasts.sending_rules import LatePolicy
from clarion.compliance.sending_hours import closes_at
from clarion.delivery.message import MessageStatus
from clarion.delivery.sending.claim import validity
from clarion.delivery.settling.sweep import ASKED_AFTER
from clarion.providers.events import ProviderStatus
from support.simulation.carrier import Carrier, Record
from support.simulation.house import House, Step, StepStatus, Worker, address_of
from support.simulation.ledger import ENDS, Lane, Message
from support.simulation.oracle import Rules, shown_by_clocks
from support.simulation.scenario import Scenario, draw
from support.simulation.time import Time

RUNS = int(os.environ.get("CLARION_RUNS", "4000"))
PARTS = 4

#: One that is given is the only one that runs.
ONLY = int(os.environ.get("CLARION_SEED", "0"))
FIRST = ONLY or SystemRandom().randrange(1, 10**9)

#: After the last step everything has an end: the carriers' tries, and a week without a receipt.
_UNTIL = timedelta(days=16)

_MOST_EVENTS = 60_000


def live(scenario: Scenario) -> tuple[House, Carrier]:
    """The scenario from the day before its first step to long after its last."""
    time = Time(scenario.steps[0].at - timedelta(days=1))
    house = House(
        time=time,
        scenario=scenario,
        random=Random(f"{scenario.seed} house"),
        lane=Lane(rate=scenario.rate, segments_rate=scenario.segments_rate),
        steps=[Step(number=n, planned_at=each.at) for n, each in enumerate(scenario.steps)],
        workers=[Worker(number=number) for number in range(scenario.workers)],
    )
    carrier = Carrier(time, scenario, house.tell)
    house.open(carrier)
    _let_people_speak(house, carrier, scenario)
    time.run(until=scenario.steps[-1].at + _UNTIL, most=_MOST_EVENTS)
    return house, carrier


def _let_people_speak(house: House, carrier: Carrier, scenario: Scenario) -> None:
    """The provider knows a STOP at once; the house hears of it a moment or hours later."""
    random = Random(f"{scenario.seed} people")
    for at, person, word in scenario.wishes:
        address = address_of(person)

        def speak(address: str = address, word: str = word) -> None:
            if word == "STOP":
                carrier.stopped.add(address)
            else:
                carrier.stopped.discard(address)

        heard = at + timedelta(seconds=random.expovariate(random.choice([1.0, 1 / 600])))
        house.time.at(at, speak)
        house.time.at(heard, lambda a=address, w=word, s=at: house.say(a, w, s))  # type: ignore[misc]


def faults_of(scenario: Scenario) -> list[str]:
    house, carrier = live(scenario)
    return [
        *_never_early_or_outside_the_hours(house, scenario),
        *_never_against_a_wish(house),
        *_never_while_it_was_stopped(house, scenario),
        *_never_too_fast(house, scenario),
        *_never_twice(carrier, house),
        *_everybody_has_an_end(house, carrier, scenario),
        *(_never_late(house, scenario) if scenario.undisturbed else ()),
    ]


def rules_of(planned_at: datetime, scenario: Scenario) -> Rules:
    return Rules(
        planned_at=planned_at,
        zone=scenario.zone,
        opens=scenario.opens,
        closes=scenario.closes,
    )


def _never_early_or_outside_the_hours(house: House, scenario: Scenario) -> list[str]:
    faults = []
    for each in house.departures:
        planned_at = house.steps[each.message.step].planned_at
        rules = rules_of(planned_at, scenario)
        if each.at < planned_at:
            faults.append(f"left at {each.at}, planned for {planned_at}")
        # The hours are looked at when it is claimed; its slot is moments later.
        if not rules.may_leave(each.claimed_at):
            faults.append(f"left outside of the hours: {each.claimed_at.astimezone(scenario.zone)}")
        ends = closes_at(
            each.claimed_at, planned_at=planned_at, zone=scenario.zone, hours=house.hours
        )
        if ends is not None and (rules.may_leave(ends) or not rules.may_leave(ends - _SECOND)):
            faults.append(f"the hours do not end at {ends}")
        if ends is not None:
            valid = validity(ends, now=each.at)
            assert valid is not None
            if each.at + valid > max(ends, each.at + timedelta(minutes=1)):
                faults.append("may be delivered after the hours")
    for step, planned in zip(house.steps, scenario.steps, strict=True):
        shown = shown_by_clocks(planned.wall, scenario.zone)
        if shown and step.planned_at != shown[0]:
            faults.append(f"{planned.wall} is shown at {shown}, not {step.planned_at}")
    return faults


_SECOND = timedelta(seconds=1)


def _never_against_a_wish(house: House) -> list[str]:
    faults = []
    for each in house.departures:
        known = [
            holds
            for at, address, holds in house.opt_outs
            if address == each.message.address and at < each.claimed_at
        ]
        if known and known[-1]:
            faults.append(f"{each.message.address} was written to against their wish: {each.at}")
    return faults


def _never_while_it_was_stopped(house: House, scenario: Scenario) -> list[str]:
    faults = []
    for each in house.departures:
        # Whoever is resumed and claims at one moment does it in this order, and so with a pause.
        before = [
            paused
            for at, paused in house.stops
            if at < each.claimed_at or (at == each.claimed_at and not paused)
        ]
        cancelled = scenario.cancelled_at
        if (before and before[-1]) or (cancelled is not None and cancelled < each.claimed_at):
            faults.append(f"claimed while nothing was to leave: {each.claimed_at}")
    for step in house.steps:
        if step.status in (StepStatus.SKIPPED, StepStatus.CANCELLED) and step.begun_at is not None:
            faults.append(f"step {step.number} was begun and is {step.status}")
        faults += _missed(house, step, scenario)
    return faults


def _missed(house: House, step: Step, scenario: Scenario) -> list[str]:
    """What is wrong with a step that began long after its time."""
    begun_at = step.begun_at
    if begun_at is None or begun_at - step.planned_at <= _LATE:
        return []
    if scenario.policy is LatePolicy.SKIP:
        return [f"step {step.number} was not skipped at {begun_at}"]
    asked = [at for at, paused in house.stops if not paused and at > begun_at]
    left = [each.at for each in house.departures if each.message.step == step.number]
    if scenario.policy is LatePolicy.ASK and left and not (asked and min(left) > asked[0]):
        return [f"step {step.number} left before anybody was asked"]
    return []


_LATE = timedelta(minutes=15)


def _never_too_fast(house: House, scenario: Scenario) -> list[str]:
    times = sorted((each.at, each.message.segments) for each in house.departures)
    faults = []
    if _most(times, timedelta(seconds=1), by_segments=False) > max(1, scenario.rate):
        faults.append("faster than the sender's pace")
    if scenario.segments_rate is not None:
        most = max(scenario.segments_rate, *(segments for _, segments in times), 1)
        if _most(times, timedelta(seconds=1), by_segments=True) > most:
            faults.append("faster than the sender's pace in segments")
    own = scenario.own_limit
    if own is not None and _most(times, timedelta(minutes=1), by_segments=False) > own:
        faults.append("faster than the broadcast's own limit")
    return faults


def _most(times: list[tuple[datetime, int]], span: timedelta, *, by_segments: bool) -> int:
    most = held = first = 0
    for at, segments in times:
        held += segments if by_segments else 1
        while at - times[first][0] >= span:
            held -= times[first][1] if by_segments else 1
            first += 1
        most = max(most, held)
    return most


def _never_twice(carrier: Carrier, house: House) -> list[str]:
    faults = []
    attempts = Counter((each.message_id, each.attempt) for each in carrier.records)
    faults += [f"accepted twice: {key}" for key, times in attempts.items() if times > 1]
    # The provider's list tells a message by its address and text. Where two steps say the same to
    # somebody, and of both the answer was lost, what it has taken of one may be counted for the
    # other: then this one is sent anew, and the person has got each text once.
    meant = Counter((each.address, each.body) for each in house.messages.values())
    alike: dict[tuple[str, str], list[Record]] = {}
    for record in carrier.records:
        earlier = alike.setdefault((record.to, record.body), [])
        may_have_it = [each for each in earlier if not each.has_failed(record.created_at)]
        if len(may_have_it) >= meant[record.to, record.body]:
            faults.append(f"sent anew though it may have arrived: {record}")
        earlier.append(record)
    sids = Counter(each.known.provider_id for each in house.messages.values())
    faults += [f"{sid} is {times} messages" for sid, times in sids.items() if sid and times > 1]
    return faults


def _everybody_has_an_end(house: House, carrier: Carrier, scenario: Scenario) -> list[str]:
    faults = []
    for step in house.steps:
        if step.status is StepStatus.SCHEDULED:
            faults.append(f"step {step.number} never began")
        of_step = [each for each in house.messages.values() if each.step == step.number]
        if step.status is StepStatus.SENDING and len(of_step) != scenario.people:
            faults.append(f"step {step.number} has lost somebody")
    records: dict[UUID, list[Record]] = {}
    for record in carrier.records:
        records.setdefault(record.message_id, []).append(record)
    for message in house.messages.values():
        told = _counted_for(message, records.get(message.id, []), house, carrier)
        if message.status not in ENDS:
            faults.append(f"has no end: {message}")
        elif message.status is MessageStatus.FAILED and message.known.error_code is None:
            faults.append(f"failed without a reason: {message}")
        elif message.status in (MessageStatus.SKIPPED, MessageStatus.CANCELLED):
            if any(not each.has_failed(house.time.now) for each in told):
                faults.append(f"has it, and is {message.status}: {message}")
        else:
            faults += _disagreement(message, told)
    return faults


def _counted_for(
    message: Message, own: list[Record], house: House, carrier: Carrier
) -> list[Record]:
    """What the provider has of a message: one it took may stand with a twin (`_never_twice`).

    Never with two, and never with a message of another address or text.
    """
    twins = {
        each.known.provider_id
        for each in house.messages.values()
        if each.id != message.id
        and (each.address, each.body) == (message.address, message.body)
        and each.known.provider_id
    }
    lent = [
        each
        for each in carrier.records
        if each.message_id != message.id
        and (each.sid, each.to, each.body)
        == (message.known.provider_id, message.address, message.body)
    ]
    return sorted(
        [*(each for each in own if each.sid not in twins), *lent], key=lambda each: each.created_at
    )


def _disagreement(message: Message, told: list[Record]) -> list[str]:
    ends = [each.end[0] for each in told]
    status = message.status
    if status is MessageStatus.DELIVERED and ProviderStatus.DELIVERED not in ends:
        return [f"delivered, but not by the provider: {message}"]
    if status is MessageStatus.FAILED and ProviderStatus.DELIVERED in ends:
        return [f"failed, but it arrived: {message}"]
    if status is MessageStatus.UNKNOWN:
        return [f"nobody asked what became of it: {message}"]
    if status is MessageStatus.NO_RECEIPT:
        if not told:
            return [f"said to be sent, and the provider has not got it: {message}"]
        # What comes after the last question, a day and a half later, is not heard of.
        at, end, _ = told[-1].life[-1]
        known_in_time = at < told[-1].created_at + ASKED_AFTER[-1]
        if end is not ProviderStatus.SENT and known_in_time:
            return [f"the provider knows its end, and was not asked: {message}"]
    return []


def _never_late(house: House, scenario: Scenario) -> list[str]:
    """When nothing goes wrong the first leaves as soon as it may, and the last at the pace."""
    faults = []
    slowest = min(
        scenario.rate,
        (scenario.segments_rate or scenario.rate) / max(scenario.segments),
        (scenario.own_limit or 60_000) / 60,
    )
    together = len(scenario.steps) * scenario.people
    for step in house.steps:
        chance = rules_of(step.planned_at, scenario).first_chance()
        latest = chance + timedelta(seconds=3 + 1.2 * together / slowest)
        for each in house.departures:
            if each.message.step == step.number and each.at > latest:
                faults.append(f"late: {each.at} instead of {chance}")
    return faults


def test_the_world_is_wild_enough() -> None:
    """What never happens proves nothing."""
    seen: Counter[str] = Counter()
    for seed in range(1, 151):
        house, carrier = live(draw(seed))
        seen.update(f"ended {each.status}" for each in house.messages.values())
        seen.update(f"step {each.status}" for each in house.steps)
        seen["sent anew"] += sum(each.retries > 0 for each in house.messages.values())
        seen["attempts more"] += sum(each.attempts > 1 for each in house.messages.values())
        seen["workers died"] += sum(each.life for each in house.workers)
        seen["taken"] += len(carrier.records)
        seen["wishes"] += len(house.opt_outs)
    wanted = {f"ended {status}" for status in ENDS - {MessageStatus.UNKNOWN}} | {
        "step sending",
        "step skipped",
        "step cancelled",
        "sent anew",
        "attempts more",
        "workers died",
        "wishes",
    }
    assert {name for name in wanted if not seen[name]} == set(), seen


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_early_late_twice_or_forgotten(part: int) -> None:
    runs = range(FIRST, FIRST + 1) if ONLY else range(FIRST + part, FIRST + RUNS, PARTS)
    for seed in runs:
        try:
            faults = faults_of(draw(seed))
        except Exception as error:
            error.add_note(f"To replay it: {_replay(seed)}")
            raise
        assert not faults, "\n".join([*faults[:10], f"To replay it: {_replay(seed)}"])


def _replay(seed: int) -> str:
    return f"CLARION_SEED={seed} script/test tests/simulation"
