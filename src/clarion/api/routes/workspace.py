"""The workspace and what its admins set for all its broadcasts."""

from __future__ import annotations

from fastapi import APIRouter

from clarion.api.bodies.workspace import WorkspaceChange, WorkspaceSettings
from clarion.api.caller import Caller, TheWorkspace, Transaction
from clarion.compliance.sending_hours import read_hours, write_hour
from clarion.db.workspaces import set_sender, set_sending_hours
from clarion.kernel.actor import Role
from clarion.kernel.errors import NotAllowed
from clarion.kernel.workspace import Workspace

router = APIRouter(prefix="/workspace", tags=["workspace"])


@router.get("")
async def get_workspace_settings(workspace: TheWorkspace) -> WorkspaceSettings:
    return _body(workspace)


@router.patch("")
async def change_workspace_settings(
    body: WorkspaceChange, actor: Caller, connection: Transaction, workspace: TheWorkspace
) -> WorkspaceSettings:
    """For admins. Holds at once, also for broadcasts that are being sent."""
    if actor.role is not Role.ADMIN:
        raise NotAllowed("Only an admin may change the settings of the workspace.")
    given = body.model_dump(exclude_unset=True)
    hours = read_hours(
        given.get("sending_from", write_hour(workspace.sending_from)),
        given.get("sending_until", write_hour(workspace.sending_until)),
    )
    await set_sender(
        connection,
        workspace.id,
        company_name=_line(given.get("company_name"), workspace.company_name),
        postal_address=_line(given.get("postal_address"), workspace.postal_address),
    )
    return _body(await set_sending_hours(connection, workspace.id, hours.opens, hours.closes))


def _line(given: str | None, otherwise: str) -> str:
    return otherwise if given is None else " ".join(given.split())


def _body(workspace: Workspace) -> WorkspaceSettings:
    return WorkspaceSettings(
        id=str(workspace.id),
        name=workspace.name,
        time_zone=workspace.time_zone,
        currency=workspace.currency,
        phone_region=workspace.phone_region,
        price_per_segment=workspace.sms_price_per_segment,
        sending_from=write_hour(workspace.sending_from),
        sending_until=write_hour(workspace.sending_until),
        company_name=workspace.company_name,
        postal_address=workspace.postal_address,
    )
