-- name: find_lane^
-- The sender's lane, if there is one with this pace; read without a lock.
select id, rate_per_second from broadcast.lanes
where channel = :channel and provider = :provider
  and sender = :sender and rate_per_second = :rate_per_second;

-- name: put_lane^
-- The sender's lane, made at first use; its pace follows the settings.
insert into broadcast.lanes as lane (channel, provider, sender, rate_per_second)
values (:channel, :provider, :sender, :rate_per_second)
on conflict (channel, provider, sender) do update
  set rate_per_second = excluded.rate_per_second
returning id, rate_per_second;

-- name: lock_step^
-- The step and its broadcast; whoever launches the step holds it. Not against keys: the counters and
-- messages that a sender writes meanwhile refer to the step.
select s.id, s.broadcast_id, s.workspace_id, s.channel, s.status, s.launched_up_to, s.body,
  b.status as broadcast_status, b.saving
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.id = :step_id
for no key update of s;

-- name: write_messages^
-- One slice of the step's messages from the saved recipients, with those skipped who have opted out
-- since. The unique index makes a repeated slice add nothing.
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
    :lane_id, :now
  from slice
  left join broadcast.suppressions suppressed
    on suppressed.workspace_id = :workspace_id and suppressed.channel = :channel
   and suppressed.address = slice.sms_address and suppressed.lifted_at is null
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
select workspace_id, job_id, contact_id, :channel, address, subject, body, html, :lane_id, :now
from unnest(:workspace_ids::uuid[], :job_ids::uuid[], :contact_ids::text[], :addresses::text[],
            :subjects::text[], :bodies::text[], :htmls::text[])
  as given (workspace_id, job_id, contact_id, address, subject, body, html)
on conflict (job_id) do nothing;

-- name: claim_of_step
-- Rows of one step that may be sent now, held until the transaction ends; nobody else gets them.
select m.id, m.workspace_id, m.step_id, m.job_id, m.channel, m.address, m.attempts, m.subject,
  s.body, m.html, r.contact, suppressed.address is not null as suppressed
from broadcast.messages m
join broadcast.broadcast_steps s on s.id = m.step_id
join broadcast.broadcasts b on b.id = m.broadcast_id and b.status = 'sending'
left join broadcast.broadcast_recipients r on r.id = m.recipient_id
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = m.workspace_id and suppressed.channel = m.channel
 and suppressed.address = m.address and suppressed.lifted_at is null
where m.step_id = :step_id and m.status = 'pending' and m.due_at <= :now
order by m.id
limit :limit
for update of m skip locked;

-- name: claim_direct
-- The same for messages that belong to no broadcast.
select m.id, m.workspace_id, m.step_id, m.job_id, m.channel, m.address, m.attempts, m.subject,
  m.body, m.html, null::jsonb as contact, suppressed.address is not null as suppressed
from broadcast.messages m
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = m.workspace_id and suppressed.channel = m.channel
 and suppressed.address = m.address and suppressed.lifted_at is null
where m.lane_id = :lane_id and m.step_id is null and m.status = 'pending' and m.due_at <= :now
order by m.due_at
limit :limit
for update of m skip locked;

-- name: reserve_slots^
-- Gives away the lane's next slots, to all workers in one order; null while it is booked ahead.
update broadcast.lanes
set next_free_at = greatest(next_free_at, :now)
  + make_interval(secs => (:messages / rate_per_second)::double precision)
where id = :lane_id and next_free_at < :now::timestamptz + :ahead::interval
returning greatest(next_free_at
  - make_interval(secs => (:messages / rate_per_second)::double precision), :now) as starts_at,
  rate_per_second;

-- name: lane^
-- A lane with its pace.
select id, rate_per_second from broadcast.lanes where id = :lane_id;

-- name: lane_of_step^
-- The lane on which the waiting messages of a step travel.
select l.id, l.rate_per_second
from broadcast.lanes l
where l.id = (
  select m.lane_id from broadcast.messages m
  where m.step_id = :step_id and m.status = 'pending' order by m.id limit 1
);

-- name: slow_lane_of!
-- The provider said "too fast": nothing leaves on the lane of this message before then.
update broadcast.lanes set next_free_at = greatest(next_free_at, :until)
where id = (select lane_id from broadcast.messages where id = :message_id);

-- name: begin_sending!
-- The attempt is on record, with the very text, before anything leaves. Rows are held by the caller.
update broadcast.messages m
set status = given.status, body = coalesce(given.body, m.body), provider = :provider,
    attempts = m.attempts + given.attempt, skip_reason = given.skip_reason,
    error_code = given.error_code, error_detail = given.error_detail,
    claimed_at = :now, updated_at = :now,
    failed_at = case when given.status = 'failed' then :now::timestamptz end
from unnest(:ids::uuid[], :statuses::text[], :bodies::text[], :attempts::int[],
            :skip_reasons::text[], :error_codes::text[], :error_details::text[])
  as given (id, status, body, attempt, skip_reason, error_code, error_detail)
where m.id = given.id and m.status = 'pending';

