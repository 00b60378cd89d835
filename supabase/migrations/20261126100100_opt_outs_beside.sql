-- Who has opted out of an address that is suppressed for a weightier reason has still opted out when
-- that reason is lifted.
set lock_timeout = '5s';

alter table broadcast.suppressions
  add column opted_out_at timestamptz,
  add column opted_out_source text,
  add constraint suppressions_opted_out_beside check (
    (opted_out_at is null) = (opted_out_source is null)
    and (opted_out_at is null or reason <> 'opted_out')
  );
comment on column broadcast.suppressions.opted_out_at is
  'When the person has opted out besides; of a row with this reason `created_at` says it.';

-- Whoever lifts the reason, and however: the opt-out takes its place.
create function broadcast.keep_opt_out() returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into broadcast.suppressions (workspace_id, channel, address, reason, source, created_at)
  values (new.workspace_id, new.channel, new.address, 'opted_out', new.opted_out_source, new.opted_out_at);
  return null;
end
$$;
create trigger keep_opt_out after update on broadcast.suppressions
  for each row
  when (old.lifted_at is null and new.lifted_at is not null and new.opted_out_at is not null)
  execute function broadcast.keep_opt_out();
