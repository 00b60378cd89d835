"""Reads a CSV file of contacts row by row, and says in plain words what is wrong with it."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TextIO

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: So many faults are told together; a file with more of them has one cause.
MOST_FAULTS = 20
LONGEST_ROW = 1_000_000  # bytes

_COLUMNS = {
    "first_name": ("firstname", "givenname"),
    "last_name": ("lastname", "surname", "familyname"),
    "name": ("name", "fullname"),
    "email": ("email", "emailaddress"),
    "phone_number": ("phonenumber", "phone", "mobile", "cell", "mobilephone", "cellphone"),
}
_COLUMN_OF = {alias: column for column, aliases in _COLUMNS.items() for alias in aliases}

_LIST_SPLIT = re.compile(r"[;|]")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")
_JSON_ENDS = {"{": "}", "[": "]"}

_SAVE_AS_UTF8 = 'save the file as "CSV UTF-8" and import it again'


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact of the file; `line` is where its row starts, the header's line being 1."""

    line: int
    first_name: str | None
    last_name: str | None
    email: str | None
    phone_number: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Which cell goes where: places by contact column; (place, key, is a list) of the metadata."""

    width: int
    columns: dict[str, int]
    metadata: tuple[tuple[int, str, bool], ...]


class _RowTooLongError(Exception):
    pass


def read_contacts(stream: TextIO | BinaryIO) -> ContactReader:
    """An iterator over the rows; the caller closes the stream.

    Raises Invalid at once for a header that cannot be used, and while iterating for faulty rows:
    then with up to MOST_FAULTS faults, pointers being "/lines/4812". Rows before the first fault
    have been handed out by then, so import in one transaction. Exact repetitions are left out.
    """
    return ContactReader(stream)


class ContactReader:
    """`rows` counts the contacts handed out so far, `duplicates` the repeated rows left out."""

    def __init__(self, stream: TextIO | BinaryIO) -> None:
        self.rows = 0
        self.duplicates = 0
        self._faults: list[Fault] = []
        self._seen: set[bytes] = set()
        self._lines = _Lines(stream, self._faults)
        first, delimiter = self._first_line()
        self._cells = csv.reader(chain([first], self._lines), delimiter=delimiter, strict=True)
        self._header = self._read_header()

    def __iter__(self) -> Iterator[ContactRow]:
        return self

    def __next__(self) -> ContactRow:
        while True:
            start, cells = self._next_cells()
            if not any(cells):
                continue
            if len(cells) != self._header.width:
                self._add(start, _wrong_width(start, len(cells), self._header.width))
            # After a fault nothing is handed out: the rest is only read for more faults.
            if not self._faults and self._is_new(cells):
                self.rows += 1
                return _contact(start, cells, self._header)

    def _next_cells(self) -> tuple[int, list[str]]:
        start = self._lines.begin_row()
        try:
            if len(self._faults) >= MOST_FAULTS:
                self._fail()
            return start, [cell.strip() for cell in next(self._cells)]
        except StopIteration:
            if self._faults:
                self._fail()
            raise
        except _RowTooLongError:
            self._add(
                start,
                f"The row that starts on line {start:,} is over 1 MB: "
                "a quotation mark in it is probably never closed.",
            )
            self._fail()
        except csv.Error as error:
            self._add(start, _broken(start, str(error)))
            if "field limit" in str(error):
                self._fail()
            return start, []

    def _first_line(self) -> tuple[str, str]:
        """The header's line and the delimiter; a line "sep=;" that Excel writes is obeyed."""
        self._lines.begin_row()
        try:
            first = next(self._lines).removeprefix("\ufeff")
            stated = re.fullmatch(r'"?sep=([,;\t])"?\s*', first)
            if stated:
                return next(self._lines), stated[1]
        except StopIteration:
            self._add(1, "The file is empty.")
            self._fail()
        except _RowTooLongError:
            self._add(1, "Line 1 is over 1 MB: this is no CSV file with a header.")
            self._fail()
        unquoted = re.sub(r'"[^"]*"', "", first)
        return first, max(",;\t", key=unquoted.count)

    def _read_header(self) -> _Header:
        try:
            names = [cell.strip() for cell in next(self._cells)]
        except (StopIteration, csv.Error, _RowTooLongError):
            names = []
        line = self._lines.number
        if not any(names):
            self._add(line, "The first line must name the columns; it is empty or broken.")
            self._fail()
        header, faults = _understood(names)
        for detail in faults:
            self._add(line, detail)
        if self._faults:
            self._fail()
        return header

    def _is_new(self, cells: Sequence[str]) -> bool:
        # 16 bytes per row are all that is kept of the file.
        digest = blake2b("\x1f".join(cells).encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._seen:
            self.duplicates += 1
            return False
        self._seen.add(digest)
        return True

    def _add(self, line: int, detail: str) -> None:
        self._faults.append(Fault(pointer=f"/lines/{line}", detail=detail))

    def _fail(self) -> NoReturn:
        faults = self._faults[:MOST_FAULTS]
        if len(faults) == 1:
            raise Invalid(faults[0].detail, faults=faults)
        count = f"at least {MOST_FAULTS}" if len(faults) == MOST_FAULTS else str(len(faults))
        raise Invalid(f"The file has {count} faults. {faults[0].detail}", faults=faults)


class _Lines:
    """The file's lines as text; notes what is no text and stops at a row without an end."""

    def __init__(self, stream: TextIO | BinaryIO, faults: list[Fault]) -> None:
        self.number = 0
        self._stream = stream
        self._faults = faults
        self._room = LONGEST_ROW

    def begin_row(self) -> int:
        """The number of the line at which the next row starts."""
        self._room = LONGEST_ROW
        return self.number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._stream.readline(LONGEST_ROW + 1)
        except UnicodeDecodeError:
            self.number += 1
            self._note(f"is not UTF-8 text: {_SAVE_AS_UTF8}.")
            raise StopIteration from None
        if not line:
            raise StopIteration
        self.number += 1
        if self.number == 1 and isinstance(line, bytes):
            self._refuse_other_files(line)
        self._room -= len(line)
        if self._room < 0:
            raise _RowTooLongError
        text = line if isinstance(line, str) else self._decoded(line)
        if "\0" in text:
            self._note("has NUL characters in it, which no text has: export the file again.")
            text = text.replace("\0", "")
        return text

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self._note(f"is not UTF-8 text: {_SAVE_AS_UTF8}.")
            return line.decode("utf-8", "replace")

    def _note(self, what: str) -> None:
        detail = f"Line {self.number:,} {what}"
        self._faults.append(Fault(pointer=f"/lines/{self.number}", detail=detail))

    def _refuse_other_files(self, line: bytes) -> None:
        kind = None
        if line.startswith(b"PK\x03\x04"):
            kind = "an Excel workbook"
        elif line.startswith((b"\xff\xfe", b"\xfe\xff")):
            kind = "UTF-16 text"
        if kind:
            detail = f"The file is {kind}: {_SAVE_AS_UTF8}."
            raise Invalid(detail, faults=[Fault(pointer="/lines/1", detail=detail)])


def _understood(names: list[str]) -> tuple[_Header, list[str]]:
    """The header and what is wrong with it."""
    faults: list[str] = []
    columns: dict[str, int] = {}
    metadata: list[tuple[int, str, bool]] = []
    first_use: dict[str, str] = {}
    spelled = [_COLUMN_OF.get(_NOT_WORD.sub("", name.casefold())) for name in names]
    has_parts = "first_name" in spelled or "last_name" in spelled
    for place, name in enumerate(names):
        column = spelled[place]
        key = _snake_case(name)
        # A second phone, or a full name beside its parts, is kept as a field of its own.
        is_second_phone = column == "phone_number" and column in columns and key != column
        if is_second_phone or (column == "name" and has_parts):
            column = None
        target = column or key
        if not target:
            faults.append(f"Column {place + 1} has no name: name it or remove it.")
        elif target in first_use:
            faults.append(f'The columns "{first_use[target]}" and "{name}" mean the same.')
        elif column:
            columns[column] = place
        else:
            metadata.append((place, key, key == "tags" or name.endswith("[]")))
        first_use.setdefault(target, name)
    if not columns and not faults:
        faults.append(
            "No column is a name, an e-mail address or a phone number: the first line must name "
            "the columns, for example first_name, last_name, email, phone."
        )
    return _Header(width=len(names), columns=columns, metadata=tuple(metadata)), faults


def _snake_case(name: str) -> str:
    words = _WORD_START.sub("_", unicodedata.normalize("NFC", name))
    return _NOT_WORD.sub("_", words).strip("_").lower()


def _contact(line: int, cells: list[str], header: _Header) -> ContactRow:
    values = {column: cells[place] or None for column, place in header.columns.items()}
    first_name, last_name = values.get("first_name"), values.get("last_name")
    if full_name := values.get("name"):
        *given, family = full_name.split()
        first_name, last_name = (" ".join(given), family) if given else (family, None)
    metadata: dict[str, Any] = {}
    for place, key, is_list in header.metadata:
        if cell := cells[place]:
            value = _list(cell) if is_list else _value(cell)
            if value is not None:
                metadata[key] = value
    return ContactRow(
        line=line,
        first_name=first_name,
        last_name=last_name,
        email=values.get("email"),
        phone_number=values.get("phone_number"),
        metadata=metadata,
    )


def _value(cell: str) -> Any:
    """Text as it is ("07030" keeps its zero), a JSON object or array as what it holds."""
    if _JSON_ENDS.get(cell[0]) != cell[-1]:
        return cell
    try:
        value = json.loads(cell, parse_constant=_refuse, parse_float=_finite)
        if "\\u" in cell:
            # PostgreSQL stores neither NUL nor half of a surrogate pair.
            stored = json.dumps(value, ensure_ascii=False).encode("utf-8")
            return cell if b"\\u0000" in stored else value
    except (ValueError, RecursionError):
        return cell
    return value


def _list(cell: str) -> list[Any] | None:
    value = _value(cell)
    if isinstance(value, list):
        return value or None
    return [item for part in _LIST_SPLIT.split(cell) if (item := part.strip())] or None


def _finite(digits: str) -> float:
    value = float(digits)
    return _refuse(digits) if value in {float("inf"), float("-inf")} else value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _wrong_width(line: int, cells: int, width: int) -> str:
    counted = f"{cells} cell" if cells == 1 else f"{cells} cells"
    advice = (
        "put a cell that has the separator in it into quotation marks"
        if cells > width
        else "add the missing separators, or join a row that was broken in two"
    )
    return f"Line {line:,} has {counted}, the header has {width}: {advice}."


def _broken(line: int, error: str) -> str:
    if "unexpected end" in error:
        return (
            f"Line {line:,} opens a quotation mark that is never closed: "
            "close it, or write it twice where it belongs to the text."
        )
    if "field limit" in error:
        return (
            f"Line {line:,} begins a cell of over 128 kB: shorten it, or close a quotation mark "
            "that was left open."
        )
    if "new-line" in error:
        return f"Line {line:,} has line breaks of an old Mac in it: {_SAVE_AS_UTF8}."
    return (
        f"Line {line:,} has a quotation mark in the middle of a cell: write it twice and put the "
        "whole cell into quotation marks."
    )
