-- name: store_events
-- Events as they came; one that is known already is not stored again.
insert into broadcast.message_events
  (received_month, workspace_id, event_key, kind, provider, channel, message_id, attempt, provider_id,
   status, error_code, address, content, segments, price, currency, occurred_at, received_at, payload,
   link, machine)
select date_trunc('month', given.received_at at time zone 'UTC')::date,
  coalesce(
    m.workspace_id,
    test.workspace_id,
    (select lately.workspace_id
     from broadcast.workspaces w
     cross join lateral (
       select l.workspace_id, l.id from broadcast.messages l
       where l.workspace_id = w.id and l.address = given.address order by l.id desc limit 1
     ) lately
     order by lately.id desc limit 1),
    '00000000-0000-4000-8000-000000000001'::uuid
  ),
  given.event_key, given.kind, given.provider, given.channel, given.message_id, given.attempt,
  given.provider_id, given.status, given.error_code, given.address, given.content, given.segments, given.price,
  given.currency, given.occurred_at, given.received_at, given.payload, given.link, given.machine
from jsonb_to_recordset(:events) as given (
  event_key text, kind text, provider text, channel text, message_id uuid, attempt int, provider_id text,
  status text, error_code text, address text, content text, segments int, price numeric, currency text,
  occurred_at timestamptz, received_at timestamptz, payload jsonb, link smallint, machine boolean)
left join broadcast.messages m on m.id = given.message_id
left join broadcast.test_messages test on test.id = given.message_id
on conflict (received_month, event_key) do nothing
returning id;

-- name: take_events
-- Events that were not applied yet, the oldest first; two appliers never get the same.
select id, received_month, event_key, workspace_id, kind, provider, channel, message_id, attempt, provider_id,
  status, error_code, address, content, segments, price, currency, link, machine,
  coalesce(occurred_at, received_at) as at
from broadcast.message_events
where applied_at is null
order by id
limit :limit
for update skip locked;

-- name: hold_messages
-- The messages that these events speak of, by our id or the provider's, held in one order by everybody.
with given as materialized (
  select * from unnest(:providers::text[], :provider_ids::text[]) as g (provider, provider_id)
),
named as materialized (
  select unnest(:message_ids::uuid[]) as id
  union
  select m.id from given
  join broadcast.messages m on m.provider = given.provider and m.provider_id = given.provider_id
  union
  select a.message_id from given
  join broadcast.message_attempts a on a.provider = given.provider and a.provider_id = given.provider_id
)
select m.id, m.workspace_id, m.channel, m.address, m.status, m.attempts, m.retries, m.due_at,
  m.provider, m.provider_id, m.error_code, m.segments, m.price, m.currency, m.sent_at,
  m.delivered_at, m.failed_at, m.job_id
from broadcast.messages m
where m.id = any (array(select id from named))
order by m.id
for update;

-- name: attempts_of
-- Of these messages the attempts that another one has followed.
select message_id, attempt, provider, provider_id, status, error_code, segments, price, currency,
  sent_at, delivered_at, failed_at
from broadcast.message_attempts
where message_id = any (:message_ids);

-- name: owners_of
-- The messages to which the provider has given these ids, as far as the ledger knows.
with given as materialized (
  select * from unnest(:providers::text[], :provider_ids::text[]) as g (provider, provider_id)
)
select given.provider, given.provider_id, m.id as message_id
from given
join broadcast.messages m on m.provider = given.provider and m.provider_id = given.provider_id
union all
select given.provider, given.provider_id, a.message_id
from given
join broadcast.message_attempts a on a.provider = given.provider and a.provider_id = given.provider_id;

-- name: may_be_sent_anew
-- Of these messages the ones that may leave once more by themselves: their broadcast was not cancelled
-- and their address may be written to. With the time for which each was planned.
select m.id, coalesce(s.scheduled_at, j.scheduled_at) as planned_at
from broadcast.messages m
left join broadcast.broadcasts b on b.id = m.broadcast_id
left join broadcast.broadcast_steps s on s.id = m.step_id
left join broadcast.queue_jobs j on j.id = m.job_id
where m.id = any (:message_ids)
  and (b.id is null or b.status in ('sending', 'paused', 'completed'))
  and not exists (
    select from broadcast.suppressions suppressed
    where suppressed.workspace_id = m.workspace_id and suppressed.channel = m.channel
      and suppressed.address = m.address and suppressed.lifted_at is null
  );

