-- The calendar: every step that is due in a span of days, however many broadcasts there are.
set lock_timeout = '5s';

create index broadcast_steps_due on broadcast.broadcast_steps (workspace_id, scheduled_at, id)
  where scheduled_at is not null;
