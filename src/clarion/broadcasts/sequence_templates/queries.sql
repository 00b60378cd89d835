-- name: add_sequence_template^
-- Nothing when the name is taken.
insert into broadcast.sequence_templates
  (workspace_id, name, purpose, broadcast_type, steps, rules, created_by, created_at, updated_by, updated_at)
values (:workspace_id, :name, :purpose, :broadcast_type, :steps, :rules, :by, :now, :by, :now)
on conflict (workspace_id, lower(name)) where archived_at is null do nothing
returning *;

-- name: count_sequence_templates$
-- How many there are, with those in the archive.
select count(*) from broadcast.sequence_templates where workspace_id = :workspace_id;

-- name: list_sequence_templates
-- Those that are not in the archive, or only those that are, by name.
select * from broadcast.sequence_templates
where workspace_id = :workspace_id and (archived_at is not null) = :archived
order by lower(name), id;

-- name: names_taken
-- The names that no other one may have.
select name from broadcast.sequence_templates where workspace_id = :workspace_id and archived_at is null;

-- name: get_sequence_template^
-- One of them, which nobody else changes until the transaction ends.
select * from broadcast.sequence_templates where workspace_id = :workspace_id and id = :id for update;

-- name: change_sequence_template^
-- Its name, what it is for, and whether it is in the archive.
update broadcast.sequence_templates
set name = :name, purpose = :purpose, archived_at = :archived_at, version = version + 1,
    updated_by = :by, updated_at = :now
where id = :id
returning *;
