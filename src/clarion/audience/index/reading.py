"""Texts read exactly as the filter's SQL reads them: by the database, each spelling once.

What is read alike everywhere (plain ASCII, plain numbers, moments with an offset) is read here;
everything else is asked of the database, in batches. So both evaluators have one meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import compute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import psycopg

#: Asked of the database in one statement.
_BATCH = 50_000

#: Digits that every double keeps, so that the number can be had back from it.
_EXACT_DIGITS = 15

_PLAIN_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]*(\.[0-9]*)?", re.ASCII)

_A_DIGIT = re.compile(r"[0-9]", re.ASCII)

_PLAIN_MOMENT = re.compile(
    r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-]0[0-9]:[0-9]{2})",
    re.ASCII,
)


class NotIndexable(Exception):  # noqa: N818 - not an error: the database answers instead
    """This field cannot be held in memory as it is; says why."""


@dataclass(frozen=True, slots=True)
class ListValue:
    """`elements` lowered, each once; `empty` as "is empty" means it."""

    elements: tuple[str, ...]
    empty: bool


class Reading:
    """Bound to one connection, and to the zone in which wall times are meant."""

    def __init__(self, connection: psycopg.Connection[Any], zone: str) -> None:
        self._connection = connection
        self._zone = zone
        row = connection.execute(
            "select lower('ABCDEFGHIJKLMNOPQRSTUVWXYZ') = 'abcdefghijklmnopqrstuvwxyz'"
        ).fetchone()
        #: Not so under a Turkish locale.
        self._plain_ascii = bool(row and row[0])

    def lowered(self, texts: Sequence[str]) -> list[str]:
        return self._read(
            texts,
            lambda text: text.lower() if self._plain_ascii and text.isascii() else None,
            "select lower(v) from unnest(%s::text[]) with ordinality t (v, n) order by n",
        )

    def lowered_array(self, texts: pa.Array) -> pa.Array:
        """The same for an arrow array of many different texts."""
        lowered = compute.ascii_lower(texts)
        plain = compute.string_is_ascii(texts)
        if self._plain_ascii and compute.all(plain).as_py() is not False:
            return lowered
        odd = compute.fill_null(compute.invert(plain), fill_value=False)
        if not self._plain_ascii:
            odd = compute.is_valid(texts)
        asked = self.lowered(texts.filter(odd).to_pylist())
        return compute.replace_with_mask(lowered, odd, pa.array(asked, pa.string()))

    def numbers(self, texts: Sequence[str]) -> list[float | None]:
        """Raises NotIndexable for a number that no double holds exactly enough to have it back."""
        found: list[str | None] = self._read(
            texts,
            lambda text: (
                text if _PLAIN_NUMBER.fullmatch(text) else None if _A_DIGIT.search(text) else ""
            ),
            "select broadcast.to_number(v)::text"
            " from unnest(%s::text[]) with ordinality t (v, n) order by n",
        )
        return [_to_double(text) if text else None for text in found]

    def moments(self, texts: Sequence[str]) -> list[int | None]:
        """Microseconds since 1970 UTC."""
        found: list[int | None] = [None] * len(texts)
        plain = [n for n, text in enumerate(texts) if _PLAIN_MOMENT.fullmatch(text)]
        try:
            read = pa.array([texts[n] for n in plain], pa.string()).cast(pa.timestamp("us", "UTC"))
        except pa.ArrowInvalid:
            plain = []
        else:
            for n, value in zip(plain, read.cast(pa.int64()).to_pylist(), strict=True):
                found[n] = value
        known = set(plain)
        others = [n for n in range(len(texts)) if n not in known]
        asked = self._ask(
            "select (extract(epoch from broadcast.to_moment(v, %s)) * 1000000)::bigint"
            " from unnest(%s::text[]) with ordinality t (v, n) order by n",
            [texts[n] for n in others],
            self._zone,
        )
        for n, value in zip(others, asked, strict=True):
            found[n] = value
        return found

    def lists(self, texts: Sequence[str]) -> list[ListValue]:
        """`texts` are JSON values as PostgreSQL prints them; one that is no array is a list of
        one, an object or null a list of nothing."""
        found = self._ask(
            """
            select array(select distinct lower(e) from jsonb_array_elements_text(list) e
                         where e is not null),
              jsonb_array_length(list) = 0 or list = '[""]'
            from (
              select n, case jsonb_typeof(v::jsonb)
                when 'array' then v::jsonb when 'null' then '[]' when 'object' then '[]'
                else jsonb_build_array(v::jsonb) end as list
              from unnest(%s::text[]) with ordinality t (v, n)
            ) read order by n
            """,
            texts,
            whole_rows=True,
        )
        return [ListValue(tuple(elements), bool(empty)) for elements, empty in found]

    def _read(
        self, texts: Sequence[str], plainly: Callable[[str], Any], statement: str
    ) -> list[Any]:
        read = [plainly(text) for text in texts]
        odd = [n for n, value in enumerate(read) if value is None]
        asked = self._ask(statement, [texts[n] for n in odd])
        for n, value in zip(odd, asked, strict=True):
            read[n] = value
        return read

    def _ask(
        self, statement: str, texts: Sequence[str], *first: str, whole_rows: bool = False
    ) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(texts), _BATCH):
            rows = self._connection.execute(
                statement, [*first, list(texts[start : start + _BATCH])]
            ).fetchall()
            found += rows if whole_rows else [row[0] for row in rows]
        return found


def is_blank(text: str) -> bool:
    """Nothing to print, as "is empty" means it."""
    return not text.strip()


def _to_double(text: str) -> float:
    digits = sum(character.isdigit() for character in text)
    number = float(text)
    if digits <= _EXACT_DIGITS:
        return number
    if abs(number) == float("inf") or Decimal(repr(number)) != Decimal(text):
        raise NotIndexable("It holds numbers of more digits than the index keeps.")
    return number


def blank_among(texts: pa.Array) -> Iterable[int]:
    """Places of blank texts in an arrow array of many; nulls are not among them."""
    # Only what begins with a blank can be blank; the rest is not worth a Python object.
    first = compute.utf8_slice_codeunits(texts, 0, 1)
    return [
        n
        for n, character in enumerate(first.to_pylist())
        if character is not None
        and (not character or character.isspace())
        and is_blank(texts[n].as_py())
    ]
