"""Whether a provider can be reached, as all workers see it: a circuit breaker per provider."""
