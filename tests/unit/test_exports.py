"""The form of an exported file."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.api.routes.exports import takes_gzip
from clarion.audience.exports.export import (
    Export,
    ExportColumn,
    ExportId,
    ExportStatus,
    file_name,
    gzip_head,
    gzip_tail,
    labelled,
    lines_of,
    piece_of,
    unpacked,
)
from clarion.audience.fields import FieldType
from clarion.kernel.actor import DEFAULT_WORKSPACE

NOW = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)

EXPORT = Export(
    id=ExportId(UUID(int=1)),
    workspace_id=DEFAULT_WORKSPACE,
    filter={},
    columns=(),
    excel=False,
    status=ExportStatus.DONE,
    total=0,
    done=0,
    written_up_to=None,
    parts=0,
    bytes=0,
    stored_bytes=0,
    checksum=0,
    problem=None,
    asked_by="Ana",
    created_at=NOW,
    finished_at=NOW,
    expires_at=NOW + timedelta(hours=24),
)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+15125550100", "'+15125550100"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", '"\'\r=1"'),
        ("a=b", "a=b"),
        ('say "hi"', '"say ""hi"""'),
        ("a,b", '"a,b"'),
        ("two\nlines", '"two\nlines"'),
        ("'quoted'", "'quoted'"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_cell_is_quoted_and_never_a_formula(cell: str | None, written: str) -> None:
    assert lines_of([["x", cell, "y"]]) == f"x,{written},y\r\n"


def test_a_row_of_one_empty_cell_is_still_a_row() -> None:
    assert lines_of([[None], ["a"]]) == '""\r\na\r\n'


_CELLS = st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3)))
def test_what_is_written_reads_back_and_begins_with_nothing_risky(
    rows: list[list[str | None]],
) -> None:
    text = lines_of(rows)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(read) == len(rows)
    for before, after in zip(rows, read, strict=True):
        for given_cell, cell in zip(before, after, strict=True):
            assert cell in (given_cell or "", f"'{given_cell}")
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")


def column(field: str, label: str) -> ExportColumn:
    return ExportColumn(field=field, label=label, type=FieldType.TEXT)


def test_fields_of_the_same_name_are_told_apart() -> None:
    columns = [column("email", "Email"), column("metadata.email", "Email"), column("id", "Id")]
    assert labelled(columns) == ["Email (email)", "Email (metadata.email)", "Id"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.booleans())
def test_the_pieces_are_one_gzip_stream(texts: list[str], excel: bool) -> None:  # noqa: FBT001
    export, stored, plain = EXPORT, gzip_head(), b""
    for text in texts:
        first = export.parts == 0
        piece = piece_of(text, checksum=export.checksum, first_of_excel=first and excel)
        export = replace(
            export,
            parts=export.parts + 1,
            bytes=export.bytes + piece.bytes,
            stored_bytes=export.stored_bytes + len(piece.content),
            checksum=piece.checksum,
        )
        stored += piece.content
        plain += unpacked(piece.content)
    stored += gzip_tail(export)
    wanted = ("\ufeff" if excel and texts else "") + "".join(texts)
    assert plain == gzip.decompress(stored) == wanted.encode()
    assert (export.bytes, export.gzip_bytes) == (len(plain), len(stored))
    # Browsers read one stream and leave what stands behind it.
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(stored) == plain
    assert (reader.eof, reader.unused_data) == (True, b"")


def test_what_is_past_its_time_is_gone() -> None:
    assert EXPORT.status_at(NOW + timedelta(hours=24, microseconds=-1)) is ExportStatus.DONE
    assert EXPORT.status_at(NOW + timedelta(hours=24)) is ExportStatus.EXPIRED
    failed = replace(EXPORT, status=ExportStatus.FAILED, expires_at=None)
    assert failed.status_at(NOW + timedelta(days=9)) is ExportStatus.FAILED


def test_the_name_of_the_file_says_when_by_the_clocks_of_the_workspace() -> None:
    assert file_name(EXPORT, ZoneInfo("America/Chicago")) == "contacts-2026-11-23-2130.csv"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br, identity", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whom_takes_it(header: str, taken: bool) -> None:  # noqa: FBT001
    assert takes_gzip(header) is taken
