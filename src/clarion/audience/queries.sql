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
-- What each spelling of a number means; a spelling that is known stays as it is.
insert into broadcast.phone_numbers (workspace_id, raw, e164, problem)
select :workspace_id, raw, e164, problem
from unnest(:raws::text[], :e164s::text[], :problems::text[]) as checked (raw, e164, problem)
on conflict (workspace_id, raw) do nothing;

-- name: take_follower^
-- The reading position of this follower, locked; null when another process holds it.
select last_transaction_id::text as last_transaction_id, last_change_id, counted_at
from broadcast.change_followers
where workspace_id = :workspace_id and follower = :follower
for update skip locked;

-- name: add_follower!
-- A follower that is new has counted nothing: what is there is read as a whole.
insert into broadcast.change_followers (workspace_id, follower)
values (:workspace_id, :follower)
on conflict do nothing;

-- name: finished_position^
-- After every change of the transactions that are finished now: whoever looks later sees them all.
select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as transaction_id,
  9223372036854775807 as id;

-- name: unread_changes
-- Changes of finished transactions after the position, in the order of the transactions.
select transaction_id::text as transaction_id, id, operation, contact_ids
from broadcast.contact_changes
where workspace_id = :workspace_id
  and (transaction_id, id) > (:last_transaction_id::text::xid8, :last_change_id)
  and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
order by transaction_id, id
limit :limit;

-- name: move_follower!
-- The changes up to here are dealt with.
update broadcast.change_followers
set last_transaction_id = :last_transaction_id::text::xid8, last_change_id = :last_change_id,
    counted_at = coalesce(:counted_at::timestamptz, counted_at), followed_at = clock_timestamp()
where workspace_id = :workspace_id and follower = :follower;

-- name: audience_version^
-- Changes when any number about the audience may have changed; cheap enough to ask twice a second.
select
  (select max(id) from broadcast.contact_changes where workspace_id = :workspace_id) as change_id,
  (select max(followed_at) from broadcast.change_followers where workspace_id = :workspace_id) as followed_at,
  (select max(created_at) from broadcast.suppressions where workspace_id = :workspace_id) as suppressed_at,
  (select max(lifted_at) from broadcast.suppressions where workspace_id = :workspace_id) as lifted_at;

-- name: prune_changes!
-- Changes that every follower has read and nobody will ask for again.
delete from broadcast.contact_changes change
where change.changed_at < now() - interval '1 day'
  and not exists (
    select from broadcast.change_followers follower
    where follower.workspace_id = change.workspace_id
      and (follower.last_transaction_id, follower.last_change_id) < (change.transaction_id, change.id)
  );
