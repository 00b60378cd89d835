-- name: list_files
-- The files of a step in the order in which they were added; without what is in them.
select id, name, content_type, bytes, created_at
from broadcast.step_files
where workspace_id = :workspace_id and step_id = :step_id
order by id;

-- name: same_file^
-- The file of the step with this name and this content: an upload that is repeated adds nothing.
select id, name, content_type, bytes, created_at
from broadcast.step_files
where step_id = :step_id and name = :name and bytes = :bytes and content = :content;

-- name: add_file^
-- One more file.
insert into broadcast.step_files (workspace_id, step_id, name, content_type, bytes, content, created_at)
values (:workspace_id, :step_id, :name, :content_type, :bytes, :content, :now)
returning id, name, content_type, bytes, created_at;

-- name: remove_file!
-- A file of the step.
delete from broadcast.step_files where step_id = :step_id and id = :id;
