-- Saved audiences: a filter with a name that is always current, or the people as they were.
set lock_timeout = '5s';

create table broadcast.segments (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) between 1 and 200),
  kind text not null default 'dynamic' check (kind in ('dynamic', 'frozen')),
  filter jsonb not null check (jsonb_typeof(filter) = 'object'),
  version integer not null default 1,
  contacts bigint check (contacts >= 0),
  measured_at timestamptz,
  frozen_at timestamptz,
  freezing text not null default 'none' check (freezing in ('none', 'saving', 'saved')),
  frozen_up_to text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- What refers to a segment names the workspace too, so that nothing can point into another one.
  unique (workspace_id, id),
  check ((kind = 'frozen') = (freezing <> 'none')),
  check ((kind = 'frozen') = (frozen_at is not null))
);
-- Also the order of the pages.
create unique index segments_name on broadcast.segments (workspace_id, lower(name));
create index segments_recent on broadcast.segments (workspace_id, updated_at desc);

-- The people of a frozen segment; a later change of a contact does not touch this.
create table broadcast.segment_contacts (
  workspace_id uuid not null references broadcast.workspaces,
  segment_id uuid not null,
  contact_id text not null,
  primary key (segment_id, contact_id),
  foreign key (workspace_id, segment_id) references broadcast.segments (workspace_id, id) on delete cascade
);

create table broadcast.segment_sizes (
  workspace_id uuid not null references broadcast.workspaces,
  segment_id uuid not null,
  measured_at timestamptz not null,
  contacts bigint not null check (contacts >= 0),
  primary key (segment_id, measured_at),
  foreign key (workspace_id, segment_id) references broadcast.segments (workspace_id, id) on delete cascade
);

-- Which filters name a segment: written with the filter, so that one in use cannot be deleted.
create table broadcast.segment_uses (
  workspace_id uuid not null references broadcast.workspaces,
  segment_id uuid not null,
  broadcast_id uuid references broadcast.broadcasts on delete cascade,
  used_by_segment_id uuid,
  foreign key (workspace_id, segment_id) references broadcast.segments (workspace_id, id) on delete restrict,
  foreign key (workspace_id, used_by_segment_id)
    references broadcast.segments (workspace_id, id) on delete cascade,
  check (num_nonnulls(broadcast_id, used_by_segment_id) = 1),
  check (used_by_segment_id <> segment_id)
);
create index segment_uses_segment on broadcast.segment_uses (segment_id);
create unique index segment_uses_broadcast on broadcast.segment_uses (broadcast_id, segment_id)
  where broadcast_id is not null;
create unique index segment_uses_by_segment on broadcast.segment_uses (used_by_segment_id, segment_id)
  where used_by_segment_id is not null;

-- A broadcast that has ended needs its segments no more, whoever ends it.
create function broadcast.give_up_segments() returns trigger
language plpgsql set search_path = ''
as $$
begin
  delete from broadcast.segment_uses where broadcast_id = new.id;
  return null;
end
$$;
create trigger give_up_segments after update of status on broadcast.broadcasts
  for each row
  when (new.status in ('completed', 'cancelled', 'failed') and old.status is distinct from new.status)
  execute function broadcast.give_up_segments();

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['segments', 'segment_contacts', 'segment_sizes', 'segment_uses'] loop
    execute format('alter table broadcast.%I enable row level security', tenant_table);
    execute format('alter table broadcast.%I force row level security', tenant_table);
    execute format(
      'create policy own_workspace on broadcast.%I to clarion_app
         using (workspace_id = (select broadcast.current_workspace()))
         with check (workspace_id = (select broadcast.current_workspace()))',
      tenant_table
    );
    execute format(
      'create policy every_workspace on broadcast.%I to clarion_worker using (true) with check (true)',
      tenant_table
    );
    execute format(
      'grant select, insert, update, delete on broadcast.%I to clarion_app, clarion_worker', tenant_table
    );
  end loop;
end
$$;
