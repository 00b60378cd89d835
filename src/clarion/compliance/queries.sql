-- name: hold_addresses
-- Who changes what is known of an address waits for whoever does so already: STOP and START may be
-- applied by two workers at the same moment. In one order for everybody.
select pg_advisory_xact_lock(key)
from (
  select distinct hashtextextended(workspace_id::text || ' ' || channel || ' ' || address, 0) as key
  from unnest(:workspace_ids::uuid[], :channels::text[], :addresses::text[])
    as given (workspace_id, channel, address)
  order by key
) held;

-- name: suppress!
-- The addresses get nothing more on their channel. Of several reasons the weightiest holds, from its
-- latest time on, and an opt-out is kept beside it, also from its latest time on; one that is older than
-- a wish to be written to again is none. Addresses are held by the caller, and each comes once.
with given as materialized (
  select * from unnest(:workspace_ids::uuid[], :channels::text[], :addresses::text[],
      :reasons::text[], :ats::timestamptz[], :sources::text[], :details::text[])
    as g (workspace_id, channel, address, reason, at, source, detail)
),
standing as (
  select g.* from given g
  where g.reason <> 'opted_out' or not exists (
    select from broadcast.suppressions wish
    where wish.workspace_id = g.workspace_id and wish.channel = g.channel
      and wish.address = g.address and wish.lifted_at > g.at
  )
)
insert into broadcast.suppressions as known
  (workspace_id, channel, address, reason, source, detail, created_at)
select workspace_id, channel, address, reason, source, detail, at from standing
on conflict (workspace_id, channel, address) where lifted_at is null do update
  set (reason, source, detail, created_at, opted_out_at, opted_out_source) = (
    select
      case when takes.place then excluded.reason else known.reason end,
      case when takes.place then excluded.source else known.source end,
      case when takes.place then excluded.detail else known.detail end,
      case when takes.place then excluded.created_at else known.created_at end,
      case when not takes.place then excluded.created_at
        when known.reason = 'opted_out' and excluded.reason <> 'opted_out' then known.created_at
        else known.opted_out_at end,
      case when not takes.place then excluded.source
        when known.reason = 'opted_out' and excluded.reason <> 'opted_out' then known.source
        else known.opted_out_source end
    from (values (
      case excluded.reason when 'complaint' then 3 when 'invalid_address' then 2 else 1 end
        > case known.reason when 'complaint' then 3 when 'invalid_address' then 2 else 1 end
      or excluded.reason = known.reason
    )) as takes (place)
  )
  where case excluded.reason when 'complaint' then 3 when 'invalid_address' then 2 else 1 end
      > case known.reason when 'complaint' then 3 when 'invalid_address' then 2 else 1 end
     or (excluded.reason = known.reason and excluded.created_at > known.created_at)
     or (excluded.reason = 'opted_out' and known.reason <> 'opted_out'
         and (known.opted_out_at is null or excluded.created_at > known.opted_out_at));

-- name: lift$
-- The people asked to be written to again: that lifts their opt-outs from before, and is remembered
-- where there is none yet, as a row that was lifted as it began. Complaints, invalid addresses and
-- opt-outs of that moment or later outlive it; of the former an opt-out beside them goes. How many
-- were lifted.
with given as materialized (
  select * from unnest(:workspace_ids::uuid[], :channels::text[], :addresses::text[],
      :ats::timestamptz[], :sources::text[])
    as g (workspace_id, channel, address, at, source)
),
lifted as (
  update broadcast.suppressions known set lifted_at = given.at
  from given
  where known.workspace_id = given.workspace_id and known.channel = given.channel
    and known.address = given.address and known.lifted_at is null
    and known.reason = 'opted_out' and known.created_at < given.at
  returning known.workspace_id, known.channel, known.address
),
beside as (
  update broadcast.suppressions known set opted_out_at = null, opted_out_source = null
  from given
  where known.workspace_id = given.workspace_id and known.channel = given.channel
    and known.address = given.address and known.lifted_at is null
    and known.reason <> 'opted_out' and known.opted_out_at < given.at
),
remembered as (
  insert into broadcast.suppressions
    (workspace_id, channel, address, reason, source, created_at, lifted_at)
  select given.workspace_id, given.channel, given.address, 'opted_out', given.source, given.at, given.at
  from given
  where not exists (
      select from lifted where lifted.workspace_id = given.workspace_id
        and lifted.channel = given.channel and lifted.address = given.address
    )
    and not exists (
      select from broadcast.suppressions known
      where known.workspace_id = given.workspace_id and known.channel = given.channel
        and known.address = given.address and known.lifted_at >= given.at
    )
)
select count(*) from lifted;
