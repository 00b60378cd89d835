"""Exports: the file against the contacts, in slices, after crashes and in the face of changes."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest

from clarion.audience.exports.export import Export, ExportStatus
from clarion.audience.exports.service import Exports, stream
from clarion.audience.exports.store import get_export
from clarion.audience.exports.write import WRITE_EXPORT, ExportWriter
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import Conflict, Invalid, NotFound
from support.house import ANA, EVERYBODY, House, within

if TYPE_CHECKING:
    from collections.abc import Sequence

_TX = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}


def writer_of(house: House, *, slice_size: int = 2, turn: float = 600) -> ExportWriter:
    return ExportWriter(
        house.database,
        house.audience,
        house.engine,
        house.clock,
        slice_size=slice_size,
        turn=turn,
    )


async def ask(
    house: House,
    document: dict[str, Any] = EVERYBODY,
    *,
    columns: Sequence[str] | None = ("first_name",),
    excel: bool = False,
) -> Export:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await Exports(house.audience, house.engine).ask(
            connection,
            ANA,
            house.workspace,
            document=document,
            columns=columns,
            excel=excel,
            now=house.clock.now,
        )


async def read(house: House, export: Export) -> Export:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await get_export(connection, house.workspace.id, export.id)


async def act(house: House, verb: str, export: Export) -> Export:
    """cancel, finished."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        exports = Exports(house.audience, house.engine)
        done: Export = await getattr(exports, verb)(
            connection, house.workspace, export.id, now=house.clock.now
        )
        return done


async def content(house: House, export: Export, *, packed: bool = False) -> bytes:
    finished = await act(house, "finished", export)
    pieces = stream(house.database, house.workspace.id, finished, packed=packed)
    return b"".join([piece async for piece in pieces])


