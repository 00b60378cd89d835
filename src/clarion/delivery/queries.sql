-- name: lanes_of
-- The lanes of a channel, the pool first; read without a lock.
select id, channel, provider, sender, rate_per_second, segments_per_second, tier, in_use
from broadcast.lanes where channel = :channel
order by tier, provider, sender;

-- name: hold_lanes^
-- The lanes of a channel, held in one order by whoever changes them; also against those who make new ones.
select pg_advisory_xact_lock(hashtext('broadcast.lanes')),
  array(select id from broadcast.lanes where channel = :channel order by id for no key update);

-- name: put_lanes!
-- The lanes of a channel as the settings name them; what they no longer name goes out of use.
with named as (
  select * from unnest(:providers::text[], :senders::text[], :rates::numeric[], :segment_rates::numeric[],
      :tiers::smallint[])
    as given (provider, sender, rate_per_second, segments_per_second, tier)
),
left_out as (
  update broadcast.lanes lane set in_use = false
  where lane.channel = :channel and lane.in_use
    and not exists (
      select from named where named.provider = lane.provider and named.sender = lane.sender
    )
)
insert into broadcast.lanes as lane (channel, provider, sender, rate_per_second, segments_per_second, tier)
select :channel, provider, sender, rate_per_second, segments_per_second, tier from named
order by provider, sender
on conflict (channel, provider, sender) do update
  set rate_per_second = excluded.rate_per_second, segments_per_second = excluded.segments_per_second,
      tier = excluded.tier, in_use = true
where (lane.rate_per_second, lane.segments_per_second, lane.tier, lane.in_use)
  is distinct from (excluded.rate_per_second, excluded.segments_per_second, excluded.tier, true);

-- name: fallback_lane^
-- Of the next tier of the lane's channel the lane that is free first.
select l.id, l.channel, l.provider, l.sender, l.rate_per_second, l.segments_per_second, l.tier, l.in_use
from broadcast.lanes former
join broadcast.lanes l on l.channel = former.channel and l.tier > former.tier and l.in_use
where former.id = :lane_id
order by l.tier, l.next_free_at, l.id
limit 1;

-- name: waiting_stream^
-- A stream of the lane in which messages wait, other than those that were seen.
select id, workspace_id, step_id from broadcast.streams
where lane_id = :lane_id and due_at < 'infinity' and id <> all (:seen::uuid[])
order by due_at limit 1;

-- name: move_waiting^
-- A slice of a stream's waiting messages goes to other lanes, each address to its own of them, and
-- their streams learn it.
with of_step as materialized (
  select id, address, due_at from broadcast.messages
  where step_id = :step_id and lane_id = :lane_id and status = 'pending'
  order by due_at, id limit :limit for update skip locked
),
direct as materialized (
  select id, address, due_at from broadcast.messages
  where :step_id::uuid is null and step_id is null and lane_id = :lane_id
    and workspace_id = :workspace_id and status = 'pending'
  order by due_at, id limit :limit for update skip locked
),
placed as materialized (
  select slice.id, slice.due_at,
    broadcast.lane_of(slice.address, :lane_ids::uuid[], :weights::float8[]) as lane_id
  from (select * from of_step union all select * from direct) slice
),
moved as (
  update broadcast.messages m set lane_id = placed.lane_id
  from placed where m.id = placed.id
  returning 1
),
told as (
  insert into broadcast.streams as stream (workspace_id, lane_id, step_id, due_at)
  select :workspace_id, lane_id, :step_id, min(due_at) from placed group by lane_id order by lane_id
  on conflict (lane_id, workspace_id, step_id) do update
    set due_at = least(stream.due_at, excluded.due_at)
)
select count(*) as messages from moved;

-- name: hold_stream_if_free^
-- The stream, held; nothing when another one holds it, for whom a holder of other streams must not wait.
select id from broadcast.streams where id = :id for update skip locked;