-- name: write_attempts!
-- What is known of attempts that another one has followed, or now will. Before `write_reports`.
insert into broadcast.message_attempts as kept
  (message_id, attempt, workspace_id, lane_id, provider, provider_id, status, error_code,
   error_detail, segments, price, currency, claimed_at, sent_at, delivered_at, failed_at)
select given.message_id, given.attempt, m.workspace_id,
  case when given.attempt = m.attempts then m.lane_id end,
  coalesce(given.provider, m.provider), given.provider_id, given.status, given.error_code,
  case when given.attempt = m.attempts and given.error_code = m.error_code then m.error_detail end,
  given.segments, given.price, given.currency,
  case when given.attempt = m.attempts then m.claimed_at end,
  given.sent_at, given.delivered_at, given.failed_at
from unnest(:message_ids::uuid[], :attempts::int[], :providers::text[], :provider_ids::text[],
            :statuses::text[], :error_codes::text[], :segments::int[], :prices::numeric[],
            :currencies::text[], :sent_ats::timestamptz[], :delivered_ats::timestamptz[],
            :failed_ats::timestamptz[])
  as given (message_id, attempt, provider, provider_id, status, error_code, segments, price,
            currency, sent_at, delivered_at, failed_at)
join broadcast.messages m on m.id = given.message_id
order by given.message_id, given.attempt
on conflict (message_id, attempt) do update
  set provider_id = excluded.provider_id, status = excluded.status, error_code = excluded.error_code,
      error_detail = case when kept.error_code is not distinct from excluded.error_code
                          then kept.error_detail end,
      segments = excluded.segments, price = excluded.price, currency = excluded.currency,
      sent_at = excluded.sent_at, delivered_at = excluded.delivered_at, failed_at = excluded.failed_at;

-- name: drop_attempts!
-- Attempts that no other one will follow after all: what is known of them stands in the message.
delete from broadcast.message_attempts a
using unnest(:message_ids::uuid[], :attempts::int[]) as given (message_id, attempt)
where a.message_id = given.message_id and a.attempt = given.attempt;

-- name: write_reports!
-- What the reports made of the messages.
update broadcast.messages m
set status = given.status, provider_id = given.provider_id, error_code = given.error_code,
    error_detail = case when m.error_code is not distinct from given.error_code then m.error_detail end,
    segments = given.segments, price = given.price, currency = given.currency,
    sent_at = given.sent_at, delivered_at = given.delivered_at, failed_at = given.failed_at,
    retries = given.retries, due_at = coalesce(given.due_at, m.due_at),
    checks = case when given.retries > m.retries then 0 else m.checks end, updated_at = :now
from unnest(:ids::uuid[], :statuses::text[], :provider_ids::text[], :error_codes::text[],
            :segments::int[], :prices::numeric[], :currencies::text[], :sent_ats::timestamptz[],
            :delivered_ats::timestamptz[], :failed_ats::timestamptz[], :retries::int[],
            :due_ats::timestamptz[])
  as given (id, status, provider_id, error_code, segments, price, currency, sent_at, delivered_at,
            failed_at, retries, due_at)
where m.id = given.id;

-- name: revive_unmatched!
-- Events that no message was known for when they were looked at, and now is: they are applied anew.
update broadcast.message_events e
set applied_at = null, outcome = null
from (
  select received_month, event_key from broadcast.message_events
  where outcome = 'unmatched' and provider_id is not null
    and received_month >= date_trunc('month', :since::timestamptz at time zone 'UTC')::date
    and received_at >= :since
    and (
      exists (
        select from broadcast.messages m
        where m.provider = message_events.provider and m.provider_id = message_events.provider_id
      )
      or exists (
        select from broadcast.message_attempts a
        where a.provider = message_events.provider and a.provider_id = message_events.provider_id
      )
    )
  for update skip locked
) known
where e.received_month = known.received_month and e.event_key = known.event_key;

