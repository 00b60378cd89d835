"""The statements over the contacts table, whose names come from the settings.

They are the only SQL of Clarion that is put together in Python; everything that does not touch
the contacts table stands in queries.sql.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from clarion.audience.contact_table import ContactTable

_COUNT = """
select count(*) as matched from {table} c where {in_workspace} and {where}
"""

# Judged: each matched contact with its number and the reason that holds for it alone.
_JUDGED = """
  select {id} as id, {phone} as raw, number.e164,
    case
      when coalesce(btrim({phone}), '') = '' then 'no_phone'
      when number.raw is null then 'unchecked_phone'
      when number.e164 is null then number.problem
      when suppressed.address is not null then 'opted_out'
    end as reason
  from {table} c
  left join broadcast.phone_numbers number
    on number.workspace_id = %(workspace_id)s and number.raw = {phone}
  left join broadcast.suppressions suppressed
    on suppressed.workspace_id = %(workspace_id)s and suppressed.channel = 'sms'
   and suppressed.address = number.e164 and suppressed.lifted_at is null
  where {in_workspace} and {where}
"""

_REACH = f"""
with judged as materialized ({_JUDGED}),
numbers as (select count(*) as people from judged where reason is null group by e164)
select reason, count(*) as contacts from judged where reason is not null group by reason
union all select 'reachable', count(*) from numbers
union all select 'duplicate_number', coalesce(sum(people - 1), 0)::bigint from numbers
"""

_PAGE = """
select {id}::text as id, {first_name}::text as first_name, {last_name}::text as last_name,
  {phone}::text as phone_number, {email}::text as email, {metadata} as metadata,
  to_jsonb(c) as contact, null::text as e164, null::text as left_out
from {table} c
where {in_workspace} and {where} and {after}
order by {id}
limit %(limit)s
"""

# Duplicates are decided over the whole audience: the lowest id keeps the number.
_DECIDED = f"""
with judged as materialized ({_JUDGED}),
decided as (
  select id, e164,
    case
      when reason is null
       and row_number() over (partition by e164, reason order by id) > 1 then 'duplicate_number'
      else reason
    end as left_out
  from judged
)
"""

_JUDGED_PAGE = f"""
{_DECIDED}
select {{id}}::text as id, {{first_name}}::text as first_name, {{last_name}}::text as last_name,
  {{phone}}::text as phone_number, {{email}}::text as email, {{metadata}} as metadata,
  to_jsonb(c) as contact, decided.e164, decided.left_out
from decided join {{table}} c on {{id}} = decided.id
where (%(left_out)s::text is null or decided.left_out = %(left_out)s)
  and (not %(reachable)s::boolean or decided.left_out is null)
  and {{after}}
order by {{id}}
limit %(limit)s
"""

# Of those whom an SMS reaches, how many meet a further condition (a token without a value).
_REACHABLE_WHO = f"""
{_DECIDED}
select count(*) as people from decided join {{table}} c on {{id}} = decided.id
where decided.left_out is null and {{who}}
"""

_BY_IDS = """
select {id}::text as id, to_jsonb(c) as contact
from {table} c
where {in_workspace} and {some}
"""

_VALUES = """
select value, count(*) as contacts
from (
  select {value} as value from {table} c where {in_workspace}
) found
where value is not null and btrim(value) <> ''
  and (%(search)s::text = '' or position(lower(%(search)s::text) in lower(value)) > 0)
group by value
order by starts_with(lower(value), lower(%(search)s::text)) desc, count(*) desc, value
limit %(limit)s
"""

_TOTAL = """
select count(*) as total from {table} c where {in_workspace}
"""

_UNCHECKED = """
select distinct slice.raw
from (
  select {phone}::text as raw from {table} c
  where {in_workspace} and {where} and {after}
  order by {id} limit %(limit)s
) slice
left join broadcast.phone_numbers number
  on number.workspace_id = %(workspace_id)s and number.raw = slice.raw
where coalesce(btrim(slice.raw), '') <> '' and number.raw is null
"""

# Saves one slice of the audience with the broadcast. Whoever has a number that an earlier contact
# of the audience has is kept too, as left out; the unique index holds it even against two savers.
_SAVE = """
with slice as materialized (
  select {id} as id, {phone}::text as raw,
    btrim(concat_ws(' ', {first_name}, {last_name})) as name, to_jsonb(c) as contact
  from {table} c
  where {in_workspace} and {where} and {after}
  order by {id} limit %(limit)s
),
judged as (
  select slice.*, number.e164,
    case
      when coalesce(btrim(slice.raw), '') = '' then 'no_phone'
      when number.e164 is null then coalesce(number.problem, 'invalid_phone')
      when suppressed.address is not null then 'opted_out'
    end as reason
  from slice
  left join broadcast.phone_numbers number
    on number.workspace_id = %(workspace_id)s and number.raw = slice.raw
  left join broadcast.suppressions suppressed
    on suppressed.workspace_id = %(workspace_id)s and suppressed.channel = 'sms'
   and suppressed.address = number.e164 and suppressed.lifted_at is null
),
decided as (
  select judged.*,
    case
      when reason is not null then reason
      when row_number() over (partition by judged.e164, judged.reason order by judged.id) > 1
        then 'duplicate_number'
      when earlier.id is not null then 'duplicate_number'
    end as left_out
  from judged
  left join broadcast.broadcast_recipients earlier
    on earlier.broadcast_id = %(broadcast_id)s and earlier.sms_address = judged.e164
   and earlier.sms_left_out is null and judged.reason is null
),
saved as (
  insert into broadcast.broadcast_recipients
    (workspace_id, broadcast_id, contact_id, name, sms_address, sms_left_out, contact)
  select %(workspace_id)s, %(broadcast_id)s, id::text, name, e164, left_out, contact
  from decided order by id
  on conflict (broadcast_id, contact_id) do nothing
  returning 1
)
select
  (select count(*) from slice) as seen,
  (select count(*) from saved) as saved,
  (select id::text from slice order by id desc limit 1) as last_id
