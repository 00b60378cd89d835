-- Tests that people send to themselves: what a step says, as one person would get it. No message of the
-- ledger: it belongs to no broadcast's numbers, leaves once at most, and goes away after a month.
set lock_timeout = '5s';

create table broadcast.test_messages (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid not null references broadcast.broadcasts on delete cascade,
  step_id uuid not null references broadcast.broadcast_steps on delete cascade,
  job_id uuid,
  channel text not null check (channel in ('sms', 'email')),
  address text not null check (length(address) between 1 and 320),
  asked_by text not null,
  contact_id text,
  status text not null default 'queued' check (status in ('queued', 'sending', 'sent', 'failed', 'unknown')),
  provider text,
  provider_id text,
  error_code text,
  error_detail text,
  created_at timestamptz not null,
  claimed_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  failed_at timestamptz,
  constraint test_messages_claimed check (status in ('queued', 'failed') or claimed_at is not null)
);
comment on column broadcast.test_messages.status is
  'unknown: it was on its way when its worker died or its provider did not answer; it is not sent again.';
create index test_messages_asked on broadcast.test_messages (workspace_id, asked_by, created_at);
create index test_messages_step on broadcast.test_messages (step_id, asked_by, id desc);
create index test_messages_broadcast on broadcast.test_messages (broadcast_id);
create index test_messages_old on broadcast.test_messages (created_at);
create index test_messages_open on broadcast.test_messages (created_at) where status in ('queued', 'sending');
create index test_messages_provider_id on broadcast.test_messages (provider, provider_id)
  where provider_id is not null;

-- Where a person gets their tests: entered once, and kept as theirs.
create table broadcast.test_addresses (
  workspace_id uuid not null references broadcast.workspaces,
  person_id text not null,
  person_name text not null,
  email text check (length(email) between 3 and 320),
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  updated_at timestamptz not null,
  primary key (workspace_id, person_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['test_messages', 'test_addresses'] loop
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
    execute format('grant select, insert, update, delete on broadcast.%I to clarion_app, clarion_worker', tenant_table);
  end loop;
end
$$;

alter table broadcast.queue_jobs
  drop constraint queue_jobs_kind_check,
  add constraint queue_jobs_kind_check check (kind in ('message', 'broadcast_step', 'step_test')) not valid;
alter table broadcast.queue_jobs validate constraint queue_jobs_kind_check;
