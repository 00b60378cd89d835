-- Email, two channels for one person, and steps over several days: what a step holds, whom it reaches on
-- which channel, who has left the sequence, and what people do with a mail.
set lock_timeout = '5s';

-- A step goes by SMS, by email or by both. Of both: to each person on the channel they prefer, on
-- both, or on the second when the first has not reached them after `second_after_hours`.
alter table broadcast.broadcast_steps
  drop constraint broadcast_steps_channel_check,
  add constraint broadcast_steps_channel_check check (channel in ('sms', 'email', 'sms_email')),
  add column name text not null default '' check (length(name) <= 100),
  add column both_how text not null default 'both'
    check (both_how in ('both', 'preferred', 'second_if_needed')),
  add column first_channel text not null default 'email' check (first_channel in ('sms', 'email')),
  add column second_after_hours smallint not null default 24 check (second_after_hours between 1 and 168),
  add column second_done_at timestamptz,
  add column subject text not null default ''
    check (length(subject) <= 2000 and subject !~ E'[\\r\\n]'),
  add column preheader text not null default ''
    check (length(preheader) <= 2000 and preheader !~ E'[\\r\\n]'),
  add column email jsonb check (jsonb_typeof(email) = 'object'),
  add column text_part text check (length(text_part) <= 100000),
  add column from_name text check (length(from_name) <= 200 and from_name !~ E'[\\r\\n]'),
  add column reply_to text check (length(reply_to) <= 320 and reply_to !~ E'[\\r\\n]'),
  add column day_number smallint check (day_number between 1 and 730),
  add column day_time time,
  add column zone_mode text not null default 'account' check (zone_mode in ('account', 'recipient')),
  add column window_from time,
  add column window_until time,
  add column weekdays smallint not null default 127 check (weekdays between 1 and 127),
  add column condition jsonb check (jsonb_typeof(condition) = 'object'),
  add constraint broadcast_steps_day check ((day_number is null) = (day_time is null)),
  add constraint broadcast_steps_window check (
    (window_from is null) = (window_until is null) and window_from < window_until
  );
comment on column broadcast.broadcast_steps.day_number is
  'Day 1 is the day of the first step; null: it has a date of its own (scheduled_for).';
comment on column broadcast.broadcast_steps.weekdays is 'A bit for each day that is allowed: 1 Monday … 64 Sunday.';
comment on column broadcast.broadcast_steps.condition is
  '{"only_if": [{"did": "clicked", "negated": false, "of": "previous"}], "still_matches": false}';
comment on column broadcast.broadcast_steps.second_done_at is
  'Of second_if_needed: the second messages that were needed are written.';

-- Positions change places within one statement.
alter table broadcast.broadcast_steps
  drop constraint broadcast_steps_broadcast_id_position_key,
  add constraint broadcast_steps_position unique (broadcast_id, position) deferrable initially immediate;

-- What holds for all steps. `goal` is a filter: who meets it has got there and leaves the sequence.
alter table broadcast.broadcasts
  add column track_opens boolean not null default true,
  add column track_clicks boolean not null default true,
  add column leave_on_reply boolean not null default true,
  add column goal jsonb check (jsonb_typeof(goal) = 'object');

-- Each person is judged for each channel that the broadcast uses.
alter table broadcast.broadcast_recipients
  drop constraint broadcast_recipients_sms_left_out_check,
  add constraint broadcast_recipients_sms_left_out_check check (sms_left_out in
    ('no_phone', 'invalid_phone', 'opted_out', 'duplicate_number', 'channel_not_used')) not valid,
  add column email_address text,
  add column email_left_out text default 'channel_not_used' check (email_left_out in
    ('no_email', 'invalid_email', 'opted_out', 'duplicate_email', 'channel_not_used')),
  add column preferred_channel text check (preferred_channel in ('sms', 'email')),
  add column time_zone text,
  add column left_at timestamptz,
  add column left_reason text check (left_reason in ('replied', 'opted_out', 'goal')),
  add constraint broadcast_recipients_email check (email_left_out is not null or email_address is not null),
  add constraint broadcast_recipients_left check ((left_at is null) = (left_reason is null));
alter table broadcast.broadcast_recipients validate constraint broadcast_recipients_sms_left_out_check;
-- One address is written to once per step, whatever the code believes.
create unique index broadcast_recipients_email_address
  on broadcast.broadcast_recipients (broadcast_id, email_address) where email_left_out is null;
create index broadcast_recipients_email_left_out
  on broadcast.broadcast_recipients (broadcast_id, email_left_out, id)
  where email_left_out is not null and email_left_out <> 'channel_not_used';
create index broadcast_recipients_left on broadcast.broadcast_recipients (broadcast_id, left_reason, id)
  where left_at is not null;

