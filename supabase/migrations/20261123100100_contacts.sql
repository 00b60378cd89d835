-- The CRM's contacts. Made only where there are none: an existing table is used as it is, and a table
-- of another name (setting clarion.contacts_table, given by `clarion migrate`) makes this one needless.
set lock_timeout = '5s';

do $$
begin
  if to_regclass('public.contacts') is not null
     or coalesce(nullif(current_setting('clarion.contacts_table', true), ''), 'public.contacts')
        <> 'public.contacts' then
    return;
  end if;

  create table public.contacts (
    id uuid primary key default gen_random_uuid(),
    workspace_id uuid not null default '00000000-0000-4000-8000-000000000001'
      references broadcast.workspaces,
    first_name text,
    last_name text,
    email text,
    phone_number text,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index contacts_workspace on public.contacts (workspace_id, id);
  create index contacts_metadata on public.contacts using gin (metadata jsonb_path_ops);

  alter table public.contacts enable row level security;
  revoke all on public.contacts from public;
end
$$;
