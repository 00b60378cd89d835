"""The HTTP and WebSocket edge: the only room that knows FastAPI."""