-- name: stream_moved_away!
-- A held stream of which all is moved that was not held by others: when the rest of it is due.
update broadcast.streams s
set due_at = coalesce(
  case when s.step_id is null then (
    select m.due_at from broadcast.messages m
    where m.lane_id = s.lane_id and m.workspace_id = s.workspace_id and m.step_id is null and m.status = 'pending'
    order by m.due_at limit 1
  ) else (
    select m.due_at from broadcast.messages m
    where m.step_id = s.step_id and m.lane_id = s.lane_id and m.status = 'pending'
    order by m.due_at limit 1
  ) end, 'infinity')
where s.id = :id;

-- name: touch_streams!
-- Messages of one step, or single ones of one workspace, wait on these lanes from `due_at` on.
insert into broadcast.streams as stream (workspace_id, lane_id, step_id, due_at)
select :workspace_id, lane_id, :step_id, :due_at
from unnest(:lane_ids::uuid[]) as lane_id
order by lane_id
on conflict (lane_id, workspace_id, step_id) do update set due_at = excluded.due_at
where stream.due_at > excluded.due_at;

-- name: wake_streams!
-- The streams of those of these messages that wait.
insert into broadcast.streams as stream (workspace_id, lane_id, step_id, due_at)
select workspace_id, lane_id, step_id, min(due_at)
from broadcast.messages
where id = any (:ids) and status = 'pending' and lane_id is not null
group by workspace_id, lane_id, step_id
order by lane_id, workspace_id, step_id
on conflict (lane_id, workspace_id, step_id) do update set due_at = excluded.due_at
where stream.due_at > excluded.due_at;

-- name: wake_steps!
-- The streams of steps, of one broadcast or of all that are being sent, whose first message is due
-- earlier than they say; forgotten ones too.
insert into broadcast.streams as stream (workspace_id, lane_id, step_id, due_at)
select s.workspace_id, l.id, s.id, first.due_at
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
join broadcast.lanes l on l.channel = s.channel or s.channel = 'sms_email'
cross join lateral (
  select m.due_at from broadcast.messages m
  where m.step_id = s.id and m.lane_id = l.id and m.status = 'pending'
  order by m.due_at limit 1
) first
left join broadcast.streams known on known.lane_id = l.id and known.step_id = s.id
where s.status in ('launching', 'sending')
  and case when :broadcast_id::uuid is null then b.status = 'sending' else b.id = :broadcast_id::uuid end
  and (known.id is null or known.due_at > first.due_at)
order by l.id, s.workspace_id, s.id
on conflict (lane_id, workspace_id, step_id) do update set due_at = excluded.due_at
where stream.due_at > excluded.due_at;

-- name: wake_direct!
-- The same for single messages: one look into the index for each lane and workspace that has some.
with recursive waiting as (
  (
    select lane_id, workspace_id, due_at from broadcast.messages
    where status = 'pending' and step_id is null and lane_id is not null
    order by lane_id, workspace_id, due_at limit 1
  )
  union all
  select next.lane_id, next.workspace_id, next.due_at
  from waiting
  cross join lateral (
    select m.lane_id, m.workspace_id, m.due_at from broadcast.messages m
    where m.status = 'pending' and m.step_id is null
      and (m.lane_id, m.workspace_id) > (waiting.lane_id, waiting.workspace_id)
    order by m.lane_id, m.workspace_id, m.due_at limit 1
  ) next
)
insert into broadcast.streams as stream (workspace_id, lane_id, due_at)
select w.workspace_id, w.lane_id, w.due_at
from waiting w
left join broadcast.streams known
  on known.lane_id = w.lane_id and known.workspace_id = w.workspace_id and known.step_id is null
where known.id is null or known.due_at > w.due_at
order by w.lane_id, w.workspace_id
on conflict (lane_id, workspace_id, step_id) do update set due_at = excluded.due_at
where stream.due_at > excluded.due_at;

-- name: hold_stream!
-- Before the end of its turn: whoever makes messages wait now does so after us, and lowers `due_at` again.
select from broadcast.streams where id = :id for update;

