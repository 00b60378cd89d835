-- A number may stand between any blanks, as those that a spreadsheet leaves. PostgreSQL's \s knows
-- more of them than its numbers do: a no-break space was an error for whoever counted.
create or replace function broadcast.to_number(value text) returns numeric
language sql immutable strict parallel safe
return case
  when value ~ '^[ \t\n\v\f\r]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?[ \t\n\v\f\r]*$'
  then value::numeric
  when octet_length(value) <> length(value)
    and broadcast.trimmed(value) ~ '^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$'
  then broadcast.trimmed(value)::numeric
end;
