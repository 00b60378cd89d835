"""The command line: `clarion up`, `api`, `worker`, `sandbox`, `migrate`, `check`, and tools."""
