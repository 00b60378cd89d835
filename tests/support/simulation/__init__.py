"""A world in memory: a clock, a carrier, and a house that decides by Clarion's own rules."""
