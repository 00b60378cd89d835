"""Saved audiences: a filter with a name, always current, or the people as they were."""
