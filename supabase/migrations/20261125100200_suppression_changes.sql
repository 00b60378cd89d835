-- Who may not be written to any more, or may again, is noted among the changes that the index of
-- the contacts follows: it need not count all suppressions to know that one has come, and one that
-- is committed late is seen as every other late change.

alter table broadcast.contact_changes
  drop constraint contact_changes_operation_check,
  add constraint contact_changes_operation_check
    check (operation in ('insert', 'update', 'delete', 'truncate', 'suppression')) not valid;

-- One row per statement and 1,000 addresses, each as channel, blank, address; without any where all
-- of them may have changed.
create function broadcast.notice_suppression_changes() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' then
    insert into broadcast.contact_changes (workspace_id, operation)
    select id, 'suppression' from broadcast.workspaces;
  else
    insert into broadcast.contact_changes (workspace_id, operation, contact_ids)
    select workspace_id, 'suppression', array_agg(noted)
    from (
      select workspace_id, channel || ' ' || address as noted,
        (row_number() over (partition by workspace_id) - 1) / 1000 as part
      from changed
    ) numbered
    group by workspace_id, part;
  end if;
  return null;
end
$$;

create trigger notice_insert after insert on broadcast.suppressions
  referencing new table as changed
  for each statement execute function broadcast.notice_suppression_changes();
create trigger notice_update after update on broadcast.suppressions
  referencing new table as changed
  for each statement execute function broadcast.notice_suppression_changes();
-- The address of one that is there never changes: it is lifted, and another one comes.
create trigger notice_delete after delete on broadcast.suppressions
  referencing old table as changed
  for each statement execute function broadcast.notice_suppression_changes();
create trigger notice_truncate after truncate on broadcast.suppressions
  for each statement execute function broadcast.notice_suppression_changes();
