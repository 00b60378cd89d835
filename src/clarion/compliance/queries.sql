-- name: suppress!
-- The address gets nothing more on this channel; one that is suppressed already stays as it is.
insert into broadcast.suppressions (workspace_id, channel, address, reason, source, detail, created_at)
select :workspace_id, :channel, address, :reason, :source, :detail, :now
from unnest(:addresses::text[]) as given (address)
on conflict (workspace_id, channel, address) where lifted_at is null do nothing;

-- name: lift!
-- The person asked to be written to again; a complaint outlives that.
update broadcast.suppressions
set lifted_at = :now
where workspace_id = :workspace_id and channel = :channel and address = any (:addresses)
  and lifted_at is null and reason = 'opted_out';
