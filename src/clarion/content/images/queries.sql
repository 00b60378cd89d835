-- name: add_image^
-- A picture; the same one twice is the row that is there.
insert into broadcast.images
  (workspace_id, name, content_type, width, height, bytes, checksum, content, uploaded_by, created_at)
values
  (:workspace_id, :name, :content_type, :width, :height, :bytes, :checksum, :content, :uploaded_by, :now)
on conflict (workspace_id, checksum) do update set name = images.name
returning id, name, content_type, width, height, bytes, uploaded_by, created_at;

-- name: list_images
-- The newest first, by keyset; without what is in the files.
select id, name, content_type, width, height, bytes, uploaded_by, created_at
from broadcast.images
where workspace_id = :workspace_id and (:after::uuid is null or id < :after::uuid)
order by id desc
limit :limit;

-- name: image_name$
-- What a picture of the workspace is called, held until the transaction ends.
select name from broadcast.images where workspace_id = :workspace_id and id = :id for update;

-- name: image_content^
-- The file itself, of whatever workspace: mails show it to people who are in none.
select content_type, content from broadcast.images where id = :id;

-- name: uses_of_image
-- Steps, saved texts (earlier versions too: they can be brought back) and kept sequences that name the picture anywhere in what they hold.
(
  select 'broadcast' as kind, b.name, s.position
  from broadcast.broadcast_steps s join broadcast.broadcasts b on b.id = s.broadcast_id
  where s.workspace_id = :workspace_id and position(:id::uuid::text in lower(s::text)) > 0
  order by b.id, s.position
  limit :limit
)
union all
(
  select 'template', t.name, null
  from broadcast.templates t
  where t.workspace_id = :workspace_id and position(:id::uuid::text in lower(t::text)) > 0
  order by t.id
  limit :limit
)
union all
(
  select 'version', t.name, v.version
  from broadcast.template_versions v join broadcast.templates t on t.id = v.template_id
  where v.workspace_id = :workspace_id and v.version < t.version
    and position(:id::uuid::text in lower(v::text)) > 0
  order by t.id, v.version
  limit :limit
)
union all
(
  select 'sequence', q.name, null
  from broadcast.sequence_templates q
  where q.workspace_id = :workspace_id and position(:id::uuid::text in lower(q::text)) > 0
  order by q.id
  limit :limit
);

-- name: delete_image!
-- One that nothing shows any more.
delete from broadcast.images where workspace_id = :workspace_id and id = :id;