"""

_KEYS = """
select path, value_type, sum(contacts)::bigint as contacts, pg_current_snapshot()::text as snapshot
from (
  select array[pair.key] as path,
    case jsonb_typeof(pair.value)
      when 'number' then 'number'
      when 'boolean' then 'boolean'
      when 'array' then 'list'
      else case
        when pair.value #>> '{{}}' ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}([tT ]\\d{{2}}:\\d{{2}}.*)?$' then 'date'
        else 'text'
      end
    end as value_type,
    count(*) as contacts
  from {table} c, jsonb_each({metadata}) pair
  where {in_workspace} and jsonb_typeof({metadata}) = 'object'
    and jsonb_typeof(pair.value) not in ('null', 'object') and pair.value <> '""' and {some}
  group by 1, 2
  union all
  select array[pair.key, inner_pair.key],
    case jsonb_typeof(inner_pair.value)
      when 'number' then 'number'
      when 'boolean' then 'boolean'
      when 'array' then 'list'
      else case
        when inner_pair.value #>> '{{}}' ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}([tT ]\\d{{2}}:\\d{{2}}.*)?$' then 'date'
        else 'text'
      end
    end,
    count(*)
  from {table} c, jsonb_each({metadata}) pair,
    jsonb_each(case jsonb_typeof(pair.value) when 'object' then pair.value else '{{}}' end) inner_pair
  where {in_workspace} and jsonb_typeof({metadata}) = 'object'
    and jsonb_typeof(inner_pair.value) not in ('null', 'object')
    and inner_pair.value <> '""' and {some}
  group by 1, 2
) found
group by path, value_type
"""

_RAW_NUMBERS = """
select distinct {phone}::text as raw
from {table} c
left join broadcast.phone_numbers number
  on number.workspace_id = %(workspace_id)s and number.raw = {phone}
where {in_workspace} and number.raw is null and coalesce(btrim({phone}), '') <> '' and {some}
limit %(limit)s
"""


class Statements:
    """Each method gives one statement; `where` is a compiled filter, `c` the contact.

    `continued` is for the pages after the first: then `%(after)s` is the id of the last contact.
    """

    def __init__(self, contacts: ContactTable) -> None:
        self._contacts = contacts

    def _fill(
        self,
        template: sql.SQL,
        where: sql.Composable | None = None,
        *,
        continued: bool = False,
        **others: sql.Composable,
    ) -> sql.Composed:
        names = self._contacts.names
        return template.format(
            table=self._contacts.table,
            id=self._contacts.id,
            phone=self._contacts.phone_number,
            first_name=self._contacts.column(names.first_name),
            last_name=self._contacts.column(names.last_name),
            email=self._contacts.column(names.email),
            metadata=self._contacts.metadata,
            in_workspace=self._contacts.in_workspace,
            after=self._contacts.after if continued else sql.SQL("true"),
            where=sql.SQL("true") if where is None else where,
            **others,
        )

    def count(self, where: sql.Composable) -> sql.Composed:
        return self._fill(sql.SQL(_COUNT), where)

    def total(self) -> sql.Composed:
        return self._fill(sql.SQL(_TOTAL))

    def reach(self, where: sql.Composable) -> sql.Composed:
        return self._fill(sql.SQL(_REACH), where)

    def page(self, where: sql.Composable, *, continued: bool) -> sql.Composed:
        return self._fill(sql.SQL(_PAGE), where, continued=continued)

    def judged_page(self, where: sql.Composable, *, continued: bool) -> sql.Composed:
        return self._fill(sql.SQL(_JUDGED_PAGE), where, continued=continued)

    def reachable_who(self, where: sql.Composable, who: sql.Composable) -> sql.Composed:
        return self._fill(sql.SQL(_REACHABLE_WHO), where, who=who)

    def by_ids(self) -> sql.Composed:
        return self._fill(sql.SQL(_BY_IDS), some=self._some(some=True))

    def values(self, value: sql.Composable) -> sql.Composed:
        return self._fill(sql.SQL(_VALUES), value=value)

    def unchecked(self, where: sql.Composable, *, continued: bool) -> sql.Composed:
        return self._fill(sql.SQL(_UNCHECKED), where, continued=continued)

    def save(self, where: sql.Composable, *, continued: bool) -> sql.Composed:
        return self._fill(sql.SQL(_SAVE), where, continued=continued)

    def keys(self, *, some: bool) -> sql.Composed:
        """Keys of metadata with their types; of the contacts `%(ids)s` only, if `some`."""
        return self._fill(sql.SQL(_KEYS), some=self._some(some=some))

    def raw_numbers(self, *, some: bool) -> sql.Composed:
        """Spellings of phone numbers that were not checked yet."""
        return self._fill(sql.SQL(_RAW_NUMBERS), some=self._some(some=some))

    def _some(self, *, some: bool) -> sql.Composable:
        if not some:
            return sql.SQL("true")
        return sql.SQL("{} = any (%(ids)s::text[]::{}[])").format(
            self._contacts.id, self._contacts.id_type_sql
        )
