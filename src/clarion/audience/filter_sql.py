"""Filter → SQL: the truth about who matches.

Every condition is made to be true or false, never null, so that `not` means what a person means
by it. Text is compared without regard to case. A contact without a value meets the negative
operators ("is not TX" holds for someone without a state).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, assert_never
from zoneinfo import ZoneInfo

from psycopg import sql

from clarion.audience.fields import OPERATORS, Field, FieldType
from clarion.audience.filter import Condition, Group, Match, Value

if TYPE_CHECKING:
    from clarion.audience.contact_table import ContactTable

_NOT = {
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFilter:
    """A condition on the alias `c` of the contacts table, with its named parameters."""

    where: sql.Composable
    parameters: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class _Compiler:
    contacts: ContactTable
    zone: ZoneInfo
    now: datetime
    prefix: str = "f"
    parameters: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> sql.Composable:
        name = f"{self.prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return sql.Placeholder(name)

    def group(self, group: Group) -> sql.Composable:
        if not group.conditions:
            return sql.SQL("true")
        parts = [
            self.group(part) if isinstance(part, Group) else self.condition(part)
            for part in group.conditions
        ]
        match group.match:
            case Match.ALL:
                return sql.SQL("({})").format(sql.SQL(" and ").join(parts))
            case Match.ANY:
                return sql.SQL("({})").format(sql.SQL(" or ").join(parts))
            case Match.NONE:
                return sql.SQL("(not ({}))").format(sql.SQL(" or ").join(parts))
            case _:
                assert_never(group.match)

    def condition(self, condition: Condition) -> sql.Composable:
        operator = condition.operator.id
        positive = _NOT.get(operator, operator)
        if positive == "is_empty":
            met = self.is_empty(condition)
        else:
            match condition.field.type:
                case FieldType.TEXT:
                    met = self.text(condition, positive)
                case FieldType.NUMBER:
                    met = self.number(condition, positive)
                case FieldType.DATE:
                    met = self.moment(condition, positive)
                case FieldType.BOOLEAN:
                    met = sql.SQL("lower({}) = {}").format(
                        self.as_text(condition),
                        self.bind("true" if positive == "is_true" else "false"),
                    )
                case FieldType.LIST:
                    met = self.elements(condition, positive)
                case _:
                    assert_never(condition.field.type)
        answer = sql.SQL("coalesce({}, false)").format(met)
        return sql.SQL("(not {})").format(answer) if operator in _NOT else answer

    # --- reading the value of a contact

    def _json(self, condition: Condition) -> sql.Composable:
        return sql.SQL("{} #> {}::text[]").format(
            self.contacts.metadata, self.bind(list(condition.field.path[1:]))
        )

    def as_text(self, condition: Condition) -> sql.Composable:
        if condition.field.source == "column":
            return sql.SQL("{}::text").format(self.contacts.column(condition.field.path[0]))
        path = condition.field.path[1:]
        if len(path) == 1:
            return sql.SQL("({} ->> {})").format(self.contacts.metadata, self.bind(path[0]))
        return sql.SQL("({} #>> {}::text[])").format(self.contacts.metadata, self.bind(list(path)))

    def as_number(self, condition: Condition) -> sql.Composable:
        if condition.field.source == "column":
            return sql.SQL("{}::numeric").format(self.contacts.column(condition.field.path[0]))
        return sql.SQL("broadcast.to_number({})").format(self.as_text(condition))

    def as_moment(self, condition: Condition) -> sql.Composable:
        if condition.field.source == "column":
            name = condition.field.path[0]
            column = self.contacts.column(name)
            if self.contacts.type_of(name).endswith("with time zone"):
                return column
            # A date or a timestamp without zone is wall time of the workspace.
            return sql.SQL("({}::timestamp at time zone {})").format(
                column, self.bind(str(self.zone))
            )
        return sql.SQL("broadcast.to_moment({}, {})").format(
            self.as_text(condition), self.bind(str(self.zone))
        )

    def as_list(self, condition: Condition) -> sql.Composable:
        """A jsonb array; a single value counts as a list of one, none as a list of nothing."""
        value = (
            sql.SQL("to_jsonb({})").format(self.contacts.column(condition.field.path[0]))
            if condition.field.source == "column"
            else self._json(condition)
        )
        return sql.SQL(
            "case coalesce(jsonb_typeof({value}), 'null')"
            " when 'array' then {value} when 'null' then '[]'"
            " when 'object' then '[]' else jsonb_build_array({value}) end"
        ).format(value=sql.SQL("({})").format(value))

    # --- comparing it

    def is_empty(self, condition: Condition) -> sql.Composable:
        if condition.field.type is FieldType.LIST:
            return sql.SQL("jsonb_array_length({list}) = 0 or {list} = '[\"\"]'").format(
                list=sql.SQL("({})").format(self.as_list(condition))
            )
        readable = {
            FieldType.NUMBER: self.as_number,
            FieldType.DATE: self.as_moment,
        }.get(condition.field.type)
        if readable is not None:
            return sql.SQL("{} is null").format(readable(condition))
        # White space of any kind is nothing to print, as in the content room. Spelled out, since
        # what a server takes for white space depends on its version and locale.
        return sql.SQL("btrim(coalesce({}, ''), {}) = ''").format(
            self.as_text(condition), sql.Literal(_WHITE_SPACE)
        )

    def text(self, condition: Condition, operator: str) -> sql.Composable:
        value = sql.SQL("lower({})").format(self.as_text(condition))
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
        value = self.as_number(condition)
        if operator in ("is", "is_one_of"):
            return sql.SQL("{} = any ({}::numeric[])").format(
                value, self.bind(list(condition.values))
            )
        if operator == "between":
            low, high = (self.bind(each) for each in condition.values)
            return sql.SQL("{} between {}::numeric and {}::numeric").format(value, low, high)
        return _COMPARISONS[operator].format(value, self.bind(condition.values[0]))

    def moment(self, condition: Condition, operator: str) -> sql.Composable:
        value = self.as_moment(condition)
        first = condition.values[0]
        match operator:
            case "before":
                return sql.SQL("{} < {}").format(value, self.bind(self.starts(first)))
            case "after":
                return sql.SQL("{} >= {}").format(value, self.bind(self.ends(first)))
            case "on" | "between":
                since, until = self.starts(first), self.ends(condition.values[-1])
            case "in_last_days":
                since = self.starts(self.today() - timedelta(days=_days(first)))
                until = self.now
            case _:
                since = self.now
                until = self.ends(self.today() + timedelta(days=_days(first)))
        return sql.SQL("({value} >= {since} and {value} < {until})").format(
            value=value, since=self.bind(since), until=self.bind(until)
        )

    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def starts(self, value: Value) -> datetime:
        """The first moment that `value` names: of its day, in the workspace's zone, for a date.

        A wall time that clocks skip or show twice means the later moment, as PostgreSQL reads it
        from a contact.
        """
        if isinstance(value, datetime):
            if value.tzinfo:
                return value
            readings = (value.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
            return max(reading.astimezone(UTC) for reading in readings)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=self.zone)
        raise TypeError(value)

    def ends(self, value: Value) -> datetime:
        """The first moment after what `value` names."""
        if isinstance(value, datetime):
            return self.starts(value) + timedelta(microseconds=1)
        if isinstance(value, date):
            return self.starts(value + timedelta(days=1))
        raise TypeError(value)

    def elements(self, condition: Condition, operator: str) -> sql.Composable:
        values = self.as_list(condition)
        wanted = self.lowered(condition.values)
        if operator == "has_any_of":
            return sql.SQL(
                "exists (select from jsonb_array_elements_text({}) e where lower(e) = any ({}))"
            ).format(values, wanted)
        return sql.SQL("array(select lower(e) from jsonb_array_elements_text({}) e) @> {}").format(
            values, wanted
        )


def _days(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def compile_filter(
    group: Group, *, contacts: ContactTable, zone: ZoneInfo, now: datetime
) -> CompiledFilter:
    """`zone` is the workspace's: in it "today" and dates without a time are meant."""
    compiler = _Compiler(contacts=contacts, zone=zone, now=now)
    where = compiler.group(group)
    return CompiledFilter(where=where, parameters=compiler.parameters)


