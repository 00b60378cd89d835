"""From a waiting message to the provider's answer: claim and commit, the wire, the answers."""
