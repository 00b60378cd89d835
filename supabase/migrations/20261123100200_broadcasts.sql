-- Broadcasts and the ledger: who was meant, what was sent, what the provider said.
set lock_timeout = '5s';

create table broadcast.broadcasts (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) between 1 and 200),
  broadcast_type text not null check (broadcast_type in ('sms', 'email', 'sms_email')),
  status text not null default 'draft' check (status in
    ('draft', 'scheduled', 'sending', 'paused', 'completed', 'cancelled', 'failed')),
  filter jsonb not null default '{"match": "all", "conditions": []}',
  version integer not null default 1,
  saving text not null default 'none' check (saving in ('none', 'saving', 'saved')),
  saved_up_to text,
  saved_recipients integer not null default 0,
  expected_recipients integer,
  problem text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  launched_at timestamptz,
  completed_at timestamptz
);
create index broadcasts_recent on broadcast.broadcasts (workspace_id, updated_at desc, id desc);
create index broadcasts_running on broadcast.broadcasts (id) where status in ('scheduled', 'sending');

create table broadcast.broadcast_steps (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid not null references broadcast.broadcasts on delete cascade,
  position integer not null check (position >= 1),
  channel text not null check (channel in ('sms', 'email')),
  body text not null default '' check (length(body) <= 10000),
  send_mode text not null default 'now' check (send_mode in ('now', 'later')),
  scheduled_for timestamp,
  time_zone text not null,
  scheduled_at timestamptz,
  status text not null default 'draft' check (status in
    ('draft', 'scheduled', 'launching', 'sending', 'completed', 'cancelled')),
  launched_up_to bigint not null default 0,
  job_id uuid,
  launched_at timestamptz,
  completed_at timestamptz,
  unique (broadcast_id, position),
  check (send_mode = 'now' or status = 'draft' or scheduled_at is not null)
);
create index broadcast_steps_open on broadcast.broadcast_steps (id)
  where status in ('scheduled', 'launching', 'sending');

-- The matched contacts as they were at the launch; a later change of a contact does not touch this.
create table broadcast.broadcast_recipients (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid not null references broadcast.broadcasts on delete cascade,
  contact_id text not null,
  name text not null,
  sms_address text,
  sms_left_out text check (sms_left_out in
    ('no_phone', 'invalid_phone', 'opted_out', 'duplicate_number')),
  contact jsonb not null,
  saved_at timestamptz not null default now(),
  unique (broadcast_id, contact_id),
  check (sms_left_out is not null or sms_address is not null)
);
-- One number is written to once per broadcast, whatever the code believes.
create unique index broadcast_recipients_number
  on broadcast.broadcast_recipients (broadcast_id, sms_address) where sms_left_out is null;
create index broadcast_recipients_pages on broadcast.broadcast_recipients (broadcast_id, id);
create index broadcast_recipients_left_out
  on broadcast.broadcast_recipients (broadcast_id, sms_left_out, id) where sms_left_out is not null;

-- A sender and its pace. `next_free_at` is the time until which its slots are given away, by all workers.
create table broadcast.lanes (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  channel text not null check (channel in ('sms', 'email')),
  provider text not null,
  sender text not null,
  rate_per_second numeric(10, 3) not null check (rate_per_second > 0),
  next_free_at timestamptz not null default '-infinity',
  unique (workspace_id, channel, provider, sender)
);

