-- name: add_broadcast^
-- A new draft.
insert into broadcast.broadcasts (workspace_id, name, broadcast_type, created_by, created_at, updated_at)
values (:workspace_id, :name, :broadcast_type, :created_by, :now, :now)
returning *;

-- name: add_step^
-- A step after the last one, as those of a draft begin.
insert into broadcast.broadcast_steps
  (workspace_id, broadcast_id, position, channel, time_zone, send_mode, day_number, day_time, zone_mode)
select :workspace_id, :broadcast_id, coalesce(max(position), 0) + 1, :channel, :time_zone, :send_mode,
  :day_number, :day_time, :zone_mode
from broadcast.broadcast_steps where broadcast_id = :broadcast_id
returning id;

-- name: copy_step^
-- The same step once more, at the end. What has become of the first one is not copied.
insert into broadcast.broadcast_steps
  (workspace_id, broadcast_id, position, name, channel, both_how, first_channel, second_after_hours, body,
   subject, preheader, email, text_part, from_name, reply_to, send_mode, scheduled_for, time_zone,
   scheduled_at, day_number, day_time, zone_mode, window_from, window_until, weekdays, condition, snippets)
select workspace_id, broadcast_id,
  (select max(position) + 1 from broadcast.broadcast_steps last where last.broadcast_id = s.broadcast_id),
  name, channel, both_how, first_channel, second_after_hours, body,
  subject, preheader, email, text_part, from_name, reply_to, send_mode, scheduled_for, time_zone,
  scheduled_at, day_number, day_time, zone_mode, window_from, window_until, weekdays, condition, snippets
from broadcast.broadcast_steps s where s.id = :id
returning id;

-- name: copy_step_files!
-- The files that go along with a step, for its copy.
insert into broadcast.step_files (workspace_id, step_id, name, content_type, bytes, content)
select workspace_id, :to_id, name, content_type, bytes, content
from broadcast.step_files where step_id = :from_id order by id;

-- name: remove_step_files!
-- All files that go along with a step.
delete from broadcast.step_files where step_id = :id;

-- name: put_positions!
-- The steps in this order.
update broadcast.broadcast_steps s
set position = given.position
from unnest(:ids::uuid[]) with ordinality as given (id, position)
where s.id = given.id and s.broadcast_id = :broadcast_id and s.position <> given.position;

-- name: remove_step!
-- Nobody has got anything of it.
delete from broadcast.broadcast_steps where id = :id and status in ('draft', 'scheduled');

-- name: get_broadcast^
-- One broadcast of the workspace.
select * from broadcast.broadcasts where workspace_id = :workspace_id and id = :id;

-- name: lock_broadcast^
-- The same, and nobody else changes it until the transaction ends.
select * from broadcast.broadcasts where workspace_id = :workspace_id and id = :id
for no key update;

-- name: steps_of
-- The steps of broadcasts, in their order.
select * from broadcast.broadcast_steps
where broadcast_id = any (:broadcast_ids)
order by broadcast_id, position;

-- name: get_step^
-- One step.
select * from broadcast.broadcast_steps where id = :id;

-- name: change_broadcast!
-- What is null stays as it is.
update broadcast.broadcasts
set name = coalesce(:name, name), broadcast_type = coalesce(:broadcast_type, broadcast_type),
    filter = coalesce(:filter, filter), audience_mode = coalesce(:audience_mode, audience_mode),
    audience_mode_chosen = audience_mode_chosen or :mode_chosen,
    late_policy = :late_policy, max_per_minute = :max_per_minute,
    stop_at_failure_rate = :stop_at_failure_rate,
    track_opens = :track_opens, track_clicks = :track_clicks, leave_on_reply = :leave_on_reply,
    goal = :goal, version = version + 1, updated_at = :now
where id = :id;

-- name: put_step_channels!
-- The broadcast has changed its type: its steps go where it goes.
update broadcast.broadcast_steps
set channel = :channel where broadcast_id = :broadcast_id and status = 'draft';

