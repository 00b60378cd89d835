"""Pieces of text with a name that messages share."""
