"""Of many pictures, only those that are asked for are read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.content.images.store import queries
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database
from support.plans import Runs, read

IMAGE = uuid.UUID(int=1)

_FILL = f"""
set session_replication_role = replica;
insert into broadcast.images
  (id, workspace_id, name, content_type, width, height, bytes, checksum, content, uploaded_by)
select case when n = 1 then '{IMAGE}'::uuid else broadcast.new_id() end,
  case when n % 2 = 1 then '{DEFAULT_WORKSPACE}'::uuid
    else 'ffffffff-0000-4000-8000-000000000000' end,
  'Picture ' || n, 'image/png', 1, 1, 1, sha256(n::text::bytea), 'x', 'test'
from generate_series(1, 20000) n;
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
def test_a_mail_that_is_opened_reads_one_picture(
    filled: psycopg.Connection[dict[str, Any]], *, any_values: bool
) -> None:
    runs = Runs(any_values=any_values)
    assert read(runs(filled, queries.image_content.sql, id=IMAGE), "images") == 1
    named = runs(filled, queries.image_name.sql, workspace_id=DEFAULT_WORKSPACE, id=IMAGE)
    assert read(named, "images") == 1


@pytest.mark.parametrize("any_values", [False, True])
@pytest.mark.parametrize("after", [None, uuid.UUID(int=2**128 - 1)])
def test_a_page_of_pictures_reads_that_page(
    filled: psycopg.Connection[dict[str, Any]], after: uuid.UUID | None, *, any_values: bool
) -> None:
    nodes = Runs(any_values=any_values)(
        filled, queries.list_images.sql, workspace_id=DEFAULT_WORKSPACE, after=after, limit=51
    )
    assert read(nodes, "images") == 51
