-- name: add_template^
-- A new template with its first version; a name that is taken gives no row.
with made as (
  insert into broadcast.templates
    (workspace_id, name, channel, category, subject, preheader, body, email, from_library,
     created_by, created_at, updated_by, updated_at)
  values (:workspace_id, :name, :channel, :category, :subject, :preheader, :body, :email, :from_library,
    :created_by, :now, :created_by, :now)
  on conflict (workspace_id, lower(name)) do nothing
  returning *
),
kept as (
  insert into broadcast.template_versions
    (workspace_id, template_id, version, channel, subject, preheader, body, email, note, created_by, created_at)
  select workspace_id, id, version, channel, subject, preheader, body, email, :note, created_by, created_at
  from made
)
select * from made;

-- name: get_template^
-- One template of the workspace.
select * from broadcast.templates where workspace_id = :workspace_id and id = :id;

-- name: lock_template^
-- The same, and nobody else changes it until the transaction ends.
select * from broadcast.templates where workspace_id = :workspace_id and id = :id
for no key update;

-- name: templates_by_ids
-- Those of the workspace among these.
select * from broadcast.templates where workspace_id = :workspace_id and id = any (:ids);

-- name: name_is_taken$
-- Whether another template than `but` has this name, in whatever case.
select exists (
  select from broadcast.templates
  where workspace_id = :workspace_id and lower(name) = lower(:name::text) and id is distinct from :but::uuid
);

-- name: names_taken
-- Names that begin like this.
select name from broadcast.templates
where workspace_id = :workspace_id and starts_with(lower(name), lower(:stem::text));

-- name: save_content!
-- What a template holds from now on, as its next version.
with saved as (
  update broadcast.templates
  set subject = :subject, preheader = :preheader, body = :body, email = :email,
      version = version + 1, updated_by = :by, updated_at = :now
  where id = :id
  returning *
)
insert into broadcast.template_versions
  (workspace_id, template_id, version, channel, subject, preheader, body, email, note, created_by, created_at)
select workspace_id, id, version, channel, subject, preheader, body, email, :note, :by, :now
from saved;

-- name: describe_template!
-- Its name and category; what is null stays as it is.
update broadcast.templates
set name = coalesce(:name, name), category = coalesce(:category, category),
    updated_by = :by, updated_at = :now
where id = :id;

-- name: archive_template!
-- Into the archive, or out of it.
update broadcast.templates
set archived_at = case when :archived::boolean then coalesce(archived_at, :now::timestamptz) end
where workspace_id = :workspace_id and id = :id;

-- name: list_by_updated
-- The latest saved first, by keyset.
select t.*, t.updated_at::text as mark from broadcast.templates t
where t.workspace_id = :workspace_id and (t.archived_at is not null) = :archived
  and (:channel::text is null or t.channel = :channel::text)
  and (:category::text is null or t.category = :category::text)
  and (:search = '' or position(lower(:search) in lower(concat_ws(' ', t.name, t.subject, t.body))) > 0)
  and (:after_id::uuid is null or (t.updated_at, t.id) < (:after_mark::text::timestamptz, :after_id::uuid))
order by t.updated_at desc, t.id desc
limit :limit;

-- name: list_by_created
-- The newest first, by keyset: ids grow with time.
select t.*, '' as mark from broadcast.templates t
where t.workspace_id = :workspace_id and (t.archived_at is not null) = :archived
  and (:channel::text is null or t.channel = :channel::text)
  and (:category::text is null or t.category = :category::text)
  and (:search = '' or position(lower(:search) in lower(concat_ws(' ', t.name, t.subject, t.body))) > 0)
  and (:after_id::uuid is null or t.id < :after_id::uuid)
order by t.id desc
limit :limit;

-- name: list_by_name
-- In the order of their names, which no two share.
select t.*, lower(t.name) as mark from broadcast.templates t
where t.workspace_id = :workspace_id and (t.archived_at is not null) = :archived
  and (:channel::text is null or t.channel = :channel::text)
  and (:category::text is null or t.category = :category::text)
  and (:search = '' or position(lower(:search) in lower(concat_ws(' ', t.name, t.subject, t.body))) > 0)
  and (:after_id::uuid is null or lower(t.name) > :after_mark::text)
order by lower(t.name)
limit :limit;

-- name: list_versions
-- What was saved, the latest first, by keyset; without what it held.
select version, note, created_by, created_at from broadcast.template_versions
where template_id = :id and (:before::integer is null or version < :before::integer)
order by version desc
limit :limit;

-- name: get_version^
-- One version, with what it held.
select * from broadcast.template_versions where template_id = :id and version = :version;