-- name: end_turn!
-- A stream has had its turn. What is due next in it is looked up when `looks` says so: in a statement
-- that begins when the stream is held, so that it sees all that was made to wait before.
update broadcast.streams s
set served_at = :now,
    due_at = case when not :looks then s.due_at else greatest(:not_before, coalesce(
      case when s.step_id is null then (
        select m.due_at from broadcast.messages m
        where m.lane_id = s.lane_id and m.workspace_id = s.workspace_id and m.step_id is null and m.status = 'pending'
        order by m.due_at limit 1
      ) else (
        select m.due_at from broadcast.messages m
        where m.step_id = s.step_id and m.lane_id = s.lane_id and m.status = 'pending'
        order by m.due_at limit 1
      ) end, 'infinity')) end
where s.id = :id;

-- name: use_own_limit!
-- A broadcast with a speed limit of its own has sent so much: none of its streams goes on before.
with held as materialized (
  select id from broadcast.streams
  where step_id in (select id from broadcast.broadcast_steps where broadcast_id = :broadcast_id)
  order by lane_id, workspace_id, step_id
  for update
)
update broadcast.streams s
set next_free_at = greatest(s.next_free_at, :now) + make_interval(secs => :seconds)
from held where held.id = s.id;

-- name: defer_streams!
-- Streams of steps that may not send before the hours that are given.
with held as materialized (
  select id from broadcast.streams where id = any (:ids) order by id for update skip locked
)
update broadcast.streams s
set due_at = given.due_at
from held, unnest(:ids::uuid[], :due_ats::timestamptz[]) as given (id, due_at)
where s.id = held.id and given.id = held.id and s.due_at < given.due_at;

-- name: write_outcomes!
-- The provider's answers. A callback that was faster stays: such a row only learns its provider id. An
-- answer to a claim that was followed by another one changes nothing, and is kept beside the message.
-- `lane_id`: the message waits there from now on, for a new attempt with a record of its own.
with given as (
  select * from unnest(:ids::uuid[], :statuses::text[], :provider_ids::text[], :segments::int[],
      :error_codes::text[], :error_details::text[], :again_ats::timestamptz[], :given_back::int[],
      :attempts::int[], :claimed_ats::timestamptz[], :lane_ids::uuid[])
    as g (id, status, provider_id, segments, error_code, error_detail, again_at, given_back, attempt,
          claimed_at, lane_id)
),
held as materialized (
  select * from broadcast.messages where id in (select id from given) order by id for update
),
kept as (
  insert into broadcast.message_attempts as known
    (message_id, attempt, workspace_id, lane_id, provider, provider_id, status, error_code,
     error_detail, segments, claimed_at, sent_at, failed_at)
  select held.id, given.attempt, held.workspace_id, held.lane_id, held.provider,
    coalesce(given.provider_id, held.provider_id),
    case when given.lane_id is null then given.status else 'failed' end,
    given.error_code, given.error_detail, given.segments, held.claimed_at,
    case when given.status = 'sent' then :now::timestamptz end,
    case when given.lane_id is not null then :now::timestamptz end
  from held join given using (id)
  where (given.provider_id is not null
         and (given.claimed_at <> held.claimed_at or (given.claimed_at = held.claimed_at and held.status = 'pending')))
     or (given.claimed_at = held.claimed_at and given.lane_id is not null
         and held.provider_id is not null and held.status in ('sending', 'uncertain'))
  on conflict (message_id, attempt) do update
    set provider_id = coalesce(known.provider_id, excluded.provider_id),
        segments = coalesce(known.segments, excluded.segments),
        sent_at = least(known.sent_at, excluded.sent_at)
)
update broadcast.messages m
set status = case when fits.applies then given.status else m.status end,
    provider_id = case when fits.moves then null else coalesce(m.provider_id, given.provider_id) end,
    lane_id = case when fits.moves then given.lane_id else m.lane_id end,
    segments = case when fits.moves then null else coalesce(m.segments, given.segments) end,
    error_code = case when fits.applies then given.error_code else m.error_code end,
    error_detail = case when fits.applies then given.error_detail else m.error_detail end,
    due_at = case when fits.applies then coalesce(given.again_at, m.due_at) else m.due_at end,
    attempts = m.attempts - case when fits.applies then given.given_back else 0 end,
    sent_at = case when given.status = 'sent' then least(m.sent_at, :now) else m.sent_at end,
    failed_at = case when given.status = 'failed' and fits.applies then :now else m.failed_at end,
    updated_at = :now