-- What was handed to the queue service: a message, or a broadcast step, now or at a time.
create table broadcast.queue_jobs (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  kind text not null check (kind in ('message', 'broadcast_step')),
  status text not null default 'scheduled' check (status in
    ('scheduled', 'running', 'completed', 'failed', 'cancelled')),
  payload jsonb not null,
  metadata jsonb not null default '{}',
  scheduled_at timestamptz not null,
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  fingerprint bytea not null,
  callback_url text,
  callback_state text check (callback_state in ('waiting', 'delivered', 'failed')),
  engine text not null check (engine in ('built_in', 'external')),
  external_id text,
  handed_over_at timestamptz,
  attempts integer not null default 0,
  error text,
  created_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create unique index queue_jobs_idempotency on broadcast.queue_jobs (workspace_id, idempotency_key)
  where idempotency_key is not null;
create index queue_jobs_pages on broadcast.queue_jobs (workspace_id, id desc);
create index queue_jobs_due on broadcast.queue_jobs (scheduled_at) where status = 'scheduled';
create index queue_jobs_running on broadcast.queue_jobs (started_at) where status = 'running';

-- The ledger: one row per message that ought to be written, and everything that is known of it.
create table broadcast.messages (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid references broadcast.broadcasts,
  step_id uuid references broadcast.broadcast_steps,
  recipient_id bigint references broadcast.broadcast_recipients,
  job_id uuid unique references broadcast.queue_jobs,
  contact_id text,
  name text not null default '',
  channel text not null check (channel in ('sms', 'email')),
  address text not null,
  status text not null default 'pending' check (status in
    ('pending', 'sending', 'sent', 'delivered', 'failed', 'skipped', 'uncertain', 'cancelled')),
  lane_id uuid references broadcast.lanes,
  due_at timestamptz not null default now(),
  subject text,
  body text,
  html text,
  attempts integer not null default 0,
  provider text,
  provider_id text,
  segments integer,
  price numeric(12, 6),
  currency text,
  error_code text,
  error_detail text,
  skip_reason text,
  claimed_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  failed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((step_id is null) = (broadcast_id is null)),
  check (num_nonnulls(step_id, job_id) = 1),
  check (status <> 'skipped' or skip_reason is not null)
) with (fillfactor = 80);
create unique index messages_once on broadcast.messages (step_id, channel, address)
  where step_id is not null;
create unique index messages_provider_id on broadcast.messages (provider, provider_id)
  where provider_id is not null;
create index messages_pages on broadcast.messages (broadcast_id, status, id) where broadcast_id is not null;
create index messages_waiting on broadcast.messages (step_id, id)
  where status = 'pending' and step_id is not null;
create index messages_waiting_direct on broadcast.messages (lane_id, due_at)
  where status = 'pending' and step_id is null;
create index messages_unsettled on broadcast.messages (claimed_at)
  where status in ('sending', 'uncertain');
create index messages_address on broadcast.messages (workspace_id, address, id);

-- A row only moves forward; a receipt after a failure shows that it arrived all the same. Back to 'pending' only from where the provider certainly has nothing.
create function broadcast.guard_message_status() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if not (case old.status
    when 'pending' then true
    when 'sending' then new.status in ('sent', 'delivered', 'failed', 'uncertain', 'pending')
    when 'uncertain' then new.status in ('sent', 'delivered', 'failed', 'pending')
    when 'sent' then new.status in ('delivered', 'failed')
    when 'failed' then new.status = 'delivered'
    else false
  end) then
    raise exception 'message %: % cannot become %', old.id, old.status, new.status
      using errcode = 'check_violation', constraint = 'messages_status_forward';
  end if;
  return new;
end
$$;
create trigger guard_status before update of status on broadcast.messages
  for each row when (old.status is distinct from new.status)
  execute function broadcast.guard_message_status();

-- Counts per step, channel and status, moved in the very statement that moves the messages.
create table broadcast.step_counts (
  workspace_id uuid not null references broadcast.workspaces,
  step_id uuid not null references broadcast.broadcast_steps on delete cascade,
  channel text not null,
  status text not null,
  messages bigint not null default 0,
  segments bigint not null default 0,
  primary key (step_id, channel, status)
);

create function broadcast.count_messages() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into broadcast.step_counts as counts (workspace_id, step_id, channel, status, messages, segments)
    select workspace_id, step_id, channel, status, count(*), coalesce(sum(segments), 0)
    from new_messages where step_id is not null
    group by 1, 2, 3, 4 order by 2, 3, 4
    on conflict (step_id, channel, status) do update
      set messages = counts.messages + excluded.messages, segments = counts.segments + excluded.segments;
  elsif tg_op = 'DELETE' then
    insert into broadcast.step_counts as counts (workspace_id, step_id, channel, status, messages, segments)
    select workspace_id, step_id, channel, status, -count(*), -coalesce(sum(segments), 0)
    from old_messages where step_id is not null
    group by 1, 2, 3, 4 order by 2, 3, 4
    on conflict (step_id, channel, status) do update
      set messages = counts.messages + excluded.messages, segments = counts.segments + excluded.segments;
  else
    insert into broadcast.step_counts as counts (workspace_id, step_id, channel, status, messages, segments)
    select workspace_id, step_id, channel, status, sum(messages), sum(segments)
    from (
      select workspace_id, step_id, channel, status, count(*) as messages,
             coalesce(sum(segments), 0) as segments
      from new_messages where step_id is not null group by 1, 2, 3, 4
      union all
      select workspace_id, step_id, channel, status, -count(*), -coalesce(sum(segments), 0)
      from old_messages where step_id is not null group by 1, 2, 3, 4
    ) moved
    group by 1, 2, 3, 4
    having sum(messages) <> 0 or sum(segments) <> 0
    order by 2, 3, 4
    on conflict (step_id, channel, status) do update
      set messages = counts.messages + excluded.messages, segments = counts.segments + excluded.segments;
  end if;
  return null;
end
$$;
create trigger count_inserted after insert on broadcast.messages
  referencing new table as new_messages
  for each statement execute function broadcast.count_messages();
create trigger count_updated after update on broadcast.messages
  referencing old table as old_messages new table as new_messages
  for each statement execute function broadcast.count_messages();
create trigger count_deleted after delete on broadcast.messages
  referencing old table as old_messages
  for each statement execute function broadcast.count_messages();

-- Everything that a provider reported, as it came; unique per event and month.
create table broadcast.message_events (
  id uuid not null default broadcast.new_id(),
  received_month date not null,
  workspace_id uuid not null references broadcast.workspaces,
  event_key text not null,
  kind text not null check (kind in ('status', 'inbound', 'opt_out', 'opt_in')),
  provider text not null,
  channel text not null check (channel in ('sms', 'email')),
  message_id uuid,
  provider_id text,
  status text,
  error_code text,
  address text,
  content text,
  segments integer,
  price numeric(12, 6),
  currency text,
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  applied_at timestamptz,
  outcome text check (outcome in ('applied', 'no_change', 'unmatched')),
  payload jsonb not null,
  primary key (received_month, event_key)
) partition by range (received_month);
create index message_events_waiting on broadcast.message_events (id) where applied_at is null;
create index message_events_message on broadcast.message_events (message_id) where message_id is not null;
create index message_events_provider_id on broadcast.message_events (provider_id)
  where provider_id is not null;

-- Makes the partitions of a month and the next two; `clarion migrate` and the worker call it.
create function broadcast.make_event_partitions(from_day date) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  month date;
begin
  for month in
    select generate_series(date_trunc('month', from_day), date_trunc('month', from_day) + interval '2 months',
                           interval '1 month')::date
  loop
    execute format(
      'create table if not exists broadcast.message_events_%s
         partition of broadcast.message_events for values from (%L) to (%L)',
      to_char(month, 'YYYYMM'), month, (month + interval '1 month')::date
    );
    execute format(
      'alter table broadcast.message_events_%s enable row level security, force row level security',
      to_char(month, 'YYYYMM')
    );
  end loop;
end
$$;
select broadcast.make_event_partitions(current_date);
