-- name: lanes
-- Every sender that is in use or still has something to send; a few rows.
select l.id, l.channel, l.provider, l.tier, l.rate_per_second, l.share, l.handed_over,
  nullif(l.share_at, '-infinity') as share_at, nullif(l.next_free_at, '-infinity') as next_free_at
from broadcast.lanes l
where l.in_use
   or exists (select from broadcast.streams s where s.lane_id = l.id and s.due_at < 'infinity')
order by l.channel, l.tier, l.id;

-- name: waiting_streams
-- Streams that may send, a row each: how many wait by the step's counter, and by the index up to a limit.
select s.lane_id, s.workspace_id, s.step_id, counted.pending as of_step,
  s.due_at <= :now and s.next_free_at <= :now as is_due,
  near.waiting, near.due, near.oldest_due_at
from broadcast.streams s
join broadcast.broadcast_steps step on step.id = s.step_id
join broadcast.broadcasts b on b.id = step.broadcast_id and b.status = 'sending'
cross join lateral (
  select coalesce(sum(c.messages), 0)::bigint as pending
  from broadcast.step_counts c where c.step_id = s.step_id and c.status = 'pending'
) counted
cross join lateral (
  select count(*) as waiting, count(*) filter (where soon.due_at <= :now) as due,
    min(soon.due_at) filter (where soon.due_at <= :now) as oldest_due_at
  from (
    select m.due_at from broadcast.messages m
    where m.step_id = s.step_id and m.lane_id = s.lane_id and m.status = 'pending'
    order by m.due_at, m.id limit :most
  ) soon
) near
where s.due_at < 'infinity' and s.step_id is not null
union all
select s.lane_id, s.workspace_id, null, null, s.due_at <= :now and s.next_free_at <= :now, near.waiting, near.due,
  near.oldest_due_at
from broadcast.streams s
cross join lateral (
  select count(*) as waiting, count(*) filter (where soon.due_at <= :now) as due,
    min(soon.due_at) filter (where soon.due_at <= :now) as oldest_due_at
  from (
    select m.due_at from broadcast.messages m
    where m.lane_id = s.lane_id and m.workspace_id = s.workspace_id
      and m.step_id is null and m.status = 'pending'
    order by m.due_at, m.id limit :most_direct
  ) soon
) near
where s.due_at < 'infinity' and s.step_id is null;

-- name: message_totals
-- Messages of broadcasts by status, from the counters.
select channel, status, sum(messages)::bigint as messages
from broadcast.step_counts group by channel, status;

-- name: unsettled
-- What is on the wire or has an unknown outcome, the oldest first, up to a limit.
select channel, status, count(*) as messages, min(claimed_at) as oldest_at
from (
  select channel, status, claimed_at from broadcast.messages
  where status in ('sending', 'uncertain') order by claimed_at limit :most
) unsettled
group by channel, status;

-- name: recent_errors
-- Why messages failed since then, of the latest of them.
select channel, coalesce(error_code, '') as code, count(*) as messages
from (
  select channel, error_code from broadcast.messages
  where status = 'failed' and failed_at > :since order by failed_at desc limit :most
) lately
group by 1, 2 order by 3 desc, 1, 2;

-- name: callbacks^
-- Events that providers reported and nobody has applied yet, up to a limit, and since when.
select count(*) as waiting,
  (select oldest.received_at from broadcast.message_events oldest
   where oldest.applied_at is null order by oldest.id limit 1) as oldest_at
from (select from broadcast.message_events where applied_at is null limit :most) waiting;

-- name: queue_jobs^
-- Jobs of the queue service: due and not begun, begun, and for later; each up to a limit.
select
  (select count(*) from (
     select from broadcast.queue_jobs where status = 'scheduled' and scheduled_at <= :now limit :most
   ) due) as due,
  (select count(*) from (
     select from broadcast.queue_jobs where status = 'scheduled' and scheduled_at > :now limit :most
   ) later) as later,
  (select count(*) from (
     select from broadcast.queue_jobs where status = 'running' limit :most
   ) running) as running;

-- name: tasks
-- Tasks of the engine that wait, run or are planned, by name, up to a limit.
select task_name, state, count(*) as tasks
from (
  select task_name, case when status = 'doing' then 'running'
                         when scheduled_at > :now then 'later' else 'waiting' end as state
  from procrastinate.procrastinate_jobs where status in ('todo', 'doing') limit :most
) known
group by task_name, state;

-- name: workers
-- Workers and their last sign of life; one that stopped takes its row along.
select id, last_heartbeat from procrastinate.procrastinate_workers
where last_heartbeat > :since order by id;

-- name: breakers
-- How each provider stands that ever had trouble.
select provider, state, troubles from broadcast.provider_health;

-- name: open_broadcasts
-- Broadcasts that are planned, sending, or paused and by what.
select status, null as paused_by, count(*) as broadcasts
from broadcast.broadcasts where status in ('scheduled', 'sending') group by status
union all
select 'paused', coalesce(paused_by, 'person'), count(*)
from broadcast.broadcasts where status = 'paused' group by 2;
