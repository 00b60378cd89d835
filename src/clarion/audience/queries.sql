-- name: table_columns
-- The columns of a table with their types as PostgreSQL writes them, in order.
select attribute.attname::text as name,
  format_type(attribute.atttypid, attribute.atttypmod) as sql_type
from pg_attribute attribute
where attribute.attrelid = to_regclass(:table) and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum;

-- name: seen_keys
-- Keys of metadata that the contacts hold, once per type of value.
select path, value_type, contacts
from broadcast.contact_fields
where workspace_id = :workspace_id;

-- name: put_seen_keys!
-- Adds what the changed contacts hold; keys that are known keep their count unless `add`.
insert into broadcast.contact_fields as known (workspace_id, path, value_type, contacts)
select :workspace_id,
  array(select key from jsonb_array_elements_text(path) with ordinality part (key, place) order by place),
  value_type, contacts
from unnest(:paths::jsonb[], :value_types::text[], :contacts::bigint[]) as found (path, value_type, contacts)
on conflict (workspace_id, path, value_type) do update
  set contacts = known.contacts + excluded.contacts
  where :add::boolean;

-- name: forget_seen_keys!
-- Before a full recount.
delete from broadcast.contact_fields where workspace_id = :workspace_id;

-- name: put_phone_numbers!
-- What each spelling of a number means; a spelling that is known stays as it is. The zones that a
-- number may be in come as one text with blanks between them.
insert into broadcast.phone_numbers (workspace_id, raw, e164, problem, time_zone, time_zones)
select :workspace_id, raw, e164, problem, time_zone, string_to_array(time_zones, ' ')
from unnest(
  :raws::text[], :e164s::text[], :problems::text[], :time_zones::text[], :candidates::text[]
) as checked (raw, e164, problem, time_zone, time_zones)
on conflict (workspace_id, raw) do nothing;

-- name: numbers_without_zones
-- Of any workspace, numbers whose time zones were never looked up, held until that is done; who
-- else looks for some takes others.
select workspace_id, raw, e164
from broadcast.phone_numbers
where time_zones is null and e164 is not null
order by workspace_id, raw limit :limit
for update skip locked;

-- name: put_zones!
-- Of numbers that were checked before their time zones were looked up.
update broadcast.phone_numbers number
set time_zone = found.time_zone, time_zones = string_to_array(found.time_zones, ' ')
from unnest(
  :workspace_ids::uuid[], :raws::text[], :time_zones::text[], :candidates::text[]
) as found (workspace_id, raw, time_zone, time_zones)
where number.workspace_id = found.workspace_id and number.raw = found.raw;

-- name: add_follower!
-- A new follower has counted nothing yet.
insert into broadcast.change_followers (workspace_id, follower)
values (:workspace_id, :follower)
on conflict do nothing;

-- name: take_follower^
-- What this follower has seen, locked; null when another process holds it.
select seen::text as seen, counted_at
from broadcast.change_followers
where workspace_id = :workspace_id and follower = :follower
for update skip locked;

-- name: unseen_changes
-- The changes that are visible now and were not in `seen`, with the snapshot that sees them; a row
-- without an id when there are none.
select pg_current_snapshot()::text as snapshot, change.id, change.operation, change.contact_ids
from (values (1)) always
left join broadcast.contact_changes change
  on change.workspace_id = :workspace_id
 and change.operation <> 'suppression'
 and change.transaction_id >= pg_snapshot_xmin(:seen::text::pg_snapshot)
 and not pg_visible_in_snapshot(change.transaction_id, :seen::text::pg_snapshot)
order by change.id;

-- name: current_snapshot$
-- All that is committed at this moment.
select pg_current_snapshot()::text;

-- name: move_follower!
-- All that this snapshot sees is dealt with.
update broadcast.change_followers
set seen = :seen::text::pg_snapshot, counted_at = coalesce(:counted_at::timestamptz, counted_at),
    followed_at = clock_timestamp()
where workspace_id = :workspace_id and follower = :follower;

-- name: audience_version^
-- Changes when any number about the audience may have changed; cheap enough to ask twice a second.
-- A change that is committed late stands behind others in their order: then, of the newest ones,
-- another is the oldest, or they have become more.
select newest.last as change_id, newest.first as since_id, newest.many,
  (select max(followed_at) from broadcast.change_followers where workspace_id = :workspace_id) as followed_at,
  (select max(updated_at) from broadcast.segments where workspace_id = :workspace_id) as segments_at
from (
  select max(id) as last, min(id) as first, count(*) as many
  from (
    select id from broadcast.contact_changes where workspace_id = :workspace_id
    order by id desc limit 200
  ) changes
) newest;

-- name: outside_version^
-- The same for what is known of contacts outside their row: messages, answers, plans.
select
  (
    select max(greatest(sent_at, delivered_at)) from broadcast.messages
    where workspace_id = :workspace_id and contact_id is not null
      and greatest(sent_at, delivered_at) is not null
  ) as sent_at,
  (
    select max(coalesce(occurred_at, received_at)) from broadcast.message_events
    where workspace_id = :workspace_id and kind = 'inbound' and message_id is not null
  ) as replied_at,
  (
    select max(coalesce(occurred_at, received_at)) from broadcast.message_events
    where workspace_id = :workspace_id and kind = 'click' and message_id is not null
  ) as clicked_at,
  (select max(updated_at) from broadcast.broadcasts where workspace_id = :workspace_id) as planned_at;

-- name: prune_changes!
-- Changes that every follower has read and nobody will ask for again.
delete from broadcast.contact_changes change
where change.changed_at < now() - interval '1 day'
  and not exists (
    select from broadcast.change_followers follower
    where follower.workspace_id = change.workspace_id
      and change.transaction_id >= pg_snapshot_xmin(follower.seen)
  );
