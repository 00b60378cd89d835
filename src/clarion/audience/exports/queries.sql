-- name: add_export^
-- An export that waits for a worker.
insert into broadcast.exports (workspace_id, filter, columns, excel, asked_by, created_at, updated_at)
values (:workspace_id, :filter, :columns, :excel, :asked_by, :now, :now)
returning *;

-- name: get_export^
-- One export of the workspace.
select * from broadcast.exports where workspace_id = :workspace_id and id = :id;

-- name: hold_export^
-- The export, if it is still to be written; whoever writes a slice of it holds it.
update broadcast.exports
set status = 'running', updated_at = :now
where id = :id and status in ('waiting', 'running')
returning *;

-- name: know_total!
-- How many match as the writing begins.
update broadcast.exports set total = :total where id = :id and status = 'running';

-- name: add_part!
-- A slice of the file; a part that is there is an error, since its slice is too.
insert into broadcast.export_parts (workspace_id, export_id, part, content)
values (:workspace_id, :export_id, :part, :content);

-- name: written_slice!
-- How far the file is written, by whoever holds it.
update broadcast.exports
set parts = :part, done = done + :rows, bytes = bytes + :bytes,
    stored_bytes = stored_bytes + :stored_bytes, checksum = :checksum,
    written_up_to = coalesce(:written_up_to, written_up_to), updated_at = :now
where id = :id and status = 'running' and parts = :part - 1;

-- name: finish_export!
-- The whole file is there; what was counted beforehand gives way to what is in it.
update broadcast.exports
set status = 'done', total = done, finished_at = :now, expires_at = :expires_at, updated_at = :now
where id = :id and status = 'running';

-- name: fail_export!
-- It cannot be written, and why; what there was of the file goes.
with failed as (
  update broadcast.exports
  set status = 'failed', problem = :problem, finished_at = :now, updated_at = :now
  where id = :id and status in ('waiting', 'running')
  returning id
)
delete from broadcast.export_parts where export_id = (select id from failed);

-- name: cancel_export^
-- Nobody wants it any more.
update broadcast.exports
set status = 'cancelled', finished_at = :now, updated_at = :now
where workspace_id = :workspace_id and id = :id and status in ('waiting', 'running')
returning *;

-- name: forget_parts!
-- The file goes; the row that says who asked for it stays.
delete from broadcast.export_parts where export_id = :export_id;

-- name: part_of_export^
-- One piece of a file that is done.
select part.content from broadcast.export_parts part
join broadcast.exports export on export.id = part.export_id and export.status = 'done'
where part.workspace_id = :workspace_id and part.export_id = :export_id and part.part = :part;

-- name: idle_exports
-- Exports that ought to be in somebody's hands and have not moved for a while.
select id from broadcast.exports
where status in ('waiting', 'running') and updated_at < :before
order by updated_at
limit 100;

-- name: expire_exports^
-- The oldest file whose time is over goes; its row stays.
with expired as (
  update broadcast.exports
  set status = 'expired', updated_at = :now
  where id = (
    select id from broadcast.exports where status = 'done' and expires_at <= :now
    order by expires_at limit 1 for update skip locked
  )
  returning id
),
gone as (delete from broadcast.export_parts where export_id = (select id from expired))
select id from expired;
