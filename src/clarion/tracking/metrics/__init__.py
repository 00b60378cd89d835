"""What operators see of Clarion from outside, for all workers at once."""
