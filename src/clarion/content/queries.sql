-- name: add_template^
-- A saved text; a name that is taken gives no row.
insert into broadcast.templates
  (workspace_id, name, channel, subject, body, created_by, created_at)
values (:workspace_id, :name, :channel, :subject, :body, :created_by, :now)
on conflict (workspace_id, lower(name)) do nothing
returning *;

-- name: templates_by_ids
-- Those of the workspace among these.
select * from broadcast.templates where workspace_id = :workspace_id and id = any (:ids);

-- name: list_templates
-- The newest first, by keyset.
select * from broadcast.templates
where workspace_id = :workspace_id and (:after::uuid is null or id < :after::uuid)
order by id desc
limit :limit;
