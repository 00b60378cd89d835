"""Makes one-time sign-in links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.api import identity
from clarion.db.connection import Database
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from clarion.kernel.actor import Actor
    from clarion.wiring.settings import Settings


async def sign_in_link(settings: Settings, actor: Actor) -> str:
    database = Database(settings.database_url, max_connections=1)
    await database.open()
    try:
        async with database.as_worker() as connection:
            token = await identity.make_link_token(connection, actor, now=utc_now())
    finally:
        await database.close()
    return f"{settings.base_url}/sign-in?token={token}"
