"""What a statement really reads, by EXPLAIN ANALYZE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


_NAME = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs a statement and tells what it has really read; undone afterwards. `any_values`: as
    `plan_of`."""

    any_values: bool

    def __call__(
        self, connection: psycopg.Connection[dict[str, Any]], statement: Any, **parameters: Any
    ) -> list[dict[str, Any]]:
        """The nodes of the plan."""
        return plan_of(connection, statement, parameters, any_values=self.any_values, analyze=True)


def plan_of(
    connection: psycopg.Connection[dict[str, Any]],
    statement: Any,
    parameters: dict[str, Any],
    *,
    any_values: bool = False,
    analyze: bool = False,
) -> list[dict[str, Any]]:
    """The nodes of the plan for the worker's role.

    `any_values`: of the plan that is made once for whatever values come, as for a statement that
    one connection executes again and again; otherwise of the one for these values.
    """
    text = statement if isinstance(statement, str) else statement.as_string(connection)
    how = f"explain (analyze {analyze}, format json)"
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('role', 'clarion_worker', true)")
        if any_values:
            names = list(dict.fromkeys(_NAME.findall(text)))
            numbered = _NAME.sub(lambda found: f"${names.index(found[1]) + 1}", text)
            connection.execute("set local plan_cache_mode = force_generic_plan")
            connection.execute(f"prepare asked as {numbered.replace('%%', '%')}".encode())
            values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
            given = sql.SQL("({})").format(values) if names else sql.SQL("")
            try:
                cursor = connection.execute(sql.SQL(how + " execute asked{}").format(given))
            finally:
                connection.execute("deallocate asked")
        else:
            cursor = connection.execute(f"{how} {text}".encode(), parameters)
        row = cursor.fetchone()
    assert row is not None
    return list(_nodes(row["QUERY PLAN"][0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def read(nodes: list[dict[str, Any]], table: str) -> int:
    """Rows of the table that were read, those that were thrown away included."""
    total = 0
    for node in nodes:
        if node.get("Relation Name") == table and "Scan" in node["Node Type"]:
            removed = node.get("Rows Removed by Filter", 0)
            removed += node.get("Rows Removed by Index Recheck", 0)
            total += round((node["Actual Rows"] + removed) * node["Actual Loops"])
    return total
