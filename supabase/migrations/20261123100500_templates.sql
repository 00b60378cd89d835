-- Saved texts, to be named by a job instead of a body.
set lock_timeout = '5s';

create table broadcast.templates (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) between 1 and 200),
  channel text not null check (channel in ('sms', 'email')),
  subject text,
  body text not null check (length(body) between 1 and 100000),
  created_by text not null,
  created_at timestamptz not null default now(),
  check (channel = 'sms' or subject is not null)
);
create unique index templates_name on broadcast.templates (workspace_id, lower(name));
create index templates_pages on broadcast.templates (workspace_id, id desc);

alter table broadcast.templates enable row level security;
alter table broadcast.templates force row level security;
create policy own_workspace on broadcast.templates to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.templates to clarion_worker using (true) with check (true);
grant select, insert, update, delete on broadcast.templates to clarion_app, clarion_worker;
