"""Clarion: broadcasts for a CRM that lives in PostgreSQL."""

__version__ = "0.1.0"