-- name: touch_broadcast!
-- Something of the draft has changed that stands in another table.
update broadcast.broadcasts set version = version + 1, updated_at = :now where id = :id;

-- name: change_step!
-- The step as it shall be, whole; not once it has begun.
update broadcast.broadcast_steps
set name = :name, channel = :channel, both_how = :both_how, first_channel = :first_channel,
    second_after_hours = :second_after_hours, body = :body, subject = :subject, preheader = :preheader,
    email = :email, text_part = :text_part, from_name = :from_name, reply_to = :reply_to,
    send_mode = :send_mode, scheduled_for = :scheduled_for, day_number = :day_number,
    day_time = :day_time, zone_mode = :zone_mode, window_from = :window_from,
    window_until = :window_until, weekdays = :weekdays, condition = :condition,
    time_zone = :time_zone, scheduled_at = :scheduled_at
where id = :id and status in ('draft', 'scheduled');

-- name: freeze_snippets!
-- What the snippets of these steps say from now on, whatever becomes of the snippets.
update broadcast.broadcast_steps s
set snippets = given.snippets
from unnest(:ids::uuid[], :snippets::jsonb[]) as given (id, snippets)
where s.id = given.id;

-- name: put_moments!
-- When steps that have not begun are due.
update broadcast.broadcast_steps s
set scheduled_at = given.scheduled_at
from unnest(:ids::uuid[], :scheduled_ats::timestamptz[]) as given (id, scheduled_at)
where s.id = given.id and s.status in ('draft', 'scheduled')
  and s.scheduled_at is distinct from given.scheduled_at;

-- name: delete_broadcast!
-- Only a draft can go; what was sent is history.
delete from broadcast.broadcasts where id = :id and status = 'draft';

-- name: set_status!
-- The caller holds the row and has checked the move.
update broadcast.broadcasts
set status = :status, version = version + 1, updated_at = :now,
    launched_at = coalesce(launched_at, :launched_at::timestamptz),
    completed_at = coalesce(completed_at, :completed_at::timestamptz),
    problem = :problem, paused_by = :paused_by
where id = :id;

-- name: set_rules!
-- How it is sent, whole; whoever sends reads it anew for each portion.
update broadcast.broadcasts
set late_policy = :late_policy, max_per_minute = :max_per_minute,
    stop_at_failure_rate = :stop_at_failure_rate, version = version + 1, updated_at = :now
where id = :id;

-- name: step_to_begin^
-- A step that waits for its time, with what its broadcast does when that was missed.
select s.broadcast_id, s.scheduled_at, s.time_zone, b.late_policy
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.id = :step_id and s.workspace_id = :workspace_id and s.status = 'scheduled'
  and b.status in ('scheduled', 'sending', 'paused');

-- name: pause_running!
-- Held until a person says what is to be done.
update broadcast.broadcasts
set status = 'paused', paused_by = :paused_by, problem = :problem, version = version + 1,
    updated_at = :now
where id = :id and status in ('scheduled', 'sending');

-- name: skip_step!
-- A step that is never sent; its broadcast says why, and is completed when that was the last. The
-- broadcast is taken before its step, as by whoever cancels.
with held as (
  select b.id from broadcast.broadcasts b
  where b.id = (select broadcast_id from broadcast.broadcast_steps where id = :step_id)
    and b.status in ('scheduled', 'sending', 'paused')
  for no key update
),
skipped as (
  update broadcast.broadcast_steps s set status = 'cancelled', completed_at = :now
  from held where s.id = :step_id and s.status = 'scheduled'
  returning s.broadcast_id
),
ends as (
  select broadcast_id, not exists (
    select from broadcast.broadcast_steps other
    where other.broadcast_id = skipped.broadcast_id and other.id <> :step_id
      and other.status not in ('completed', 'cancelled')
  ) as was_last
  from skipped
)
update broadcast.broadcasts b
set problem = :problem, version = b.version + 1, updated_at = :now,
    status = case when ends.was_last then 'completed' else b.status end,
    paused_by = case when ends.was_last then null else b.paused_by end,
    completed_at = case when ends.was_last then :now::timestamptz end
