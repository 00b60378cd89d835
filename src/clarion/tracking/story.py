"""What happened to one message: its attempts, and what the provider reported of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.kernel.errors import NotFound
from clarion.tracking.store import queries

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`message` is the row as it stands; `attempts` the first one first, the latest of them taken
    from the message itself; `events` in the order in which they happened."""

    message: Row
    attempts: tuple[Row, ...]
    events: tuple[Row, ...]


async def story_of(connection: Connection, broadcast_id: UUID, message_id: UUID) -> Story:
    """Raises NotFound."""
    message = await queries.get_message(connection, broadcast_id=broadcast_id, id=message_id)
    if message is None:
        raise NotFound("There is no such message.")
    attempts = await rows(queries.attempts_of_message(connection, message_id=message_id))
    if message["attempts"] > max((each["attempt"] for each in attempts), default=0):
        attempts.append({**message, "attempt": message["attempts"]})
    known = [each for each in attempts if each["provider_id"] is not None]
    events = await rows(
        queries.events_of_message(
            connection,
            message_id=message_id,
            provider_ids=[each["provider_id"] for each in known],
            providers=list({each["provider"] for each in known}),
        )
    )
    return Story(message=message, attempts=tuple(attempts), events=tuple(events))
