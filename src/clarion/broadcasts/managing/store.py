"""The statements of the room's list, copies and editors."""

from __future__ import annotations

from clarion.db.queries import load_queries

queries = load_queries(__file__)
