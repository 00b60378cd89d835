-- A step that asks something of each person (a condition, the goal) and is sent by the person's own clock asks
-- it when that person's time comes, and not when the first zone's does, which may be a day before: its
-- messages are written zone by zone.
alter table broadcast.broadcast_steps add column launch_turns timestamptz[];
comment on column broadcast.broadcast_steps.launch_turns is
  'Of a step that is launched zone by zone: up to when the launch is done, and the moments that it still awaits.';
