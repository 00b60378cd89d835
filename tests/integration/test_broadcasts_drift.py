"""The drift of a saved audience, against a naive comparison."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from clarion.audience.phone import normalise_many
from clarion.broadcasts.drift import Drift, DriftedContact, DriftKind, drift_page, read_drift
from clarion.kernel.errors import Conflict, Invalid
from support.house import EVERYBODY, House, number_of

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

TX = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}


async def saved(house: House, document: dict[str, Any] = EVERYBODY) -> Broadcast:
    """Scheduled for tomorrow, with its recipients saved."""
    await house.follow()
    due = (house.clock.now + timedelta(days=1)).replace(tzinfo=None)
    broadcast = await house.launch(
        await house.draft(filter=document, scheduled_for=due, time_zone="UTC")
    )
    await house.saver.save(house.workspace.id, broadcast.id)
    return await house.read(broadcast)


async def drift_of(house: House, broadcast: Broadcast) -> Drift:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await read_drift(
            connection, house.audience, house.workspace, broadcast, now=house.clock.now
        )


async def people(
    house: House, broadcast: Broadcast, kind: DriftKind, *, limit: int = 100
) -> list[DriftedContact]:
    """All pages."""
    found: list[DriftedContact] = []
    after = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        while True:
            page = await drift_page(
                connection,
                house.audience,
                house.workspace,
                broadcast,
                kind,
                after=after,
                limit=limit,
                now=house.clock.now,
            )
            found += page.contacts
            if page.next is None:
                return found
            assert len(page.contacts) == limit
            after = page.next


def numbers(drift: Drift) -> tuple[int, int, int, int]:
    return drift.saved, drift.joined, drift.left, drift.changed_number


async def naive(house: House, broadcast: Broadcast) -> tuple[int, dict[DriftKind, set[str]]]:
    """Row by row, in Python."""
    rows = await house.rows(
        "select contact_id, sms_address from broadcast.broadcast_recipients"
        " where broadcast_id = %s",
        broadcast.id,
    )
    kept = {row["contact_id"]: row["sms_address"] for row in rows}
    now = {str(row["id"]): row for row in await house.rows("select * from public.contacts")}
    spelled = [row["phone_number"] or "" for row in now.values()]
    e164 = normalise_many(spelled, house.workspace.phone_region)
    matching = {
        contact_id
        for contact_id, row in now.items()
        if str(row["metadata"].get("state", "")).lower() == "tx"
    }
    return len(kept), {
        DriftKind.JOINED: matching - kept.keys(),
        DriftKind.LEFT: kept.keys() - matching,
        DriftKind.CHANGED_NUMBER: {
            contact_id
            for contact_id, address in kept.items()
            if contact_id in now and e164[now[contact_id]["phone_number"] or ""].e164 != address
        },
    }


def _phone(random: Random) -> str | None:
    """Few numbers in many spellings, so that some change in spelling only and some are shared."""
    number = f"{random.randrange(100, 112):04}"
    return random.choice(
        [None, "", " ", "nonsense", f"+1512555{number}", f"(512) 555-{number}", f"512.555.{number}"]
    )


def _metadata(random: Random) -> Jsonb:
    state = random.choice(["TX", "tx", "NY", None])
    return Jsonb({} if random.random() < 0.1 else {"state": state})


async def _change_something(house: House, random: Random) -> None:
    ids = [row["id"] for row in await house.rows("select id from public.contacts order by id")]
    match random.randrange(5):
        case 0:
            state = random.choice(["TX", "NY"])
            await house.add_contact(
                phone=_phone(random),
                metadata={"state": state},
                contact_id=f"{random.getrandbits(128):032x}",
            )
        case 1 if ids:
            await house.execute("delete from public.contacts where id = %s", random.choice(ids))
        case 2 if ids:
            await house.execute(
                "update public.contacts set phone_number = %s where id = %s",
                _phone(random),
                random.choice(ids),
            )
        case 3 if ids:
            await house.execute(
                "update public.contacts set metadata = %s where id = %s",
                _metadata(random),
                random.choice(ids),
            )
        case _:
            await house.execute(
                "update public.contacts set first_name = 'Other' where id = any (%s)",
                random.sample(ids, len(ids) // 2),
            )


@pytest.mark.parametrize("seed", range(8))
async def test_drift_is_what_a_naive_comparison_finds(house: House, seed: int) -> None:
    random = Random(seed)
    # One who is reachable stays, so that there is something to launch.
    await house.add_contact(phone=number_of(999), metadata={"state": "TX"})
    for _ in range(random.randrange(40)):
        await house.add_contact(
            phone=_phone(random),
            metadata={"state": random.choice(["TX", "TX", "NY"])},
            contact_id=f"{random.getrandbits(128):032x}",
        )
    broadcast = await saved(house, TX)
    assert numbers(await drift_of(house, broadcast))[1:] == (0, 0, 0)
    for _ in range(4):
        for _ in range(random.randrange(12)):
            await _change_something(house, random)
        await house.follow()
        kept, wanted = await naive(house, broadcast)
        drift = await drift_of(house, broadcast)
        assert numbers(drift) == (kept, *(len(wanted[kind]) for kind in DriftKind))
        for kind in DriftKind:
            found = await people(house, broadcast, kind, limit=random.randrange(1, 9))
            ids = [each.contact_id for each in found]
            assert ids == sorted(wanted[kind])


async def test_a_report_of_each_kind_by_name(house: House) -> None:
    ids = await house.add_people(5)
    broadcast = await saved(house)
    await house.execute("delete from public.contacts where id = %s", ids[0])
    await house.execute(
        "update public.contacts set phone_number = '(512) 555-0101' where id = %s", ids[1]
    )  # another spelling of the same number
    await house.execute(
        "update public.contacts set phone_number = '512 555 0400' where id = %s", ids[2]
    )
    await house.execute("update public.contacts set phone_number = null where id = %s", ids[3])
    new = await house.add_contact(first_name="New", last_name="One", phone=number_of(300))
    await house.follow()
    house.clock.forward(timedelta(hours=1))
    drift = await drift_of(house, broadcast)
    assert numbers(drift) == (5, 1, 1, 2)
    assert (drift.saved_at, drift.compared_at) == (broadcast.launched_at, house.clock.now)
    assert await people(house, broadcast, DriftKind.JOINED) == [
        DriftedContact(
            contact_id=new,
            name="New One",
            saved_address=None,
            address=number_of(300),
            deleted=False,
        )
    ]
    assert await people(house, broadcast, DriftKind.LEFT) == [
        DriftedContact(
            contact_id=ids[0],
            name="Person 100",
            saved_address=number_of(100),
            address=None,
            deleted=True,
        )
    ]
    assert await people(house, broadcast, DriftKind.CHANGED_NUMBER) == [
        DriftedContact(
            contact_id=ids[2],
            name="Person 102",
            saved_address=number_of(102),
            address=number_of(400),
            deleted=False,
        ),
        DriftedContact(
            contact_id=ids[3],
            name="Person 103",
            saved_address=number_of(103),
            address=None,
            deleted=False,
        ),
    ]


async def test_relative_dates_count_from_the_present(house: House) -> None:
    await house.add_people(1)
    await house.execute(
        "update public.contacts set created_at = %s", house.clock.now - timedelta(seconds=1)
    )
    condition = {"field": "created_at", "operator": "in_last_days", "value": 1}
    broadcast = await saved(house, {"match": "all", "conditions": [condition]})
    house.clock.forward(timedelta(hours=12))
    assert numbers(await drift_of(house, broadcast)) == (1, 0, 0, 0)
    house.clock.forward(timedelta(days=3))
    assert numbers(await drift_of(house, broadcast)) == (1, 0, 1, 0)


async def test_without_a_saved_audience_that_matters_there_is_no_drift(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    with pytest.raises(Conflict, match="still a draft"):
        await drift_of(house, await house.draft())
    launched = await house.launch(await house.draft())
    with pytest.raises(Conflict, match="not saved yet"):
        await drift_of(house, launched)
    begun = await house.launched()
    with pytest.raises(Conflict, match="No step is still to come"):
        await drift_of(house, begun)
    with pytest.raises(Conflict, match="No step is still to come"):
        await people(house, begun, DriftKind.LEFT)


async def test_a_mark_that_is_none_is_refused(house: House) -> None:
    await house.add_people(1)
    broadcast = await saved(house)
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(Invalid) as refused:
            await drift_page(
                connection,
                house.audience,
                house.workspace,
                broadcast,
                DriftKind.JOINED,
                after="nobody",
                limit=9,
                now=house.clock.now,
            )
    assert [fault.pointer for fault in refused.value.faults] == ["/after"]