def text_of(
    field: Field, contacts: ContactTable, *, elements: bool
) -> tuple[sql.Composable, dict[str, Any]]:
    """The field's value of a contact as text, for the list of real values.

    With `elements` each element of a list is a row of its own.
    """
    compiler = _Compiler(
        contacts=contacts, zone=ZoneInfo("UTC"), now=datetime(1970, 1, 1, tzinfo=UTC)
    )
    condition = Condition(field=field, operator=OPERATORS["is_empty"], values=())
    if elements:
        value: sql.Composable = sql.SQL("jsonb_array_elements_text({})").format(
            compiler.as_list(condition)
        )
    else:
        value = compiler.as_text(condition)
    return value, compiler.parameters


def without_value(field: Field, contacts: ContactTable, zone: ZoneInfo) -> CompiledFilter:
    """The condition that a contact has nothing printable in this field.

    Its parameters have names of their own, so that it can stand beside a filter.
    """
    compiler = _Compiler(
        contacts=contacts, zone=zone, now=datetime(1970, 1, 1, tzinfo=UTC), prefix="e"
    )
    printed = replace(field, type=field.type if field.type is FieldType.LIST else FieldType.TEXT)
    condition = Condition(field=printed, operator=OPERATORS["is_empty"], values=())
    return CompiledFilter(where=compiler.condition(condition), parameters=compiler.parameters)
