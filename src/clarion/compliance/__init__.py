"""May we write to this person now, and if not, why not."""
