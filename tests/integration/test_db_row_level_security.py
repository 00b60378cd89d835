from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from clarion.db.workspaces import all_workspaces, get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE, WorkspaceId
from clarion.kernel.errors import NotFound
from support.segments import in_segment, segment_house

if TYPE_CHECKING:
    from clarion.db.connection import Database
    from support.house import House

_OTHER = WorkspaceId(UUID("00000000-0000-4000-8000-000000000002"))

_TENANT_TABLES = """
select c.oid::regclass::text as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'broadcast' and c.relkind in ('r', 'p')
order by 1
"""


#: Of the house, not of a workspace: everybody reads them, and only workers write.
_HOUSE_TABLES = {"broadcast.lanes", "broadcast.provider_health"}


@pytest.fixture
async def other_workspace(house: House) -> WorkspaceId:
    await house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Another business')", _OTHER
    )
    return _OTHER


async def fill_every_table(house: House) -> None:
    """A whole broadcast with a report, so that hardly a table is empty."""
    await house.add_contact(phone="(512) 555-0100", metadata={"state": "TX"})
    await house.send(await house.launched())
    await house.execute(
        "insert into broadcast.streams (workspace_id, lane_id)"
        " select %s, id from broadcast.lanes limit 1",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.message_attempts (message_id, attempt, workspace_id, status)"
        " select id, 1, workspace_id, 'failed' from broadcast.messages limit 1"
    )
    await house.execute(
        "insert into broadcast.retries (workspace_id, broadcast_id, asked_at)"
        " select workspace_id, id, now() from broadcast.broadcasts limit 1"
    )
    await house.execute(
        "insert into broadcast.engagements (message_id, workspace_id, step_id, opened_at)"
        " select id, workspace_id, step_id, now() from broadcast.messages limit 1"
    )
    await house.execute(
        "insert into broadcast.link_clicks (workspace_id, step_id, link)"
        " select workspace_id, id, 0 from broadcast.broadcast_steps limit 1"
    )
    await house.execute(
        "insert into broadcast.step_files"
        " (workspace_id, step_id, name, content_type, bytes, content)"
        " select workspace_id, id, 'a.txt', 'text/plain', 1, 'a'"
        " from broadcast.broadcast_steps limit 1"
    )
    await house.execute(
        "insert into broadcast.test_messages"
        " (workspace_id, broadcast_id, step_id, channel, address, asked_by, created_at)"
        " select workspace_id, broadcast_id, id, 'sms', '+15125550100', 'ana', now()"
        " from broadcast.broadcast_steps limit 1"
    )
    await house.execute(
        "insert into broadcast.test_addresses"
        " (workspace_id, person_id, person_name, phone, updated_at)"
        " values (%s, 'ana', 'Ana', '+15125550100', now())",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.images (workspace_id, name, content_type, width, height, bytes,"
        " checksum, content, uploaded_by) values (%s, 'a', 'image/png', 1, 1, 1, 'a', 'a', 'Ana')",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.sequence_templates"
        " (workspace_id, name, broadcast_type, steps, created_by, updated_by)"
        " values (%s, 'Mine', 'sms', '[{}]', 'Ana', 'Ana')",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.snippets (workspace_id, name, text, created_by, updated_by)"
        " values (%s, 'hours', '9 to 5', 'Ana', 'Ana')",
        DEFAULT_WORKSPACE,
    )
    await house.execute("insert into broadcast.provider_health (provider) values ('fake')")
    await house.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'sms', '+15125550199', 'opted_out', 'test')",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.message_events (received_month, workspace_id, event_key, kind,"
        " provider, channel, payload)"
        " values (date_trunc('month', now())::date, %s, 'k', 'inbound', 'fake', 'sms', '{}')",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "with made as ("
        " insert into broadcast.templates (workspace_id, name, channel, body, created_by)"
        " values (%s, 'Hello', 'sms', 'Hi', 'Ana') returning *"
        ") insert into broadcast.template_versions"
        " (workspace_id, template_id, version, channel, preheader, body, created_by)"
        " select workspace_id, id, version, channel, preheader, body, created_by from made",
        DEFAULT_WORKSPACE,
    )
    await house.execute(
        "insert into broadcast.broadcast_editors"
        " (workspace_id, broadcast_id, actor_id, actor_name, seen_at)"
        " select workspace_id, id, 'ana', 'Ana', now() from broadcast.broadcasts limit 1"
    )
    await house.execute(
        "with export as ("
        " insert into broadcast.exports (workspace_id, filter, columns, asked_by)"
        " values (%s, '{}', '[]', 'Ana') returning workspace_id, id"
        ") insert into broadcast.export_parts (workspace_id, export_id, part, content)"
        " select workspace_id, id, 1, '' from export",
        DEFAULT_WORKSPACE,
    )
    saved = segment_house(house)
    frozen = await saved.save(await saved.create("Frozen", frozen=True))
    await saved.create("Made of it", in_segment(frozen))
    await house.execute(
        "insert into broadcast.sign_in_links (token_hash, workspace_id, actor_id, actor_name, role,"
        " expires_at) values ('x', %s, 'ana', 'Ana', 'admin', now())",
        DEFAULT_WORKSPACE,
    )


