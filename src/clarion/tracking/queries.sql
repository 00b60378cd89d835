-- name: store_events
-- Events as they came; one that is known already is not stored again.
insert into broadcast.message_events
  (received_month, workspace_id, event_key, kind, provider, channel, message_id, provider_id, status,
   error_code, address, content, segments, price, currency, occurred_at, received_at, payload)
select date_trunc('month', given.received_at at time zone 'UTC')::date,
  coalesce(
    m.workspace_id,
    (select lately.workspace_id from broadcast.messages lately
     where lately.address = given.address order by lately.id desc limit 1),
    '00000000-0000-4000-8000-000000000001'::uuid
  ),
  given.event_key, given.kind, given.provider, given.channel, given.message_id, given.provider_id,
  given.status, given.error_code, given.address, given.content, given.segments, given.price,
  given.currency, given.occurred_at, given.received_at, given.payload
from unnest(:event_keys::text[], :kinds::text[], :providers::text[], :channels::text[],
            :message_ids::uuid[], :provider_ids::text[], :statuses::text[], :error_codes::text[],
            :addresses::text[], :contents::text[], :segments::int[], :prices::numeric[],
            :currencies::text[], :occurred_ats::timestamptz[], :received_ats::timestamptz[],
            :payloads::jsonb[])
  as given (event_key, kind, provider, channel, message_id, provider_id, status, error_code, address,
            content, segments, price, currency, occurred_at, received_at, payload)
left join broadcast.messages m on m.id = given.message_id
on conflict (received_month, event_key) do nothing
returning id;

-- name: take_events
-- Events that were not applied yet, the oldest first; two appliers never get the same.
select id, received_month, workspace_id, kind, provider, channel, message_id, provider_id, status,
  error_code, address, content, segments, price, currency,
  coalesce(occurred_at, received_at) as at
from broadcast.message_events
where applied_at is null
order by id
limit :limit
for update skip locked;

-- name: hold_messages
-- The messages that these events speak of, held in one order by everybody.
select id, status, provider, provider_id, error_code, segments, price, currency, sent_at,
  delivered_at, failed_at, job_id
from broadcast.messages
where id = any (:message_ids)
   or id in (select id from broadcast.messages
             where provider = any (:providers) and provider_id = any (:provider_ids))
order by id
for update;

-- name: write_reports!
-- What the reports made of the messages.
update broadcast.messages m
set status = given.status, provider_id = given.provider_id, error_code = given.error_code,
    segments = given.segments, price = given.price, currency = given.currency,
    sent_at = given.sent_at, delivered_at = given.delivered_at, failed_at = given.failed_at,
    updated_at = :now
from unnest(:ids::uuid[], :statuses::text[], :provider_ids::text[], :error_codes::text[],
            :segments::int[], :prices::numeric[], :currencies::text[], :sent_ats::timestamptz[],
            :delivered_ats::timestamptz[], :failed_ats::timestamptz[])
  as given (id, status, provider_id, error_code, segments, price, currency, sent_at, delivered_at,
            failed_at)
where m.id = given.id;

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
-- The events are dealt with; what came of each stays beside it.
update broadcast.message_events e
set applied_at = :now, outcome = given.outcome, message_id = coalesce(e.message_id, given.message_id)
from unnest(:months::date[], :ids::uuid[], :outcomes::text[], :message_ids::uuid[])
  as given (month, id, outcome, message_id)
where e.received_month = given.month and e.id = given.id;

-- name: counts_of_broadcast
-- Messages and segments by status.
select c.status, sum(c.messages)::bigint as messages, sum(c.segments)::bigint as segments
from broadcast.broadcast_steps s
join broadcast.step_counts c on c.step_id = s.id
where s.broadcast_id = :broadcast_id
group by c.status;

-- name: errors_of_broadcast
-- Why messages failed, the most frequent first.
select coalesce(error_code, '') as code, count(*) as messages
from broadcast.messages
where broadcast_id = :broadcast_id and status = 'failed'
group by 1
order by 2 desc, 1
limit 50;

-- name: list_messages
-- The messages of a broadcast by keyset, those of some statuses only if asked.
select id, contact_id, name, address, status, body, segments, error_code, error_detail, skip_reason,
  provider, provider_id, attempts, sent_at, delivered_at, failed_at, updated_at
from broadcast.messages
where broadcast_id = :broadcast_id and id > :after
  and (cardinality(:statuses::text[]) = 0 or status = any (:statuses::text[]))
  and (:search = '' or position(lower(:search) in lower(name)) > 0 or position(:search in address) > 0)
order by id
limit :limit;

-- name: pace_of_broadcast^
-- The pace of the lane on which the broadcast travels, and until when its slots are given away.
select l.rate_per_second
from broadcast.lanes l
where l.id = (
  select m.lane_id from broadcast.messages m
  where m.broadcast_id = :broadcast_id and m.status = 'pending' order by m.id limit 1
);
