-- Reading values out of metadata: what is not a number or a date is no value, never an error.
set lock_timeout = '5s';

create function broadcast.to_number(value text) returns numeric
language sql immutable strict parallel safe
return case
  when value ~ '^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*$' then value::numeric
end;

-- ISO 8601 dates and date-times; one without an offset is wall time in `zone`.
create function broadcast.to_moment(value text, zone text) returns timestamptz
language plpgsql stable strict parallel safe set search_path = ''
as $$
begin
  if value !~ '^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}' then
    return null;
  end if;
  if value ~ '([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)\s*$' and value ~ '[0-9][tT ][0-9]' then
    return value::timestamptz;
  end if;
  return value::timestamp at time zone zone;
exception
  when data_exception then
    return null;
end
$$;
