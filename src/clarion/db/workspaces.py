"""Reads and changes workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import NotFound
from clarion.kernel.workspace import Workspace

if TYPE_CHECKING:
    from datetime import time

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)


async def get_workspace(connection: Connection, workspace_id: WorkspaceId) -> Workspace:
    row = await queries.get_workspace(connection, id=workspace_id)
    if row is None:
        raise NotFound("There is no such workspace.")
    return _workspace(row)


async def all_workspaces(connection: Connection) -> list[Workspace]:
    return [_workspace(row) for row in await rows(queries.all_workspaces(connection))]


async def set_sending_hours(
    connection: Connection, workspace_id: WorkspaceId, opens: time | None, closes: time | None
) -> Workspace:
    """Hours that were checked; both None: any hour."""
    await queries.set_sending_hours(
        connection, id=workspace_id, sending_from=opens, sending_until=closes
    )
    return await get_workspace(connection, workspace_id)


async def set_sender(
    connection: Connection, workspace_id: WorkspaceId, *, company_name: str, postal_address: str
) -> None:
    """Who writes, as it stands at the end of each mail."""
    await queries.set_sender(
        connection, id=workspace_id, company_name=company_name, postal_address=postal_address
    )


def _workspace(row: Row) -> Workspace:
    return Workspace(
        id=WorkspaceId(row["id"]),
        name=row["name"],
        time_zone=row["time_zone"],
        currency=row["currency"],
        phone_region=row["phone_region"],
        sms_price_per_segment=row["sms_price_per_segment"],
        sending_from=row["sending_from"],
        sending_until=row["sending_until"],
        company_name=row["company_name"],
        postal_address=row["postal_address"],
    )
