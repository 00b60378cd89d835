"""SQL kept as SQL: the `queries.sql` of a room, read once at import by aiosql."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql
from aiosql.adapters.apyformat import AsyncPyFormatAdapter


class _DictRows(AsyncPyFormatAdapter):
    """aiosql's adapter takes the first column by position; our rows are dicts."""

    async def select_value(
        self, conn: Any, _query_name: str, sql: str, parameters: dict[str, Any]
    ) -> Any:
        cursor = await conn.execute(sql, parameters)
        row = await cursor.fetchone()
        return None if row is None else next(iter(row.values()))


def load_queries(beside: str) -> Any:
    """The named statements of the `queries.sql` in the folder of the module file `beside`.

    Each is called as `await queries.name(connection, parameter=...)`; a `^` in its name gives one
    row or None, a `$` one value, a `!` the number of rows touched, and none of them an async
    iterator of rows.
    """
    return aiosql.from_path(
        Path(beside).parent / "queries.sql", _DictRows, mandatory_parameters=False
    )


async def rows(result: Any) -> list[dict[str, Any]]:
    """All rows of a statement that gives many."""
    return [row async for row in result]
