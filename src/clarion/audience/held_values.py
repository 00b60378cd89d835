"""What a contact holds in a field, as SQL: as text, as a number, as a moment, as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg import sql

from clarion.audience.fields import Field, FieldType

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from clarion.audience.contact_table import ContactTable


@dataclass(slots=True, kw_only=True)
class Parameters:
    """Named parameters of a statement, put together with it; `prefix` keeps two sets apart."""

    prefix: str
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> sql.Composable:
        name = f"{self.prefix}{len(self.values)}"
        self.values[name] = value
        return sql.Placeholder(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldValues:
    """Each method gives an expression over the contact `c`: null where it cannot be read so."""

    contacts: ContactTable
    zone: ZoneInfo
    parameters: Parameters

    def as_text(self, field: Field) -> sql.Composable:
        if field.source == "column":
            return sql.SQL("{}::text").format(self.contacts.column(field.path[0]))
        path = field.path[1:]
        metadata = self.contacts.metadata
        if len(path) == 1:
            return sql.SQL("({} ->> {})").format(metadata, self.parameters.bind(path[0]))
        return sql.SQL("({} #>> {}::text[])").format(metadata, self.parameters.bind(list(path)))

    def as_number(self, field: Field) -> sql.Composable:
        if field.source == "column" and field.type is FieldType.NUMBER:
            return sql.SQL("{}::numeric").format(self.contacts.column(field.path[0]))
        return sql.SQL("broadcast.to_number({})").format(self.as_text(field))

    def as_moment(self, field: Field) -> sql.Composable:
        if field.source == "column":
            name = field.path[0]
            column = self.contacts.column(name)
            if self.contacts.type_of(name).endswith("with time zone"):
                return column
            # A date or a timestamp without zone is wall time of the workspace.
            return sql.SQL("({}::timestamp at time zone {})").format(column, self.zone_name)
        return sql.SQL("broadcast.to_moment({}, {})").format(self.as_text(field), self.zone_name)

    @property
    def zone_name(self) -> sql.Composable:
        return self.parameters.bind(str(self.zone))

    def as_list(self, field: Field) -> sql.Composable:
        """A jsonb array; a single value counts as a list of one, none as a list of nothing."""
        value = (
            sql.SQL("to_jsonb({})").format(self.contacts.column(field.path[0]))
            if field.source == "column"
            else sql.SQL("{} #> {}::text[]").format(
                self.contacts.metadata, self.parameters.bind(list(field.path[1:]))
            )
        )
        return sql.SQL(
            "case coalesce(jsonb_typeof({value}), 'null')"
            " when 'array' then {value} when 'null' then '[]'"
            " when 'object' then '[]' else jsonb_build_array({value}) end"
        ).format(value=sql.SQL("({})").format(value))
