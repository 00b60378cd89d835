-- Every row belongs to a workspace, and only that workspace sees it: held by the database.
set lock_timeout = '5s';

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array[
    'contact_changes', 'change_followers', 'contact_fields', 'phone_numbers', 'suppressions',
    'sign_in_links', 'broadcasts', 'broadcast_steps', 'broadcast_recipients', 'lanes', 'queue_jobs',
    'messages', 'step_counts', 'message_events'
  ] loop
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
  end loop;
end
$$;

alter table broadcast.workspaces enable row level security;
alter table broadcast.workspaces force row level security;
create policy own_workspace on broadcast.workspaces to clarion_app
  using (id = (select broadcast.current_workspace()))
  with check (id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.workspaces to clarion_worker using (true) with check (true);

-- The functions that run with their owner's rights write these tables for any caller.
do $$
declare
  written_table text;
begin
  foreach written_table in array array['contact_changes', 'step_counts', 'workspaces'] loop
    execute format(
      'create policy by_trigger on broadcast.%I to %I using (true) with check (true)',
      written_table, current_user
    );
  end loop;
end
$$;

grant select, insert, update, delete on all tables in schema broadcast to clarion_app, clarion_worker;
grant usage, select on all sequences in schema broadcast to clarion_app, clarion_worker;
revoke execute on function broadcast.make_event_partitions(date) from public;
grant execute on function broadcast.make_event_partitions(date) to clarion_worker;
