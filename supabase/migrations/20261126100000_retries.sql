-- What failed and somebody wants to be sent again, put back slice by slice: what is recorded here is
-- enough to go on with it after a crash.
set lock_timeout = '5s';

create table broadcast.retries (
  id uuid primary key default broadcast.new_id(),
  workspace_id uuid not null references broadcast.workspaces,
  broadcast_id uuid not null references broadcast.broadcasts on delete cascade,
  messages bigint not null default 0 check (messages >= 0),
  put_back bigint not null default 0 check (put_back between 0 and messages),
  up_to uuid,
  asked_at timestamptz not null,
  ended_at timestamptz
);
create unique index retries_open on broadcast.retries (broadcast_id) where ended_at is null;
create index retries_broadcast on broadcast.retries (broadcast_id);
comment on column broadcast.retries.messages is 'How many could be sent again when it was asked for; never more are.';
comment on column broadcast.retries.up_to is 'The last message that was put back; the next slice begins after it.';

alter table broadcast.retries enable row level security;
alter table broadcast.retries force row level security;
create policy own_workspace on broadcast.retries to clarion_app
  using (workspace_id = (select broadcast.current_workspace()))
  with check (workspace_id = (select broadcast.current_workspace()));
create policy every_workspace on broadcast.retries to clarion_worker using (true) with check (true);
grant select, insert, update, delete on broadcast.retries to clarion_app, clarion_worker;
