-- What the pump asks of streams and lanes.
set lock_timeout = '5s';

alter table broadcast.lanes add column booking_kind smallint not null default 0;
comment on column broadcast.lanes.booking_kind is
  'How the last slots were booked: 0 by messages, K or -K by segments of which the largest message has K.';

-- The streams of a lane that are due, and when each workspace had its last turn on it.
drop index broadcast.streams_due;
create index streams_due on broadcast.streams (lane_id, due_at);
create index streams_served on broadcast.streams (lane_id, workspace_id, served_at desc);

-- Which of several lanes an address has: the one that its hash likes best, weighted by their pace. It is
-- always the same one, and another lane more or less moves only the addresses of that lane.
create function broadcast.lane_of(address text, lane_ids uuid[], weights double precision[]) returns uuid
language sql immutable parallel safe set search_path = ''
as $$
  select lane_id
  from unnest(lane_ids, weights) as lane (lane_id, weight)
  order by -ln(((hashtextextended(address || lane_id::text, 0) & 9007199254740991)::double precision + 0.5)
    / 9007199254740992.0) / weight, lane_id
  limit 1
$$;

-- A job makes one message; most messages have none, and none of these is to be looked up.
alter table broadcast.messages drop constraint messages_job_id_key;
create unique index messages_of_job on broadcast.messages (job_id) where job_id is not null;

-- One look for three: that step, broadcast and workspace of a message exist, and belong together. A single
-- message belongs to the workspace of its job.
alter table broadcast.broadcast_steps
  add constraint broadcast_steps_whole unique (id, broadcast_id, workspace_id);
alter table broadcast.queue_jobs add constraint queue_jobs_whole unique (id, workspace_id);
alter table broadcast.messages
  drop constraint messages_step_id_fkey,
  drop constraint messages_broadcast_id_fkey,
  drop constraint messages_workspace_id_fkey,
  drop constraint messages_job_id_fkey,
  add constraint messages_step foreign key (step_id, broadcast_id, workspace_id)
    references broadcast.broadcast_steps (id, broadcast_id, workspace_id),
  add constraint messages_job foreign key (job_id, workspace_id)
    references broadcast.queue_jobs (id, workspace_id);
