-- name: lock_step^
-- The step and its broadcast; whoever launches the step holds it. Not against keys: the counters and
-- messages that a sender writes meanwhile refer to the step.
select s.*, b.status as broadcast_status, b.saving, b.discard_up_to is not null as discards, b.filter,
  b.goal, b.launched_at as broadcast_launched_at
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.id = :step_id
for no key update of s;

-- name: steps_before
-- The steps of the broadcast that come before this one, in their order, with what says when they are due.
select * from broadcast.broadcast_steps
where broadcast_id = :broadcast_id and position <= :position
order by position;

-- name: zones_of_recipients
-- The zones in which somebody is whom the step may reach; null is the account's.
select distinct time_zone from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id and (sms_left_out is null or email_left_out is null);

-- name: await_turns!
-- The step is launched zone by zone.
update broadcast.broadcast_steps set launch_turns = :turns where id = :step_id;

-- name: end_turn!
-- Everybody whose moment has come has been looked at; for the next ones it begins anew.
update broadcast.broadcast_steps set launch_turns = launch_turns[2:], launched_up_to = 0
where id = :step_id;

-- name: slice_of_step
-- The recipients of the next slice whom the step may reach.
select id, contact_id from broadcast.recipients_after(:broadcast_id, :after, :channel, :limit)
where cardinality(:not_now::text[]) = 0 or coalesce(time_zone, :account_zone) <> all (:not_now::text[]);

-- name: write_messages^
-- One slice of the step's messages from the saved recipients, with those skipped who have opted out
-- since, have left the sequence or do not fulfil the step's condition. Their ids are of a sequence, and
-- are given by one saver at a time: whoever is saved later has a larger one. The unique index makes a
-- repeated slice add nothing. Of several lanes each address has its own.
with slice as materialized (
  select id, contact_id, name, left_reason, time_zone,
    case when :channel = 'sms' then sms_address else email_address end as address
  from broadcast.recipients_after(:broadcast_id, :after, :channel, :limit)
),
now_due as (
  select * from slice
  where cardinality(:not_now::text[]) = 0 or coalesce(slice.time_zone, :account_zone) <> all (:not_now::text[])
),
written as (
  insert into broadcast.messages
    (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel, address,
     status, skip_reason, lane_id, due_at, time_zone)
  select :workspace_id, :broadcast_id, :step_id, slice.id, slice.contact_id, slice.name, :channel,
    slice.address,
    case when skipped.reason is null then 'pending' else 'skipped' end, skipped.reason,
    case when cardinality(:lane_ids::uuid[]) = 1 then (:lane_ids::uuid[])[1]
      else broadcast.lane_of(slice.address, :lane_ids::uuid[], :weights::float8[]) end,
    coalesce(own.due_at, :now), own.zone
  from now_due slice
  -- Looked up one by one: a plan for slices of any size would read everybody who has opted out.
  left join lateral (
    select opted_out.address from broadcast.suppressions opted_out
    where opted_out.workspace_id = :workspace_id and opted_out.channel = :channel
      and opted_out.address = slice.address and opted_out.lifted_at is null
    limit 1
  ) suppressed on true
  left join unnest(:zones::text[], :due_ats::timestamptz[]) as own (zone, due_at)
    on own.zone = coalesce(slice.time_zone, :account_zone)
  cross join lateral (
    select case
      when suppressed.address is not null then 'opted_out'
      when slice.left_reason is not null then slice.left_reason
      when slice.id = any (:met_goal::bigint[]) then 'goal'
      when slice.id = any (:no_longer::bigint[]) then 'no_longer_matches'
      when cardinality(:dids::text[]) > 0 and exists (
        select from unnest(:dids::text[], :negateds::boolean[], :of_previous::boolean[])
          as deed (did, negated, of_previous)
        where deed.negated = broadcast.has_done(
          slice.id, deed.did, case when deed.of_previous then :previous::uuid[] else :earlier::uuid[] end)
      ) then 'condition'
    end as reason
  ) skipped
  order by slice.id
  on conflict (step_id, channel, address) where step_id is not null do nothing
  returning 1
)
select (select count(*) from slice) as seen, (select count(*) from written) as written,
  (select max(id) from slice) as last_id;