from ends where b.id = ends.broadcast_id;

-- name: failing_broadcasts
-- The counters of all that are being sent and may stop by themselves, where any has failed.
select b.id, b.stop_at_failure_rate, b.finished_before, b.failed_before, counts.delivered,
  counts.failed, counts.on_the_way
from broadcast.broadcasts b
cross join lateral (
  select coalesce(sum(c.messages) filter (where c.status = 'delivered'), 0)::bigint as delivered,
    coalesce(sum(c.messages) filter (where c.status = 'failed'), 0)::bigint as failed,
    coalesce(sum(c.messages) filter (where c.status in ('sent', 'no_receipt')), 0)::bigint as on_the_way
  from broadcast.broadcast_steps s
  join broadcast.step_counts c on c.step_id = s.id
  where s.broadcast_id = b.id
) counts
where b.status = 'sending' and b.stop_at_failure_rate is not null
  and counts.failed <> b.failed_before
order by b.id;

-- name: newest_failures
-- Why the newest of a broadcast's failed messages have failed, and whether the provider had taken them.
select code, taken, count(*) as messages
from (
  select coalesce(error_code, '') as code, provider_id is not null as taken
  from broadcast.messages
  where broadcast_id = :broadcast_id and status = 'failed'
  order by id desc limit :limit
) newest
group by code, taken;

-- name: latest_codes
-- The last messages that were handed over or refused: the code of each that failed, else null.
select code
from (
  (select id, coalesce(error_code, '') as code from broadcast.messages
   where broadcast_id = :broadcast_id and status = 'failed' order by id desc limit :limit)
  union all
  (select id, null from broadcast.messages
   where broadcast_id = :broadcast_id and status = 'sent' order by id desc limit :limit)
  union all
  (select id, null from broadcast.messages
   where broadcast_id = :broadcast_id and status = 'delivered' order by id desc limit :limit)
) latest
order by id desc
limit :limit;

-- name: stop_sending!
-- Unless somebody has paused it, or resumed it again, since the counters were read.
update broadcast.broadcasts
set status = 'paused', paused_by = :paused_by, problem = :problem, version = version + 1,
    updated_at = :now
where id = :id and status = 'sending' and stop_at_failure_rate is not null
  and finished_before = :finished_before and failed_before = :failed_before;

-- name: forgive_less!
-- Fewer have failed than were forgiven: the counting begins here.
update broadcast.broadcasts set finished_before = :finished, failed_before = :failed
where id = :id and failed_before > :failed;

-- name: forgive!
-- What has failed so far does not stop it once more.
update broadcast.broadcasts b
set finished_before = counts.finished, failed_before = counts.failed
from (
  select coalesce(sum(c.messages), 0) as finished,
    coalesce(sum(c.messages) filter (where c.status = 'failed'), 0) as failed
  from broadcast.broadcast_steps s
  join broadcast.step_counts c on c.step_id = s.id and c.status in ('delivered', 'failed')
  where s.broadcast_id = :id
) counts
where b.id = :id;

-- name: senders_of
-- The senders of a channel that the settings name, the pool first, with what slows them down.
select l.id, l.provider, l.tier, l.rate_per_second, l.segments_per_second, l.share,
  nullif(l.share_at, '-infinity') as share_at,
  coalesce(h.state, 'closed') as state, h.retry_at
from broadcast.lanes l
left join broadcast.provider_health h on h.provider = l.provider
where l.channel = :channel and l.in_use
order by l.tier, l.provider, l.sender;

-- name: waiting_beside$
-- How many messages of others have their turn on these lanes before so many are through.
select broadcast.waiting_beside(
  :lane_ids::uuid[], :but_step_ids::uuid[], :at_most::bigint, :now::timestamptz
);

-- name: names_current_segment$
-- Whether one of these segments is a filter that is always current, and no list of people.
select exists (
  select from broadcast.segments
  where workspace_id = :workspace_id and id = any (:ids) and kind = 'dynamic'
);

