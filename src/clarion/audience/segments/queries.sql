-- name: hold_segments!
-- Until the transaction ends nobody else saves a segment of the workspace: two who save at the same
-- moment cannot make a cycle of segments that neither of them sees, nor take the same name.
select pg_advisory_xact_lock(hashtextextended('broadcast.segments ' || :workspace_id::text, 0));

-- name: add_segment^
-- A new segment; a frozen one has its people saved afterwards.
insert into broadcast.segments
  (workspace_id, name, kind, filter, freezing, frozen_at, contacts, measured_at,
   created_by, created_at, updated_at)
values (:workspace_id, :name, case when :frozen::boolean then 'frozen' else 'dynamic' end, :filter,
  case when :frozen::boolean then 'saving' else 'none' end,
  case when :frozen::boolean then :now::timestamptz end,
  case when :frozen::boolean then 0 end, case when :frozen::boolean then :now::timestamptz end,
  :created_by, :now::timestamptz, :now::timestamptz)
returning *, 0 as uses;

-- name: get_segment^
-- One segment of the workspace.
select s.*, (select count(*) from broadcast.segment_uses u where u.segment_id = s.id) as uses
from broadcast.segments s where s.workspace_id = :workspace_id and s.id = :id;

-- name: lock_segment^
-- The same, and nobody else changes it until the transaction ends.
select s.*, (select count(*) from broadcast.segment_uses u where u.segment_id = s.id) as uses
from broadcast.segments s where s.workspace_id = :workspace_id and s.id = :id
for no key update of s;

-- name: list_segments
-- In the order of their names, by keyset.
select s.*, lower(s.name) as mark,
  (select count(*) from broadcast.segment_uses u where u.segment_id = s.id) as uses
from broadcast.segments s
where s.workspace_id = :workspace_id
  and (:after::text is null or lower(s.name) > :after::text)
  and (:search = '' or position(lower(:search) in lower(s.name)) > 0)
order by lower(s.name)
limit :limit;

-- name: definitions
-- What each segment of the workspace means. Until the people of a frozen one are saved, they are
-- those who match its filter: nobody ever works with a part of them.
select id, name, filter, freezing = 'saved' as frozen
from broadcast.segments
where workspace_id = :workspace_id;

-- name: names_taken
-- Names that begin like this, of other segments than `but`.
select name from broadcast.segments
where workspace_id = :workspace_id and starts_with(lower(name), lower(:stem::text))
  and id is distinct from :but::uuid;

-- name: name_is_taken$
-- Whether another segment than `but` has this name, in whatever case.
select exists (
  select from broadcast.segments
  where workspace_id = :workspace_id and lower(name) = lower(:name::text) and id is distinct from :but::uuid
);

-- name: change_segment!
-- What is null stays as it is.
update broadcast.segments
set name = coalesce(:name, name), filter = coalesce(:filter, filter),
    version = version + 1, updated_at = :now
where id = :id;

-- name: delete_segment!
-- With its people and sizes; the database refuses while something uses it.
delete from broadcast.segments where id = :id;

-- name: begin_freezing!
-- From now on its people are saved, slice by slice.
update broadcast.segments
set kind = 'frozen', freezing = 'saving', frozen_at = :now, frozen_up_to = null, contacts = 0,
    measured_at = :now, version = version + 1, updated_at = :now
where id = :id;

-- name: saved_slice!
-- How far the people are saved; the last slice says so, and is the size that stays.
with moved as (
  update broadcast.segments
  set contacts = coalesce(contacts, 0) + :saved, frozen_up_to = coalesce(:frozen_up_to, frozen_up_to),
      freezing = :freezing, measured_at = :now,
      updated_at = case when :freezing = 'saved' then :now else updated_at end
  where id = :id
  returning workspace_id, id, contacts, measured_at, freezing
)
insert into broadcast.segment_sizes (workspace_id, segment_id, measured_at, contacts)
select workspace_id, id, measured_at, contacts from moved where freezing = 'saved'
on conflict (segment_id, measured_at) do update set contacts = excluded.contacts;

-- name: put_size!
-- A measured size; none when the segment has changed since it was read.
with measured as (
  update broadcast.segments
  set contacts = :contacts, measured_at = :now
  where id = :id and version = :version and kind = 'dynamic'
  returning workspace_id, id, contacts, measured_at
)
insert into broadcast.segment_sizes (workspace_id, segment_id, measured_at, contacts)
select workspace_id, id, measured_at, contacts from measured
on conflict (segment_id, measured_at) do update set contacts = excluded.contacts;

-- name: sizes_of
-- The size over time, oldest first.
select measured_at, contacts from broadcast.segment_sizes
where segment_id = :id and measured_at >= :since
order by measured_at;

-- name: thin_sizes!
-- Of days more than a week ago the last size of each day stays, as the workspace counts days.
delete from broadcast.segment_sizes size
using broadcast.workspaces w
where w.id = size.workspace_id and size.measured_at < :now::timestamptz - interval '7 days'
  and exists (
    select from broadcast.segment_sizes later
    where later.segment_id = size.segment_id and later.measured_at > size.measured_at
      and later.measured_at < :now::timestamptz - interval '7 days'
      and (later.measured_at at time zone w.time_zone)::date
        = (size.measured_at at time zone w.time_zone)::date
  );

-- name: segments_to_measure
-- Dynamic segments without a size of today, as the workspace counts days.
select s.workspace_id, s.id
from broadcast.segments s
join broadcast.workspaces w on w.id = s.workspace_id
where s.kind = 'dynamic' and (
  s.measured_at is null
  or (s.measured_at at time zone w.time_zone)::date < (:now::timestamptz at time zone w.time_zone)::date
);

-- name: segments_to_save
-- Frozen segments whose people are not all saved yet.
select workspace_id, id from broadcast.segments where freezing = 'saving';

-- name: broadcasts_that_use
-- The broadcasts whose filter names this segment.
select b.id, b.name, b.status
from broadcast.segment_uses u join broadcast.broadcasts b on b.id = u.broadcast_id
where u.segment_id = :id
order by lower(b.name), b.id;

-- name: segments_that_use
-- The segments whose filter names this segment.
select s.id, s.name
from broadcast.segment_uses u join broadcast.segments s on s.id = u.used_by_segment_id
where u.segment_id = :id
order by lower(s.name);

-- name: saved_at_the_moment
-- What is being saved, slice by slice, from any of these segments.
select s.id, s.name, null::text as status
from broadcast.segments s
where s.id = any (:ids::uuid[]) and s.freezing = 'saving'
union
select b.id, b.name, b.status
from broadcast.segment_uses u join broadcast.broadcasts b on b.id = u.broadcast_id
where u.segment_id = any (:ids::uuid[]) and b.saving = 'saving';

-- name: put_uses!
-- Makes the uses of one broadcast or one segment those that its filter has.
with wanted as (
  select unnest(:segment_ids::uuid[]) as segment_id
),
given_up as (
  delete from broadcast.segment_uses u
  where (u.broadcast_id = :broadcast_id::uuid or u.used_by_segment_id = :used_by_segment_id::uuid)
    and u.segment_id not in (select segment_id from wanted)
)
insert into broadcast.segment_uses (workspace_id, segment_id, broadcast_id, used_by_segment_id)
select :workspace_id, segment_id, :broadcast_id::uuid, :used_by_segment_id::uuid
from wanted order by segment_id
on conflict do nothing;
