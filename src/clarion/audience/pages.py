"""Pages of contacts: in which order, from where on, and of whom that a search finds.

Never by OFFSET: a page begins behind the contact at which the one before ended. Who has nothing
in the field that is sorted by comes last, whatever the direction; so a sorted list has two parts,
and each of them can be read from an index.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from clarion.audience.fields import Field, FieldType
from clarion.audience.held_values import HeldValues, Parameters
from clarion.audience.phone import normalise
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from clarion.audience.audience import By, LeftOut
    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter import Condition

#: What a person types who looks for a number: digits and what stands between them.
_LIKE_A_NUMBER = re.compile(r"[0-9 +().\-/]*[0-9][0-9 +().\-/]*")

#: Everything else is sorted as text.
_IN_THEIR_ORDER = (FieldType.NUMBER, FieldType.DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """By a field of the contacts themselves. Contacts with equal values follow by their id."""

    field: Field
    descending: bool = False

    @property
    def id(self) -> str:
        return f"{'-' if self.descending else '+'}{self.field.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Narrows a list to those whom the channel leaves out for a reason, or to those it reaches;
    `by` looks at both channels instead. `without` narrows it further, to those who meet this."""

    channel: Channel = Channel.SMS
    left_out: LeftOut | None = None
    reachable: bool = False
    by: By | None = None
    without: Condition | None = None

    @property
    def narrows(self) -> bool:
        return self.left_out is not None or self.reachable or self.by is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The contact at which a page ended. `value` is what was sorted by, as text; None for one
    who has nothing there, and where nothing is sorted by."""

    value: str | None
    id: str


def write_mark(mark: Mark, sort: Sort | None) -> str:
    text = json.dumps([sort.id if sort else None, mark.value, mark.id])
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_mark(text: str, sort: Sort | None) -> Mark:
    """Raises Invalid for what is no mark, and for one of a list in another order."""
    try:
        read = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise no_such_page() from error
    match read:
        case [str() | None as order, str() | None as value, str() as contact_id]:
            if order != (sort.id if sort else None) or (sort is None and value is not None):
                raise no_such_page("This is the mark of a page in another order.")
            if not _can_be_held(contact_id + (value or "")):
                raise no_such_page()
            return Mark(value=value, id=contact_id)
        case _:
            raise no_such_page()


def _can_be_held(text: str) -> bool:
    """By a text of the database: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def no_such_page(detail: str = "This is not the mark of a page.") -> Invalid:
    return Invalid("There is no such page.", faults=[Fault(pointer="/after", detail=detail)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """`words` are looked for in the name and the e-mail address, `digits` in the phone number;
    `number` (E.164) is what they mean as a whole number, however a contact writes it."""

    words: str
    digits: str | None = None
    number: str | None = None


def read_search(text: str | None, region: str) -> Search | None:
    """`region` is where a number without "+" belongs. Raises Invalid for what no text can hold."""
    words = " ".join((text or "").split())
    if not words:
        return None
    if not _can_be_held(words):
        detail = "The search holds a character that no contact can hold."
        raise Invalid(detail, faults=[Fault(pointer="/search", detail=detail)])
    if not _LIKE_A_NUMBER.fullmatch(words):
        return Search(words=words)
    return Search(
        words=words,
        digits=re.sub(r"[^0-9]", "", words),
        number=normalise(words, region).e164,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a page takes of the contacts `c`: a value, a condition and an order, as SQL."""

    sorted_by: sql.Composable
    narrowed: sql.Composable
    order: sql.Composable
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """One list of contacts; `cut` gives each part of it from a place on."""

    contacts: ContactTable
    zone: ZoneInfo
    sort: Sort | None = None
    search: Search | None = None

    def cuts(self, after: Mark | None) -> list[Cut]:
        """The parts of the list behind `after`, in their order: first who has a value."""
        if self.sort is None:
            return [self._cut(after=after)]
        if after is not None and after.value is None:
            return [self._cut(after=after, empty=True)]
        return [self._cut(after=after), self._cut(after=None, empty=True)]

    def _cut(self, *, after: Mark | None, empty: bool = False) -> Cut:
        parameters = Parameters(prefix="page")
        contact_id = self.contacts.id
        way = sql.SQL("desc" if self.sort and self.sort.descending else "asc")
        conditions = [] if self.search is None else [self._found(self.search, parameters)]
        value, value_type = self._value(self.sort, parameters) if self.sort else (None, sql.SQL(""))
        if value is not None:
            conditions.append(self._is_empty(value) if empty else self._has_value(value))
        if after is not None:
            behind = sql.SQL("<" if self.sort and self.sort.descending else ">")
            place = sql.SQL("{}::text::{}").format(
                parameters.bind(after.id), self.contacts.id_type_sql
            )
            if value is None or empty:
                conditions.append(sql.SQL("{} {} {}").format(contact_id, behind, place))
            else:
                conditions.append(
                    sql.SQL("({}, {}) {} ({}::text::{}, {})").format(
                        value, contact_id, behind, parameters.bind(after.value), value_type, place
                    )
                )
        shown = value if value is not None and not empty else None
        return Cut(
            sorted_by=sql.SQL("{}::text").format(shown or sql.SQL("null")),
            narrowed=sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true"),
            order=sql.SQL(", ").join(
                sql.SQL("{} {}").format(each, way) for each in (shown, contact_id) if each
            ),
            parameters=parameters.values,
        )

    def _value(self, sort: Sort, parameters: Parameters) -> tuple[sql.Composable, sql.Composable]:
        """What is sorted by, and its type. A column stays as it is, so that its index serves."""
        held = HeldValues(contacts=self.contacts, zone=self.zone, parameters=parameters)
        name, kind = sort.field.path[0], sort.field.type
        if kind not in _IN_THEIR_ORDER:
            return sql.SQL("lower({})").format(held.as_text(sort.field)), sql.SQL("text")
        if sort.field.source == "column":
            return self.contacts.column(name), sql.SQL(self.contacts.type_of(name))
        if kind is FieldType.NUMBER:
            return held.as_number(sort.field), sql.SQL("numeric")
        return held.as_moment(sort.field), sql.SQL("timestamptz")

    def _has_value(self, value: sql.Composable) -> sql.Composable:
        return sql.SQL("{} <> ''" if self._is_text else "{} is not null").format(value)

    def _is_empty(self, value: sql.Composable) -> sql.Composable:
        return sql.SQL("coalesce({}, '') = ''" if self._is_text else "{} is null").format(value)

    @property
    def _is_text(self) -> bool:
        return self.sort is not None and self.sort.field.type not in _IN_THEIR_ORDER

    def _found(self, search: Search, parameters: Parameters) -> sql.Composable:
        names = self.contacts.names
        words = sql.SQL("lower({}::text)").format(parameters.bind(search.words))
        places = [
            sql.SQL(
                "position({} in lower(concat_ws(' ', btrim({}::text), btrim({}::text)))) > 0"
            ).format(words, *map(self.contacts.column, (names.first_name, names.last_name))),
            sql.SQL("position({} in lower(coalesce({}::text, ''))) > 0").format(
                words, self.contacts.column(names.email)
            ),
        ]
        phone = self.contacts.phone_number
        if search.digits is not None:
            places.append(
                # The digits with anything but digits between them: faster than to strip them.
                sql.SQL("coalesce({}::text ~ {}, false)").format(
                    phone, parameters.bind("[^0-9]*".join(search.digits))
                )
            )
        if search.number is not None:
            places.append(
                sql.SQL(
                    "{}::text in (select raw from broadcast.phone_numbers"
                    " where workspace_id = %(workspace_id)s and e164 = {})"
                ).format(phone, parameters.bind(search.number))
            )
        return sql.SQL("({})").format(sql.SQL(" or ").join(places))
