-- name: addresses_of_person^
-- Where this person gets their tests.
select email, phone from broadcast.test_addresses
where workspace_id = :workspace_id and person_id = :person_id;

-- name: put_addresses!
-- Where this person gets their tests from now on.
insert into broadcast.test_addresses (workspace_id, person_id, person_name, email, phone, updated_at)
values (:workspace_id, :person_id, :person_name, :email, :phone, :now)
on conflict (workspace_id, person_id) do update
  set person_name = excluded.person_name, email = excluded.email, phone = excluded.phone,
      updated_at = excluded.updated_at;

-- name: emails_of_members
-- The e-mail addresses that the members of the workspace have named as theirs.
select person_id, person_name, email from broadcast.test_addresses
where workspace_id = :workspace_id and email is not null
order by lower(person_name), person_id
limit 200;

-- name: one_at_a_time!
-- Nobody else asks for a test in this person's name until the transaction ends, so that none slips by the limit.
select pg_advisory_xact_lock(hashtextextended('broadcast.test_messages ' || :workspace_id::text || ' ' || :asked_by::text, 0));

-- name: asked_since
-- When this person has asked for tests, the earliest first.
select created_at from broadcast.test_messages
where workspace_id = :workspace_id and asked_by = :asked_by and created_at > :since
order by created_at;

-- name: why_suppressed$
-- Why nothing goes to this address; null when it may be written to.
select reason from broadcast.suppressions
where workspace_id = :workspace_id and channel = :channel and address = :address and lifted_at is null;

-- name: add_test^
-- A test that was asked for.
insert into broadcast.test_messages
  (workspace_id, broadcast_id, step_id, channel, address, asked_by, contact_id, created_at)
values
  (:workspace_id, :broadcast_id, :step_id, :channel, :address, :asked_by, :contact_id, :now)
returning *;

-- name: set_job!
-- The job that sends it.
update broadcast.test_messages set job_id = :job_id where id = :id;

-- name: get_test^
-- One test of a step.
select * from broadcast.test_messages
where workspace_id = :workspace_id and step_id = :step_id and id = :id;

-- name: tests_of_person
-- The latest tests of a step that this person has asked for.
select * from broadcast.test_messages
where step_id = :step_id and asked_by = :asked_by and workspace_id = :workspace_id
order by id desc
limit :limit;

-- name: hold_test^
-- A test, held until the transaction ends, with what its step says by SMS.
select t.*, s.body, w.name as workspace_name
from broadcast.test_messages t
join broadcast.broadcast_steps s on s.id = t.step_id
join broadcast.workspaces w on w.id = t.workspace_id
where t.id = :id
for update of t;

-- name: lane_of_address^
-- Of these lanes the one that the address would have in a broadcast, with its pace at present.
select l.id, l.provider, l.sender, l.rate_per_second, l.segments_per_second, l.share,
  nullif(l.share_at, '-infinity') as share_at
from broadcast.lanes l
where l.id = broadcast.lane_of(:address, :lane_ids::uuid[], :weights::float8[]);

-- name: begin_test!
-- On record before it leaves.
update broadcast.test_messages set status = 'sending', provider = :provider, claimed_at = :now
where id = :id and status = 'queued';

-- name: wait_again!
-- The provider has said "too fast", and took nothing.
update broadcast.test_messages set status = 'queued', claimed_at = null, provider = null
where id = :id and status = 'sending';

-- name: end_test^
-- What the provider's answer makes of it. A report that was faster stays, and what was given up as unknown
-- is known after all.
update broadcast.test_messages
set status = case when status in ('queued', 'sending', 'unknown') then :status else status end,
    provider_id = coalesce(provider_id, :provider_id),
    error_code = case when status in ('queued', 'sending', 'unknown') then :error_code else error_code end,
    error_detail = case when status in ('queued', 'sending', 'unknown') then :error_detail else error_detail end,
    sent_at = case when :status = 'sent' then least(sent_at, :now::timestamptz) else sent_at end,
    failed_at = case when status in ('queued', 'sending', 'unknown') and :status = 'failed' then :now::timestamptz
      else failed_at end
where id = :id
returning job_id;

-- name: give_up
-- Tests of which nobody has said anything since: their worker has died.
with lost as (
  select id from broadcast.test_messages
  where status = 'sending' and claimed_at < :before
  order by claimed_at
  limit :limit
  for update skip locked
)
update broadcast.test_messages t
set status = 'unknown', error_code = 'uncertain', error_detail = :detail
from lost where lost.id = t.id
returning t.job_id;

-- name: give_up_waiting
-- Tests that nobody began in time: their job was cancelled, or no worker was there.
with late as (
  select id from broadcast.test_messages
  where status = 'queued' and created_at < :before
  order by created_at
  limit :limit
  for update skip locked
)
update broadcast.test_messages t
set status = 'failed', error_code = 'busy', error_detail = :detail, failed_at = :now
from late where late.id = t.id
returning t.job_id;

-- name: forget_old!
-- Tests from before that time.
delete from broadcast.test_messages
where id = any (array(
  select id from broadcast.test_messages where created_at < :before order by created_at limit :limit
));

-- name: are_tests
-- Which of these are tests.
select id from broadcast.test_messages where id = any (:ids);

-- name: write_reports!
-- What providers reported of tests, the report of each that says most: arrived, then failed, then on its way.
update broadcast.test_messages t
set status = case given.status
      when 'failed' then case when t.delivered_at is null then 'failed' else t.status end
      when 'delivered' then 'sent'
      else case when t.status in ('sending', 'unknown') then 'sent' else t.status end
    end,
    claimed_at = coalesce(t.claimed_at, given.at),
    provider_id = coalesce(t.provider_id, given.provider_id),
    sent_at = coalesce(t.sent_at, case when given.status <> 'failed' then given.at end),
    delivered_at = case when given.status = 'delivered' then coalesce(t.delivered_at, given.at) else t.delivered_at end,
    failed_at = case given.status when 'failed' then case when t.delivered_at is null then given.at end
      when 'delivered' then null else t.failed_at end,
    error_code = case given.status when 'failed' then given.error_code when 'delivered' then null
      else case when t.status in ('sending', 'unknown') then null else t.error_code end end,
    error_detail = case given.status when 'failed' then given.error_detail when 'delivered' then null
      else case when t.status in ('sending', 'unknown') then null else t.error_detail end end
from unnest(:ids::uuid[], :statuses::text[], :provider_ids::text[], :error_codes::text[],
            :error_details::text[], :ats::timestamptz[])
  as given (id, status, provider_id, error_code, error_detail, at)
where t.id = given.id;