-- name: write_messages_of_both^
-- The same for a step on both channels: on each that reaches the person, on the one they prefer, or on
-- the one that is tried first. Nobody is passed over whom the other channel reaches.
with slice as materialized (
  select * from broadcast.recipients_after(:broadcast_id, :after, 'sms_email', :limit)
),
ways as (
  select slice.*, way.channel, way.address,
    case way.channel
      when 'sms' then case when cardinality(:sms_lane_ids::uuid[]) = 1 then (:sms_lane_ids::uuid[])[1]
        else broadcast.lane_of(way.address, :sms_lane_ids::uuid[], :sms_weights::float8[]) end
      else case when cardinality(:email_lane_ids::uuid[]) = 1 then (:email_lane_ids::uuid[])[1]
        else broadcast.lane_of(way.address, :email_lane_ids::uuid[], :email_weights::float8[]) end
    end as lane_id,
    exists (
      select from broadcast.suppressions opted_out
      where opted_out.workspace_id = :workspace_id and opted_out.channel = way.channel
        and opted_out.address = way.address and opted_out.lifted_at is null
    ) as opted_out
  from slice
  cross join lateral (
    select 'sms' as channel, slice.sms_address as address where slice.sms_address is not null
    union all
    select 'email', slice.email_address where slice.email_address is not null
  ) way
  where (cardinality(:not_now::text[]) = 0 or coalesce(slice.time_zone, :account_zone) <> all (:not_now::text[]))
  and (:both_how = 'both' or way.channel = case
    when :both_how = 'preferred' and slice.preferred_channel = 'sms' and slice.sms_address is not null then 'sms'
    when :both_how = 'preferred' and slice.preferred_channel = 'email' and slice.email_address is not null then 'email'
    when :first_channel = 'sms' then case when slice.sms_address is not null then 'sms' else 'email' end
    else case when slice.email_address is not null then 'email' else 'sms' end
  end)
),
written as (
  insert into broadcast.messages
    (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel, address,
     status, skip_reason, lane_id, due_at, time_zone)
  select :workspace_id, :broadcast_id, :step_id, ways.id, ways.contact_id, ways.name, ways.channel,
    ways.address,
    case when skipped.reason is null then 'pending' else 'skipped' end, skipped.reason,
    ways.lane_id, coalesce(own.due_at, :now), own.zone
  from ways
  left join unnest(:zones::text[], :due_ats::timestamptz[]) as own (zone, due_at)
    on own.zone = coalesce(ways.time_zone, :account_zone)
  cross join lateral (
    select case
      when ways.opted_out then 'opted_out'
      when ways.left_reason is not null then ways.left_reason
      when ways.id = any (:met_goal::bigint[]) then 'goal'
      when ways.id = any (:no_longer::bigint[]) then 'no_longer_matches'
      when cardinality(:dids::text[]) > 0 and exists (
        select from unnest(:dids::text[], :negateds::boolean[], :of_previous::boolean[])
          as deed (did, negated, of_previous)
        where deed.negated = broadcast.has_done(
          ways.id, deed.did, case when deed.of_previous then :previous::uuid[] else :earlier::uuid[] end)
      ) then 'condition'
    end as reason
  ) skipped
  order by ways.id, ways.channel
  on conflict (step_id, channel, address) where step_id is not null do nothing
  returning 1
)
select (select count(*) from slice) as seen, (select count(*) from written) as written,
  (select max(id) from slice) as last_id;

-- name: leave_by_goal!
-- Who has got where the sequence leads leaves it.
update broadcast.broadcast_recipients set left_at = :now, left_reason = 'goal'
where id = any (:ids) and left_at is null;

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

-- name: awaiting_second
-- Steps of which something is sent and that may still write messages on the second channel.
select s.id from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id and b.status = 'sending'
where s.status in ('launching', 'sending') and s.channel = 'sms_email' and s.both_how = 'second_if_needed'
  and s.second_done_at is null
order by s.id;

-- name: hold_awaiting^
-- One of them, held; nothing when somebody else is at it.
select s.* from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id and b.status = 'sending'
where s.id = :step_id and s.status in ('launching', 'sending') and s.second_done_at is null
for no key update of s skip locked;

-- name: write_second^
-- A slice of the step's first messages, by id, and a second one for each that has failed, or that left before
-- `sent_before` and was not opened by the person, clicked or answered. Who has left the sequence or opted
-- out since gets none; `last_id` is null when there are no more first messages.
with slice as materialized (
  select m.id, m.recipient_id, m.contact_id, m.name, m.status, m.sent_at
  from broadcast.messages m
  where m.broadcast_id = :broadcast_id and m.step_id = :step_id and m.channel = :first and m.id > :after
  order by m.id limit :limit
),
needed as (
  select slice.*, case when :second = 'sms' then r.sms_address else r.email_address end as address
  from slice
  join broadcast.broadcast_recipients r on r.id = slice.recipient_id
  left join broadcast.engagements e on e.message_id = slice.id
  where r.left_at is null
    and case when :second = 'sms' then r.sms_left_out else r.email_left_out end is null
    and (
      slice.status in ('failed', 'no_receipt', 'unknown')
      or (slice.status in ('sent', 'delivered') and slice.sent_at <= :sent_before
          and e.opened_at is null and e.clicked_at is null and e.replied_at is null)
    )
    and not exists (
      select from broadcast.suppressions opted_out
      where opted_out.workspace_id = :workspace_id and opted_out.channel = :second
        and opted_out.address = case when :second = 'sms' then r.sms_address else r.email_address end
        and opted_out.lifted_at is null
    )
),
written as (
  insert into broadcast.messages
    (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel, address, lane_id, due_at)
  select :workspace_id, :broadcast_id, :step_id, needed.recipient_id, needed.contact_id, needed.name, :second,
    needed.address,
    case when cardinality(:lane_ids::uuid[]) = 1 then (:lane_ids::uuid[])[1]
      else broadcast.lane_of(needed.address, :lane_ids::uuid[], :weights::float8[]) end,
    :now
  from needed
  order by needed.recipient_id
  on conflict (step_id, channel, address) where step_id is not null do nothing
  returning 1
)
select (select count(*) from written) as written,
  (select id from slice where (select count(*) from slice) = :limit order by id desc limit 1) as last_id;

-- name: first_has_time$
-- Whether a first message of the step is still on its way, or has not had its time yet.
select exists (
  select from broadcast.step_counts c
  where c.step_id = :step_id and c.channel = :first and c.messages > 0
    and c.status in ('pending', 'sending', 'uncertain')
) or exists (
  select from broadcast.messages m
  where m.step_id = :step_id and m.channel = :first and m.status in ('sent', 'delivered')
    and m.sent_at > :sent_before
);

-- name: second_done!
-- All second messages that are needed are written.
update broadcast.broadcast_steps set second_done_at = :now where id = :step_id;
