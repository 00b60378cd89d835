"""The ledger of messages, and the ways they take: launch, send, settle."""
