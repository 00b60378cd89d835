"""The rooms from audience to tracking, on the database of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.house import build_house

if TYPE_CHECKING:
    from clarion.db.connection import Database
    from support.house import House


@pytest.fixture
async def house(database: Database) -> House:
    return await build_house(database)
