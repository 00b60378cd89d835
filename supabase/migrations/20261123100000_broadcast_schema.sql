-- Clarion's schema: workspaces, roles and the audience side (contacts noticed, numbers checked, opt-outs).
set lock_timeout = '5s';

create schema if not exists broadcast;

-- Two group roles, never logged in with: the connection takes one per transaction (set local role).
-- clarion_app sees one workspace, the one named in clarion.workspace_id; clarion_worker sees all.
do $$
begin
  if not exists (select from pg_roles where rolname = 'clarion_app') then
    create role clarion_app nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'clarion_worker') then
    create role clarion_worker nologin noinherit;
  end if;
  execute format('grant clarion_app, clarion_worker to %I', current_user);
end
$$;

revoke all on schema broadcast from public;
grant usage on schema broadcast to clarion_app, clarion_worker;
alter default privileges in schema broadcast
  grant select, insert, update, delete on tables to clarion_app, clarion_worker;
alter default privileges in schema broadcast
  grant usage, select on sequences to clarion_app, clarion_worker;

-- Ids that sort by the time they were made (RFC 9562, version 7): new rows land side by side in an index.
create function broadcast.new_id() returns uuid
language sql volatile parallel safe
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6
      ),
      52, 1
    ),
    53, 1
  ),
  'hex'
)::uuid;

-- The workspace of this transaction; null when none was set, and then no row is seen.
create function broadcast.current_workspace() returns uuid
language sql stable parallel safe
return nullif(current_setting('clarion.workspace_id', true), '')::uuid;

create table broadcast.workspaces (
  id uuid primary key default broadcast.new_id(),
  name text not null check (length(name) between 1 and 200),
  time_zone text not null default 'America/Chicago',
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  phone_region text not null default 'US' check (phone_region ~ '^[A-Z]{2}$'),
  sms_price_per_segment numeric(12, 6) not null default 0.0079 check (sms_price_per_segment >= 0),
  created_at timestamptz not null default now()
);

insert into broadcast.workspaces (id, name)
values ('00000000-0000-4000-8000-000000000001', 'My workspace');

-- One row per statement on the contacts table and 1,000 ids: what changed, for whoever follows it.
-- `transaction_id` tells a reader which changes it has not seen, in whatever order they were committed.
create table broadcast.contact_changes (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references broadcast.workspaces,
  operation text not null check (operation in ('insert', 'update', 'delete', 'truncate')),
  contact_ids text[] not null default '{}',
  transaction_id xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default clock_timestamp()
);
create index contact_changes_workspace on broadcast.contact_changes (workspace_id, id);
create index contact_changes_following on broadcast.contact_changes (workspace_id, transaction_id);

-- What each follower of contact_changes has read: all that was visible in the snapshot `seen`. Neither
-- ids nor transactions become visible in their order; a snapshot tells exactly which have.
create table broadcast.change_followers (
  workspace_id uuid not null references broadcast.workspaces,
  follower text not null,
  seen pg_snapshot not null default pg_current_snapshot(),
  counted_at timestamptz,
  followed_at timestamptz not null default now(),
  primary key (workspace_id, follower)
);

-- Which keys the contacts' metadata holds, and of which type their values are.
create table broadcast.contact_fields (
  workspace_id uuid not null references broadcast.workspaces,
  path text[] not null,
  value_type text not null check (value_type in ('text', 'number', 'date', 'boolean', 'list')),
  contacts bigint not null check (contacts >= 0),
  first_seen_at timestamptz not null default now(),
  primary key (workspace_id, path, value_type)
);

-- What each way of writing a phone number means: checked once per spelling, not once per contact.
create table broadcast.phone_numbers (
  workspace_id uuid not null references broadcast.workspaces,
  raw text not null,
  e164 text check (e164 ~ '^\+[1-9][0-9]{4,14}$'),
  problem text check (problem in ('no_phone', 'invalid_phone')),
  checked_at timestamptz not null default now(),
  primary key (workspace_id, raw),
  check ((e164 is null) <> (problem is null))
);

-- Addresses that must not be written to. Lifted, never deleted, so that the history stays.
create table broadcast.suppressions (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  channel text not null check (channel in ('sms', 'email')),
  address text not null,
  reason text not null check (reason in ('opted_out', 'invalid_address', 'complaint')),
  source text not null,
  detail text,
  created_at timestamptz not null default now(),
  lifted_at timestamptz
);
create unique index suppressions_in_force
  on broadcast.suppressions (workspace_id, channel, address) where lifted_at is null;

create index suppressions_recent on broadcast.suppressions (workspace_id, created_at desc);
create index suppressions_lifted on broadcast.suppressions (workspace_id, lifted_at desc)
  where lifted_at is not null;

create table broadcast.sign_in_links (
  token_hash bytea primary key,
  workspace_id uuid not null references broadcast.workspaces,
  actor_id text not null,
  actor_name text not null,
  role text not null check (role in ('admin', 'agent')),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Follow a contacts table: notice what changes in it, whoever writes and however. Contacts of a
-- workspace that Clarion does not know are none of its business, and no reason to stop the CRM.
create function broadcast.notice_contact_changes() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  id_column text := tg_argv[0];
  workspace_column text := tg_argv[1];
  workspace_value text;
begin
  workspace_value := case
    when workspace_column = '' then quote_literal('00000000-0000-4000-8000-000000000001') || '::uuid'
    else format('%I', workspace_column)
  end;
  if tg_op = 'TRUNCATE' then
    insert into broadcast.contact_changes (workspace_id, operation)
    select id, 'truncate' from broadcast.workspaces;
  else
    execute format(
      'insert into broadcast.contact_changes (workspace_id, operation, contact_ids)
       select workspace_id, %L, array_agg(id)
       from (
         select %s as workspace_id, %I::text as id, row_number() over () / 1000 as part
         from changed
       ) numbered
       where workspace_id in (select id from broadcast.workspaces)
       group by workspace_id, part',
      lower(tg_op), workspace_value, id_column
    );
  end if;
  return null;
end
$$;

-- `workspace_column` '' means a contacts table of one workspace. Safe to call again.
create function broadcast.follow_contacts(contacts regclass, id_column text, workspace_column text)
returns void
language plpgsql
as $$
declare
  event text;
begin
  foreach event in array array['insert', 'update', 'delete'] loop
    execute format(
      'create or replace trigger clarion_notice_%s after %s on %s
       referencing %s table as changed
       for each statement execute function broadcast.notice_contact_changes(%L, %L)',
      event, event, contacts, case event when 'delete' then 'old' else 'new' end,
      id_column, workspace_column
    );
  end loop;
  execute format(
    'create or replace trigger clarion_notice_truncate after truncate on %s
     for each statement execute function broadcast.notice_contact_changes(%L, %L)',
    contacts, id_column, workspace_column
  );
end
$$;
