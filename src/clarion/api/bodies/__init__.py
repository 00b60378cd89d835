"""The shapes of requests and answers: the contract that OpenAPI publishes."""
