-- name: position
-- All that the index depends on beside the contacts, and the snapshot in which it is so.
select pg_current_snapshot()::text as snapshot,
  workspace.time_zone as zone,
  coalesce(to_regclass(:table)::oid::bigint, 0) as table_id,
  (
    select max(follower.followed_at)
    from broadcast.change_followers follower where follower.workspace_id = :workspace_id
  ) as numbers_checked_at
from broadcast.workspaces workspace
where workspace.id = :workspace_id;

-- name: changed_since
-- The changes that this snapshot sees and `seen` did not.
select change.operation, change.contact_ids
from broadcast.contact_changes change
where change.workspace_id = :workspace_id
  and change.transaction_id >= pg_snapshot_xmin(:seen::text::pg_snapshot)
  and not pg_visible_in_snapshot(change.transaction_id, :seen::text::pg_snapshot)
order by change.id;

-- name: suppressed_addresses
-- All that must not be written to, as the index keeps addresses: digits, or a hash.
select channel,
  case channel when 'sms' then substr(address, 2)::bigint
    else hashtextextended(address, 0) end as address
from broadcast.suppressions
where workspace_id = :workspace_id and lifted_at is null
  and (channel <> 'sms' or address ~ '^[+][0-9]{4,18}$');

-- name: suppressed_among
-- Which of these addresses ("channel address") must not be written to, as the index keeps them.
select given.channel,
  case given.channel when 'sms' then substr(given.address, 2)::bigint
    else hashtextextended(given.address, 0) end as address,
  exists (
    select from broadcast.suppressions suppression
    where suppression.workspace_id = :workspace_id and suppression.channel = given.channel
      and suppression.address = given.address and suppression.lifted_at is null
  ) as is_suppressed
from (
  select split_part(noted, ' ', 1) as channel, substr(noted, strpos(noted, ' ') + 1) as address
  from unnest(:noted::text[]) noted
) given
where given.channel <> 'sms' or given.address ~ '^[+][0-9]{4,18}$';

-- name: lowered
-- Texts of a filter as the conditions of SQL lower them.
select lower(text.value) as lowered
from unnest(:texts::text[]) with ordinality as text (value, place)
order by text.place;
