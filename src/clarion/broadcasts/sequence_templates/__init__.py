"""Sequences that are kept to begin broadcasts from."""
