"""The queue service: what is to be done, now or at a time, once."""
