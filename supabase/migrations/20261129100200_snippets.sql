-- Snippets: pieces of text with a name that messages share, and what a launched step took of them.
set lock_timeout = '5s';

create table broadcast.snippets (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  name text not null check (length(name) <= 60 and name ~ '^[a-z0-9]+([_-][a-z0-9]+)*$'),
  text text not null check (length(text) between 1 and 2000),
  version integer not null default 1 check (version >= 1),
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  unique (workspace_id, name)
);

alter table broadcast.snippets enable row level security;
alter table broadcast.snippets force row level security;
create policy own_workspace on broadcast.snippets to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.snippets to clarion_worker using (true) with check (true);
grant select, insert, update, delete on broadcast.snippets to clarion_app, clarion_worker;

-- The names in {% render 'opening_hours' %}, however the quotation marks are kept: as they are, behind
-- a backslash in JSON, or as HTML writes them.
create function broadcast.snippets_named(content text) returns text[]
language sql immutable parallel safe set search_path = ''
as $$
  select coalesce(array_agg(distinct found[1]), '{}')
  from regexp_matches(
    content,
    $re$\{%-?(?:\s|\\[nrt]|&nbsp;)*render(?:\s|\\[nrt]|&nbsp;)+(?:["']|\\"|&quot;|&#39;|&#34;|&apos;)([a-z0-9_-]+)$re$,
    'g'
  ) as found
$$;

alter table broadcast.templates
  add column snippet_names text[] not null generated always as (
    broadcast.snippets_named(
      coalesce(subject, '') || ' ' || preheader || ' ' || body || ' ' || coalesce(email::text, '')
    )
  ) stored;
create index templates_snippets on broadcast.templates (workspace_id) where snippet_names <> '{}';

-- A step keeps the texts of its snippets from its launch on: a later edit of one changes drafts alone.
alter table broadcast.broadcast_steps
  add column snippets jsonb check (jsonb_typeof(snippets) = 'object'),
  add column snippet_names text[] not null generated always as (
    broadcast.snippets_named(
      subject || ' ' || preheader || ' ' || body || ' ' || coalesce(email::text, '') || ' '
      || coalesce(text_part, '')
    )
  ) stored;
comment on column broadcast.broadcast_steps.snippets is
  'Name to text, as it was when the step was launched or changed after that; null: as the snippets are now.';
create index broadcast_steps_snippets on broadcast.broadcast_steps (workspace_id)
  where snippet_names <> '{}' and status = 'draft';

-- What the snippets of a step say: as it keeps them, or, of one that keeps none, as they are now.
create function broadcast.snippets_of(step broadcast.broadcast_steps) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(
    step.snippets,
    (select jsonb_object_agg(s.name, s.text) from broadcast.snippets s
     where s.workspace_id = step.workspace_id and s.name = any (step.snippet_names)),
    '{}'
  )
$$;
