-- name: get_workspace^
-- One workspace with its settings.
select id, name, time_zone, currency, phone_region, sms_price_per_segment,
  sending_from, sending_until, company_name, postal_address
from broadcast.workspaces
where id = :id;

-- name: all_workspaces
-- Every workspace that the caller may see, oldest first.
select id, name, time_zone, currency, phone_region, sms_price_per_segment,
  sending_from, sending_until, company_name, postal_address
from broadcast.workspaces
order by created_at, id;

-- name: set_sending_hours!
-- Between these times messages leave; null: at any hour.
update broadcast.workspaces set sending_from = :sending_from, sending_until = :sending_until
where id = :id;

-- name: set_sender!
-- The name and address at the end of each mail.
update broadcast.workspaces set company_name = :company_name, postal_address = :postal_address
where id = :id;
