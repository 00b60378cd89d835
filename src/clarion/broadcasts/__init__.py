"""Broadcasts and their steps: what is to be sent to whom and when, and where it stands."""
