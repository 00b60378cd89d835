"""An export and the form of its file: pure, so that it can be tried without a database."""

from __future__ import annotations

import csv
import io
import zlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.audience.fields import FieldType
    from clarion.kernel.actor import WorkspaceId

ExportId = NewType("ExportId", UUID)

KEPT = timedelta(hours=24)

#: Excel takes a file without this for one of its own old encodings.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

#: A cell that begins with one of these is a formula to a spreadsheet.
_RISKY = frozenset("=+-@\t\r")

#: Fast rather than small: the file is read once.
_LEVEL = 3

# One gzip stream made of pieces that are compressed on their own: browsers read only the first of
# several streams behind one another.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_GZIP_AROUND = len(_GZIP_HEAD) + len(_LAST_BLOCK) + 8


class ExportStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """A field as it was when the export was asked for; `label` stands in the header."""

    field: str
    label: str
    type: FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """`done` and `total` count contacts, `bytes` what is written of the CSV, before compression.
    `checksum` is the CRC-32 of these bytes, `stored_bytes` what the pieces take up."""

    id: ExportId
    workspace_id: WorkspaceId
    filter: dict[str, Any]
    columns: tuple[ExportColumn, ...]
    excel: bool
    status: ExportStatus
    total: int | None
    done: int
    written_up_to: str | None
    parts: int
    bytes: int
    stored_bytes: int
    checksum: int
    problem: str | None
    asked_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    def status_at(self, now: datetime) -> ExportStatus:
        """What is past its time is gone, even before the sweep has been there."""
        if self.status is ExportStatus.DONE and self.expires_at and self.expires_at <= now:
            return ExportStatus.EXPIRED
        return self.status

    @property
    def gzip_bytes(self) -> int:
        """How long the file is as one gzip stream."""
        return self.stored_bytes + _GZIP_AROUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A slice of the file: `content` compressed, `bytes` its length before that, and the CRC-32 of
    the file up to its end."""

    content: bytes
    bytes: int
    checksum: int


def piece_of(text: str, *, checksum: int, first_of_excel: bool) -> Piece:
    """`checksum` is that of the file before this piece."""
    data = text.encode()
    if first_of_excel:
        data = _BYTE_ORDER_MARK + data
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Piece(
        content=packing.compress(data) + packing.flush(zlib.Z_SYNC_FLUSH),
        bytes=len(data),
        checksum=zlib.crc32(data, checksum),
    )


def gzip_head() -> bytes:
    return _GZIP_HEAD


def gzip_tail(export: Export) -> bytes:
    length = export.bytes & 0xFFFFFFFF
    return _LAST_BLOCK + export.checksum.to_bytes(4, "little") + length.to_bytes(4, "little")


def unpacked(content: bytes) -> bytes:
    """A piece as it was before it was compressed."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content)


def lines_of(rows: Iterable[Sequence[str | None]]) -> str:
    """RFC 4180, with nothing in it that a spreadsheet would run."""
    risky = _RISKY
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(
        ["'" + cell if cell and cell[0] in risky else cell for cell in row] for row in rows
    )
    return written.getvalue()


def labelled(columns: Sequence[ExportColumn]) -> list[str]:
    """The header; fields of the same name are told apart by their ids."""
    labels = [column.label for column in columns]
    return [
        column.label if labels.count(column.label) == 1 else f"{column.label} ({column.field})"
        for column in columns
    ]


def file_name(export: Export, zone: ZoneInfo) -> str:
    return f"contacts-{export.created_at.astimezone(zone):%Y-%m-%d-%H%M}.csv"