-- name: write_outcomes!
-- The provider's answers. A callback that was faster stays: such a row only learns its provider id.
with given as (
  select * from unnest(:ids::uuid[], :statuses::text[], :provider_ids::text[], :segments::int[],
      :error_codes::text[], :error_details::text[], :again_ats::timestamptz[], :given_back::int[])
    as g (id, status, provider_id, segments, error_code, error_detail, again_at, given_back)
),
held as materialized (
  select id from broadcast.messages where id in (select id from given) order by id for update
)
update broadcast.messages m
set status = case when m.status in ('sending', 'uncertain') then given.status else m.status end,
    provider_id = coalesce(m.provider_id, given.provider_id),
    segments = coalesce(m.segments, given.segments),
    error_code = case when m.status in ('sending', 'uncertain') then given.error_code else m.error_code end,
    error_detail = case when m.status in ('sending', 'uncertain') then given.error_detail else m.error_detail end,
    due_at = coalesce(given.again_at, m.due_at),
    attempts = m.attempts - given.given_back,
    sent_at = case when given.status = 'sent' then least(m.sent_at, :now) else m.sent_at end,
    failed_at = case when given.status = 'failed' and m.status in ('sending', 'uncertain')
                     then :now else m.failed_at end,
    updated_at = :now
from given, held
where m.id = given.id and held.id = m.id
  and m.status in ('sending', 'uncertain', 'sent', 'delivered', 'failed');

-- name: waiting_of_step^
-- Whether the step has messages to send, and from when; those of a broadcast that is paused or
-- cancelled are not to be sent, and whoever resumes it asks again.
select count(*) as waiting, min(due_at) as next_due_at
from (
  select m.due_at
  from broadcast.messages m
  join broadcast.broadcasts b on b.id = m.broadcast_id and b.status = 'sending'
  where m.step_id = :step_id and m.status = 'pending' order by m.id limit 1000
) soonest;

-- name: waiting_direct^
-- The same for the messages of a lane that belong to no broadcast.
select count(*) as waiting, min(due_at) as next_due_at
from (
  select due_at from broadcast.messages
  where lane_id = :lane_id and step_id is null and status = 'pending' order by due_at limit 1000
) soonest;

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

-- name: left_of_cancelled
-- Cancelled broadcasts with messages that came back (not taken, never left) after the cancel.
select distinct s.broadcast_id
from broadcast.broadcasts b
join broadcast.broadcast_steps s on s.broadcast_id = b.id
join broadcast.step_counts c on c.step_id = s.id and c.status = 'pending' and c.messages > 0
where b.status = 'cancelled';

-- name: complete_steps
-- Steps of which nothing is left to hand over or to settle, by their counts.
update broadcast.broadcast_steps s
set status = 'completed', completed_at = :now
from broadcast.broadcasts b
where s.status = 'sending' and b.id = s.broadcast_id and b.status = 'sending'
  and (:step_id::uuid is null or s.id = :step_id::uuid)
  and not exists (
    select from broadcast.step_counts c
    where c.step_id = s.id and c.status in ('pending', 'sending', 'uncertain') and c.messages > 0
  )
returning s.id, s.broadcast_id, s.job_id;

-- name: complete_broadcasts!
-- Broadcasts all of whose steps are completed.
update broadcast.broadcasts b
set status = 'completed', completed_at = :now, updated_at = :now, version = version + 1
where b.id = any (:broadcast_ids) and b.status = 'sending'
  and not exists (
    select from broadcast.broadcast_steps s
    where s.broadcast_id = b.id and s.status <> 'completed'
  );

-- name: unfinished_steps
-- Steps that ought to be in somebody's hands: for the sweep, which asks for them again.
select s.id, s.status from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.status in ('launching', 'sending') and b.status = 'sending';

-- name: waiting_lanes
-- Lanes with messages of no broadcast that are due.
select distinct lane_id from broadcast.messages
where status = 'pending' and step_id is null and due_at <= :now;

-- name: open_steps
-- Steps of a broadcast that has been resumed.
select id, status from broadcast.broadcast_steps
where broadcast_id = :broadcast_id and status in ('launching', 'sending');

-- name: lose_claims
-- Rows whose worker has not come back with an answer: what became of them is not known.
update broadcast.messages
set status = 'uncertain', error_code = 'uncertain', updated_at = :now,
    error_detail = 'The sending process ended before the provider''s answer was written.'
where id in (
  select id from broadcast.messages
  where status = 'sending' and claimed_at < :before
  order by id limit :limit for update skip locked
)
returning id;

-- name: uncertain_messages
-- What is to be settled with the provider, what was asked for longest ago first.
select id, workspace_id, step_id, job_id, channel, address, body, provider, attempts, claimed_at
from broadcast.messages
where status = 'uncertain' and claimed_at < :before
order by updated_at
limit :limit;

-- name: asked_in_vain!
-- The provider could not tell of these yet; others have their turn before they are asked for again.
update broadcast.messages set updated_at = :now where id = any (:ids) and status = 'uncertain';

-- name: hold_uncertain^
-- The message, if it still waits for the outcome of this claim; nobody else settles it meanwhile.
select id from broadcast.messages
where id = :id and status = 'uncertain' and claimed_at = :claimed_at
for update;

-- name: known_provider_ids
-- Of these messages of a provider the ones that stand in the ledger already.
select provider_id from broadcast.messages
where provider = :provider and provider_id = any (:provider_ids);

-- name: finished_jobs
-- The queue jobs of messages that were handed over or have ended.
select job_id, status, error_code, error_detail, skip_reason
from broadcast.messages
where id = any (:ids) and job_id is not null
  and status in ('sent', 'delivered', 'failed', 'skipped', 'cancelled');

-- name: messages_of_jobs
-- What became of the messages of queue jobs.
select id, job_id, status, provider_id, error_code, error_detail
from broadcast.messages where job_id = any (:job_ids);
