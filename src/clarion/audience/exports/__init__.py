"""An audience as a CSV file: asked for, written in slices, kept for a day."""
