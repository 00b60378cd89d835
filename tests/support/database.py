"""Databases for tests: each a copy of the migrated template of this run."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

#: Set by the controlling process of the run, read by the parallel ones.
RUN_DSN = "CLARION_TEST_RUN_DSN"
RUN_TEMPLATE = "CLARION_TEST_RUN_TEMPLATE"


def drop(dsn: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )


@contextmanager
def new_database(*, migrated: bool = True) -> Iterator[str]:
    """A database for one test, as its owner; dropped afterwards."""
    server = os.environ[RUN_DSN]
    name = f"clarion_test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if migrated:
            template = sql.Identifier(os.environ[RUN_TEMPLATE])
            statement += sql.SQL(" template {}").format(template)
        connection.execute(statement)
    try:
        yield make_conninfo(server, dbname=name)
    finally:
        drop(server, name)