-- name: expect_recipients!
-- How many the person who launched it saw.
update broadcast.broadcasts set expected_recipients = :expected_recipients where id = :id;

-- name: begin_saving!
-- From now on the audience of this moment is saved with the broadcast, slice by slice.
update broadcast.broadcasts set saving = 'saving', audience_at = :now
where id = :id and saving = 'none';

-- name: begin_saving_at_send^
-- The time of a step has come and nobody is saved yet: now they are. Not while it is paused.
update broadcast.broadcasts b
set saving = 'saving', audience_at = :now, version = b.version + 1, updated_at = :now
from broadcast.broadcast_steps s
where s.id = :step_id and s.status = 'launching' and b.id = s.broadcast_id
  and b.status = 'sending' and b.saving = 'none'
returning b.id, b.workspace_id;

-- name: renew_audience!
-- The saved audience is void and the one of this moment is saved instead, unless a step has begun.
update broadcast.broadcasts b
set saving = 'saving', audience_at = :now, saved_up_to = null, saved_recipients = 0,
    expected_recipients = :expected_recipients, problem = null,
    discard_up_to = coalesce((
      select r.id from broadcast.broadcast_recipients r
      where r.broadcast_id = b.id order by r.id desc limit 1
    ), b.discard_up_to),
    version = b.version + 1, updated_at = :now
where b.workspace_id = :workspace_id and b.id = :id
  and b.status in ('scheduled', 'paused') and b.saving <> 'none'
  and not exists (
    select from broadcast.broadcast_steps s
    where s.broadcast_id = b.id and s.status <> 'scheduled'
  );

-- name: discard_recipients!
-- A slice of an audience that was thrown away.
delete from broadcast.broadcast_recipients
where id = any (array(
  select id from broadcast.broadcast_recipients
  where broadcast_id = :broadcast_id and id <= :up_to
  order by id limit :limit
));

-- name: discarded_all!
-- Nobody of the former audience is left.
update broadcast.broadcasts set discard_up_to = null where id = :id and discard_up_to = :up_to;

-- name: tell_saving_problem!
-- Why the audience cannot be saved at present.
update broadcast.broadcasts
set problem = :problem, version = version + 1, updated_at = :now
where id = :id and saving = 'saving' and problem is distinct from :problem;

-- name: set_step_launch!
-- The step waits for its job.
update broadcast.broadcast_steps
set status = 'scheduled', scheduled_at = :scheduled_at, job_id = :job_id
where id = :id;

-- name: saved_slice!
-- How far the audience is saved; the last slice says so.
update broadcast.broadcasts
set saved_up_to = coalesce(:saved_up_to, saved_up_to), saved_recipients = saved_recipients + :saved,
    saving = :saving, problem = null
where id = :id and saving = 'saving';

-- name: steps_by_ids
-- Of these steps the ones of the workspace, with how they stand.
select id, status from broadcast.broadcast_steps
where workspace_id = :workspace_id and id = any (:ids);

-- name: step_of_job^
-- The step that waits for this job.
select id from broadcast.broadcast_steps
where workspace_id = :workspace_id and job_id = :job_id and status = 'scheduled';

-- name: begin_step^
-- Its time has come: the step begins, and with it the broadcast, unless it is paused. From now on
-- it belongs to the job that began it; `former_job_id` is the one that it waited for. The broadcast is
-- taken before its step, as by whoever cancels.
with held as materialized (
  select b.id from broadcast.broadcasts b
  where b.id = (
    select broadcast_id from broadcast.broadcast_steps
    where id = :step_id and workspace_id = :workspace_id
  )
  for no key update
),
waiting as materialized (
  select s.id, s.job_id from held
  cross join lateral (
    select id, job_id from broadcast.broadcast_steps
    where id = :step_id and broadcast_id = held.id and status = 'scheduled'
    for no key update
  ) s
),
begun as (
  update broadcast.broadcast_steps s set status = 'launching', job_id = :job_id
  from waiting where s.id = waiting.id
  returning s.broadcast_id, waiting.job_id as former_job_id
)
update broadcast.broadcasts b
set status = case when b.status = 'scheduled' then 'sending' else b.status end,
    version = b.version + 1, updated_at = :now
