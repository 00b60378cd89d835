"""Words that every room shares: errors, actors, addresses, signed tokens. No I/O."""
