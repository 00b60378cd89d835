"""What the providers report, applied once; and the numbers that come of it."""
