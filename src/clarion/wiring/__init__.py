"""Puts the rooms together: settings in, a running Clarion out."""
