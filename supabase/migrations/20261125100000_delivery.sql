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
  add column handed_over bigint not null default 0,
  add constraint lanes_sender unique (channel, provider, sender);
comment on column broadcast.lanes.next_free_at is 'Slots before this time are given away.';
comment on column broadcast.lanes.share is
  'Of its pace at `share_at`; halved when the provider says "too fast", and growing back with time.';

comment on column broadcast.lanes.handed_over is
  'Slots given away so far, moved with `next_free_at`: the rate is read from it.';

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
  delivered_at timestamptz,
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

-- What operators ask for: why messages failed lately, and which broadcasts have stopped by themselves.
create index messages_failed on broadcast.messages (failed_at desc) include (channel, error_code)
  where status = 'failed';

-- A wish to be written to again is found by its address: an older opt-out that comes after it does
-- not count.
create index suppressions_wishes on broadcast.suppressions (workspace_id, channel, address, lifted_at)
  where lifted_at is not null;

-- Single messages that wait for their receipt. No message of a broadcast is in it: those are found by
-- their broadcast, status and id.
create index messages_direct_sent on broadcast.messages (sent_at, id)
  where status = 'sent' and step_id is null;

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
create index broadcasts_paused on broadcast.broadcasts (paused_by) where status = 'paused';
comment on column broadcast.broadcasts.finished_before is
  'Delivered and failed when it was last resumed after it had stopped by itself; with failed_before, what is forgiven.';

-- Between these hours, by the clock of the step's time zone, messages leave; null: at any hour.
alter table broadcast.workspaces
  add column sending_from time default '08:00',
  add column sending_until time default '21:00',
  add check ((sending_from is null) = (sending_until is null)),
  add check (sending_from < sending_until);

-- What a broadcast has cost is the segments of all attempts. Those that another one has followed are
-- found by their step, and no counter is shared by whoever writes them.
alter table broadcast.message_attempts add column step_id uuid;
create index message_attempts_step on broadcast.message_attempts (step_id) include (workspace_id, segments)
  where step_id is not null;
create function broadcast.step_of_attempt() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.step_id := (select m.step_id from broadcast.messages m where m.id = new.message_id);
  return new;
end
$$;
create trigger step_of_attempt before insert on broadcast.message_attempts
  for each row execute function broadcast.step_of_attempt();

-- How many messages of other broadcasts that are being sent, whosever they are, have their turn on these
-- lanes until `at_most` messages of one are through: streams take turns, so each gives at most as many. A
-- number only, since a workspace sees nothing else of what the others send.
do $$
declare
  read_table text;
begin
  foreach read_table in array array['streams', 'broadcast_steps', 'broadcasts'] loop
    execute format('create policy by_function on broadcast.%I for select to %I using (true)', read_table, current_user);
  end loop;
end
$$;
create function broadcast.waiting_beside(
  lane_ids uuid[], but_step_ids uuid[], at_most bigint, at_time timestamptz
) returns bigint
language sql stable security definer set search_path = ''
as $$
  select coalesce(sum(least(waiting.messages, at_most)), 0)::bigint
  from (
    select c.step_id, sum(c.messages) as messages
    from broadcast.broadcasts b
    join broadcast.broadcast_steps step on step.broadcast_id = b.id and step.status in ('launching', 'sending')
    join broadcast.step_counts c on c.step_id = step.id and c.status = 'pending' and c.messages > 0
    where b.status = 'sending' and step.id <> all (but_step_ids)
      and exists (
        select from broadcast.streams s
        where s.step_id = step.id and s.lane_id = any (lane_ids)
          and s.due_at <= at_time + interval '1 minute'
      )
    group by c.step_id
  ) waiting
$$;
