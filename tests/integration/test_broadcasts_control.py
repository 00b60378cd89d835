"""How a broadcast is sent and stopped: its rules, pauses, and the kill switch."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from clarion.broadcasts.broadcast import PausedBy, Status
from clarion.broadcasts.kill_switch import KillSwitch
from clarion.broadcasts.sending_rules import LatePolicy, SendingRules
from clarion.broadcasts.service import BroadcastChange
from clarion.db.workspaces import set_sending_hours
from clarion.kernel.errors import Conflict, Invalid
from support.house import House, build_house, within

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Database


async def set_rules(house: House, broadcast: Broadcast, **rules: Any) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.change(
            connection,
            house.workspace,
            broadcast.id,
            BroadcastChange(version=broadcast.version, rules=rules),
            now=house.clock.now,
        )


async def act(house: House, broadcast: Broadcast, verb: str) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await getattr(house.broadcasts, verb)(  # type: ignore[no-any-return]
            connection, house.workspace, broadcast.id, now=house.clock.now
        )


async def end(house: House, broadcast: Broadcast, status: str, count: int, **facts: Any) -> None:
    """So many of the pending messages, the first of them, end like this."""
    await house.execute(
        "update broadcast.messages set status = %s, error_code = %s, provider = 'fake',"
        " provider_id = case when %s then 'SM' || id end"
        " where id in (select id from broadcast.messages"
        " where broadcast_id = %s and status = 'pending' order by id limit %s)",
        status,
        facts.get("code"),
        facts.get("taken", True),
        broadcast.id,
        count,
    )


async def set_hours(house: House, opens: time | None, closes: time | None) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await set_sending_hours(connection, house.workspace.id, opens, closes)


async def look(house: House) -> int:
    return await KillSwitch(house.database, house.clock).look()


async def test_a_draft_is_sent_as_fast_as_may_be_and_stops_at_a_quarter(house: House) -> None:
    assert (await house.draft()).rules == SendingRules(
        late_policy=LatePolicy.CATCH_UP,
        max_per_minute=None,
        stop_at_failure_rate=Decimal("0.25"),
    )


async def test_rules_change_in_a_draft_and_while_it_is_sent(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    draft = await house.draft()
    changed = await set_rules(house, draft, late_policy="ask", max_per_minute=60)
    assert changed.version == draft.version + 1
    assert changed.rules == SendingRules(
        late_policy=LatePolicy.ASK, max_per_minute=60, stop_at_failure_rate=Decimal("0.25")
    )
    launched = await house.launch(changed)
    slower = await set_rules(house, launched, max_per_minute=30, stop_at_failure_rate=None)
    assert (slower.rules.max_per_minute, slower.rules.stop_at_failure_rate) == (30, None)
    await house.saver.save(house.workspace.id, draft.id)
    await house.run_jobs()
    sending = await house.read(draft)
    assert sending.status is Status.SENDING
    assert (await set_rules(house, sending, max_per_minute=None)).rules.max_per_minute is None
    with pytest.raises(Conflict, match="changed elsewhere"):
        await set_rules(house, sending, max_per_minute=5)


async def test_the_rules_of_what_has_ended_stay(house: House) -> None:
    await house.add_people(1)
    broadcast = await act(house, await house.launched(), "cancel")
    with pytest.raises(Conflict, match="has ended"):
        await set_rules(house, broadcast, max_per_minute=5)


async def test_with_a_launched_broadcast_nothing_but_its_rules_can_change(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    both = BroadcastChange(version=broadcast.version, name="Other", rules={"max_per_minute": 5})
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(Conflict, match="Only a draft can be changed"):
            await house.broadcasts.change(
                connection, house.workspace, broadcast.id, both, now=house.clock.now
            )
    assert await house.read(broadcast) == broadcast


async def test_a_wrong_rule_changes_nothing(house: House) -> None:
    draft = await house.draft()
    with pytest.raises(Invalid) as refused:
        await set_rules(house, draft, max_per_minute=0, late_policy="skip")
    assert [fault.pointer for fault in refused.value.faults] == ["/max_per_minute"]
    assert await house.read(draft) == draft


async def test_who_pauses_is_on_record_until_it_is_resumed(house: House) -> None:
    await house.add_people(1)
    paused = await act(house, await house.launched(), "pause")
    assert paused.paused_by is PausedBy.PERSON
    assert (await act(house, paused, "resume")).paused_by is None


async def test_after_a_pause_nothing_more_is_claimed_and_nothing_is_lost(
    database: Database,
) -> None:
    """What one turn had taken when the pause came may still leave; no later turn takes any."""
    house = await build_house(database, rate=Decimal(40))
    await set_hours(house, None, None)
    await house.add_people(50)
    broadcast = await house.launched()
    assert await house.pump.turn()
    await act(house, broadcast, "pause")
    taken = 50 - (await house.counts())["pending"]
    assert 0 < taken < 50
    await house.pump.drain()
    for _ in range(5):
        house.clock.forward(timedelta(seconds=1))
        assert not await house.pump.turn()
    await house.pump.drain()
    assert len(house.provider.sent) <= taken
    assert await house.counts() == {
        "pending": 50 - len(house.provider.sent),
        "sent": len(house.provider.sent),
    }
    await act(house, broadcast, "resume")
    while (await house.counts()).get("pending"):
        house.clock.forward(timedelta(seconds=1))
        await house.pump.turn()
        await house.pump.drain()
    assert set(house.provider.times_sent_to().values()) == {1}
    assert len(house.provider.sent) == 50


async def test_new_hours_hold_for_what_is_being_sent(house: House) -> None:
    """What was put off until the morning leaves when the hours are widened in the evening."""
    await house.add_people(3)
    house.clock.now = house.clock.now.replace(hour=12, minute=0, second=0)
    noon = house.clock.now
    await set_hours(house, time(8), time(21))
    broadcast = await house.launched(scheduled_for=_wall(noon, minutes=30), time_zone="UTC")
    house.clock.now = noon + timedelta(hours=10)
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.first_step.id)
    await house.send()
    assert house.provider.sent == []
    await set_hours(house, time(8), time(23))
    await house.launcher.find_idle()
    await house.send()
    assert len(house.provider.sent) == 3


def _wall(moment: datetime, *, minutes: int) -> datetime:
    return (moment + timedelta(minutes=minutes)).replace(tzinfo=None)


async def test_too_many_failures_stop_it_and_the_rest_stays(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    await end(house, broadcast, "delivered", 31)
    await end(house, broadcast, "failed", 19, code="30005")
    assert await look(house) == 1
    stopped = await house.read(broadcast)
    assert (stopped.status, stopped.paused_by) == (Status.PAUSED, PausedBy.FAILURE_RATE)
    assert stopped.version == broadcast.version + 1
    assert stopped.problem is not None
    assert stopped.problem.startswith("Stopped by itself: 38% failed, most of them with “")
    assert "(30005)" in stopped.problem
    assert (await house.counts())["pending"] == 10
    assert await look(house) == 0  # it is paused: there is nothing more to stop


async def test_a_broadcast_that_does_well_is_left_alone(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    await end(house, broadcast, "delivered", 40)
    await end(house, broadcast, "failed", 10, code="30005")
    assert await look(house) == 0
    assert await house.read(broadcast) == broadcast


async def test_without_a_limit_nothing_stops_it(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    broadcast = await set_rules(house, broadcast, stop_at_failure_rate=None)
    await end(house, broadcast, "failed", 60, code="20003", taken=False)
    assert await look(house) == 0


async def test_what_fails_for_everybody_stops_it_after_ten(house: House) -> None:
    await house.add_people(40)
    broadcast = await house.launched()
    await end(house, broadcast, "delivered", 5)
    await end(house, broadcast, "failed", 9, code="30034", taken=False)
    assert await look(house) == 0
    await end(house, broadcast, "failed", 1, code="30034", taken=False)
    assert await look(house) == 1
    stopped = await house.read(broadcast)
    assert stopped.paused_by is PausedBy.CONFIGURATION
    assert "10 of the last 15 failed with" in (stopped.problem or "")


async def test_ten_among_many_that_leave_are_no_reason(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    await end(house, broadcast, "failed", 10, code="30034", taken=False)
    await end(house, broadcast, "sent", 45)
    assert await look(house) == 0


async def test_who_resumes_it_forgives_what_was(house: House) -> None:
    await house.add_people(200)
    broadcast = await house.launched()
    await end(house, broadcast, "delivered", 20)
    await end(house, broadcast, "failed", 40, code="30005")
    assert await look(house) == 1
    resumed = await act(house, broadcast, "resume")
    assert (resumed.status, resumed.paused_by, resumed.problem) == (Status.SENDING, None, None)
    assert await look(house) == 0
    await end(house, broadcast, "delivered", 30)
    await end(house, broadcast, "failed", 10, code="30005")
    assert await look(house) == 0  # a quarter of what came since
    await end(house, broadcast, "failed", 20, code="30005")
    assert await look(house) == 1
    assert "50% failed" in ((await house.read(broadcast)).problem or "")


async def test_a_pause_by_a_person_forgives_nothing(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    await end(house, broadcast, "delivered", 30)
    await end(house, broadcast, "failed", 30, code="30005")
    await act(house, broadcast, "pause")
    assert await look(house) == 0
    await act(house, broadcast, "resume")
    assert await look(house) == 1


async def test_what_was_forgiven_and_is_sent_again_counts_anew(house: House) -> None:
    await house.add_people(150)
    broadcast = await house.launched()
    await end(house, broadcast, "failed", 60, code="30005")
    assert await look(house) == 1
    await act(house, broadcast, "resume")
    await house.execute(
        "update broadcast.messages set status = 'pending', retries = retries + 1,"
        " error_code = null, provider_id = null where status = 'failed'"
    )
    await end(house, broadcast, "failed", 2, code="30005")
    assert await look(house) == 0
    await end(house, broadcast, "failed", 58, code="30005")
    assert await look(house) == 1


async def test_many_workers_stop_it_once(house: House) -> None:
    await house.add_people(60)
    broadcast = await house.launched()
    await end(house, broadcast, "failed", 60, code="30005")
    assert sorted(await within(20, *(look(house) for _ in range(4)))) == [0, 0, 0, 1]
    assert (await house.read(broadcast)).version == broadcast.version + 1


async def test_a_scheduled_broadcast_is_none_of_its_business(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    later = (house.clock.now + timedelta(days=1)).replace(tzinfo=None)
    broadcast = await house.launch(await house.draft(scheduled_for=later, time_zone="UTC"))
    assert await look(house) == 0
    assert (await house.read(broadcast)).status is Status.SCHEDULED
