-- Files of contacts to take away; and when the audience of a broadcast is saved.
set lock_timeout = '5s';

-- Whom a file shall hold and how far it is written. `columns` is fixed when it is asked for, so that
-- every row of the file has the same ones.
create table broadcast.exports (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  filter jsonb not null,
  columns jsonb not null check (jsonb_typeof(columns) = 'array'),
  excel boolean not null default false,
  status text not null default 'waiting' check (status in
    ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
  total bigint check (total >= 0),
  done bigint not null default 0,
  written_up_to text,
  parts integer not null default 0,
  bytes bigint not null default 0,
  stored_bytes bigint not null default 0,
  checksum bigint not null default 0,
  problem text,
  asked_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  expires_at timestamptz,
  check (status <> 'done' or (finished_at is not null and expires_at is not null)),
  check (status <> 'failed' or problem is not null)
);
create index exports_open on broadcast.exports (updated_at) where status in ('waiting', 'running');
create index exports_kept on broadcast.exports (expires_at) where status = 'done';

-- The file, in pieces of one gzip stream: a piece per slice, never the same one twice.
create table broadcast.export_parts (
  workspace_id uuid not null references broadcast.workspaces,
  export_id uuid not null references broadcast.exports on delete cascade,
  part integer not null check (part >= 1),
  content bytea not null,
  primary key (export_id, part)
);
-- It is compressed already.
alter table broadcast.export_parts alter column content set storage external;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['exports', 'export_parts'] loop
    execute format('alter table broadcast.%I enable row level security', tenant_table);
    execute format('alter table broadcast.%I force row level security', tenant_table);
    execute format(
      'create policy own_workspace on broadcast.%I to clarion_app
         using (workspace_id = (select broadcast.current_workspace()))
         with check (workspace_id = (select broadcast.current_workspace()))',
      tenant_table
    );
    execute format(
      'create policy every_workspace on broadcast.%I to clarion_worker using (true) with check (true)',
      tenant_table
    );
  end loop;
end
$$;
grant select, insert, update, delete on broadcast.exports, broadcast.export_parts
  to clarion_app, clarion_worker;

-- `audience_at`: the moment for which the audience is saved, from which relative dates count; null
-- means the launch.
-- `discard_up_to`: recipients up to this id were saved before somebody asked for the audience anew.
alter table broadcast.broadcasts
  add column audience_mode text not null default 'saved_when_scheduled'
    check (audience_mode in ('saved_when_scheduled', 'resolved_at_send')),
  add column audience_mode_chosen boolean not null default false,
  add column audience_at timestamptz,
  add column discard_up_to bigint;

-- Recipients that are thrown away are looked for here, one by one.
create index messages_recipient on broadcast.messages (recipient_id) where recipient_id is not null;
