"""The CRM's contacts table, by the names that the settings give it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from clarion.kernel.errors import Misconfigured

#: Integer types of a key, with how many bits a positive one has.
_INTEGERS = {"smallint": 15, "integer": 31, "bigint": 63}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNames:
    """Table and column names; `workspace` is None for a table that belongs to one workspace."""

    table: str = "public.contacts"
    id: str = "id"
    workspace: str | None = "workspace_id"
    first_name: str = "first_name"
    last_name: str = "last_name"
    email: str = "email"
    phone_number: str = "phone_number"
    metadata: str = "metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    sql_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTable:
    """The table as the database has it. `id_type` is the SQL type of its key, for the keyset."""

    names: ContactNames
    id_type: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> sql.Composable:
        return sql.Identifier(*self.names.table.split("."))

    def reads_as_id(self, text: str) -> bool:
        """Whether `text` can be an id at all: what cannot is the id of nobody."""
        if self.id_type == "uuid":
            try:
                UUID(text)
            except ValueError:
                return False
            return True
        if self.id_type in _INTEGERS:
            return text.isascii() and text.isdigit() and int(text) < 2 ** _INTEGERS[self.id_type]
        return "\x00" not in text

    def writes_as_id(self, text: str) -> bool:
        """Whether `text` is an id exactly as the database writes it, as it is compared with one."""
        if not self.reads_as_id(text):
            return False
        if self.id_type == "uuid":
            return str(UUID(text)) == text
        return self.id_type not in _INTEGERS or str(int(text)) == text

    @property
    def sorts_alike(self) -> bool:
        """Whether ids are in the same order in memory as in the database: text may not be."""
        return self.id_type == "uuid" or self.id_type in _INTEGERS

    @property
    def id(self) -> sql.Composable:
        return sql.SQL("c.{}").format(sql.Identifier(self.names.id))

    def column(self, name: str) -> sql.Composable:
        return sql.SQL("c.{}").format(sql.Identifier(name))

    def type_of(self, name: str) -> str:
        return next(column.sql_type for column in self.columns if column.name == name)

    @property
    def phone_number(self) -> sql.Composable:
        return self.column(self.names.phone_number)

    @property
    def metadata(self) -> sql.Composable:
        return self.column(self.names.metadata)

    @property
    def in_workspace(self) -> sql.Composable:
        """Also said where row-level security says it: the planner then uses the index."""
        if self.names.workspace is None:
            return sql.SQL("true")
        return sql.SQL("{} = %(workspace_id)s").format(self.column(self.names.workspace))

    @property
    def id_type_sql(self) -> sql.Composable:
        # The type comes from format_type(), which quotes what needs quoting.
        return sql.SQL(self.id_type)

    @property
    def after(self) -> sql.Composable:
        """The keyset condition for `%(after)s`, an id as text."""
        return sql.SQL("{id} > %(after)s::text::{id_type}").format(
            id=self.id, id_type=self.id_type_sql
        )


def check_names(names: ContactNames, columns: tuple[Column, ...]) -> None:
    """Every named column must exist; says all that are missing at once, with their settings."""
    have = {column.name for column in columns}
    if not have:
        raise Misconfigured(
            f"There is no table {names.table}. Run `clarion migrate`, or set CONTACTS__TABLE."
        )
    wanted = {
        "id": names.id,
        "workspace": names.workspace,
        "first_name": names.first_name,
        "last_name": names.last_name,
        "email": names.email,
        "phone_number": names.phone_number,
        "metadata": names.metadata,
    }
    missing = [
        f"{column} (set CONTACTS__{setting.upper()})"
        for setting, column in wanted.items()
        if column is not None and column not in have
    ]
    if missing:
        raise Misconfigured(f"{names.table} has no column {', '.join(missing)}.")
