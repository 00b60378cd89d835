"""How far a saved audience and the contacts have drifted apart since it was saved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from psycopg import sql

from clarion.broadcasts.broadcast import Broadcast, check_drift
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.service import Audience
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace


class DriftKind(StrEnum):
    """`joined`: matches now and was not saved. `left`: was saved, and matches no longer or is
    deleted. `changed_number`: was saved and has another number now, or none, or one at last."""

    JOINED = "joined"
    LEFT = "left"
    CHANGED_NUMBER = "changed_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Counts of contacts; who left may have changed the number too. `saved` counts the recipients,
    those who were left out among them."""

    saved_at: datetime | None
    saved: int
    joined: int
    left: int
    changed_number: int
    compared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftedContact:
    """Addresses are numbers in E.164: as saved, and as the contact has it now."""

    contact_id: str
    name: str
    saved_address: str | None
    address: str | None
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPage:
    contacts: tuple[DriftedContact, ...]
    next: str | None


# One pass over both sides: whoever matches now beside whoever was saved, each with the contact as
# it is. A number that nobody has checked yet is in no dictionary and counts as another one.
_COMPARED = """
with matching as materialized (
  select {id} as id from {table} c {joins} where {in_workspace} and {where}
),
saved as materialized (
  select contact_id::{id_type} as id, name, sms_address
  from broadcast.broadcast_recipients where broadcast_id = %(broadcast_id)s
),
compared as (
  select coalesce(saved.id, matching.id) as id, saved.id is not null as was_saved,
    matching.id is not null as matches, saved.name, saved.sms_address
  from matching full join saved on saved.id = matching.id
)
"""

_WITH_CONTACT = """
from compared
left join {table} c on {id} = compared.id and {in_workspace}
left join broadcast.phone_numbers number
  on number.workspace_id = %(workspace_id)s and number.raw = {phone}::text
"""

_KINDS = {
    DriftKind.JOINED: "not was_saved",
    DriftKind.LEFT: "was_saved and not matches",
    DriftKind.CHANGED_NUMBER: (
        "was_saved and {id} is not null and number.e164 is distinct from compared.sms_address"
    ),
}

_COUNT = f"""
{_COMPARED}
select count(*) filter (where was_saved) as saved,
  count(*) filter (where {_KINDS[DriftKind.JOINED]}) as joined,
  count(*) filter (where {_KINDS[DriftKind.LEFT]}) as left,
  count(*) filter (where {_KINDS[DriftKind.CHANGED_NUMBER]}) as changed_number
{_WITH_CONTACT}
"""

_PAGE = f"""
{_COMPARED}
select compared.id::text as contact_id,
  coalesce(compared.name, btrim(concat_ws(' ', {{first_name}}, {{last_name}}))) as name,
  compared.sms_address as saved_address, number.e164 as address, {{id}} is null as deleted
{_WITH_CONTACT}
where {{kind}} and {{after}}
order by compared.id
limit %(limit)s
"""


async def read_drift(
    connection: Connection,
    audience: Audience,
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    now: datetime,
) -> Drift:
    """Raises Conflict, in words, when there is no saved audience that is still to be sent to."""
    check_drift(broadcast)
    compiled = await _read(connection, audience, workspace, broadcast, now=now)
    cursor = await connection.execute(
        _filled(_COUNT, audience, compiled), _parameters(compiled, workspace, broadcast)
    )
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("the statement gives one row")
    return Drift(saved_at=broadcast.audience_at or broadcast.launched_at, compared_at=now, **row)


async def drift_page(
    connection: Connection,
    audience: Audience,
    workspace: Workspace,
    broadcast: Broadcast,
    kind: DriftKind,
    *,
    after: str | None,
    limit: int,
    now: datetime,
) -> DriftPage:
    """In the order of the contacts' ids; `after` is the `next` of the page before."""
    check_drift(broadcast)
    contacts = audience.contacts
    if after is not None and not contacts.reads_as_id(after):
        fault = Fault(pointer="/after", detail="This is not the mark of a page.")
        raise Invalid("There is no such page.", faults=[fault])
    compiled = await _read(connection, audience, workspace, broadcast, now=now)
    statement = _filled(
        _PAGE,
        audience,
        compiled,
        kind=sql.SQL(_KINDS[kind]).format(id=contacts.id),
        after=sql.SQL("true")
        if after is None
        else sql.SQL("compared.id > %(after)s::text::{}").format(contacts.id_type_sql),
    )
    cursor = await connection.execute(
        statement,
        {**_parameters(compiled, workspace, broadcast), "after": after, "limit": limit + 1},
    )
    found = [DriftedContact(**row) for row in await cursor.fetchall()]
    page = found[:limit]
    return DriftPage(contacts=tuple(page), next=page[-1].contact_id if len(found) > limit else None)


async def _read(
    connection: Connection,
    audience: Audience,
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    now: datetime,
) -> CompiledFilter:
    return await audience.read(
        connection, workspace, broadcast.filter, now=now, broadcast_id=broadcast.id
    )


def _filled(
    template: str, audience: Audience, compiled: CompiledFilter, **others: sql.Composable
) -> sql.Composed:
    contacts = audience.contacts
    return sql.SQL(template).format(
        table=contacts.table,
        id=contacts.id,
        id_type=contacts.id_type_sql,
        phone=contacts.phone_number,
        first_name=contacts.column(contacts.names.first_name),
        last_name=contacts.column(contacts.names.last_name),
        in_workspace=contacts.in_workspace,
        joins=compiled.joins,
        where=compiled.where,
        **others,
    )


def _parameters(
    compiled: CompiledFilter, workspace: Workspace, broadcast: Broadcast
) -> Mapping[str, Any]:
    return {
        **compiled.parameters,
        "workspace_id": workspace.id,
        "broadcast_id": broadcast.id,
    }
