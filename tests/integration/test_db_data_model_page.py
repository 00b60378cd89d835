"""docs/data-model.md draws the tables as the migrations make them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_PAGE = Path(__file__).parents[2] / "docs" / "data-model.md"

_ENTITY = re.compile(r"^  (\w+) \{(.*?)\}", re.MULTILINE | re.DOTALL)
_RELATION = re.compile(r"^  (\w+) [|}][|o](?:--)[|o][|{] (\w+) : ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    type: str
    is_key: bool


@pytest.fixture(scope="module")
def diagram() -> str:
    _, found = _PAGE.read_text("utf-8").split("erDiagram", 1)
    return found.split("```", 1)[0]


@pytest.fixture(scope="module")
def drawn(diagram: str) -> dict[str, dict[str, Drawn]]:
    """By table and column."""
    found = {}
    for table, body in _ENTITY.findall(diagram):
        words = [line.split() for line in body.strip().splitlines()]
        found[table] = {name: Drawn(type=kind, is_key="PK" in rest) for kind, name, *rest in words}
    return found


def _schema_of(table: str) -> str:
    return "public" if table == "contacts" else "broadcast"


def test_every_table_is_drawn(drawn: dict[str, dict[str, Drawn]], dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        made = connection.execute(
            """
            select relname::text from pg_class
            where relnamespace = 'broadcast'::regnamespace
              and relkind in ('r', 'p') and not relispartition
            """
        ).fetchall()
    assert set(drawn) == {"contacts"} | {name for (name,) in made}


def test_every_table_is_related_to_another(
    diagram: str, drawn: dict[str, dict[str, Drawn]]
) -> None:
    ends = {table for pair in _RELATION.findall(diagram) for table in pair}
    assert ends == set(drawn)


def test_every_column_that_is_drawn_is_as_the_database_has_it(
    drawn: dict[str, dict[str, Drawn]], dsn: str
) -> None:
    wrong = []
    with psycopg.connect(dsn) as connection:
        for table, columns in drawn.items():
            made = connection.execute(
                """
                select a.attname::text, a.atttypid, coalesce(a.attnum = any(p.conkey), false)
                from pg_attribute a
                left join pg_constraint p on p.conrelid = a.attrelid and p.contype = 'p'
                where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
                """,
                [f"{_schema_of(table)}.{table}"],
            ).fetchall()
            types = {name: kind for name, kind, _ in made}
            keys = {name for name, _, is_key in made if is_key}
            if keys != {name for name, column in columns.items() if column.is_key}:
                wrong.append(f"{table}: its key is {keys}")
            for name, column in columns.items():
                row = connection.execute("select to_regtype(%s)::oid", [column.type]).fetchone()
                if row is None or row[0] != types.get(name):
                    wrong.append(f"{table}.{name} is no {column.type}")
    assert wrong == []
