-- name: hold_snippets!
-- Until the transaction ends nobody else adds, renames or deletes a snippet of the workspace.
select pg_advisory_xact_lock(hashtextextended('broadcast.snippets ' || :workspace_id::text, 0));

-- name: snippet_texts
-- What each snippet of the workspace says.
select name, text from broadcast.snippets where workspace_id = :workspace_id;

-- name: list_snippets
-- In the order of their names, each with how many templates and drafts name it.
with named as (
  select unnest(t.snippet_names) as name
  from broadcast.templates t
  where t.workspace_id = :workspace_id and t.snippet_names <> '{}'
  union all
  select unnest(q.snippet_names)
  from broadcast.sequence_templates q
  where q.workspace_id = :workspace_id and q.snippet_names <> '{}'
  union all
  select used.name from (
    select distinct s.broadcast_id, unnest(s.snippet_names) as name
    from broadcast.broadcast_steps s
    where s.workspace_id = :workspace_id and s.snippet_names <> '{}' and s.status = 'draft'
  ) used
),
counted as (select name, count(*) as uses from named group by name)
select s.*, coalesce(counted.uses, 0) as uses
from broadcast.snippets s left join counted using (name)
where s.workspace_id = :workspace_id
order by s.name;

-- name: get_snippet^
-- One snippet of the workspace, which nobody else changes until the transaction ends.
select * from broadcast.snippets where workspace_id = :workspace_id and id = :id for no key update;

-- name: count_snippets$
-- How many the workspace has.
select count(*) from broadcast.snippets where workspace_id = :workspace_id;

-- name: add_snippet^
-- A new one; a name that is taken gives no row.
insert into broadcast.snippets
  (workspace_id, name, text, created_by, created_at, updated_by, updated_at)
values (:workspace_id, :name, :text, :by, :now, :by, :now)
on conflict (workspace_id, name) do nothing
returning *, 0 as uses;

-- name: name_is_taken$
-- Whether another snippet than `but` has this name.
select exists (
  select from broadcast.snippets
  where workspace_id = :workspace_id and name = :name and id <> :but
);

-- name: change_snippet!
-- Its name and text, whole.
update broadcast.snippets
set name = :name, text = :text, version = version + 1, updated_by = :by, updated_at = :now
where id = :id;

-- name: delete_snippet!
-- One that nothing names any more.
delete from broadcast.snippets where id = :id;

-- name: places_of_snippet
-- Templates, kept sequences, and broadcasts that were not launched, whose texts name it.
-- Found by what names any snippet, before anything is put in order.
with of_templates as materialized (
  select t.id, t.name
  from broadcast.templates t
  where t.workspace_id = :workspace_id and t.snippet_names <> '{}' and :name = any (t.snippet_names)
),
of_steps as materialized (
  select distinct s.broadcast_id
  from broadcast.broadcast_steps s
  where s.workspace_id = :workspace_id and s.snippet_names <> '{}' and s.status = 'draft'
    and :name = any (s.snippet_names)
)
(select 'template' as kind, id, name from of_templates order by lower(name), id limit :limit)
union all
(
  select 'sequence', q.id, q.name
  from broadcast.sequence_templates q
  where q.workspace_id = :workspace_id and q.snippet_names <> '{}' and :name = any (q.snippet_names)
  order by lower(q.name), q.id
  limit :limit
)
union all
(
  select 'broadcast', b.id, b.name
  from of_steps cross join lateral (
    select id, name from broadcast.broadcasts where id = of_steps.broadcast_id
  ) b
  order by lower(b.name), b.id
  limit :limit
);
