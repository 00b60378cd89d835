-- name: copy_broadcast^
-- A new draft for the same audience with the same rules. A column that is added to broadcasts and is a
-- person's choice stands in both lists; what has become of the broadcast does not.
insert into broadcast.broadcasts
  (workspace_id, name, broadcast_type, filter, audience_mode, audience_mode_chosen,
   late_policy, max_per_minute, stop_at_failure_rate, resend_uncertain,
   track_opens, track_clicks, leave_on_reply, goal,
   created_by, created_at, updated_at)
select workspace_id, :name, broadcast_type, filter, audience_mode, audience_mode_chosen,
  late_policy, max_per_minute, stop_at_failure_rate, resend_uncertain,
  track_opens, track_clicks, leave_on_reply, goal,
  :by, :now, :now
from broadcast.broadcasts where id = :id
returning id;

-- name: forget_audience!
-- Of a copy without the audience: everybody, until somebody chooses.
update broadcast.broadcasts
set filter = default, audience_mode = default, audience_mode_chosen = default
where id = :id;

-- name: forget_rules!
-- Of a copy without the content: how it is sent is as in a new draft.
update broadcast.broadcasts
set late_policy = default, max_per_minute = default, stop_at_failure_rate = default,
    resend_uncertain = default, track_opens = default, track_clicks = default,
    leave_on_reply = default, goal = default
where id = :id;

-- name: copy_steps!
-- The steps with their content, as a draft has them; a time that has passed is left for a person to
-- choose. A column that is added to broadcast_steps and is a person's choice stands in both lists.
insert into broadcast.broadcast_steps
  (workspace_id, broadcast_id, position, channel, name,
   both_how, first_channel, second_after_hours,
   body, subject, preheader, email, text_part, from_name, reply_to,
   send_mode, scheduled_for, scheduled_at, time_zone,
   day_number, day_time, zone_mode, window_from, window_until, weekdays, condition)
select workspace_id, :to_id, position, channel, name,
  both_how, first_channel, second_after_hours,
  body, subject, preheader, email, text_part, from_name, reply_to,
  send_mode,
  case when send_mode = 'later' and scheduled_at > :now::timestamptz then scheduled_for end,
  case when send_mode = 'later' and scheduled_at > :now::timestamptz then scheduled_at end,
  time_zone,
  day_number, day_time, zone_mode, window_from, window_until, weekdays, condition
from broadcast.broadcast_steps where broadcast_id = :from_id;

-- name: copy_step_files!
-- The files that go along with the mails, to the steps of the same positions.
insert into broadcast.step_files (workspace_id, step_id, name, content_type, bytes, content, created_at)
select f.workspace_id, made.id, f.name, f.content_type, f.bytes, f.content, :now
from broadcast.broadcast_steps source
join broadcast.step_files f on f.step_id = source.id
join broadcast.broadcast_steps made on made.broadcast_id = :to_id and made.position = source.position
where source.broadcast_id = :from_id
order by f.id;

-- name: add_empty_step!
-- The one step of a copy that has the audience alone; on the channel of the first one.
insert into broadcast.broadcast_steps (workspace_id, broadcast_id, position, channel, time_zone)
select workspace_id, :to_id, 1, channel, time_zone
from broadcast.broadcast_steps where broadcast_id = :from_id
order by position limit 1;

-- name: archive_broadcast!
-- Into the archive, or out of it; the order of the list stays.
update broadcast.broadcasts
set archived_at = case when :archived::boolean then coalesce(archived_at, :now::timestamptz) end
where id = :id;

-- name: by_updated_desc
-- The latest touched first.
select b.id, b.updated_at::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (b.updated_at, b.id) < (:after_mark::text::timestamptz, :after_id::uuid))
order by b.updated_at desc, b.id desc limit :limit;

-- name: by_updated_asc
-- What nobody has touched for the longest time first.
select b.id, b.updated_at::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (b.updated_at, b.id) > (:after_mark::text::timestamptz, :after_id::uuid))
order by b.updated_at, b.id limit :limit;

-- name: by_created_desc
-- The newest first.
select b.id, b.created_at::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (b.created_at, b.id) < (:after_mark::text::timestamptz, :after_id::uuid))
order by b.created_at desc, b.id desc limit :limit;

-- name: by_created_asc
-- The oldest first.
select b.id, b.created_at::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (b.created_at, b.id) > (:after_mark::text::timestamptz, :after_id::uuid))
order by b.created_at, b.id limit :limit;

-- name: by_name_asc
-- From A to Z.
select b.id, lower(b.name) as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (lower(b.name), b.id) > (:after_mark::text, :after_id::uuid))
order by lower(b.name), b.id limit :limit;

-- name: by_name_desc
-- From Z to A.
select b.id, lower(b.name) as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (lower(b.name), b.id) < (:after_mark::text, :after_id::uuid))
order by lower(b.name) desc, b.id desc limit :limit;

-- name: by_scheduled_asc
-- The earliest time first; what has none comes last.
select b.id, coalesce(b.first_at, 'infinity'::timestamptz)::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (coalesce(b.first_at, 'infinity'::timestamptz), b.id)
       > (:after_mark::text::timestamptz, :after_id::uuid))
order by coalesce(b.first_at, 'infinity'::timestamptz), b.id limit :limit;

-- name: by_scheduled_desc
-- The latest time first; what has none comes last.
select b.id, coalesce(b.first_at, '-infinity'::timestamptz)::text as mark from broadcast.broadcasts b
where b.workspace_id = :workspace_id
  and broadcast.is_listed(b, :types, :statuses, :authors, :archived, :search)
  and (:after_id::uuid is null or (coalesce(b.first_at, '-infinity'::timestamptz), b.id)
       < (:after_mark::text::timestamptz, :after_id::uuid))
