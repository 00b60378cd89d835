"""From saved recipients to messages in the ledger, and back out of it where one is cancelled."""