-- What a person did with a message; a fact of the message that moves no status. `machine_opened_at`: a
-- program fetched the picture (Apple's mail does so for everybody), which says nothing of the person. No
-- foreign key to messages: looking there would wait for whoever holds the message to follow its reports,
-- who may wait for us.
create table broadcast.engagements (
  message_id uuid primary key,
  workspace_id uuid not null references broadcast.workspaces,
  step_id uuid references broadcast.broadcast_steps on delete cascade,
  opened_at timestamptz,
  machine_opened_at timestamptz,
  clicked_at timestamptz,
  replied_at timestamptz,
  opens integer not null default 0 check (opens >= 0),
  clicks integer not null default 0 check (clicks >= 0),
  links smallint[] not null default '{}'
);
comment on column broadcast.engagements.links is 'The numbers of the links that were clicked, each once.';
create index engagements_step on broadcast.engagements (step_id) where step_id is not null;

-- How many messages of a step were opened, clicked and answered, moved in the very statement that moves the
-- engagements. Opened by the person: by a click too, and not by a program alone.
create table broadcast.engagement_counts (
  step_id uuid primary key references broadcast.broadcast_steps on delete cascade,
  workspace_id uuid not null references broadcast.workspaces,
  opened bigint not null default 0,
  machine_opened bigint not null default 0,
  clicked bigint not null default 0,
  replied bigint not null default 0
);

create function broadcast.count_engagements() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    insert into broadcast.engagement_counts as counts
      (step_id, workspace_id, opened, machine_opened, clicked, replied)
    select step_id, workspace_id, sum(opened), sum(machine_opened), sum(clicked), sum(replied)
    from (
      select step_id, workspace_id, count(coalesce(opened_at, clicked_at)) as opened,
        count(machine_opened_at) as machine_opened, count(clicked_at) as clicked, count(replied_at) as replied
      from new_engagements where step_id is not null group by 1, 2
      union all
      select step_id, workspace_id, -count(coalesce(opened_at, clicked_at)), -count(machine_opened_at),
        -count(clicked_at), -count(replied_at)
      from old_engagements where step_id is not null group by 1, 2
    ) moved
    group by 1, 2
    having sum(opened) <> 0 or sum(machine_opened) <> 0 or sum(clicked) <> 0 or sum(replied) <> 0
    order by 1
    on conflict (step_id) do update set opened = counts.opened + excluded.opened,
      machine_opened = counts.machine_opened + excluded.machine_opened,
      clicked = counts.clicked + excluded.clicked, replied = counts.replied + excluded.replied;
  else
    insert into broadcast.engagement_counts as counts
      (step_id, workspace_id, opened, machine_opened, clicked, replied)
    select step_id, workspace_id, count(coalesce(opened_at, clicked_at)), count(machine_opened_at),
      count(clicked_at), count(replied_at)
    from new_engagements where step_id is not null
    group by 1, 2
    order by 1
    on conflict (step_id) do update set opened = counts.opened + excluded.opened,
      machine_opened = counts.machine_opened + excluded.machine_opened,
      clicked = counts.clicked + excluded.clicked, replied = counts.replied + excluded.replied;
  end if;
  return null;
end
$$;
create trigger count_inserted after insert on broadcast.engagements
  referencing new table as new_engagements
  for each statement execute function broadcast.count_engagements();
create trigger count_updated after update on broadcast.engagements
  referencing old table as old_engagements new table as new_engagements
  for each statement execute function broadcast.count_engagements();

-- Which link of a step was clicked, by its number in the mail.
create table broadcast.link_clicks (
  workspace_id uuid not null references broadcast.workspaces,
  step_id uuid not null references broadcast.broadcast_steps on delete cascade,
  link smallint not null check (link >= 0),
  clicks bigint not null default 0,
  people bigint not null default 0,
  primary key (step_id, link)
);

-- Files that go along with a step's mail, and pictures that mails show.
create table broadcast.step_files (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  step_id uuid not null references broadcast.broadcast_steps on delete cascade,
  name text not null check (length(name) between 1 and 200 and name !~ E'[\\r\\n/\\\\]'),
  content_type text not null check (length(content_type) <= 200),
  bytes integer not null check (bytes > 0),
  content bytea not null,
  created_at timestamptz not null default now()
);
alter table broadcast.step_files alter column content set storage external;
create index step_files_step on broadcast.step_files (step_id);

create table broadcast.images (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) between 1 and 200),
  content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  bytes integer not null check (bytes > 0),
  checksum bytea not null,
  content bytea not null,
  uploaded_by text not null,
  created_at timestamptz not null default now(),
  unique (workspace_id, checksum)
);
alter table broadcast.images alter column content set storage external;
create index images_pages on broadcast.images (workspace_id, id desc);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['engagements', 'engagement_counts', 'link_clicks', 'step_files', 'images'] loop
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

-- Who sends, as the law wants it at the end of each mail.
alter table broadcast.workspaces
  add column company_name text not null default '' check (length(company_name) <= 200),
  add column postal_address text not null default '' check (length(postal_address) <= 500);

-- What a page of a mail tells the tracking room: the number of the link that was clicked.
alter table broadcast.message_events add column link smallint, add column machine boolean;

-- Of a step in its recipients' time zones: whose clock this message goes by.
alter table broadcast.messages add column time_zone text;

-- Whether a person has done something with a message of one of these steps. Who has clicked has opened, and
-- who has answered has got it.
create function broadcast.has_done(recipient bigint, did text, steps uuid[]) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from broadcast.messages m
    left join broadcast.engagements e on e.message_id = m.id
    where m.recipient_id = recipient and m.step_id = any (steps)
      and case did
        when 'replied' then e.replied_at is not null
        when 'clicked' then e.clicked_at is not null
        when 'opened' then e.opened_at is not null or e.clicked_at is not null
        when 'delivered' then m.status = 'delivered' or e.clicked_at is not null or e.replied_at is not null
      end
  )
$$;
