"""The audience in memory: exact counts in milliseconds, told by the database what changes."""