async def counts(house: House, workspace_id: WorkspaceId | None) -> dict[str, int]:
    tables = [row["name"] for row in await house.rows(_TENANT_TABLES)] + ["public.contacts"]
    found = {}
    acting = (
        house.database.as_worker()
        if workspace_id is None
        else house.database.as_workspace(workspace_id)
    )
    async with acting as connection:
        for table in tables:
            name = table if "." in table else f"broadcast.{table}"
            cursor = await connection.execute(f"select count(*) as n from {name}".encode())  # noqa: S608
            row = await cursor.fetchone()
            assert row is not None
            found[name] = row["n"]
    return found


async def test_every_table_of_a_tenant_has_its_rows_guarded_even_from_its_owner(
    house: House,
) -> None:
    tables = await house.rows(_TENANT_TABLES)
    assert len(tables) >= 18
    assert [each["name"] for each in tables if not (each["enabled"] and each["forced"])] == []


async def test_another_workspace_sees_no_row_of_any_table(
    house: House, other_workspace: WorkspaceId
) -> None:
    await fill_every_table(house)
    everything = await counts(house, None)
    empty = {name for name, rows in everything.items() if rows == 0}
    # Months to come have no events yet.
    assert all("message_events_" in name for name in empty)
    seen = await counts(house, other_workspace)
    shown = {name: rows for name, rows in seen.items() if rows and name not in _HOUSE_TABLES}
    assert shown == {"broadcast.workspaces": 1}


@pytest.mark.parametrize("table", sorted(_HOUSE_TABLES))
async def test_a_workspace_reads_what_belongs_to_the_house_and_writes_none_of_it(
    house: House, table: str
) -> None:
    await fill_every_table(house)
    async with house.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        await connection.execute(f"select from {table}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(f"delete from {table}".encode())  # noqa: S608


async def test_a_workspace_sees_its_own_rows(house: House, other_workspace: WorkspaceId) -> None:
    await fill_every_table(house)
    everything, seen = await counts(house, None), await counts(house, DEFAULT_WORKSPACE)
    shared = {name for name in everything if "message_events_" not in name} - {
        "broadcast.workspaces"
    }
    assert {name: seen[name] for name in shared} == {name: everything[name] for name in shared}
    assert (everything["broadcast.workspaces"], seen["broadcast.workspaces"]) == (2, 1)


async def test_without_a_workspace_nothing_is_seen(house: House) -> None:
    await fill_every_table(house)
    async with house.database.as_worker() as connection:
        await connection.execute("select set_config('role', 'clarion_app', true)")
        cursor = await connection.execute(
            "select (select count(*) from broadcast.broadcasts) as broadcasts,"
            " (select count(*) from public.contacts) as contacts"
        )
        assert await cursor.fetchone() == {"broadcasts": 0, "contacts": 0}


@pytest.mark.parametrize(
    "statement",
    [
        (
            "insert into broadcast.broadcasts (workspace_id, name, broadcast_type, created_by)"
            " values (%s, 'x', 'sms', 'x')"
        ),
        (
            "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
            " values (%s, 'sms', '+1', 'opted_out', 'x')"
        ),
        (
            "insert into broadcast.phone_numbers (workspace_id, raw, problem)"
            " values (%s, 'x', 'invalid_phone')"
        ),
        (
            "insert into broadcast.segments (workspace_id, name, filter, created_by)"
            " values (%s, 'x', '{}', 'x')"
        ),
        (
            "insert into broadcast.exports (workspace_id, filter, columns, asked_by)"
            " values (%s, '{}', '[]', 'x')"
        ),
        "insert into public.contacts (workspace_id) values (%s)",
        "insert into broadcast.contact_changes (workspace_id, operation) values (%s, 'truncate')",
        "insert into broadcast.workspaces (id, name) values (%s, 'x')",
    ],
)
async def test_a_row_cannot_be_put_into_another_workspace(
    house: House, other_workspace: WorkspaceId, statement: str
) -> None:
    async def put() -> None:
        async with house.database.as_workspace(other_workspace) as connection:
            await connection.execute(statement.encode(), [DEFAULT_WORKSPACE])

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await put()


async def test_rows_of_another_workspace_cannot_be_changed_deleted_or_moved(
    house: House, other_workspace: WorkspaceId
) -> None:
    await fill_every_table(house)
    async with house.database.as_workspace(other_workspace) as connection:
        for statement in (
            "update broadcast.broadcasts set name = 'taken'",
            "delete from broadcast.suppressions",
            "update public.contacts set first_name = 'taken'",
            "delete from public.contacts",
        ):
            assert (await connection.execute(statement)).rowcount == 0

    async def move() -> None:
        async with house.database.as_workspace(DEFAULT_WORKSPACE) as connection:
            await connection.execute(
                "update broadcast.broadcasts set workspace_id = %s", [other_workspace]
            )

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await move()


async def test_the_rights_of_one_transaction_do_not_reach_the_next(database: Database) -> None:
    async with database.as_worker() as connection:
        await connection.execute("select 1")
    async with database._pool.connection() as connection:
        cursor = await connection.execute(
            "select current_user = session_user as itself,"
            " coalesce(current_setting('clarion.workspace_id', true), '') as workspace"
        )
        assert await cursor.fetchone() == {"itself": True, "workspace": ""}


async def test_a_workspace_can_read_itself_and_no_other(
    house: House, other_workspace: WorkspaceId
) -> None:
    async with house.database.as_workspace(other_workspace) as connection:
        assert (await get_workspace(connection, other_workspace)).name == "Another business"
        assert [each.id for each in await all_workspaces(connection)] == [other_workspace]
        with pytest.raises(NotFound):
            await get_workspace(connection, DEFAULT_WORKSPACE)
