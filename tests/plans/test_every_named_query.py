"""Every statement of every queries.sql is one that the database understands."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

import clarion

_ROOT = Path(clarion.__file__).parent
_FILES = sorted(_ROOT.glob("**/queries.sql"))
_NAME = re.compile(r"^-- name: (\w+)[\^$!]?", re.MULTILINE)
_PARAMETER = re.compile(r"%\((\w+)\)s")

#: The module that loads the file of a room, where it is not `store`.
_MODULES = {
    "db": "clarion.db.workspaces",
    "queue": "clarion.queue.service",
    "compliance": "clarion.compliance.suppression",
    "api": "clarion.api.identity",
    "content": "clarion.content.saved_templates",
    "index": "clarion.audience.index.statements",
}


def _queries() -> list[Any]:
    found = []
    for file in _FILES:
        room = file.parent.name
        inside = ".".join(file.parent.relative_to(_ROOT).parts)
        module = importlib.import_module(_MODULES.get(room, f"clarion.{inside}.store"))
        for name in _NAME.findall(file.read_text("utf-8")):
            found.append(pytest.param(getattr(module.queries, name).sql, id=f"{room}.{name}"))
    return found


def test_there_are_queries_to_look_at() -> None:
    assert len(_queries()) > 50


@pytest.mark.parametrize("statement", _queries())
def test_a_named_query_can_be_prepared(dsn: str, statement: str) -> None:
    names: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"${names.setdefault(match[1], len(names) + 1)}"

    text = _PARAMETER.sub(numbered, statement).replace("%%", "%").rstrip().rstrip(";")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set search_path = broadcast, procrastinate, public")
        connection.execute(f"prepare looked_at as {text}".encode())


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.parent.name)
def test_every_query_says_what_it_is_for(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("-- name:"):
            assert lines[number + 1].startswith("-- "), f"line {number + 1}: {line}"
