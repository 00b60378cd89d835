-- The recipients of a broadcast, a slice at a time, in the order in which they were saved.
--
-- While a broadcast is being saved nothing is known yet of how many recipients it has, and any index that
-- begins with the broadcast looks as good as any other; all but one of them would read everybody and sort,
-- for each slice anew. Without sorting there is only the one that is meant.
create function broadcast.recipients_after(
  of_broadcast uuid, after bigint, by_channel text, at_most integer
) returns table (
  id bigint, contact_id text, name text, left_reason text, time_zone text, preferred_channel text,
  sms_address text, email_address text
)
language sql stable rows 10000 set search_path = '' set enable_sort = off set enable_bitmapscan = off
as $$
  select r.id, r.contact_id, r.name, r.left_reason, r.time_zone, r.preferred_channel,
    case when r.sms_left_out is null then r.sms_address end,
    case when r.email_left_out is null then r.email_address end
  from broadcast.broadcast_recipients r
  where r.broadcast_id = of_broadcast and r.id > after
    and case by_channel
      when 'sms' then r.sms_left_out is null
      when 'email' then r.email_left_out is null
      else r.sms_left_out is null or r.email_left_out is null
    end
  order by r.id limit at_most
$$;
comment on function broadcast.recipients_after is
  'By by_channel "sms", "email" or "sms_email", only those whom it reaches; an address only where it is used.';

-- That a message's step and lane exist is checked once for all messages of a statement and not for each of
-- them, as foreign keys would: a slice of a launch has ten thousand messages, one step and few lanes. Who
-- writes messages holds both against being deleted until it commits; who deletes one waits for that and
-- then sees the messages.
alter table broadcast.messages drop constraint messages_lane_id_fkey, drop constraint messages_step;

create function broadcast.check_written_messages() returns trigger
language plpgsql set search_path = ''
as $$
declare
  wrong record;
begin
  perform from broadcast.lanes
  where id in (select distinct lane_id from new_messages) order by id for key share;
  perform from broadcast.broadcast_steps
  where id in (select distinct step_id from new_messages) order by id for key share;
  select used.* into wrong
  from (select distinct step_id, broadcast_id, workspace_id, lane_id from new_messages) used
  where (used.lane_id is not null
      and not exists (select from broadcast.lanes l where l.id = used.lane_id))
    or (used.step_id is not null and not exists (
      select from broadcast.broadcast_steps s
      where s.id = used.step_id and s.broadcast_id = used.broadcast_id and s.workspace_id = used.workspace_id))
  limit 1;
  if found then
    raise foreign_key_violation using
      message = format('There is no step %s of broadcast %s in workspace %s, or no lane %s.',
        wrong.step_id, wrong.broadcast_id, wrong.workspace_id, wrong.lane_id),
      schema = 'broadcast', table = 'messages', constraint = 'messages_step_and_lane';
  end if;
  return null;
end
$$;
create trigger check_written after insert on broadcast.messages
  referencing new table as new_messages
  for each statement execute function broadcast.check_written_messages();

-- Of messages that are there already few change what they refer to.
create function broadcast.check_changed_message() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform from broadcast.lanes where id = new.lane_id for key share;
  if not found and new.lane_id is not null then
    raise foreign_key_violation using message = format('There is no lane %s.', new.lane_id),
      schema = 'broadcast', table = 'messages', constraint = 'messages_step_and_lane';
  end if;
  perform from broadcast.broadcast_steps
  where id = new.step_id and broadcast_id = new.broadcast_id and workspace_id = new.workspace_id
  for key share;
  if not found and new.step_id is not null then
    raise foreign_key_violation using
      message = format('There is no step %s of broadcast %s in workspace %s.',
        new.step_id, new.broadcast_id, new.workspace_id),
      schema = 'broadcast', table = 'messages', constraint = 'messages_step_and_lane';
  end if;
  return null;
end
$$;
create trigger check_changed after update of lane_id, step_id, broadcast_id, workspace_id on broadcast.messages
  for each row
  when ((new.lane_id, new.step_id, new.broadcast_id, new.workspace_id)
    is distinct from (old.lane_id, old.step_id, old.broadcast_id, old.workspace_id))
  execute function broadcast.check_changed_message();

create function broadcast.keep_what_has_messages() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_table_name = 'lanes' and exists (select from broadcast.messages where lane_id = old.id)
    or tg_table_name = 'broadcast_steps' and exists (select from broadcast.messages where step_id = old.id)
  then
    raise foreign_key_violation using message = format('There are messages of %s %s.', tg_table_name, old.id),
      schema = 'broadcast', table = 'messages', constraint = 'messages_step_and_lane';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger keep_lane before delete or update of id on broadcast.lanes
  for each row execute function broadcast.keep_what_has_messages();
create trigger keep_step before delete or update of id, broadcast_id, workspace_id on broadcast.broadcast_steps
  for each row execute function broadcast.keep_what_has_messages();
