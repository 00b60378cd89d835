"""The named statements of the index; it runs them over connections of its own, in threads."""

from __future__ import annotations

from clarion.db.queries import load_queries

queries = load_queries(__file__)