from begun
where b.id = begun.broadcast_id and b.status in ('scheduled', 'sending', 'paused')
returning b.id, b.status, begun.former_job_id;

-- name: cancel_steps!
-- What has not ended is cancelled with the broadcast.
update broadcast.broadcast_steps
set status = 'cancelled', completed_at = :now
where broadcast_id = :broadcast_id and status <> 'completed';

-- name: list_recipients
-- The saved audience by keyset, with the reason of those who were left out of the channel.
select id, contact_id, name, contact, left_at, left_reason, time_zone,
  case when :channel = 'sms' then sms_address else email_address end as address,
  case when :channel = 'sms' then sms_left_out else email_left_out end as left_out
from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id
  and id > :after
  and (not :reachable::boolean
       or case when :channel = 'sms' then sms_left_out else email_left_out end is null)
  and (:search = '' or position(lower(:search) in lower(name)) > 0
       or position(:search in coalesce(sms_address, '')) > 0
       or position(lower(:search) in coalesce(email_address, '')) > 0)
order by id
limit :limit;

-- name: list_left_out
-- Of the saved audience those who were left out of the channel for one reason; each channel by its index.
select id, contact_id, name, contact, left_at, left_reason, time_zone, address, left_out
from (
  (select *, sms_address as address, sms_left_out as left_out
   from broadcast.broadcast_recipients
   where :channel = 'sms' and broadcast_id = :broadcast_id and sms_left_out = :left_out and id > :after
     and (:search = '' or position(lower(:search) in lower(name)) > 0
          or position(:search in coalesce(sms_address, '')) > 0)
   order by id limit :limit)
  union all
  (select *, email_address, email_left_out
   from broadcast.broadcast_recipients
   where :channel = 'email' and broadcast_id = :broadcast_id and email_left_out = :left_out
     and email_left_out is not null and email_left_out <> 'channel_not_used' and id > :after
     and (:search = '' or position(lower(:search) in lower(name)) > 0
          or position(lower(:search) in coalesce(email_address, '')) > 0)
   order by id limit :limit)
) found
order by id;

-- name: list_who_left
-- Of the saved audience those who have left the sequence for one reason.
select id, contact_id, name, contact, left_at, left_reason, time_zone,
  case when :channel = 'sms' then sms_address else email_address end as address,
  case when :channel = 'sms' then sms_left_out else email_left_out end as left_out
from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id and left_at is not null and left_reason = :left_reason and id > :after
  and (:search = '' or position(lower(:search) in lower(name)) > 0
       or position(:search in coalesce(sms_address, '')) > 0
       or position(lower(:search) in coalesce(email_address, '')) > 0)
order by id
limit :limit;

-- name: left_out_counts
-- Why people of the saved audience were left out of each channel, and how many.
select 'sms' as channel, sms_left_out as reason, count(*) as contacts
from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id
  and sms_left_out = any (array['no_phone', 'invalid_phone', 'opted_out', 'duplicate_number'])
group by sms_left_out
union all
select 'email', email_left_out, count(*)
from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id
  and email_left_out = any (array['no_email', 'invalid_email', 'opted_out', 'duplicate_email'])
group by email_left_out;

-- name: out_of_both$
-- How many of the saved audience no channel reaches.
select count(*) from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id
  and sms_left_out = any (array['no_phone', 'invalid_phone', 'opted_out', 'duplicate_number'])
  and email_left_out = any (array['no_email', 'invalid_email', 'opted_out', 'duplicate_email']);

-- name: left_counts
-- How many have left the sequence, and why.
select left_reason as reason, count(*) as contacts
from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id and left_at is not null
group by left_reason;

-- name: still_in$
-- How many of the saved audience some channel reaches, and have not left the sequence.
select count(*) from broadcast.broadcast_recipients
where broadcast_id = :broadcast_id and left_at is null
  and (sms_left_out is null or email_left_out is null);
