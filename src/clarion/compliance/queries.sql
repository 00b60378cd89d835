-- name: suppress!
-- The address gets nothing more on this channel. One that is suppressed already is so from the later
-- time on, so that an older wish cannot lift it; a complaint takes the place of any other reason.
insert into broadcast.suppressions as known
  (workspace_id, channel, address, reason, source, detail, created_at)
select distinct :workspace_id::uuid, :channel, address, :reason, :source, :detail, :now::timestamptz
from unnest(:addresses::text[]) as given (address)
on conflict (workspace_id, channel, address) where lifted_at is null do update
  set created_at = greatest(known.created_at, excluded.created_at),
      reason = case when excluded.reason = 'complaint' then 'complaint' else known.reason end
  where excluded.created_at > known.created_at
     or (excluded.reason = 'complaint' and known.reason <> 'complaint');

-- name: lift!
-- The person asked at this time to be written to again; a complaint and a later opt-out outlive that.
update broadcast.suppressions
set lifted_at = :now
where workspace_id = :workspace_id and channel = :channel and address = any (:addresses)
  and lifted_at is null and reason = 'opted_out' and created_at <= :now;
