-- Sequences that are kept to begin broadcasts from: their steps with texts, days and conditions.
set lock_timeout = '5s';

create table broadcast.sequence_templates (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) between 1 and 200),
  purpose text not null default '' check (length(purpose) <= 500),
  broadcast_type text not null check (broadcast_type in ('sms', 'email', 'sms_email')),
  steps jsonb not null check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) between 1 and 50),
  rules jsonb not null default '{}' check (jsonb_typeof(rules) = 'object'),
  version integer not null default 1 check (version >= 1),
  archived_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  snippet_names text[] not null generated always as (broadcast.snippets_named(steps::text)) stored
);
comment on column broadcast.sequence_templates.steps is
  'Each step as a PATCH of it would say it, with its day of the sequence; the first one begins when a person says.';
create unique index sequence_templates_name on broadcast.sequence_templates (workspace_id, lower(name))
  where archived_at is null;
create index sequence_templates_snippets on broadcast.sequence_templates (workspace_id)
  where snippet_names <> '{}';

alter table broadcast.sequence_templates enable row level security;
alter table broadcast.sequence_templates force row level security;
create policy own_workspace on broadcast.sequence_templates to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.sequence_templates to clarion_worker using (true) with check (true);
grant select, insert, update, delete on broadcast.sequence_templates to clarion_app, clarion_worker;
