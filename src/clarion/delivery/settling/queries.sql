-- name: lose_claims
-- Rows whose worker has not come back with an answer: what became of them is not known.
update broadcast.messages
set status = 'uncertain', error_code = 'uncertain', updated_at = :now,
    error_detail = 'The sending process ended before the provider''s answer was written.'
where id in (
  select id from broadcast.messages
  where status = 'sending' and claimed_at < :before
  order by id limit :limit for update skip locked
)
returning id;

-- name: uncertain_messages
-- What is to be settled with a provider that can be asked, what was asked for longest ago first.
select id, job_id, channel, address, body, provider, attempts, claimed_at
from broadcast.messages
where status = 'uncertain' and claimed_at < :before
  and (provider, channel) in (
    select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
  )
order by updated_at
limit :limit;

-- name: asked_in_vain!
-- The provider could not tell of these yet; others have their turn before they are asked for again.
update broadcast.messages set updated_at = :now where id = any (:ids) and status = 'uncertain';

-- name: hold_uncertain^
-- The message, if it still waits for the outcome of this claim; nobody else settles it meanwhile.
select id from broadcast.messages
where id = :id and status = 'uncertain' and claimed_at = :claimed_at
for update;

-- name: known_provider_ids
-- Of these messages of a provider the ones that stand in the ledger already, also as an attempt that
-- was followed by another.
select provider_id from broadcast.messages
where provider = :provider and provider_id = any (:provider_ids)
union all
select provider_id from broadcast.message_attempts
where provider = :provider and provider_id = any (:provider_ids)
union all
select provider_id from broadcast.test_messages
where provider = :provider and provider_id = any (:provider_ids);

-- name: long_uncertain
-- What nobody can tell of any more: of providers that keep no records after a while, of the others
-- after a long one. With what the broadcast's policy makes of each; a second time nothing is sent
-- anew, and nothing by text message ever.
with slice as materialized (
  select id, workspace_id, broadcast_id, channel, address, retries, claimed_at
  from broadcast.messages
  where status = 'uncertain' and claimed_at < :unlisted_before
    and (claimed_at < :listed_before or (provider, channel) not in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    ))
  order by claimed_at limit :limit for update skip locked
)
select slice.id,
  coalesce(b.resend_uncertain and slice.channel = 'email' and slice.retries = 0
    and b.status in ('sending', 'paused') and suppressed.address is null, false) as send_anew
from slice
left join broadcast.broadcasts b on b.id = slice.broadcast_id
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = slice.workspace_id and suppressed.channel = slice.channel
 and suppressed.address = slice.address and suppressed.lifted_at is null
order by slice.id;

-- name: leave_unknown!
-- The outcome of the send was never learned; a late report still moves it.
update broadcast.messages set status = 'unknown', updated_at = :now
where id = any (:ids) and status = 'uncertain';

-- name: keep_attempts!
-- The latest attempt of each of these as it stands, before another one follows it.
insert into broadcast.message_attempts as kept
  (message_id, attempt, workspace_id, lane_id, provider, provider_id, status, error_code,
   error_detail, segments, price, currency, claimed_at, sent_at, delivered_at, failed_at)
select id, attempts, workspace_id, lane_id, provider, provider_id, status, error_code,
  error_detail, segments, price, currency, claimed_at, sent_at, delivered_at, failed_at
from broadcast.messages
where id = any (:ids) and attempts > 0
order by id
on conflict (message_id, attempt) do update
  set provider_id = excluded.provider_id, status = excluded.status, error_code = excluded.error_code,
      error_detail = excluded.error_detail, segments = excluded.segments, price = excluded.price,
      currency = excluded.currency, sent_at = excluded.sent_at,
      delivered_at = excluded.delivered_at, failed_at = excluded.failed_at;

-- name: wait_anew!
-- They wait to be sent once more; what was known of the last attempt is kept beside.
update broadcast.messages
set status = 'pending', retries = retries + 1, checks = 0, due_at = :due_at, updated_at = :now,
    provider_id = null, segments = null, price = null, currency = null, error_code = null,
    error_detail = null, sent_at = null, failed_at = null
where id = any (:ids);

-- name: reopen!
-- Steps that were completed and in which messages wait now go on, and with them their broadcasts; of
-- a broadcast that was cancelled nothing goes on. Of all broadcasts where none is named.
with reopened as (
  update broadcast.broadcast_steps s
  set status = 'sending', completed_at = null
  from broadcast.broadcasts b
  where s.status = 'completed' and b.id = s.broadcast_id and b.status in ('sending', 'paused', 'completed')
    and (:broadcast_ids::uuid[] is null or s.broadcast_id = any (:broadcast_ids::uuid[]))
    and s.id in (
      select c.step_id from broadcast.step_counts c where c.status = 'pending' and c.messages > 0
    )
  returning s.broadcast_id
)
update broadcast.broadcasts b
set status = 'sending', completed_at = null, updated_at = :now, version = b.version + 1
where b.status = 'completed' and b.id in (select broadcast_id from reopened);

