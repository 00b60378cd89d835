-- name: get_workspace^
-- One workspace with its settings.
select id, name, time_zone, currency, phone_region, sms_price_per_segment
from broadcast.workspaces
where id = :id;

-- name: all_workspaces
-- Every workspace that the caller may see, oldest first.
select id, name, time_zone, currency, phone_region, sms_price_per_segment
from broadcast.workspaces
order by created_at, id;