from given
join held on held.id = given.id
cross join lateral (
  select held.status in ('sending', 'uncertain') as applies,
    held.status in ('sending', 'uncertain') and given.lane_id is not null as moves
) fits
where m.id = given.id and (given.claimed_at is null or held.claimed_at = given.claimed_at)
  and held.status in ('sending', 'uncertain', 'sent', 'delivered', 'failed');

-- name: hold_completable
-- Broadcasts with a step of which nothing is left to hand over or to settle, by its counts, and no second
-- message of which may still be written; held. Those
-- that somebody is changing at the moment have their turn in the next round: whoever cancels or resumes
-- takes the broadcast first and then its messages, and must not wait for us. None of which failed messages
-- are still being put back.
select b.id
from broadcast.broadcasts b
where b.status = 'sending'
  and not exists (select from broadcast.retries r where r.broadcast_id = b.id and r.ended_at is null)
  and b.id in (
    select s.broadcast_id from broadcast.broadcast_steps s
    where s.status = 'sending' and (:step_ids::uuid[] is null or s.id = any (:step_ids::uuid[]))
      and (s.second_done_at is not null or s.channel <> 'sms_email' or s.both_how <> 'second_if_needed')
      and not exists (
        select from broadcast.step_counts c
        where c.step_id = s.id and c.status in ('pending', 'sending', 'uncertain') and c.messages > 0
      )
  )
order by b.id
for no key update skip locked;

-- name: complete_steps
-- The steps of held broadcasts of which nothing is left to hand over or to settle.
update broadcast.broadcast_steps s
set status = 'completed', completed_at = :now
where s.status = 'sending' and s.broadcast_id = any (:broadcast_ids)
  and (s.second_done_at is not null or s.channel <> 'sms_email' or s.both_how <> 'second_if_needed')
  and not exists (
    select from broadcast.step_counts c
    where c.step_id = s.id and c.status in ('pending', 'sending', 'uncertain') and c.messages > 0
  )
returning s.id, s.broadcast_id, s.job_id;

-- name: complete_broadcasts!
-- Broadcasts all of whose steps are completed, or were skipped.
update broadcast.broadcasts b
set status = 'completed', completed_at = :now, updated_at = :now, version = version + 1
where b.id = any (:broadcast_ids) and b.status = 'sending'
  and not exists (
    select from broadcast.broadcast_steps s
    where s.broadcast_id = b.id and s.status not in ('completed', 'cancelled')
  );

-- name: finished_jobs
-- The queue jobs of messages that were handed over or have ended.
select job_id, status, error_code, error_detail, skip_reason
from broadcast.messages
where id = any (:ids) and job_id is not null
  and status in ('sent', 'delivered', 'failed', 'skipped', 'cancelled', 'no_receipt', 'unknown');

-- name: messages_of_jobs
-- What became of the messages of queue jobs.
select id, job_id, status, provider_id, error_code, error_detail
from broadcast.messages where job_id = any (:job_ids);

-- name: mail_of_step^
-- What a mail of the step says, with what its broadcast and workspace add.
select s.subject, s.preheader, s.email, s.text_part, s.from_name, s.reply_to, b.track_opens, b.track_clicks,
  w.company_name, w.postal_address, broadcast.snippets_of(s) as snippets
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
join broadcast.workspaces w on w.id = s.workspace_id
where s.id = :step_id;

-- name: snippets_of_step$
-- What the snippets of a step say.
select broadcast.snippets_of(s) from broadcast.broadcast_steps s where s.id = :step_id;

-- name: files_of_step
-- The files that go along with the step's mail.
select name, content_type, content from broadcast.step_files where step_id = :step_id order by id;