-- name: answered_messages
-- The message that each text of a person answers: the latest that had been sent to that address.
select given.event_id, latest.id as message_id
from unnest(:event_ids::uuid[], :workspace_ids::uuid[], :channels::text[], :addresses::text[],
            :ats::timestamptz[])
  as given (event_id, workspace_id, channel, address, at)
cross join lateral (
  select m.id
  from broadcast.messages m
  where m.workspace_id = given.workspace_id and m.address = given.address
    and m.channel = given.channel and m.sent_at <= given.at
  order by m.sent_at desc, m.id desc
  limit 1
) latest;

-- name: mark_applied!
-- The events are dealt with; what came of each stays beside it. By the primary key: in a table that
-- has just been filled, the planner knows nothing else.
update broadcast.message_events e
set applied_at = :now, outcome = given.outcome, message_id = coalesce(e.message_id, given.message_id)
from unnest(:months::date[], :event_keys::text[], :outcomes::text[], :message_ids::uuid[])
  as given (month, event_key, outcome, message_id)
where e.received_month = given.month and e.event_key = given.event_key;

-- name: counts_of_broadcast
-- Messages and segments by step, channel and status. In the same look, so that a part is never more than
-- its whole: of the failed how many are still to be put back, and of the pending how many were tried before
-- and wait for their next attempt, with the times of the first and the last of these.
with steps as materialized (
  select id from broadcast.broadcast_steps where broadcast_id = :broadcast_id
),
counted as materialized (
  select c.step_id, c.channel, c.status, c.messages, c.segments
  from steps
  join broadcast.step_counts c on c.step_id = steps.id
),
waiting as materialized (
  select count(*) as retrying, min(m.due_at) as next_due_at, max(m.due_at) as last_due_at
  from steps
  join broadcast.streams stream on stream.step_id = steps.id
  join broadcast.messages m
    on m.step_id = stream.step_id and m.lane_id = stream.lane_id and m.status = 'pending'
  where exists (select from counted where counted.status = 'pending' and counted.messages > 0)
    and m.due_at > :now and (m.attempts > 0 or m.retries > 0)
)
select counted.step_id, counted.channel, counted.status, counted.messages, counted.segments,
  waiting.retrying, waiting.next_due_at, waiting.last_due_at,
  coalesce((
    select r.messages - r.put_back from broadcast.retries r
    where r.broadcast_id = :broadcast_id and r.ended_at is null
  ), 0) as to_retry
from counted cross join waiting;

-- name: engagement_of_steps
-- How many messages of each step were opened, clicked and answered.
select c.step_id, c.opened, c.machine_opened, c.clicked, c.replied
from broadcast.broadcast_steps s
join broadcast.engagement_counts c on c.step_id = s.id
where s.broadcast_id = :broadcast_id;

-- name: clicks_of_links
-- Which links of a step were clicked, how often and by how many.
select link, clicks, people from broadcast.link_clicks where step_id = :step_id order by link;

-- name: segments_of_attempts$
-- What was sent before it was sent anew: the segments of the attempts that another one has followed.
select coalesce(sum(a.segments), 0)::bigint
from broadcast.broadcast_steps s
join broadcast.message_attempts a on a.step_id = s.id
where s.broadcast_id = :broadcast_id;

-- name: errors_of_broadcast
-- Why messages failed, the most frequent first.
select coalesce(error_code, '') as code, count(*) as messages
from broadcast.messages
where broadcast_id = :broadcast_id and status = 'failed'
group by 1
order by 2 desc, 1
limit 50;

-- name: list_messages
-- The messages of a broadcast by keyset, those of one channel or of some statuses only if asked. Of one that
-- waits to be tried again, how its last attempt ended.
select m.id, m.step_id, m.channel, m.contact_id, m.name, m.address, m.status, m.subject, m.body, m.segments,
  m.error_code, m.error_detail,
  m.skip_reason, m.provider, m.provider_id, m.attempts, m.retries, m.due_at, m.sent_at, m.delivered_at,
  m.failed_at, m.updated_at, last.status as last_status, last.error_code as last_error_code,
  e.opened_at, e.clicked_at, e.replied_at