async def cells(house: House, export: Export) -> list[list[str]]:
    text = (await content(house, export)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


async def written(house: House, document: dict[str, Any] = EVERYBODY, **how: Any) -> Export:
    export = await ask(house, document, **how)
    await writer_of(house).write(export.id)
    return await read(house, export)


async def parts(house: House) -> list[int]:
    found = await house.rows("select part from broadcast.export_parts order by export_id, part")
    return [row["part"] for row in found]


async def test_asking_answers_at_once_and_asks_a_worker(house: House) -> None:
    export = await ask(house)
    assert (export.status, export.total, export.done) == (ExportStatus.WAITING, None, 0)
    assert (export.asked_by, export.created_at) == ("Ana", house.clock.now)
    (asked,) = house.engine.asked
    assert (asked.task, asked.arguments) == (WRITE_EXPORT, {"export_id": str(export.id)})
    with pytest.raises(Conflict, match="has not begun"):
        await act(house, "finished", export)


@pytest.mark.parametrize("slice_size", [1, 2, 3, 6, 100])
async def test_the_file_holds_who_matches_in_slices_of_any_size(
    house: House, slice_size: int
) -> None:
    for number in range(9):
        state = "TX" if number % 3 else "NY"
        await house.add_contact(
            first_name=f"P{number}", metadata={"state": state}, contact_id=f"{number:032}"
        )
    await house.follow()
    export = await ask(house, _TX)
    await writer_of(house, slice_size=slice_size).write(export.id)
    done = await read(house, export)
    assert (done.status, done.total, done.done) == (ExportStatus.DONE, 6, 6)
    assert (done.finished_at, done.expires_at) == (
        house.clock.now,
        house.clock.now + timedelta(hours=24),
    )
    assert await cells(house, done) == [["First name"], *([f"P{n}"] for n in (1, 2, 4, 5, 7, 8))]
    plain = await content(house, done)
    packed = await content(house, done, packed=True)
    assert gzip.decompress(packed) == plain
    assert (done.bytes, done.gzip_bytes) == (len(plain), len(packed))


async def test_nobody_gives_a_file_with_a_header(house: House) -> None:
    assert await content(house, await written(house)) == b"First name\r\n"
    marked = await written(house, excel=True)
    assert await content(house, marked) == b"\xef\xbb\xbfFirst name\r\n"


async def test_every_kind_of_value_as_a_person_writes_it(house: House) -> None:
    await house.add_contact(
        first_name='=cmd("x")',
        last_name="Lee, Jr.",
        phone="+1 512 555 0100",
        metadata={
            "tags": ["vip", "a;b"],
            "age": 30.5,
            "vip": True,
            "born": "1990-05-01",
            "Lead source": "Web",
            "address": {"city": "Zürich"},
            "note": None,
        },
    )
    await house.execute("update public.contacts set created_at = '2026-11-24 03:30:15.9+00'")
    await house.follow()
    chosen = {
        "first_name": '\'=cmd("x")',
        "last_name": "Lee, Jr.",
        "email": "",
        "phone_number": "'+1 512 555 0100",
        # The clocks of the workspace, in Chicago.
        "created_at": "2026-11-23 21:30:15",
        "metadata.tags": "vip; a;b",
        "metadata.age": "30.5",
        "metadata.vip": "true",
        "metadata.born": "1990-05-01",
        'metadata["Lead source"]': "Web",
        "metadata.address.city": "Zürich",
    }
    export = await written(house, columns=list(chosen))
    header, row = await cells(house, export)
    assert header == [
        "First name",
        "Last name",
        "Email",
        "Phone number",
        "Created at",
        "Tags",
        "Age",
        "Vip",
        "Born",
        "Lead source",
        "Address / city",
    ]
    assert row == list(chosen.values())


async def test_without_a_choice_the_file_has_every_field(house: House) -> None:
    await house.add_contact(metadata={"state": "TX"})
    await house.follow()
    export = await written(house, columns=None)
    header, row = await cells(house, export)
    assert header == [
        "Id",
        "First name",
        "Last name",
        "Email",
        "Phone number",
        "Created at",
        "Updated at",
        "State",
    ]
    assert row[1:5] == ["Ann", "", "", ""]
    assert row[-1] == "TX"


async def test_fields_that_there_are_not_are_refused_each_at_its_place(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(house, columns=["first_name", "metadata.nothing", "", "first_name"])
    assert [fault.pointer for fault in refused.value.faults] == [
        "/columns/1",
        "/columns/2",
        "/columns/3",
    ]
    with pytest.raises(Invalid) as refused:
        await ask(house, columns=[])
    assert [fault.pointer for fault in refused.value.faults] == ["/columns"]
    with pytest.raises(Invalid) as refused:
        await ask(house, _TX)
    assert [fault.pointer for fault in refused.value.faults] == ["/filter/conditions/0/field"]
    assert await house.value("select count(*) from broadcast.exports") == 0


async def test_relative_dates_count_from_the_asking(house: House) -> None:
    await house.add_contact()
    await house.execute("update public.contacts set created_at = %s", house.clock.now)
    house.clock.forward(timedelta(seconds=1))
    condition = {"field": "created_at", "operator": "in_last_days", "value": 0}
    export = await ask(house, {"match": "all", "conditions": [condition]})
    house.clock.forward(timedelta(days=3))
    await writer_of(house).write(export.id)
    assert (await read(house, export)).done == 1


# --- crashes, turns, two at once


async def test_writing_goes_on_where_it_was_broken_off(house: House) -> None:
    await house.add_people(5)
    export = await ask(house)
    writer = writer_of(house)
    assert await writer.write_slice(export.id)
    partly = await read(house, export)
    assert (partly.status, partly.total, partly.done) == (ExportStatus.RUNNING, 5, 2)
    with pytest.raises(Conflict, match="still being written"):
        await act(house, "finished", export)
    await writer_of(house).write(export.id)
    assert len(await cells(house, export)) == 6
    assert await parts(house) == [1, 2, 3]


async def test_a_slice_that_is_rolled_back_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.add_people(5)
    export = await ask(house)
    writer = writer_of(house)
    await writer.write_slice(export.id)
    before = await read(house, export)

    async def dies(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr("clarion.audience.exports.write.queries.written_slice", dies)
        with pytest.raises(psycopg.OperationalError):
            await writer.write(export.id)
    assert await read(house, export) == before
    assert await parts(house) == [1]
    await writer.write(export.id)
    names = [f"Person {number}" for number in range(100, 105)]
    assert await cells(house, export) == [["First name"], *([name] for name in names)]


async def test_two_writers_at_once_write_each_slice_once(house: House) -> None:
    await house.add_people(23)
    export = await ask(house)
    await within(60, *(writer_of(house).write(export.id) for _ in range(3)))
    assert len(await cells(house, export)) == 24
    assert await parts(house) == list(range(1, 13))


async def test_a_part_is_never_written_twice(house: House) -> None:
    await house.add_people(1)
    export = await written(house)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await house.execute(
            "insert into broadcast.export_parts (workspace_id, export_id, part, content)"
            " values (%s, %s, 1, '')",
            house.workspace.id,
            export.id,
        )


async def test_writing_what_is_done_changes_nothing(house: House) -> None:
    await house.add_people(3)
    export = await written(house)
    await house.add_people(1, first=300)
    await writer_of(house).write(export.id)
    assert await read(house, export) == export


async def test_a_task_gives_way_when_its_turn_is_over(house: House) -> None:
    await house.add_people(5)
    export = await ask(house)
    house.engine.forget()
    await writer_of(house, turn=0).write(export.id)
    assert (await read(house, export)).done == 2
    assert house.engine.tasks() == [WRITE_EXPORT]


async def test_contacts_that_come_and_go_meanwhile_spoil_nothing(house: House) -> None:
    ids = await house.add_people(6)
    export = await ask(house)
    writer = writer_of(house)
    await writer.write_slice(export.id)  # persons 100 and 101
    await house.execute("delete from public.contacts where id = any (%s::uuid[])", [ids[0], ids[2]])
    await house.add_people(1, first=50)  # behind where the writing is
    await house.add_people(1, first=200)
    await writer.write(export.id)
    done = await read(house, export)
    numbers = (100, 101, 103, 104, 105, 200)
    assert await cells(house, done) == [["First name"], *([f"Person {n}"] for n in numbers)]
    assert (done.total, done.done) == (6, 6)


async def test_a_lost_task_is_asked_for_again(house: House) -> None:
    export = await ask(house)
    other = await written(house)
    house.engine.forget()
    await writer_of(house).find_idle()
    assert house.engine.asked == []
    house.clock.forward(timedelta(minutes=2))
    await writer_of(house).find_idle()
    (asked,) = house.engine.asked
    assert asked.arguments == {"export_id": str(export.id)}
    assert other.status is ExportStatus.DONE


# --- problems, cancelling, the end


async def test_a_field_that_has_gone_is_told_in_words(house: House) -> None:
    await house.add_contact(metadata={"state": "TX"})
    await house.follow()
    export = await ask(house, _TX)
    await writer_of(house).write_slice(export.id)
    again = await ask(house, _TX)
    await house.execute("delete from broadcast.contact_fields")
    await writer_of(house).write(again.id)
    failed = await read(house, again)
    assert failed.status is ExportStatus.FAILED
    assert failed.finished_at == house.clock.now
    assert failed.problem is not None
    assert "The contacts have no field “metadata.state”." in failed.problem
    with pytest.raises(Conflict, match="has failed"):
        await act(house, "finished", again)


async def test_what_nobody_foresaw_is_told_too_and_leaves_no_parts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.add_people(5)
    export = await ask(house)
    writer = writer_of(house)
    await writer.write_slice(export.id)
    with monkeypatch.context() as patched:
        patched.setattr("clarion.audience.exports.write.piece_of", None)
        with pytest.raises(TypeError):
            await writer.write(export.id)
    failed = await read(house, export)
    assert failed.status is ExportStatus.FAILED
    assert failed.problem is not None
    assert failed.problem.startswith("The file could not be written")
    assert await parts(house) == []
    await writer.write(export.id)
    assert await read(house, export) == failed


async def test_a_cancelled_export_is_written_no_further(house: House) -> None:
    await house.add_people(5)
    export = await ask(house)
    writer = writer_of(house)
    await writer.write_slice(export.id)
    cancelled = await act(house, "cancel", export)
    assert (cancelled.status, cancelled.finished_at) == (ExportStatus.CANCELLED, house.clock.now)
    assert await parts(house) == []
    await writer.write(export.id)
    assert await read(house, export) == cancelled
    assert await act(house, "cancel", export) == cancelled
    with pytest.raises(Conflict, match="was cancelled"):
        await act(house, "finished", export)


async def test_cancelling_in_the_middle_leaves_no_part(house: House) -> None:
    await house.add_people(40)
    for _ in range(5):
        export = await ask(house)
        writer = writer_of(house, slice_size=1)
        await writer.write_slice(export.id)
        writing = asyncio.create_task(writer.write(export.id))
        try:
            await within(60, act(house, "cancel", export))
        except Conflict:  # the last slice was faster: then the file is whole
            await within(60, writing)
            assert len(await cells(house, export)) == 41
            await house.rows("delete from broadcast.export_parts returning 1")
            continue
        await within(60, writing)
        assert (await read(house, export)).status is ExportStatus.CANCELLED
        assert await parts(house) == []


async def test_what_is_done_is_not_cancelled(house: House) -> None:
    export = await written(house)
    with pytest.raises(Conflict, match="The export is done"):
        await act(house, "cancel", export)
    assert await read(house, export) == export


async def test_a_file_is_kept_for_a_day_and_its_row_stays(house: House) -> None:
    await house.add_people(1)
    export = await written(house)
    writer = writer_of(house)
    house.clock.forward(timedelta(hours=24, seconds=-1))
    later = await written(house)
    await writer.expire()
    assert len(await cells(house, export)) == 2
    house.clock.forward(timedelta(seconds=1))
    with pytest.raises(Conflict, match="kept for 24 hours"):  # before the sweep has been there
        await act(house, "finished", export)
    await writer.expire()
    gone = await read(house, export)
    assert (gone.status, gone.asked_by, gone.done) == (ExportStatus.EXPIRED, "Ana", 1)
    assert len(await cells(house, later)) == 2
    left = await house.rows("select distinct export_id from broadcast.export_parts")
    assert [row["export_id"] for row in left] == [later.id]


async def test_a_file_that_goes_while_it_is_read_is_not_taken_for_whole(house: House) -> None:
    await house.add_people(5)
    export = await written(house)
    pieces = stream(house.database, house.workspace.id, export, packed=False)
    assert await anext(pieces)
    house.clock.forward(timedelta(days=1))
    await writer_of(house).expire()
    with pytest.raises(Conflict, match="gone"):
        await anext(pieces)


async def test_another_workspace_has_no_such_export(house: House) -> None:
    other = WorkspaceId(UUID(int=2))
    await house.execute("insert into broadcast.workspaces (id, name) values (%s, 'Other')", other)
    export = await written(house)
    async with house.database.as_workspace(other) as connection:
        with pytest.raises(NotFound):
            await get_export(connection, other, export.id)
    pieces = stream(house.database, other, export, packed=False)
    with pytest.raises(Conflict):
        await anext(pieces)
