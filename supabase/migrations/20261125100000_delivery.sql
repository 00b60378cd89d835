-- Delivery: one pace per sender over all workers and workspaces, fair turns between broadcasts, what is
-- sent anew with its history, and the ends that a message can come to without a receipt.
set lock_timeout = '5s';

-- A lane is a sender and its pace. It is the same for every workspace that sends through it: two of
-- them must not be twice as fast. `tier` 1 is the pool, 2 what is fallen back to.
drop policy own_workspace on broadcast.lanes;
drop policy every_workspace on broadcast.lanes;
with kept as (
  select distinct on (channel, provider, sender) id, channel, provider, sender
  from broadcast.lanes order by channel, provider, sender, id
)
update broadcast.messages m set lane_id = kept.id
from broadcast.lanes l
join kept using (channel, provider, sender)
where m.lane_id = l.id and l.id <> kept.id;
delete from broadcast.lanes l
using broadcast.lanes kept
where kept.channel = l.channel and kept.provider = l.provider and kept.sender = l.sender and kept.id < l.id;
alter table broadcast.lanes
  drop column workspace_id,
  add column segments_per_second numeric(10, 3) check (segments_per_second > 0),
  add column tier smallint not null default 1 check (tier between 1 and 9),
  add column in_use boolean not null default true,
  add column share numeric(6, 4) not null default 1 check (share > 0 and share <= 1),
  add column share_at timestamptz not null default '-infinity',
  add constraint lanes_sender unique (channel, provider, sender);
comment on column broadcast.lanes.next_free_at is 'Slots before this time are given away.';
comment on column broadcast.lanes.share is
  'Of its pace at `share_at`; halved when the provider says "too fast", and growing back with time.';

-- Whether a provider can be reached, as all workers see it.
create table broadcast.provider_health (
  provider text primary key,
  state text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
  troubles integer not null default 0 check (troubles >= 0),
  openings integer not null default 0 check (openings >= 0),
  retry_at timestamptz,
  detail text,
  changed_at timestamptz not null default now(),
  check (state <> 'open' or retry_at is not null)
);

-- Lanes and health belong to the house, not to a workspace: everybody may read them, workers write.
do $$
declare
  house_table text;
begin
  foreach house_table in array array['lanes', 'provider_health'] loop
    execute format('alter table broadcast.%I enable row level security', house_table);
    execute format('alter table broadcast.%I force row level security', house_table);
    execute format('create policy everybody_reads on broadcast.%I for select to clarion_app using (true)', house_table);
    execute format('create policy workers_write on broadcast.%I to clarion_worker using (true) with check (true)', house_table);
    execute format('revoke all on broadcast.%I from clarion_app', house_table);
    execute format('grant select on broadcast.%I to clarion_app', house_table);
    execute format('grant select, insert, update, delete on broadcast.%I to clarion_worker', house_table);
  end loop;
end
$$;

-- Messages that wait for one lane and belong together: those of a step, or the single messages of a
-- workspace. Streams take turns, so a small one does not wait behind a large one. `due_at` is never
-- later than the time at which the first of them may leave; infinity when none waits.
create table broadcast.streams (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  lane_id uuid not null references broadcast.lanes,
  step_id uuid references broadcast.broadcast_steps on delete cascade,
  due_at timestamptz not null default 'infinity',
  served_at timestamptz not null default '-infinity',
  next_free_at timestamptz not null default '-infinity',
  unique nulls not distinct (lane_id, workspace_id, step_id)
);
create index streams_due on broadcast.streams (due_at);
create index streams_step on broadcast.streams (step_id);
comment on column broadcast.streams.next_free_at is 'Of the broadcast''s own speed limit.';