from (
  select * from broadcast.messages
  where broadcast_id = :broadcast_id and id > :after
    and (:channel = '' or channel = :channel)
    and (cardinality(:statuses::text[]) = 0 or status = any (:statuses::text[]))
    and (:search = '' or position(lower(:search) in lower(name)) > 0 or position(:search in address) > 0)
  order by id
  limit :limit
) m
left join lateral (
  select a.status, a.error_code from broadcast.message_attempts a
  where a.message_id = m.id and m.status = 'pending'
  order by a.attempt desc limit 1
) last on true
left join broadcast.engagements e on e.message_id = m.id
order by m.id;

-- name: list_messages_of_step
-- As list_messages, of one step: by channel and address, which has an index of its own.
select m.id, m.step_id, m.channel, m.contact_id, m.name, m.address, m.status, m.subject, m.body, m.segments,
  m.error_code, m.error_detail,
  m.skip_reason, m.provider, m.provider_id, m.attempts, m.retries, m.due_at, m.sent_at, m.delivered_at,
  m.failed_at, m.updated_at, last.status as last_status, last.error_code as last_error_code,
  e.opened_at, e.clicked_at, e.replied_at
from (
  select * from broadcast.messages
  where broadcast_id = :broadcast_id and step_id = :step_id
    and (channel, address) > (:after_channel, :after_address)
    and (:channel = '' or channel = :channel)
    and (cardinality(:statuses::text[]) = 0 or status = any (:statuses::text[]))
    and (:search = '' or position(lower(:search) in lower(name)) > 0 or position(:search in address) > 0)
  order by channel, address
  limit :limit
) m
left join lateral (
  select a.status, a.error_code from broadcast.message_attempts a
  where a.message_id = m.id and m.status = 'pending'
  order by a.attempt desc limit 1
) last on true
left join broadcast.engagements e on e.message_id = m.id
order by m.channel, m.address;

-- name: get_message^
-- One message of a broadcast with what is known of its latest attempt, and of the last one of a message
-- that waits to be tried again.
select m.id, m.step_id, m.channel, m.contact_id, m.name, m.address, m.status, m.subject, m.body, m.segments,
  m.error_code, m.error_detail,
  m.skip_reason, m.provider, m.provider_id, m.attempts, m.retries, m.due_at, m.claimed_at, m.sent_at,
  m.delivered_at, m.failed_at, m.price, m.currency, m.created_at, m.updated_at,
  last.status as last_status, last.error_code as last_error_code, e.opened_at, e.clicked_at, e.replied_at
from broadcast.messages m
left join broadcast.engagements e on e.message_id = m.id
left join lateral (
  select a.status, a.error_code from broadcast.message_attempts a
  where a.message_id = m.id and m.status = 'pending'
  order by a.attempt desc limit 1
) last on true
where m.broadcast_id = :broadcast_id and m.id = :id;

-- name: attempts_of_message
-- Its attempts that another one has followed, the first one first.
select attempt, provider, provider_id, status, error_code, error_detail, segments, price, currency,
  claimed_at, sent_at, failed_at
from broadcast.message_attempts
where message_id = :message_id
order by attempt;

-- name: events_of_message
-- What providers reported of it, in the order in which it happened; of some only their own id is known.
select kind, provider, provider_id, status, error_code, attempt, outcome, content,
  coalesce(occurred_at, received_at) as at, received_at
from broadcast.message_events
where message_id = :message_id
   or (provider_id = any (:provider_ids::text[]) and provider = any (:providers::text[]))
order by coalesce(occurred_at, received_at), id
limit 500;

-- name: one_at_a_time!
-- Nobody else takes deeds until the transaction ends. In a statement of its own: the next one sees all that
-- was written before.
select pg_advisory_xact_lock(hashtext('broadcast.engagements'));

-- name: engagements_of
-- Messages with what is known of their engagement. They are not held: who does that follows reports.
select m.id, m.step_id, e.opened_at, e.machine_opened_at, e.clicked_at, e.replied_at, e.opens, e.clicks, e.links
from broadcast.messages m
left join broadcast.engagements e on e.message_id = m.id
where m.id = any (:message_ids)
order by m.id;

-- name: write_engagements!
-- What is known of the engagement of these messages now.
insert into broadcast.engagements
  (message_id, workspace_id, step_id, opened_at, machine_opened_at, clicked_at, replied_at, opens, clicks, links)
