"""Loads made-up contacts, and the opt-outs among them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.audience.import_contacts import import_contacts
from clarion.audience.phone import normalise_many
from clarion.audience.sample import sample_contacts, sample_opt_outs
from clarion.compliance.suppression import Suppressed, suppress
from clarion.db.connection import Database
from clarion.db.workspaces import get_workspace, set_sender
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion.wiring.settings import Settings

SAMPLE_COMPANY = "Bluebonnet Home Services"
SAMPLE_ADDRESS = "410 Congress Avenue, Austin, TX 78701"


def load(settings: Settings, count: int, *, progress: Callable[[int], None] | None = None) -> int:
    """How many were added; the same count adds nobody twice."""
    now = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    imported = import_contacts(
        settings.database_url,
        settings.contacts.names(),
        DEFAULT_WORKSPACE,
        sample_contacts(count, now=now),
        progress=progress,
    )
    asyncio.run(_finish(settings, sample_opt_outs(sample_contacts(count, now=now))))
    return imported.added


async def _finish(settings: Settings, raws: Iterator[str]) -> None:
    """The opt-outs, and a sender for emails where nobody has named one: without its address no
    email may leave."""
    database = Database(settings.database_url, max_connections=1)
    await database.open()
    try:
        async with database.as_worker() as connection:
            workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
            numbers = normalise_many(raws, workspace.phone_region)
            await suppress(
                connection,
                workspace.id,
                channel=Channel.SMS,
                addresses=[phone.e164 for phone in numbers.values() if phone.e164],
                reason=Suppressed.OPTED_OUT,
                source="sample",
                now=utc_now(),
            )
            if not workspace.postal_address:
                await set_sender(
                    connection,
                    workspace.id,
                    company_name=workspace.company_name or SAMPLE_COMPANY,
                    postal_address=SAMPLE_ADDRESS,
                )
    finally:
        await database.close()