-- What became of an attempt that was followed by another one; the latest stands in the message.
create table broadcast.message_attempts (
  message_id uuid not null references broadcast.messages on delete cascade,
  attempt integer not null check (attempt >= 1),
  workspace_id uuid not null references broadcast.workspaces,
  lane_id uuid references broadcast.lanes,
  provider text,
  provider_id text,
  status text not null,
  error_code text,
  error_detail text,
  segments integer,
  price numeric(12, 6),
  currency text,
  claimed_at timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  recorded_at timestamptz not null default now(),
  primary key (message_id, attempt)
);
create unique index message_attempts_provider_id on broadcast.message_attempts (provider, provider_id)
  where provider_id is not null;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['streams', 'message_attempts'] loop
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

-- no_receipt: sent, and the provider never told how it ended. unknown: the outcome of the send was
-- never learned. Both are ends, and a late report still moves them.
alter table broadcast.messages
  drop constraint messages_status_check,
  add constraint messages_status_check check (status in
    ('pending', 'sending', 'sent', 'delivered', 'failed', 'skipped', 'uncertain', 'cancelled',
     'no_receipt', 'unknown')),
  add column retries smallint not null default 0 check (retries >= 0),
  add column checks smallint not null default 0 check (checks >= 0);
comment on column broadcast.messages.retries is 'How often it was sent anew after the provider had failed it.';
comment on column broadcast.messages.checks is 'How often its receipt was asked for.';

create or replace function broadcast.guard_message_status() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if not (case old.status
    when 'pending' then true
    when 'sending' then new.status in ('sent', 'delivered', 'failed', 'uncertain', 'pending')
    when 'uncertain' then new.status in ('sent', 'delivered', 'failed', 'pending', 'unknown')
    when 'unknown' then new.status in ('sent', 'delivered', 'failed')
    when 'sent' then new.status in ('delivered', 'failed', 'no_receipt')
      or (new.status = 'pending' and new.retries > old.retries)
    when 'no_receipt' then new.status in ('delivered', 'failed')
    when 'failed' then new.status = 'delivered'
      or (new.status = 'pending' and new.retries > old.retries)
    else false
  end) then
    raise exception 'message %: % cannot become %', old.id, old.status, new.status
      using errcode = 'check_violation', constraint = 'messages_status_forward';
  end if;
  return new;
end
$$;

-- A message that waits is found by its stream; those that wait longer (a retry) come last.
drop index broadcast.messages_waiting;
drop index broadcast.messages_waiting_direct;
create index messages_waiting on broadcast.messages (step_id, lane_id, due_at, id)
  where status = 'pending' and step_id is not null;
create index messages_waiting_direct on broadcast.messages (lane_id, workspace_id, due_at, id)
  where status = 'pending' and step_id is null;

alter table broadcast.message_events
  add column attempt integer,
  drop constraint message_events_outcome_check,
  add constraint message_events_outcome_check check (outcome in ('applied', 'no_change', 'unmatched', 'superseded'));
create index message_events_unmatched on broadcast.message_events (received_at) where outcome = 'unmatched';

-- How a broadcast is sent.
alter table broadcast.broadcasts
  add column late_policy text not null default 'catch_up' check (late_policy in ('catch_up', 'skip', 'ask')),
  add column max_per_minute integer check (max_per_minute > 0),
  add column stop_at_failure_rate numeric(4, 3) default 0.250
    check (stop_at_failure_rate > 0 and stop_at_failure_rate <= 1),
  add column resend_uncertain boolean not null default false,
  add column paused_by text check (paused_by in ('person', 'failure_rate', 'configuration', 'missed_time')),
  add column finished_before bigint not null default 0,
  add column failed_before bigint not null default 0;
comment on column broadcast.broadcasts.finished_before is
  'Delivered and failed when it was last resumed after it had stopped by itself; with failed_before, what is forgiven.';

-- Between these hours, by the clock of the step's time zone, messages leave; null: at any hour.
alter table broadcast.workspaces
  add column sending_from time default '08:00',
  add column sending_until time default '21:00',
  add check ((sending_from is null) = (sending_until is null)),
  add check (sending_from < sending_until);
