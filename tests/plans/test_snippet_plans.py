"""Where a snippet is used is found without reading all drafts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.content.snippets.store import queries
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database
from support.plans import Runs, read

_FILL = f"""
set session_replication_role = replica;
insert into broadcast.snippets (workspace_id, name, text, created_by, updated_by)
values ('{DEFAULT_WORKSPACE}', 'hours', 'x', 'test', 'test');
insert into broadcast.templates (workspace_id, name, channel, body, created_by)
select '{DEFAULT_WORKSPACE}', 'T' || n, 'sms',
  case when n % 1000 = 0 then '{{% render ''hours'' %}}' else 'Hi' end, 'test'
from generate_series(1, 20000) n;
insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, created_by)
select broadcast.new_id(), '{DEFAULT_WORKSPACE}', 'B' || n, 'sms', 'test'
from generate_series(1, 20000) n;
insert into broadcast.broadcast_steps
  (workspace_id, broadcast_id, position, channel, time_zone, body, status)
select workspace_id, id, 1, 'sms', 'UTC',
  case when right(name, 3) = '000' then '{{% render ''hours'' %}}' else 'Hi' end,
  case when right(name, 4) = '0000' then 'completed' else 'draft' end
from broadcast.broadcasts;
set session_replication_role = origin;
analyze;
"""  # noqa: S608


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute(_FILL.encode())
        connection.execute("set search_path = broadcast, procrastinate, public")
        yield connection


@pytest.mark.parametrize("any_values", [False, True])
def test_the_places_of_a_snippet_are_all_that_is_read(
    filled: psycopg.Connection[dict[str, Any]], *, any_values: bool
) -> None:
    nodes = Runs(any_values=any_values)(
        filled,
        queries.places_of_snippet.sql,
        workspace_id=DEFAULT_WORKSPACE,
        name="hours",
        limit=50,
    )
    assert read(nodes, "templates") == 20
    assert read(nodes, "broadcast_steps") == 18
    assert read(nodes, "broadcasts") <= 18


@pytest.mark.parametrize("any_values", [False, True])
def test_counting_uses_reads_those_that_use_any(
    filled: psycopg.Connection[dict[str, Any]], *, any_values: bool
) -> None:
    nodes = Runs(any_values=any_values)(
        filled, queries.list_snippets.sql, workspace_id=DEFAULT_WORKSPACE
    )
    assert read(nodes, "templates") + read(nodes, "broadcast_steps") == 38
    texts = Runs(any_values=any_values)(
        filled, queries.snippet_texts.sql, workspace_id=DEFAULT_WORKSPACE
    )
    assert read(texts, "snippets") == 1
