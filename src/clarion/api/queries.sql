-- name: add_link!
-- A link for one sign-in.
insert into broadcast.sign_in_links
  (token_hash, workspace_id, actor_id, actor_name, role, expires_at)
values (:token_hash, :workspace_id, :actor_id, :actor_name, :role, :expires_at);

-- name: use_link^
-- Of two that use a link at once, one gets in.
update broadcast.sign_in_links
set used_at = :now
where token_hash = :token_hash and used_at is null and expires_at > :now
returning workspace_id, actor_id, actor_name, role;
