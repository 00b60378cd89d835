-- Templates with categories and an archive, and everything that was ever saved of them.
set lock_timeout = '5s';

alter table broadcast.templates
  drop constraint templates_body_check,
  add constraint templates_body_check
    check (length(body) <= 100000 and (channel = 'email' or length(body) >= 1)),
  add column category text not null default 'other' check (category in
    ('welcome', 'promotion', 'reminder', 'follow_up', 'event', 'newsletter', 're_engagement', 'survey',
     'transactional', 'other')),
  add column preheader text not null default ''
    check (length(preheader) <= 2000 and preheader !~ E'[\\r\\n]'),
  add column email jsonb check (jsonb_typeof(email) = 'object'),
  add column version integer not null default 1 check (version >= 1),
  add column from_library text check (length(from_library) between 1 and 100),
  add column archived_at timestamptz,
  add column updated_by text,
  add column updated_at timestamptz not null default now(),
  add constraint templates_of_workspace unique (workspace_id, id),
  add constraint templates_email check (email is null or channel = 'email');
comment on column broadcast.templates.body is
  'The SMS; of an e-mail its HTML, or, beside a document in "email", its text part (empty: made of the document).';
update broadcast.templates set updated_at = created_at, updated_by = created_by;
create index templates_recent on broadcast.templates (workspace_id, updated_at desc, id desc);

-- What a template held, save by save. A version is never changed, and goes only with its template.
create table broadcast.template_versions (
  workspace_id uuid not null references broadcast.workspaces,
  template_id uuid not null,
  version integer not null check (version >= 1),
  channel text not null check (channel in ('sms', 'email')),
  subject text,
  preheader text not null,
  body text not null,
  email jsonb,
  note text not null default '' check (length(note) <= 500),
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (template_id, version),
  foreign key (workspace_id, template_id) references broadcast.templates (workspace_id, id) on delete cascade
);
insert into broadcast.template_versions
  (workspace_id, template_id, version, channel, subject, preheader, body, email, created_by, created_at)
select workspace_id, id, version, channel, subject, preheader, body, email, created_by, created_at
from broadcast.templates;

alter table broadcast.template_versions enable row level security;
alter table broadcast.template_versions force row level security;
create policy own_workspace on broadcast.template_versions to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.template_versions to clarion_worker using (true) with check (true);
revoke update, delete, truncate on broadcast.template_versions from clarion_app, clarion_worker;
grant select, insert on broadcast.template_versions to clarion_app, clarion_worker;