-- name: hold_broadcasts
-- The broadcasts to which these messages belong; nobody completes them meanwhile.
select id from broadcast.broadcasts
where id in (select broadcast_id from broadcast.messages where id = any (:ids))
order by id for no key update;

-- name: broadcasts_without_receipts
-- Broadcasts with messages that wait for their receipt, by their counts.
select distinct s.broadcast_id as id
from broadcast.step_counts c
join broadcast.broadcast_steps s on s.id = c.step_id
where c.status = 'sent' and c.messages > 0
order by 1;

-- name: page_of_sent^
-- The next messages of a broadcast that wait for their receipt: how many, and which is the last.
select count(*) as seen, max(id::text)::uuid as last_id
from (
  select id from broadcast.messages
  where broadcast_id = :broadcast_id and status = 'sent' and id > :after
  order by id limit :limit
) page;

-- name: close_page!
-- Those of a page whose receipt will not come any more: asked for often enough, of a provider that
-- cannot be asked, or simply too old. One of whose earlier attempts has arrived is delivered.
update broadcast.messages m
set status = case when arrived.at is null then 'no_receipt' else 'delivered' end,
    delivered_at = arrived.at, updated_at = :now
from (
  select id from broadcast.messages
  where broadcast_id = :broadcast_id and status = 'sent' and id > :after and id <= :up_to
    and (sent_at < :oldest or (sent_at < :unasked_before and (provider, channel) not in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    )))
  order by id for update
) old
left join lateral (
  select min(a.delivered_at) as at from broadcast.message_attempts a
  where a.message_id = old.id and a.status = 'delivered'
) arrived on true
where m.id = old.id;

-- name: take_page
-- Those of a page whose receipt is to be asked for now; nobody else asks for them meanwhile.
update broadcast.messages m set updated_at = :now
from (
  select id from broadcast.messages
  where broadcast_id = :broadcast_id and status = 'sent' and id > :after and id <= :up_to
    and provider_id is not null and updated_at <= :untouched_since
    and sent_at <= :now::timestamptz - (:pauses::interval[])[checks + 1]
    and (provider, channel) in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    )
  order by id limit :limit for update skip locked
) due
where m.id = due.id
returning m.id, m.provider, m.channel, m.provider_id, m.attempts, m.checks;

-- name: page_of_sent_direct^
-- The next messages of no broadcast that wait for their receipt, the oldest first, as far as any is
-- to be asked for: how many, and which is the last.
select count(*) as seen, max(sent_at) as last_at,
  (array_agg(id order by sent_at desc, id desc))[1] as last_id
from (
  select sent_at, id from broadcast.messages
  where status = 'sent' and step_id is null and sent_at <= :before
    and (sent_at, id) > (:after_at::timestamptz, :after_id::uuid)
  order by sent_at, id limit :limit
) page;

-- name: close_page_direct!
-- The same as `close_page` for messages of no broadcast.
update broadcast.messages m
set status = case when arrived.at is null then 'no_receipt' else 'delivered' end,
    delivered_at = arrived.at, updated_at = :now
from (
  select id from broadcast.messages
  where status = 'sent' and step_id is null
    and (sent_at, id) > (:after_at::timestamptz, :after_id::uuid)
    and (sent_at, id) <= (:up_to_at::timestamptz, :up_to_id::uuid)
    and (sent_at < :oldest or (sent_at < :unasked_before and (provider, channel) not in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    )))
  order by id for update
) old
left join lateral (
  select min(a.delivered_at) as at from broadcast.message_attempts a
  where a.message_id = old.id and a.status = 'delivered'
) arrived on true
where m.id = old.id;

-- name: take_page_direct
-- The same as `take_page` for messages of no broadcast.
update broadcast.messages m set updated_at = :now
from (
  select id from broadcast.messages
  where status = 'sent' and step_id is null
    and (sent_at, id) > (:after_at::timestamptz, :after_id::uuid)
    and (sent_at, id) <= (:up_to_at::timestamptz, :up_to_id::uuid)
    and provider_id is not null and updated_at <= :untouched_since
    and sent_at <= :now::timestamptz - (:pauses::interval[])[checks + 1]
    and (provider, channel) in (
      select provider, channel from unnest(:providers::text[], :channels::text[]) as g (provider, channel)
    )
  order by sent_at, id limit :limit for update skip locked
) due
where m.id = due.id
returning m.id, m.provider, m.channel, m.provider_id, m.attempts, m.checks;

