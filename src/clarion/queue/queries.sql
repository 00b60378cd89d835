-- name: add_jobs
-- Takes jobs in; those whose idempotency key is known are left out here and found by jobs_by_keys.
-- By key, so that two batches with the same keys wait for each other in one order.
insert into broadcast.queue_jobs
  (workspace_id, kind, payload, metadata, scheduled_at, idempotency_key, fingerprint, callback_url,
   callback_state, engine, created_by, created_at)
select :workspace_id, kind, payload, metadata, scheduled_at, idempotency_key, fingerprint, callback_url,
  case when callback_url is not null then 'waiting' end, :engine, :created_by, :now
from unnest(:kinds::text[], :payloads::jsonb[], :metadatas::jsonb[], :scheduled_ats::timestamptz[],
            :idempotency_keys::text[], :fingerprints::bytea[], :callback_urls::text[])
  with ordinality
  as given (kind, payload, metadata, scheduled_at, idempotency_key, fingerprint, callback_url, place)
order by idempotency_key nulls first, place
on conflict (workspace_id, idempotency_key) where idempotency_key is not null do nothing
returning *;

-- name: jobs_by_keys
-- The jobs that were made with these keys.
select * from broadcast.queue_jobs
where workspace_id = :workspace_id and idempotency_key = any (:keys);

-- name: get_job^
-- One job of the workspace.
select * from broadcast.queue_jobs where workspace_id = :workspace_id and id = :id;

-- name: list_jobs
-- The newest jobs first, by keyset.
select * from broadcast.queue_jobs
where workspace_id = :workspace_id
  and (:after::uuid is null or id < :after::uuid)
  and (cardinality(:statuses::text[]) = 0 or status = any (:statuses::text[]))
order by id desc
limit :limit;

-- name: hold_jobs
-- Held, in one order.
select id from broadcast.queue_jobs where id = any (:ids) order by id for no key update;

-- name: cancel_jobs
-- Only what has not begun can be cancelled.
update broadcast.queue_jobs
set status = 'cancelled', finished_at = :now
where workspace_id = :workspace_id and id = any (:ids) and status = 'scheduled'
returning *;

-- name: claim_jobs
-- Compare and set: of two that run the same job at once, one gets it.
update broadcast.queue_jobs
set status = 'running', started_at = :now, attempts = attempts + 1
where id in (
    select id from broadcast.queue_jobs
    where id = any (:ids) and status = 'scheduled' and scheduled_at <= :now
    order by id for update
  )
returning *;

-- name: not_yet_due
-- Of these jobs the ones whose time has not come, by time.
select id, scheduled_at from broadcast.queue_jobs
where id = any (:ids) and status = 'scheduled' and scheduled_at > :now;

-- name: finish_jobs
-- The end of jobs that ran; one that has ended stays as it is. Gives those that want to be called back.
update broadcast.queue_jobs job
set status = ended.status, error = ended.error, finished_at = :now
from unnest(:ids::uuid[], :statuses::text[], :errors::text[]) as ended (id, status, error)
where job.id = ended.id and job.status = 'running'
returning job.id, job.callback_state;

-- name: overdue_jobs
-- Jobs whose time has passed and that nobody began: the engine or the outside service lost them.
select id, engine from broadcast.queue_jobs
where status = 'scheduled' and scheduled_at < :before
  and (handed_over_at is null or handed_over_at < :before)
order by scheduled_at
limit :limit;

-- name: to_hand_over
-- Jobs to be given to the outside service.
select * from broadcast.queue_jobs where id = any (:ids) and status = 'scheduled';

-- name: handed_over!
-- The outside service has taken the job, under its own id.
update broadcast.queue_jobs
set handed_over_at = :now, external_id = :external_id, error = null
where id = :id;

-- name: not_handed_over!
-- The outside service could not be reached; the words are for the person who looks at the job.
update broadcast.queue_jobs set error = :error where id = :id and status = 'scheduled';

-- name: to_call_back^
-- A finished job whose submitter wants to hear of it.
select * from broadcast.queue_jobs
where id = :id and callback_state = 'waiting' and finished_at is not null;

-- name: called_back!
-- What became of the callback.
update broadcast.queue_jobs set callback_state = :state where id = :id;
