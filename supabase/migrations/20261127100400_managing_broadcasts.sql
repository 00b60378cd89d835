-- Thousands of broadcasts: an archive, orders to list them in, and who has a draft open.
set lock_timeout = '5s';

alter table broadcast.broadcasts
  add column archived_at timestamptz,
  add column first_at timestamptz;
comment on column broadcast.broadcasts.first_at is
  'The time of the first step that has one; kept by the steps, so that the list can be in its order.';
update broadcast.broadcasts b set first_at = (
  select min(s.scheduled_at) from broadcast.broadcast_steps s where s.broadcast_id = b.id
);

-- Whoever changes the time of a step holds its broadcast already, so the locks keep their order.
create function broadcast.keep_first_time() returns trigger
language plpgsql set search_path = ''
as $$
declare
  of_broadcast uuid := case when tg_op = 'DELETE' then old.broadcast_id else new.broadcast_id end;
begin
  update broadcast.broadcasts b set first_at = times.first_at
  from (
    select min(s.scheduled_at) as first_at from broadcast.broadcast_steps s where s.broadcast_id = of_broadcast
  ) times
  where b.id = of_broadcast and b.first_at is distinct from times.first_at;
  return null;
end
$$;
create trigger keep_first_time_added after insert on broadcast.broadcast_steps
  for each row when (new.scheduled_at is not null) execute function broadcast.keep_first_time();
create trigger keep_first_time_changed after update of scheduled_at on broadcast.broadcast_steps
  for each row when (old.scheduled_at is distinct from new.scheduled_at)
  execute function broadcast.keep_first_time();
create trigger keep_first_time_gone after delete on broadcast.broadcast_steps
  for each row when (old.scheduled_at is not null) execute function broadcast.keep_first_time();

-- What is sent (a draft that is launched, a completed one of which something is tried again) is no archive.
create function broadcast.leave_archive() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.archived_at := null;
  return new;
end
$$;
create trigger leave_archive before update of status on broadcast.broadcasts
  for each row when (new.archived_at is not null and new.status in ('scheduled', 'sending', 'paused'))
  execute function broadcast.leave_archive();

-- The orders of the list; each is read in both directions. Without a time comes last in both.
create index broadcasts_by_name on broadcast.broadcasts (workspace_id, lower(name), id);
create index broadcasts_by_making on broadcast.broadcasts (workspace_id, created_at desc, id desc);
create index broadcasts_soonest on broadcast.broadcasts
  (workspace_id, coalesce(first_at, 'infinity'::timestamptz), id);
create index broadcasts_latest on broadcast.broadcasts
  (workspace_id, coalesce(first_at, '-infinity'::timestamptz) desc, id desc);
create index broadcasts_by_author on broadcast.broadcasts (workspace_id, created_by, updated_at desc, id desc);

-- What all orders of the list have in common; an empty choice is no choice. Without a search path of its
-- own, so that it becomes a part of the statement that calls it.
create function broadcast.is_listed(
  b broadcast.broadcasts, types text[], statuses text[], authors text[], archived boolean, search text
) returns boolean
language sql immutable
as $$
  select (b.archived_at is not null) = archived
    and (cardinality(types) = 0 or b.broadcast_type = any (types))
    and (cardinality(statuses) = 0 or b.status = any (statuses))
    and (cardinality(authors) = 0 or b.created_by = any (authors))
    and (search = '' or position(lower(search) in lower(b.name)) > 0)
$$;

-- Who has a broadcast open: a row per person, renewed while the page is.
create table broadcast.broadcast_editors (
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid not null references broadcast.broadcasts on delete cascade,
  actor_id text not null,
  actor_name text not null,
  seen_at timestamptz not null,
  primary key (broadcast_id, actor_id)
);
alter table broadcast.broadcast_editors enable row level security;
alter table broadcast.broadcast_editors force row level security;
create policy own_workspace on broadcast.broadcast_editors to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.broadcast_editors to clarion_worker using (true) with check (true);
grant select, insert, update, delete on broadcast.broadcast_editors to clarion_app, clarion_worker;
