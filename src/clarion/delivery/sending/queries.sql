-- name: pick_streams
-- Streams that may have their turn now, in the order of their turns: the workspace that its lane has
-- served longest ago, and of that workspace the stream. A sender that the settings no longer name, a
-- lane that is booked ahead, a provider that is not asked at present and a broadcast that is not being
-- sent are left out. Nothing is locked.
with due as materialized (
  select s.id, s.lane_id, s.workspace_id, s.step_id, s.served_at
  from broadcast.lanes l
  join broadcast.streams s on s.lane_id = l.id and s.due_at <= :now and s.next_free_at <= :now
  where l.in_use and l.next_free_at < :now::timestamptz + :ahead::interval
    and l.id <> all (:busy_lanes::uuid[])
    and (l.provider, l.channel) in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    )
),
workspaces as (
  select lane_id, workspace_id, (
    select x.served_at from broadcast.streams x
    where x.lane_id = d.lane_id and x.workspace_id = d.workspace_id
    order by x.served_at desc limit 1
  ) as served_at
  from (select distinct lane_id, workspace_id from due) d
)
select due.id, due.lane_id, due.workspace_id, due.step_id, l.channel, l.provider, l.sender,
  l.rate_per_second, l.segments_per_second, l.share, nullif(l.share_at, '-infinity') as share_at,
  step.body, step.time_zone, step.scheduled_at as planned_at, step.zone_mode, step.window_from,
  step.window_until, step.weekdays, step.position > 1 as is_sequence, b.id as broadcast_id,
  b.max_per_minute, w.sending_from, w.sending_until
from due
join workspaces turn using (lane_id, workspace_id)
join broadcast.lanes l on l.id = due.lane_id
join broadcast.workspaces w on w.id = due.workspace_id
left join broadcast.broadcast_steps step on step.id = due.step_id
left join broadcast.broadcasts b on b.id = step.broadcast_id
where due.step_id is null or (b.status = 'sending' and step.status in ('launching', 'sending'))
order by turn.served_at, due.served_at, due.id
limit :limit;

-- name: take_turn$
-- One worker at a time has the turn of a stream, and of a broadcast with a speed limit of its own.
-- Not a lock of the row: whoever makes messages wait must be able to write it meanwhile.
select pg_try_advisory_xact_lock(:stream_key)
  and (:broadcast_key::bigint is null or pg_try_advisory_xact_lock(:broadcast_key::bigint));

-- name: own_limit_allows$
-- Read once more now that the turn is ours: the one before may have used up the limit.
select next_free_at <= :now from broadcast.streams where id = :id;

-- name: claim_of_step
-- Rows of a stream of a step that may be sent now, held until the transaction ends; nobody else gets
-- them. `after_due_at` and `after_id` are where the last claim ended: what lies before is gone, and
-- is not looked at again as long as old entries of the index cannot be cleaned away.
with slice as materialized (
  select id, job_id, recipient_id, address, attempts, due_at, time_zone
  from broadcast.messages
  where step_id = :step_id and lane_id = :lane_id and status = 'pending' and due_at <= :now
    and (due_at, id) > (:after_due_at::timestamptz, :after_id::uuid)
  order by due_at, id
  limit :limit
  for update skip locked
)
select slice.id, slice.job_id, slice.address, slice.attempts, slice.due_at, slice.time_zone,
  case when :with_contacts then r.contact end as contact, r.left_reason, suppressed.address is not null as suppressed
from slice
left join broadcast.broadcast_recipients r
  on r.id = case when :with_person then slice.recipient_id end
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = :workspace_id and suppressed.channel = :channel
 and suppressed.address = slice.address and suppressed.lifted_at is null
order by slice.due_at, slice.id;

-- name: claim_direct
-- The same for messages of a workspace that belong to no broadcast.
with slice as materialized (
  select id, job_id, address, attempts, due_at, subject, body, html
  from broadcast.messages
  where lane_id = :lane_id and workspace_id = :workspace_id and step_id is null
    and status = 'pending' and due_at <= :now
    and (due_at, id) > (:after_due_at::timestamptz, :after_id::uuid)
  order by due_at, id
  limit :limit
  for update skip locked
)
select slice.*, null::jsonb as contact, suppressed.address is not null as suppressed
from slice
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = :workspace_id and suppressed.channel = :channel
 and suppressed.address = slice.address and suppressed.lifted_at is null
order by slice.due_at, slice.id;

-- name: begin_sending!
-- The attempt is on record, with the very text, before anything leaves. Rows are held by the caller.
update broadcast.messages m
set status = given.status, body = coalesce(given.body, m.body),
    subject = coalesce(given.subject, m.subject), provider = :provider,
    attempts = m.attempts + given.attempt, skip_reason = given.skip_reason,
    error_code = given.error_code, error_detail = given.error_detail,
    claimed_at = :now, updated_at = :now,
    failed_at = case when given.status = 'failed' then :now::timestamptz end
from unnest(:ids::uuid[], :statuses::text[], :bodies::text[], :subjects::text[], :attempts::int[],
            :skip_reasons::text[], :error_codes::text[], :error_details::text[])
  as given (id, status, body, subject, attempt, skip_reason, error_code, error_detail)
where m.id = given.id and m.status = 'pending';

-- name: put_off!
-- Messages that may not leave yet by their recipient's clock. Rows are held by the caller.
update broadcast.messages m set due_at = given.due_at
from unnest(:ids::uuid[], :due_ats::timestamptz[]) as given (id, due_at)
where m.id = given.id and m.status = 'pending';

-- name: reserve_slots^
-- Gives away the lane's next slots, to all workers in one order; null while it is booked ahead. Where
-- the slots before were booked in another way, the lead stays free.
update broadcast.lanes l
set next_free_at = greatest(
      l.next_free_at + case when l.booking_kind = :kind then interval '0' else make_interval(secs => :lead) end,
      :now::timestamptz
    ) + make_interval(secs => :seconds),
    booking_kind = :kind, handed_over = l.handed_over + :messages
where l.id = :lane_id and l.next_free_at < :now::timestamptz + :ahead::interval
returning l.next_free_at - make_interval(secs => :seconds) as starts_at;

-- name: slow_lane!
-- The provider said "too fast": nothing leaves on the lane before `until`, and then at half of what is
-- its share at present (`pace.share_after_throttle`, in SQL).
update broadcast.lanes
set next_free_at = greatest(next_free_at, :until),
    share = case when share_at > :now then share else
      greatest(0.01, least(1, share + 0.05 * extract(epoch from
        greatest(interval '0', :now::timestamptz - greatest(share_at, :now::timestamptz - interval '20 seconds'))
      )) / 2) end,
    share_at = greatest(share_at, :until)
where id = :lane_id;