order by coalesce(b.first_at, '-infinity'::timestamptz) desc, b.id desc limit :limit;

-- name: lines_of
-- Broadcasts as the list shows them, with the counts of their messages, in the order of the ids given.
select b.id, b.name, b.broadcast_type, b.status, b.created_by, b.created_at, b.updated_at, b.launched_at,
  b.archived_at, b.first_at as scheduled_at,
  coalesce(counts.recipients, 0) as recipients, coalesce(counts.delivered, 0) as delivered,
  coalesce(counts.failed, 0) as failed, coalesce(counts.pending, 0) as pending
from unnest(:ids::uuid[]) with ordinality as listed (id, place)
join broadcast.broadcasts b on b.id = listed.id
left join lateral (
  select sum(c.messages) as recipients,
    sum(c.messages) filter (where c.status = 'delivered') as delivered,
    sum(c.messages) filter (where c.status = 'failed') as failed,
    sum(c.messages) filter (where c.status in ('pending', 'sending')) as pending
  from broadcast.broadcast_steps s join broadcast.step_counts c on c.step_id = s.id
  where s.broadcast_id = b.id
) counts on true
order by listed.place;

-- name: authors
-- Everybody who has made a broadcast: one look into the index per name, however many broadcasts.
with recursive named as (
  (select created_by from broadcast.broadcasts
   where workspace_id = :workspace_id order by created_by limit 1)
  union all
  select next.created_by from named
  cross join lateral (
    select created_by from broadcast.broadcasts
    where workspace_id = :workspace_id and created_by > named.created_by
    order by created_by limit 1
  ) next
)
select created_by from named limit :limit;

-- name: note_editor!
-- Somebody has the broadcast open at this moment.
insert into broadcast.broadcast_editors (workspace_id, broadcast_id, actor_id, actor_name, seen_at)
values (:workspace_id, :broadcast_id, :actor_id, :actor_name, :now)
on conflict (broadcast_id, actor_id) do update
set actor_name = excluded.actor_name, seen_at = greatest(broadcast_editors.seen_at, excluded.seen_at);

-- name: forget_editors!
-- Who has closed it; rows that somebody renews at this moment are left alone.
delete from broadcast.broadcast_editors
where (broadcast_id, actor_id) in (
  select broadcast_id, actor_id from broadcast.broadcast_editors
  where broadcast_id = :broadcast_id and seen_at < :before
  for update skip locked
);

-- name: editors_of
-- Who else has it open, by name.
select actor_id, actor_name, seen_at from broadcast.broadcast_editors
where broadcast_id = :broadcast_id and actor_id <> :but_id and seen_at >= :since
order by actor_name, actor_id;

-- name: steps_due
-- The steps that are due in a span, in the order of their first moment, with what the calendar tells of
-- their broadcasts. In recipients' zones that moment is the one of the first zone on earth, which the span
-- begins earlier for. A draft that is sent at once has no day from which its steps could count.
select s.id, s.broadcast_id, s.scheduled_at, b.name, b.status, b.version, b.launched_at,
  b.archived_at is not null as archived, b.saving = 'saved' as people_saved,
  coalesce(b.expected_recipients, nullif(b.saved_recipients, 0)) as people
from broadcast.broadcast_steps s
join broadcast.broadcasts b on b.id = s.broadcast_id
where s.workspace_id = :workspace_id
  and s.scheduled_at >= :begins_for_the_first::timestamptz and s.scheduled_at < :ends::timestamptz
  and (s.zone_mode = 'recipient' or s.scheduled_at >= :begins::timestamptz)
  and (:archived::boolean or b.archived_at is null)
  and (b.status <> 'draft' or s.scheduled_for is not null or exists (
    select from broadcast.broadcast_steps f
    where f.broadcast_id = b.id and f.position = 1 and f.send_mode = 'later' and f.scheduled_for is not null
  ))
order by s.scheduled_at, s.id limit :limit;

-- name: times_of
-- All steps of these broadcasts as far as their time goes: what they say stays where it is.
select id, broadcast_id, position, name, channel, both_how, first_channel, second_after_hours,
  '' as body, '' as subject, '' as preheader, null::jsonb as email, null::text as text_part,
  null::text as from_name, null::text as reply_to,
  send_mode, scheduled_for, day_number, day_time, zone_mode, window_from, window_until, weekdays,
  null::jsonb as condition, null::jsonb as snippets, scheduled_at, time_zone, status, launched_up_to, job_id,
  launched_at, completed_at, second_done_at
from broadcast.broadcast_steps
where broadcast_id = any (:broadcast_ids::uuid[])
order by broadcast_id, position;

-- name: reached_by_both$
-- Of the people whom a broadcast reaches on these channels, the first so many by address: how many another
-- one reaches there, too. Who has left a sequence gets nothing more of it.
select count(*) from (
  select one.contact_id from (
    select contact_id, sms_address from broadcast.broadcast_recipients
    where :by_sms::boolean and broadcast_id = :fewer_id and sms_left_out is null and left_at is null
    order by sms_address limit :limit
  ) one
  where exists (
    select from broadcast.broadcast_recipients other
    where other.broadcast_id = :more_id and other.sms_left_out is null and other.left_at is null
      and other.sms_address = one.sms_address
  )
  union
  select one.contact_id from (
    select contact_id, email_address from broadcast.broadcast_recipients
    where :by_email::boolean and broadcast_id = :fewer_id and email_left_out is null and left_at is null
    order by email_address limit :limit
  ) one
  where exists (
    select from broadcast.broadcast_recipients other
    where other.broadcast_id = :more_id and other.email_left_out is null and other.left_at is null
      and other.email_address = one.email_address
  )
) people;
