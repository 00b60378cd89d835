"""The index follows the contacts, however they change, and comes back from whatever happens."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clarion.audience.index import build, compact, extract, keeper
from clarion.audience.index.build import Builder
from clarion.audience.index.evaluate import NotInMemory
from clarion.audience.index.files import IndexFiles
from clarion.audience.index.indexes import IndexOptions
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.serving import PATIENCE, look_at_contacts, until
from support.watched import EVERYBODY, Watched, where

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from clarion.wiring.clarion import Clarion

TEXAS = where("metadata.state", "is", "TX")
TAGGED = where("metadata.tags", "has_any_of", ["vip"])
RICH = where("metadata.income", "at_least", 1000)
NAMED = where("first_name", "starts_with", "an")
MAILED = where("email", "contains", "example")
ALL = (EVERYBODY, TEXAS, TAGGED, RICH, NAMED, MAILED)


@pytest.fixture
async def watched(clarion: Clarion) -> AsyncIterator[Watched]:
    """Two contacts, whose keys and numbers the catalogue knows."""
    made = Watched(clarion)
    made.add(
        {"state": "TX", "tags": ["vip"], "income": 2000}, first_name="Ann", email="a@example.com"
    )
    made.add({"state": "FL", "tags": [], "income": "12"}, phone_number="+15125550101")
    await look_at_contacts(clarion)
    async with made:
        yield made


async def test_contacts_that_come_go_and_change_are_followed(watched: Watched) -> None:
    await watched.agrees(*ALL)
    ids = watched.add({"state": "TX"}, {"state": "tx", "tags": "vip"}, {"state": None})
    assert [each.matched for each in await watched.agrees(EVERYBODY, TEXAS)] == [5, 3]
    watched.execute(
        'update public.contacts set metadata = \'{"state": "FL"}\' where id = %s', ids[0]
    )
    watched.execute("delete from public.contacts where id = %s", ids[1])
    assert [each.matched for each in await watched.agrees(EVERYBODY, TEXAS)] == [4, 1]
    await watched.agrees(*ALL)


async def test_many_at_once_by_copy_by_update_and_by_truncate(watched: Watched) -> None:
    with (
        psycopg.connect(watched.dsn) as connection,
        connection.cursor().copy(
            "copy public.contacts (first_name, email, metadata) from stdin"
        ) as copy,
    ):
        for number in range(30_000):
            metadata = Jsonb({"state": "TX" if number % 3 else "FL"})
            copy.write_row((f"An{number}", f"p{number % 29_000}@example.com", metadata))
    texans = (await watched.agrees(*ALL))[1].matched
    assert texans == 20_001
    watched.execute("update public.contacts set metadata = metadata || '{\"income\": 5000}'")
    assert (await watched.agrees(RICH))[0].matched == 30_002
    with psycopg.connect(watched.dsn) as connection:
        connection.execute("truncate public.contacts cascade")
        connection.execute("insert into public.contacts (first_name) values ('Anna')")
    assert [each.matched for each in await watched.agrees(EVERYBODY, NAMED)] == [1, 1]
    watched.execute("delete from public.contacts")
    assert (await watched.agrees(EVERYBODY))[0].total == 0


async def test_what_is_rolled_back_was_never_there(watched: Watched) -> None:
    with psycopg.connect(watched.dsn) as connection:
        connection.execute("delete from public.contacts")
        connection.execute("insert into public.contacts (first_name) values ('Nobody')")
        assert (await watched.agrees(EVERYBODY))[0].total == 2
        connection.rollback()
    assert (await watched.agrees(EVERYBODY))[0].total == 2


async def test_a_change_that_is_committed_late_is_not_missed(watched: Watched) -> None:
    with psycopg.connect(watched.dsn) as late:
        late.execute("insert into public.contacts (first_name) values ('Anouk')")
        # Others come and are read in between: their place in the list of changes is behind.
        watched.add({"state": "TX"})
        assert (await watched.agrees(EVERYBODY))[0].total == 3
        late.commit()
    assert [each.matched for each in await watched.agrees(EVERYBODY, NAMED)] == [4, 2]


async def test_a_key_that_appears_is_answered_and_one_that_changes_its_type_too(
    watched: Watched, clarion: Clarion
) -> None:
    watched.add({"plan": "gold"}, {"plan": "Gold"}, {"state": "TX"})
    await look_at_contacts(clarion)
    assert (await watched.agrees(where("metadata.plan", "is", "gold")))[0].matched == 2
    watched.add(*({"plan": number} for number in range(5)))
    watched.execute("update broadcast.change_followers set counted_at = null")
    await look_at_contacts(clarion)
    assert (await watched.agrees(where("metadata.plan", "at_least", 2)))[0].matched == 3


async def test_opt_outs_and_checked_numbers_change_whom_a_channel_reaches(
    watched: Watched, clarion: Clarion
) -> None:
    watched.add({}, phone_number="(512) 555-0177", email="B@Example.com ")
    watched.add({}, phone_number="512-555-0177", email="b@example.com")
    before = (await watched.agrees(EVERYBODY))[0]
    assert before.sms[1]["unchecked_phone"] == 2
    await look_at_contacts(clarion)
    async with asyncio.timeout(PATIENCE):
        while (now := (await watched.agrees(EVERYBODY))[0]).sms == before.sms:
            pass
    assert now.sms == (2, {"no_phone": 1, "duplicate_number": 1})
    assert now.email == (2, {"no_email": 1, "duplicate_email": 1})
    watched.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'sms', '+15125550177', 'opted_out', 'test'),"
        " (%s, 'email', 'b@example.com', 'opted_out', 'test')",
        DEFAULT_WORKSPACE,
        DEFAULT_WORKSPACE,
    )
    after = (await watched.agrees(EVERYBODY))[0]
    assert after.sms == (1, {"no_phone": 1, "opted_out": 2})
    assert after.email == (1, {"no_email": 1, "opted_out": 2})
    watched.execute("update broadcast.suppressions set lifted_at = now()")
    assert (await watched.agrees(EVERYBODY))[0].sms == now.sms


SUPPRESS = (
    "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
    " values (%s, %s, %s, 'opted_out', 'test')"
)


async def test_an_opt_out_that_is_committed_late_is_not_missed(
    watched: Watched, clarion: Clarion
) -> None:
    watched.add({}, phone_number="+15125550177")
    watched.add({}, phone_number="+15125550178")
    await look_at_contacts(clarion)

    async def version() -> tuple[object, ...]:
        async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
            workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
            return await clarion.audience.version(connection, workspace)

    with psycopg.connect(watched.dsn) as late:
        late.execute(SUPPRESS, [DEFAULT_WORKSPACE, "sms", "+15125550177"])
        # Another is noted and read in between: its place among the changes is behind.
        watched.execute(SUPPRESS, DEFAULT_WORKSPACE, "sms", "+15125550178")
        assert (await watched.agrees(EVERYBODY))[0].sms[1]["opted_out"] == 1
        before, moment = await version(), watched.keeper.moment
        late.commit()
    assert await version() != before
    assert (await watched.agrees(EVERYBODY))[0].sms[1]["opted_out"] == 2
    assert watched.keeper.moment != moment


async def test_an_opt_out_is_read_alone_and_many_at_once_with_all_others(
    watched: Watched, clarion: Clarion
) -> None:
    for number in range(40):
        watched.add({}, phone_number=f"+151255502{number:02}", email=f"p{number % 30}@example.com")
    await look_at_contacts(clarion)
    await watched.agrees(EVERYBODY)
    with mock.patch.object(Builder, "suppress", side_effect=AssertionError("not needed")):
        watched.execute(SUPPRESS, DEFAULT_WORKSPACE, "sms", "+15125550207")
        watched.execute(SUPPRESS, DEFAULT_WORKSPACE, "email", "p3@example.com")
        watched.execute(SUPPRESS, DEFAULT_WORKSPACE, "sms", "not a number")
        (now,) = await watched.agrees(EVERYBODY)
        assert (now.sms[1]["opted_out"], now.email[1]["opted_out"]) == (1, 2)
        watched.execute("update broadcast.suppressions set lifted_at = now()")
        (now,) = await watched.agrees(EVERYBODY)
        assert "opted_out" not in now.sms[1] | now.email[1]
    with mock.patch.object(build, "_MOST_ADDRESSES", 5):
        watched.execute(
            "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
            " select %s, 'sms', '+151255502' || n, 'opted_out', 'test'"
            " from generate_series(10, 39) n",
            DEFAULT_WORKSPACE,
        )
        assert (await watched.agrees(EVERYBODY))[0].sms[1]["opted_out"] == 30
    watched.execute("truncate broadcast.suppressions")
    assert "opted_out" not in (await watched.agrees(EVERYBODY))[0].sms[1]


async def test_opt_outs_are_noted_by_the_thousand(watched: Watched) -> None:
    watched.execute("delete from broadcast.contact_changes")
    watched.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " select %s, 'email', n || '@example.com', 'opted_out', 'test'"
        " from generate_series(1, 2500) n",
        DEFAULT_WORKSPACE,
    )
    noted = watched.execute(
        "select operation, cardinality(contact_ids) from broadcast.contact_changes order by 2"
    )
    assert noted == [("suppression", 500), ("suppression", 1000), ("suppression", 1000)]
    watched.execute("delete from broadcast.suppressions where false")
    assert len(watched.execute("select id from broadcast.contact_changes")) == 3


async def test_another_time_zone_makes_other_days(watched: Watched, clarion: Clarion) -> None:
    watched.add({"day": "2026-11-24"})
    await look_at_contacts(clarion)
    since = where("metadata.day", "after", "2026-11-23T20:00:00Z")
    assert (await watched.agrees(since))[0].matched == 1
    watched.execute("update broadcast.workspaces set time_zone = 'Pacific/Kiritimati'")
    assert (await watched.agrees(since))[0].matched == 0


@pytest.mark.parametrize("seed", range(4))
async def test_any_history_leaves_what_the_database_has(clarion: Clarion, seed: int) -> None:
    """Random changes, with small blocks that are read anew all the time."""
    chance = random.Random(seed)
    numbers = [f"+1512555{number:04}" for number in range(8)]
    mails = ["a@example.com", "A@example.com", "b@example.com", "no mail", "", None]

    def person() -> tuple[object, ...]:
        metadata: dict[str, Any] = {"state": chance.choice(["TX", "FL", None])}
        if chance.random() < 0.5:
            metadata["tags"] = chance.sample(["vip", "dnc", "new"], 2)
        if chance.random() < 0.5:
            metadata["income"] = chance.choice([10, 1000, "2000", "much"])
        number = chance.choice([*numbers, None, "none"])
        return Jsonb(metadata), chance.choice(["Ann", "Bob", None]), number, chance.choice(mails)

    made = Watched(clarion)
    with (
        mock.patch.object(compact, "_SMALL_BLOCKS", 2),
        mock.patch.object(compact, "_MORE_BLOCKS", 5),
        mock.patch.object(compact, "_A_FEW", 10),
        mock.patch.object(keeper, "_PORTION", 7),
        mock.patch.object(keeper, "_ANEW_AT_LEAST", 25),
    ):
        made.add({"state": "TX", "tags": ["vip"], "income": 1})
        await look_at_contacts(clarion)
        async with made:
            for _ in range(12):
                with psycopg.connect(made.dsn) as connection, connection.cursor() as cursor:
                    cursor.executemany(
                        "insert into public.contacts (metadata, first_name, phone_number, email)"
                        " values (%s, %s, %s, %s)",
                        [person() for _ in range(chance.randrange(12))],
                    )
                    for _ in range(chance.randrange(4)):
                        cursor.execute(
                            "update public.contacts set metadata = %s, first_name = %s,"
                            " phone_number = %s, email = %s where id = any (array(select id"
                            " from public.contacts order by random() limit 3))",
                            person(),
                        )
                    cursor.execute(
                        "delete from public.contacts where id = any (array(select id"
                        " from public.contacts order by random() limit %s))",
                        [chance.randrange(5)],
                    )
                if chance.random() < 0.3:
                    await look_at_contacts(clarion)
                await made.agrees(chance.choice(ALL))
            await look_at_contacts(clarion)
            await made.agrees(*ALL)


async def test_a_worn_out_index_is_renewed_beside_and_loses_no_change(
    watched: Watched, tmp_path: Path
) -> None:
    await watched.restart(IndexOptions(folder=tmp_path / "index"))
    worn_out = watched.keeper.index
    assert worn_out is not None
    with mock.patch.object(compact, "_A_FEW", 0):
        for number in range(60):
            # All contacts change, again and again, while the index is being renewed.
            watched.execute("update public.contacts set updated_at = clock_timestamp()")
            watched.add({"state": "TX", "income": number})
            await watched.agrees(TEXAS, RICH)
            if watched.keeper.index is not worn_out:
                break
    assert watched.keeper.index is not worn_out
    await watched.agrees(*ALL)
    await watched.restart()
    await watched.agrees(*ALL)


async def test_it_is_saved_and_goes_on_from_there(
    watched: Watched, clarion: Clarion, tmp_path: Path
) -> None:
    options = IndexOptions(folder=tmp_path / "index")
    await watched.restart(options)
    watched.add({"state": "TX"})
    await watched.agrees(*ALL)
    with mock.patch.object(Builder, "build", side_effect=AssertionError("not needed")):
        await watched.restart()
        await watched.agrees(*ALL)
        await asyncio.to_thread(watched.keeper.stop)
        watched.add({"state": "TX", "new key": 1}, {"state": "FL"})
        watched.execute("delete from public.contacts where first_name = 'Ann'")
        await look_at_contacts(clarion)
        watched.keeper = watched.new_keeper()
        await watched.start()
        await watched.agrees(*ALL, where('metadata["new key"]', "is", 1))


@pytest.mark.parametrize("damage", ["cut", "gone", "odd", "old"])
async def test_a_saved_index_that_cannot_be_continued_is_built_anew(
    watched: Watched, tmp_path: Path, damage: str
) -> None:
    await watched.restart(IndexOptions(folder=tmp_path / "index"))
    await asyncio.to_thread(watched.keeper.stop)
    folder = tmp_path / "index" / str(DEFAULT_WORKSPACE)
    state = folder / "state.json"
    match damage:
        case "cut":
            state.write_text(state.read_text()[:-20])
        case "gone":
            for file in folder.glob("*/ids.npy"):
                file.unlink()
        case "odd":
            for file in folder.glob("*/live.npy"):
                file.write_bytes(b"no array")
        case _:
            year = datetime.now(UTC).year
            state.write_text(
                state.read_text().replace(f'"saved_at": "{year}', f'"saved_at": "{year - 1}')
            )
    watched.add({"state": "TX"})
    watched.keeper = watched.new_keeper()
    await watched.start()
    await watched.agrees(*ALL)


async def test_two_processes_share_what_is_saved_and_one_of_them_writes(
    watched: Watched, tmp_path: Path
) -> None:
    options = IndexOptions(folder=tmp_path / "index")
    await watched.restart(options)
    async with Watched(watched.clarion, options) as other:
        watched.add({"state": "TX"})
        await watched.agrees(*ALL)
        await other.agrees(*ALL)
        with IndexFiles(tmp_path / "index" / str(DEFAULT_WORKSPACE)).as_writer() as may_write:
            assert may_write
            # Nobody else may now; who cannot write goes on answering.
            await other.restart()
            await other.agrees(*ALL)


@pytest.mark.parametrize("method", ["put_away", "save"])
async def test_a_disk_that_is_full_costs_nobody_an_answer(
    watched: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    with (
        mock.patch.object(IndexFiles, method, side_effect=OSError(28, "No space left on device")),
        mock.patch.object(build, "BLOCK", 1),
    ):
        await watched.restart(IndexOptions(folder=tmp_path / "index"))
    watched.add({"state": "TX"})
    await watched.agrees(*ALL)
    assert "audience.index_not_saved" in caplog.messages


async def test_a_lost_connection_is_caught_up_with(watched: Watched) -> None:
    await watched.agrees(*ALL)
    watched.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'clarion audience index' and datname = current_database()"
    )
    watched.add({"state": "TX"})
    assert (await watched.agrees(TEXAS))[0].matched == 2


async def _messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return caplog.messages


async def test_an_index_that_has_failed_is_built_anew(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    with mock.patch.object(Builder, "change", side_effect=ZeroDivisionError):
        watched.add({"state": "TX"})
        await until(partial(_messages, caplog), lambda said: "audience.index_failed" in said)
    assert (await watched.agrees(TEXAS))[0].matched == 2


async def test_an_answer_that_is_too_old_is_not_given(watched: Watched) -> None:
    await asyncio.to_thread(watched.keeper.stop)
    later = utc_now() + timedelta(seconds=4)
    with (
        mock.patch.object(keeper, "utc_now", return_value=later),
        pytest.raises(NotInMemory) as reason,
    ):
        await watched.by_index(TEXAS)
    assert str(reason.value) == "So many contacts are changing that the index is behind."


async def test_fields_beyond_the_memory_are_answered_by_the_database(
    watched: Watched, clarion: Clarion
) -> None:
    for number in range(300):
        watched.add({"state": "TX", "long": f"{number} {'x' * 500}"})
    await look_at_contacts(clarion)
    # In several blocks, the first of which tells how large it will become.
    with mock.patch.object(build, "BLOCK", 100), mock.patch.object(extract, "CHUNK", 100):
        await watched.restart(IndexOptions(memory=60_000))
    await watched.agrees(TEXAS)
    with pytest.raises(NotInMemory, match=r"Long is not in the index\."):
        await watched.by_index(where("metadata.long", "contains", "1"))
