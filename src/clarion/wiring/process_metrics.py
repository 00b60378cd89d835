"""What every process of Clarion tells of itself: memory, processor time, open files."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder


def process_registry() -> CollectorRegistry:
    """A new one, to which the caller adds: the library's own is shared by all that import it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def render(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """The text and its content type, in the format that the caller prefers (its Accept header)."""
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
