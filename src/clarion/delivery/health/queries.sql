-- name: all_health
-- What is known of each provider; one that never had trouble has no row. Read without a lock.
select provider, state, troubles, openings, retry_at from broadcast.provider_health;

-- name: health^
-- The same of one provider.
select provider, state, troubles, openings, retry_at
from broadcast.provider_health where provider = :provider;

-- name: make_health!
-- The provider's row, at its first trouble.
insert into broadcast.provider_health (provider, changed_at) values (:provider, :now)
on conflict (provider) do nothing;

-- name: hold_health^
-- The provider's row, held: the next to write it counts on from what is written here.
select provider, state, troubles, openings, retry_at
from broadcast.provider_health where provider = :provider for update;

-- name: write_health!
-- What follows from a portion of answers; the caller holds the row.
update broadcast.provider_health
set state = :state, troubles = :troubles, openings = :openings, retry_at = :retry_at,
    detail = :detail, changed_at = case when state = :state then changed_at else :now end
where provider = :provider;

-- name: take_probe!
-- The one probe, for whoever comes first after the time is over; the others touch no row.
update broadcast.provider_health
set state = 'half_open', retry_at = :gives_up_at, changed_at = :now
where provider = :provider and state <> 'closed' and coalesce(retry_at, '-infinity') <= :now;
