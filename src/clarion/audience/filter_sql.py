"""Filter → SQL: the truth about who matches.

Every condition is made to be true or false, never null, so that `not` means what a person means
by it. Text is compared without regard to case. A contact without a value meets the negative
operators ("is not TX" holds for someone without a state).

What is known of a contact outside its row is joined, never looked up in a subquery of the
condition: then the planner can hash it, and spill to disk where it is millions.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never
from zoneinfo import ZoneInfo

from psycopg import sql

from clarion.audience.days import anniversaries, moments_between
from clarion.audience.fields import OPERATORS, Field, FieldType
from clarion.audience.filter import (
    ActivityCondition,
    Condition,
    Group,
    Match,
    Part,
    ScheduledCondition,
    SegmentCondition,
    Value,
)
from clarion.audience.held_values import HeldValues, Parameters
from clarion.audience.outside import OutsideCondition, people_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from clarion.audience.contact_table import ContactTable

#: The operators that say no, with what each says no to.
POSITIVE = {
    "is_not": "is",
    "is_none_of": "is_one_of",
    "does_not_contain": "contains",
    "has_none_of": "has_any_of",
    "is_not_empty": "is_empty",
}


_WHITE_SPACE = "".join(
    character for character in map(chr, range(sys.maxunicode + 1)) if character.isspace()
)

_COMPARISONS = {
    "greater_than": sql.SQL("{} > {}::numeric"),
    "at_least": sql.SQL("{} >= {}::numeric"),
    "less_than": sql.SQL("{} < {}::numeric"),
    "at_most": sql.SQL("{} <= {}::numeric"),
}

_NOTHING = sql.SQL("")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFilter:
    """A filter with the moment that its relative dates count from, and the broadcast whose
    audience it is, if it is one's."""

    group: Group
    now: datetime
    broadcast_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFilter:
    """`where` is a condition on the alias `c` of the contacts table; `joins` stands directly
    behind `from <the contacts table> c` in every statement that uses it.

    The statement gives the parameter `workspace_id` beside `parameters`. `asked` is what was
    compiled, for who can answer it in another way.
    """

    where: sql.Composable
    joins: sql.Composable = field(default_factory=lambda: _NOTHING)
    parameters: dict[str, Any]
    asked: AskedFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledParts:
    """`parts`: the JSON pointer of each condition and group within the filter ("" is the filter
    itself) with its own `where`; the joins and the parameters are those of all."""

    parts: tuple[tuple[str, sql.Composable], ...]
    joins: sql.Composable
    parameters: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class _Compiler:
    contacts: ContactTable
    zone: ZoneInfo
    now: datetime
    broadcast_id: UUID | None = None
    prefix: str = "f"
    parameters: Parameters = field(init=False)
    held: HeldValues = field(init=False)
    parts: list[tuple[str, sql.Composable]] = field(default_factory=list)
    #: The alias of each join, so that people who are named twice are looked up once.
    aliases: dict[OutsideCondition, str] = field(default_factory=dict)
    joined: list[sql.Composable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parameters = Parameters(prefix=self.prefix)
        self.held = HeldValues(contacts=self.contacts, zone=self.zone, parameters=self.parameters)

    @property
    def joins(self) -> sql.Composable:
        return sql.SQL(" ").join(self.joined) if self.joined else _NOTHING

    def bind(self, value: Any) -> sql.Composable:
        return self.parameters.bind(value)

    def document(self, group: Group, pointer: str) -> sql.Composable:
        """The group, with a note of each of its parts."""
        place = len(self.parts)
        parts = [
            self.document(part, f"{pointer}/conditions/{index}")
            if isinstance(part, Group)
            else self.noted(part, f"{pointer}/conditions/{index}")
            for index, part in enumerate(group.conditions)
        ]
        where = _together(group.match, parts)
        self.parts.insert(place, (pointer, where))
        return where

    def noted(self, part: Part, pointer: str) -> sql.Composable:
        where = self.part(part)
        self.parts.append((pointer, where))
        return where

    def part(self, part: Part) -> sql.Composable:
        match part:
            case Group():
                return _together(part.match, [self.part(each) for each in part.conditions])
            case Condition():
                return self.condition(part)
            case SegmentCondition():
                return self.segment(part)
            case ActivityCondition() | ScheduledCondition():
                met = self.outside(replace(part, negated=False))
                return _not(met) if part.negated else met
            case _:
                assert_never(part)

    # --- what is known outside the contacts table

    def outside(self, condition: OutsideCondition) -> sql.Composable:
        alias = self.aliases.get(condition)
        if alias is None:
            alias = f"{self.prefix}_s{len(self.aliases)}"
            self.aliases[condition] = alias
            people, parameters = people_of(
                condition,
                zone=self.zone,
                now=self.now,
                broadcast_id=self.broadcast_id,
                prefix=f"{alias}_",
            )
            self.parameters.values.update(parameters)
            self.joined.append(
                sql.SQL("left join ({people}) {alias} on {alias}.contact_id = {id}::text").format(
                    people=people, alias=sql.Identifier(alias), id=self.contacts.id
                )
            )
        return sql.SQL("({}.contact_id is not null)").format(sql.Identifier(alias))

    def segment(self, condition: SegmentCondition) -> sql.Composable:
        met = [
            self.outside(segment) if segment.group is None else self.part(segment.group)
            for segment in condition.segments
        ]
        return _together(Match.NONE if condition.negated else Match.ANY, met)

    # --- what the contact holds

    def condition(self, condition: Condition) -> sql.Composable:
        operator = condition.operator.id
        positive = POSITIVE.get(operator, operator)
        if positive == "is_empty":
            met = self.is_empty(condition.field, condition.reading)
        else:
            match condition.reading:
                case FieldType.NUMBER:
                    met = self.number(condition, positive)
                case FieldType.DATE:
                    met = self.moment(condition, positive)
                case FieldType.BOOLEAN:
                    met = sql.SQL("lower({}) = {}").format(
                        self.held.as_text(condition.field),
                        self.bind("true" if positive == "is_true" else "false"),
                    )
                case FieldType.LIST:
                    met = self.elements(condition, positive)
                case _:
                    met = self.text(condition, positive)
        answer = sql.SQL("coalesce({}, false)").format(met)
        return _not(answer) if operator in POSITIVE else answer

    def is_empty(self, field: Field, reading: FieldType) -> sql.Composable:
        if reading is FieldType.LIST:
            return sql.SQL("jsonb_array_length({list}) = 0 or {list} = '[\"\"]'").format(
                list=sql.SQL("({})").format(self.held.as_list(field))
            )
        if reading is FieldType.NUMBER:
            return sql.SQL("{} is null").format(self.held.as_number(field))
        if reading is FieldType.DATE:
            return sql.SQL("{} is null").format(self.held.as_moment(field))
        # White space of any kind is nothing to print, as in the content room. Spelled out, since
        # what a server takes for white space depends on its version and locale.
        return sql.SQL("btrim(coalesce({}, ''), {}) = ''").format(
            self.held.as_text(field), sql.Literal(_WHITE_SPACE)
        )

    def text(self, condition: Condition, operator: str) -> sql.Composable:
        value = sql.SQL("lower({})").format(self.held.as_text(condition.field))
        if operator in ("is", "is_one_of"):
            return sql.SQL("{} = any ({})").format(value, self.lowered(condition.values))
        wanted = sql.SQL("lower({}::text)").format(self.bind(condition.values[0]))
        if operator == "contains":
            return sql.SQL("position({} in {}) > 0").format(wanted, value)
        return sql.SQL("starts_with({}, {})").format(value, wanted)

    def lowered(self, values: tuple[Value, ...]) -> sql.Composable:
        # In an array of its own, so that PostgreSQL lowers the values once and not per contact.
        return sql.SQL("array(select lower(v) from unnest({}::text[]) v)").format(
            self.bind([str(value) for value in values])
        )

    def number(self, condition: Condition, operator: str) -> sql.Composable:
        value = self.held.as_number(condition.field)
        if operator in ("is", "is_one_of"):
            return sql.SQL("{} = any ({}::numeric[])").format(
                value, self.bind(list(condition.values))
            )
        if operator == "between":
            low, high = (self.bind(each) for each in condition.values)
            return sql.SQL("{} between {}::numeric and {}::numeric").format(value, low, high)
        return _COMPARISONS[operator].format(value, self.bind(condition.values[0]))

    def moment(self, condition: Condition, operator: str) -> sql.Composable:
        value = self.held.as_moment(condition.field)
        if operator == "anniversary_in_next_days":
            coming = anniversaries(_days(condition.values[0]), now=self.now, zone=self.zone)
            return sql.SQL("to_char({} at time zone {}, 'MMDD') = any ({}::text[])").format(
                value, self.held.zone_name, self.bind(coming)
            )
        since, until = moments_between(operator, condition.values, now=self.now, zone=self.zone)
        if since is None:
            return sql.SQL("{} < {}").format(value, self.bind(until))
        if until is None:
            return sql.SQL("{} >= {}").format(value, self.bind(since))
        return sql.SQL("({value} >= {since} and {value} < {until})").format(
            value=value, since=self.bind(since), until=self.bind(until)
        )

    def elements(self, condition: Condition, operator: str) -> sql.Composable:
        values = self.held.as_list(condition.field)
        wanted = self.lowered(condition.values)
        if operator == "has_any_of":
            return sql.SQL(
                "exists (select from jsonb_array_elements_text({}) e where lower(e) = any ({}))"
            ).format(values, wanted)
        return sql.SQL("array(select lower(e) from jsonb_array_elements_text({}) e) @> {}").format(
            values, wanted
        )


def _not(condition: sql.Composable) -> sql.Composable:
    return sql.SQL("(not {})").format(condition)


def _together(match: Match, parts: list[sql.Composable]) -> sql.Composable:
    if not parts:
        return sql.SQL("true")
    match match:
        case Match.ALL:
            return sql.SQL("({})").format(sql.SQL(" and ").join(parts))
        case Match.ANY:
            return sql.SQL("({})").format(sql.SQL(" or ").join(parts))
        case Match.NONE:
            return sql.SQL("(not ({}))").format(sql.SQL(" or ").join(parts))
        case _:
            assert_never(match)


def _days(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def compile_filter(
    group: Group,
    *,
    contacts: ContactTable,
    zone: ZoneInfo,
    now: datetime,
    broadcast_id: UUID | None = None,
    prefix: str = "f",
) -> CompiledFilter:
    """`zone` is the workspace's: in it "today" and dates without a time are meant.

    `broadcast_id` is the broadcast whose audience this is, if it is one's: that one does not
    count as a scheduled broadcast. `prefix` begins the names of parameters and joins, so that two
    filters can stand side by side.
    """
    compiler = _Compiler(
        contacts=contacts, zone=zone, now=now, broadcast_id=broadcast_id, prefix=prefix
    )
    where = compiler.part(group)
    return CompiledFilter(
        where=where,
        joins=compiler.joins,
        parameters=compiler.parameters.values,
        asked=AskedFilter(group=group, now=now, broadcast_id=broadcast_id),
    )


def compile_parts(
    group: Group,
    *,
    contacts: ContactTable,
    zone: ZoneInfo,
    now: datetime,
    broadcast_id: UUID | None = None,
    prefix: str = "f",
) -> CompiledParts:
    """Each condition and group by itself, a group before what is in it; as `compile_filter`."""
    compiler = _Compiler(
        contacts=contacts, zone=zone, now=now, broadcast_id=broadcast_id, prefix=prefix
    )
    compiler.document(group, "")
    return CompiledParts(
        parts=tuple(compiler.parts),
        joins=compiler.joins,
        parameters=compiler.parameters.values,
    )


def text_of(
    field: Field, contacts: ContactTable, *, elements: bool
) -> tuple[sql.Composable, dict[str, Any]]:
    """The field's value of a contact as text, for the list of real values.

    With `elements` each element of a list is a row of its own.
    """
    held = HeldValues(contacts=contacts, zone=ZoneInfo("UTC"), parameters=Parameters(prefix="f"))
    value = (
        sql.SQL("jsonb_array_elements_text({})").format(held.as_list(field))
        if elements
        else held.as_text(field)
    )
    return value, held.parameters.values


def unprintable(field: Field) -> Condition:
    """The condition that a contact has nothing printable in this field."""
    printed = field.type if field.type is FieldType.LIST else FieldType.TEXT
    return Condition(field=field, operator=OPERATORS["is_empty"], values=(), reading=printed)


def compile_beside(condition: Condition, contacts: ContactTable, zone: ZoneInfo) -> CompiledFilter:
    """Its parameters have names of their own, so that it can stand beside a filter; for conditions
    that ask for no time."""
    compiler = _Compiler(
        contacts=contacts, zone=zone, now=datetime(1970, 1, 1, tzinfo=UTC), prefix="e"
    )
    return CompiledFilter(
        where=compiler.condition(condition), parameters=compiler.parameters.values
    )


def only(ids: Sequence[str], compiled: CompiledFilter, contacts: ContactTable) -> CompiledFilter:
    """Of those who match, the contacts with these ids."""
    return replace(
        compiled,
        where=sql.SQL("({id} = any (%(only_ids)s::text[]::{type}[]) and {where})").format(
            id=contacts.id, type=contacts.id_type_sql, where=compiled.where
        ),
        parameters={**compiled.parameters, "only_ids": list(ids)},
    )
