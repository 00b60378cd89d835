-- name: lock_step^
-- The step and its broadcast; whoever launches the step holds it. Not against keys: the counters and
-- messages that a sender writes meanwhile refer to the step.
select s.id, s.broadcast_id, s.workspace_id, s.channel, s.status, s.launched_up_to, s.body,
  b.status as broadcast_status, b.saving, b.discard_up_to is not null as discards
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.id = :step_id
for no key update of s;

-- name: write_messages^
-- One slice of the step's messages from the saved recipients, with those skipped who have opted out
-- since. Their ids are of a sequence, and are given by one saver at a time: whoever is saved later
-- has a larger one. The unique index makes a repeated slice add nothing. Of several lanes each address has its own.
with slice as materialized (
  select id, contact_id, name, sms_address
  from broadcast.broadcast_recipients
  where broadcast_id = :broadcast_id and id > :after and sms_left_out is null
  order by id limit :limit
),
written as (
  insert into broadcast.messages
    (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel, address,
     status, skip_reason, lane_id, due_at)
  select :workspace_id, :broadcast_id, :step_id, slice.id, slice.contact_id, slice.name, :channel,
    slice.sms_address,
    case when suppressed.address is null then 'pending' else 'skipped' end,
    case when suppressed.address is not null then 'opted_out' end,
    case when cardinality(:lane_ids::uuid[]) = 1 then (:lane_ids::uuid[])[1]
      else broadcast.lane_of(slice.sms_address, :lane_ids::uuid[], :weights::float8[]) end,
    :now
  from slice
  -- Looked up one by one: a plan for slices of any size would read everybody who has opted out.
  left join lateral (
    select opted_out.address from broadcast.suppressions opted_out
    where opted_out.workspace_id = :workspace_id and opted_out.channel = :channel
      and opted_out.address = slice.sms_address and opted_out.lifted_at is null
    limit 1
  ) suppressed on true
  order by slice.id
  on conflict (step_id, channel, address) where step_id is not null do nothing
  returning 1
)
select (select count(*) from slice) as seen, (select count(*) from written) as written,
  (select max(id) from slice) as last_id;

-- name: launched_slice!
-- How far the step is launched.
update broadcast.broadcast_steps
set launched_up_to = coalesce(:launched_up_to, launched_up_to), status = :status,
    launched_at = case when :status = 'sending' then :now else launched_at end
where id = :step_id;

-- name: add_direct_messages!
-- Messages of queue jobs that stand for themselves.
insert into broadcast.messages
  (workspace_id, job_id, contact_id, channel, address, subject, body, html, lane_id, due_at)
select workspace_id, job_id, contact_id, :channel, address, subject, body, html,
  case when cardinality(:lane_ids::uuid[]) = 1 then (:lane_ids::uuid[])[1]
    else broadcast.lane_of(address, :lane_ids::uuid[], :weights::float8[]) end,
  :now
from unnest(:workspace_ids::uuid[], :job_ids::uuid[], :contact_ids::text[], :addresses::text[],
            :subjects::text[], :bodies::text[], :htmls::text[])
  as given (workspace_id, job_id, contact_id, address, subject, body, html)
on conflict (job_id) where job_id is not null do nothing;

-- name: open_steps
-- Steps of a broadcast that has been resumed.
select id, status from broadcast.broadcast_steps
where broadcast_id = :broadcast_id and status in ('launching', 'sending');

-- name: launching_steps
-- Steps whose launch ought to be in somebody's hands: for the sweep, which asks for them again.
select s.id from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.status = 'launching' and b.status = 'sending';

-- name: left_of_cancelled
-- Cancelled broadcasts with messages that came back (not taken, never left) after the cancel.
select distinct s.broadcast_id
from broadcast.broadcasts b
join broadcast.broadcast_steps s on s.broadcast_id = b.id
join broadcast.step_counts c on c.step_id = s.id and c.status = 'pending' and c.messages > 0
where b.status = 'cancelled';

-- name: cancel_pending^
-- A slice of what has not left, of a cancelled broadcast.
with slice as materialized (
  select id from broadcast.messages
  where broadcast_id = :broadcast_id and status = 'pending'
  order by id limit :limit for update skip locked
)
, cancelled as (
  update broadcast.messages m set status = 'cancelled', updated_at = :now
  from slice where m.id = slice.id returning 1
)
select (select count(*) from slice) as seen, (select count(*) from cancelled) as cancelled;