-- name: checked!
-- The provider has answered: one check more. One that had no end at the last check has no receipt;
-- where an earlier attempt has arrived it is delivered.
update broadcast.messages m
set checks = m.checks + 1, updated_at = :now,
    status = case when not given.closes then m.status when arrived.at is null then 'no_receipt' else 'delivered' end,
    delivered_at = case when given.closes then arrived.at end
from unnest(:ids::uuid[], :attempts::int[], :checks::int[], :closes::boolean[])
  as given (id, attempt, checks, closes)
left join lateral (
  select min(a.delivered_at) as at from broadcast.message_attempts a
  where a.message_id = given.id and a.status = 'delivered'
) arrived on true
where m.id = given.id and m.status = 'sent' and m.attempts = given.attempt and m.checks = given.checks;

-- name: failed_by_code
-- Why messages of a broadcast failed, and whether they may be written to at all now.
select coalesce(m.error_code, '') as code, suppressed.reason as suppressed, count(*) as messages
from broadcast.messages m
left join broadcast.suppressions suppressed
  on suppressed.workspace_id = m.workspace_id and suppressed.channel = m.channel
 and suppressed.address = m.address and suppressed.lifted_at is null
where m.broadcast_id = :broadcast_id and m.status = 'failed'
group by 1, 2
order by 3 desc, 1, 2;

-- name: outcome_not_known
-- Messages of a broadcast of which nobody knows whether they went out, by their counts.
select c.status, sum(c.messages)::bigint as messages
from broadcast.broadcast_steps s
join broadcast.step_counts c on c.step_id = s.id
where s.broadcast_id = :broadcast_id and c.status in ('uncertain', 'unknown') and c.messages > 0
group by c.status order by c.status;

-- name: broadcast_status^
-- How the broadcast stands.
select status from broadcast.broadcasts where id = :id;

-- name: hold_broadcast^
-- The same, and nobody cancels it until the transaction ends.
select status from broadcast.broadcasts where id = :id for no key update;

-- name: begin_retry^
-- Somebody asks for what has failed to be sent again; none while the last asking is not done with. The
-- first that is taken by whoever puts messages back, before any message.
insert into broadcast.retries (workspace_id, broadcast_id, asked_at)
select workspace_id, id, :now from broadcast.broadcasts where id = :broadcast_id
on conflict (broadcast_id) where ended_at is null do nothing
returning id, broadcast_id, messages, put_back, up_to, asked_at;

-- name: expect_retry!
-- How many messages are to be put back, at most.
update broadcast.retries set messages = :messages where id = :id;

-- name: hold_retry^
-- How far an asking is, unless it is done with; one worker at a time goes on with it.
select id, broadcast_id, messages, put_back, up_to, asked_at
from broadcast.retries where id = :id and ended_at is null
for update;

-- name: open_retry^
-- How many messages of a broadcast are still to be put back, while somebody's asking is not done with.
select messages - put_back as messages
from broadcast.retries where broadcast_id = :broadcast_id and ended_at is null;

-- name: open_retries
-- All that ought to be in somebody's hands: for the sweep, which asks for them again.
select id from broadcast.retries where ended_at is null order by id;

-- name: hold_failed
-- A slice of the failed messages of a broadcast that may be sent anew, held until the transaction ends;
-- where a time is given only those that nothing has happened to since.
select m.id
from broadcast.messages m
where m.broadcast_id = :broadcast_id and m.status = 'failed' and m.id > :after
  and m.error_code = any (:codes)
  and (:unchanged_since::timestamptz is null or m.updated_at <= :unchanged_since::timestamptz)
  and not exists (
    select from broadcast.suppressions suppressed
    where suppressed.workspace_id = m.workspace_id and suppressed.channel = m.channel
      and suppressed.address = m.address and suppressed.lifted_at is null
  )
order by m.id
limit :limit
for update of m;

-- name: forgive_put_back!
-- So many of the failed ones that are forgiven have not failed any more.
update broadcast.broadcasts
set failed_before = greatest(0, failed_before - :messages),
    finished_before = greatest(0, finished_before - :messages)
where id = :id;

-- name: put_back!
-- A slice is done, up to this message; with the last one the asking is.
update broadcast.retries
set put_back = put_back + :messages, up_to = coalesce(:up_to, up_to),
    ended_at = case when :ended then :now::timestamptz end
where id = :id;

-- name: end_retry!
-- Nothing more of it is put back.
update broadcast.retries set ended_at = :now where id = :id and ended_at is null;