select given.message_id, m.workspace_id, m.step_id, given.opened_at, given.machine_opened_at, given.clicked_at,
  given.replied_at, given.opens, given.clicks, string_to_array(given.links, ',')::smallint[]
from unnest(:message_ids::uuid[], :opened_ats::timestamptz[], :machine_opened_ats::timestamptz[],
            :clicked_ats::timestamptz[], :replied_ats::timestamptz[], :opens::int[], :clicks::int[],
            :links::text[])
  as given (message_id, opened_at, machine_opened_at, clicked_at, replied_at, opens, clicks, links)
join broadcast.messages m on m.id = given.message_id
order by given.message_id
on conflict (message_id) do update
  set opened_at = excluded.opened_at, machine_opened_at = excluded.machine_opened_at,
      clicked_at = excluded.clicked_at, replied_at = excluded.replied_at, opens = excluded.opens,
      clicks = excluded.clicks, links = excluded.links;

-- name: count_link_clicks!
-- Clicks on the links of steps, and by how many people for the first time.
insert into broadcast.link_clicks as known (workspace_id, step_id, link, clicks, people)
select s.workspace_id, given.step_id, given.link, given.clicks, given.people
from unnest(:step_ids::uuid[], :links::int[], :clicks::bigint[], :people::bigint[])
  as given (step_id, link, clicks, people)
join broadcast.broadcast_steps s on s.id = given.step_id
order by given.step_id, given.link
on conflict (step_id, link) do update
  set clicks = known.clicks + excluded.clicks, people = known.people + excluded.people;

-- name: leave_by_reply!
-- Who has answered a message of a sequence that asks for it leaves the sequence, unless it is over.
update broadcast.broadcast_recipients r
set left_at = given.at, left_reason = 'replied'
from unnest(:message_ids::uuid[], :ats::timestamptz[]) as given (message_id, at)
join broadcast.messages m on m.id = given.message_id
join broadcast.broadcasts b on b.id = m.broadcast_id
where r.id = m.recipient_id and r.left_at is null
  and b.leave_on_reply and b.status in ('scheduled', 'sending', 'paused')
  and exists (select from broadcast.broadcast_steps s where s.broadcast_id = b.id and s.position > 1);

-- name: leave_by_opt_out!
-- Who has opted out leaves every sequence that is still going on, whichever of its channels it was.
update broadcast.broadcast_recipients r
set left_at = found.at, left_reason = 'opted_out'
from (
  select who.id, given.at
  from unnest(:workspace_ids::uuid[], :channels::text[], :addresses::text[], :ats::timestamptz[])
    as given (workspace_id, channel, address, at)
  join broadcast.broadcasts b on b.workspace_id = given.workspace_id
    and b.status in ('scheduled', 'sending', 'paused')
    and exists (select from broadcast.broadcast_steps s where s.broadcast_id = b.id and s.position > 1)
  cross join lateral (
    (select id from broadcast.broadcast_recipients
     where broadcast_id = b.id and given.channel = 'sms' and sms_address = given.address and sms_left_out is null)
    union all
    (select id from broadcast.broadcast_recipients
     where broadcast_id = b.id and given.channel = 'email' and email_address = given.address
       and email_left_out is null)
  ) who
) found
where r.id = found.id and r.left_at is null;

-- name: message_of_link^
-- A message of which somebody holds a link, with its recipient and what may be written to them now.
select m.id, m.workspace_id, m.step_id, m.channel, m.address, r.contact,
  coalesce(r.sms_address, case when m.channel = 'sms' then m.address end) as sms_address,
  coalesce(r.email_address, case when m.channel = 'email' then m.address end) as email_address,
  coalesce(nullif(w.company_name, ''), w.name) as sender,
  array(
    select o.channel from broadcast.suppressions o
    where o.workspace_id = m.workspace_id and o.lifted_at is null
      and ((o.channel = 'sms' and o.address = r.sms_address) or (o.channel = 'email' and o.address = r.email_address)
           or (o.channel = m.channel and o.address = m.address))
  ) as suppressed
from broadcast.messages m
join broadcast.workspaces w on w.id = m.workspace_id
left join broadcast.broadcast_recipients r on r.id = m.recipient_id
where m.id = :id;
