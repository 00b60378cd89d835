-- What an e-mail address is, and the indexes behind the lists of contacts.
set lock_timeout = '5s';

-- Without the white space around it, of every kind that Unicode knows: addresses are pasted.
create function broadcast.trimmed(value text) returns text
language sql immutable strict parallel safe
return btrim(
  value,
  E' \t\n\x0B\f\r\x1C\x1D\x1E\x1F\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
  '\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'
);

-- The address as it is compared and written to: trimmed and in lower case; null when no mail can go
-- there. The shape of RFC 5321 without quoted local parts and address literals, with the letters of
-- all languages (RFC 6531): what people have as an address, not all that a parser of mail must accept.
create function broadcast.to_email(value text) returns text
language sql immutable parallel safe
return case
  -- Nearly all addresses are as plain as this, and one look is enough for them.
  when octet_length(value) <= 64
    and value ~ '^[a-zA-Z0-9_+]+(?:[.-][a-zA-Z0-9_+]+)*@(?:[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*\.)+[a-zA-Z]{2,}$'
  then lower(value)
  when
    -- Its characters. Letters are spelled out, as what a server takes for one depends on its locale.
    lower(broadcast.trimmed(value)) ~ (
      '^[a-z0-9.@!#$%&''*+/=?^_`{|}~\u00AA\u00B5\u00B7\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u167F'
      '\u1681-\u180D\u180F-\u1FFF\u2C00-\u2DFF\u3005-\u3007\u3041-\u309F\u30A1-\u312F\u3131-\u318E'
      '\u31A0-\u31BF\u31F0-\u31FF\u3400-\u4DBF\u4E00-\uD7FF\uF900-\uFDCF\uFDF0-\uFDFC\uFE70-\uFEFC'
      '\U00010000-\U0001CFFF\U0001DF00-\U0001EFFF\U00020000-\U0003FFFF-]+$'
    )
    -- Words with dots between them, one @, a domain of at least two labels.
    and lower(broadcast.trimmed(value)) ~
      '^[^@.]+(?:\.[^@.]+)*@(?:[^@.!#$%&''*+/=?^_`{|}~]+\.)+[^@.!#$%&''*+/=?^_`{|}~]{2,}$'
    -- No label begins or ends with a hyphen or is longer than 63; the last one is no number.
    and lower(broadcast.trimmed(value)) !~ '@-|@.*(?:\.-|-\.|[^.]{64})|-$|\.[0-9]+$'
    and octet_length(split_part(broadcast.trimmed(value), '@', 1)) <= 64
    and octet_length(broadcast.trimmed(value)) <= 254
  then lower(broadcast.trimmed(value))
end;

-- Who else has this number.
create index phone_numbers_e164 on broadcast.phone_numbers (workspace_id, e164) where e164 is not null;

-- For the contacts table that Clarion made: its lists in the orders that people ask for, and who else
-- has a spelling of a number. A table of the CRM's own is left alone; docs/data-model.md says what a
-- person may add to it.
do $$
declare
  wanted record;
begin
  if not exists (
    select from pg_constraint
    where contype = 'f' and confrelid = 'broadcast.workspaces'::regclass
      and conrelid = to_regclass('public.contacts')
  ) then
    return;
  end if;
  for wanted in
    select * from (values
      ('contacts_last_name', 'last_name', 'lower(last_name), id'),
      ('contacts_email', 'email', 'lower(email), id'),
      ('contacts_created', 'created_at', 'created_at, id'),
      ('contacts_phone_number', 'phone_number', 'phone_number')
    ) as index (name, column_name, keys)
  loop
    if exists (
      select from pg_attribute
      where attrelid = 'public.contacts'::regclass and attname = wanted.column_name
        and not attisdropped
    ) then
      execute format(
        'create index if not exists %I on public.contacts (workspace_id, %s)', wanted.name, wanted.keys
      );
    end if;
  end loop;
end
$$;
