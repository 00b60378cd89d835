"""The statements over the contacts table, whose names come from the settings.

They are the only SQL of Clarion that is put together in Python; everything that does not touch
the contacts table stands in queries.sql.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from clarion.audience.audience import DUPLICATE
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.pages import Cut

_COUNT = """
select count(*) as matched from {table} c {joins} where {in_workspace} and {where}
"""

_PAGE = """
select {id}::text as id, {first_name}::text as first_name, {last_name}::text as last_name,
  {phone}::text as phone_number, {email}::text as email, {metadata} as metadata,
  to_jsonb(c) as contact, {sorted_by} as sorted_by, null::text as address, null::text as left_out
from {table} c {joins}
where {in_workspace} and {where} and {narrowed}
order by {order}
limit %(limit)s
"""

_BY_IDS = """
select {id}::text as id, to_jsonb(c) as contact
from {table} c
where {in_workspace} and {some}
"""

_AMONG = """
select {id}::text as id
from {table} c {joins}
where {in_workspace} and {some} and {where}
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

# Saves one slice of the audience with the broadcast, or nothing of it while it has numbers that
# were never checked: these it gives back. Each person is judged for each channel of the broadcast.
# Whoever has an address that an earlier contact of the audience has is kept too, as left out; the
# unique index holds it even against two savers.
_SAVE = """
with slice as materialized (
  select {{id}} as id, {{phone}}::text as raw, {mail} as mail_raw, {mail_address} as email_address,
    {preferred} as preferred_channel, {own_metadata} as own_metadata,
    btrim(concat_ws(' ', {{first_name}}, {{last_name}})) as name, to_jsonb(c) as contact
  from {{table}} c {{joins}}
  where {{in_workspace}} and {{where}} and {{after}}
  order by {{id}} limit %(limit)s
),
judged as materialized (
  select slice.*, {sms_address} as sms_address, {zone} as time_zone, {reasons}
  from slice {beside}
),
decided as (
  select judged.*, {decisions}
  from judged {earlier}
  where not exists (select from judged where sms_reason = 'unchecked_phone')
),
saved as (
  insert into broadcast.broadcast_recipients
    (workspace_id, broadcast_id, contact_id, name, sms_address, sms_left_out, email_address,
     email_left_out, preferred_channel, time_zone, contact)
  select %(workspace_id)s, %(broadcast_id)s, id::text, name, sms_address, sms_left_out, email_address,
    email_left_out, preferred_channel, time_zone, contact
  from decided order by id
  on conflict (broadcast_id, contact_id) do nothing
  returning 1
)
select
  (select count(*) from slice) as seen,
  (select count(*) from saved) as saved,
  (select id::text from slice order by id desc limit 1) as last_id,
  array(select distinct raw from judged where sms_reason = 'unchecked_phone') as unchecked
"""

_SAVE_REASON = {
    Channel.SMS: """
    case
      when coalesce(btrim(slice.raw), '') = '' then 'no_phone'
      when number.raw is null then 'unchecked_phone'
      when number.e164 is null then number.problem
      when no_sms.address is not null then 'opted_out'
    end""",
    Channel.EMAIL: """
    case
      when coalesce(broadcast.trimmed(slice.mail_raw), '') = '' then 'no_email'
      when slice.email_address is null then 'invalid_email'
      when no_email.address is not null then 'opted_out'
    end""",
}

_SAVE_NUMBER = """
  left join broadcast.phone_numbers number
    on number.workspace_id = %(workspace_id)s and number.raw = slice.raw"""

_SAVE_BESIDE = {
    Channel.SMS: """
  left join broadcast.suppressions no_sms
    on no_sms.workspace_id = %(workspace_id)s and no_sms.channel = 'sms'
   and no_sms.address = number.e164 and no_sms.lifted_at is null""",
    Channel.EMAIL: """
  left join broadcast.suppressions no_email
    on no_email.workspace_id = %(workspace_id)s and no_email.channel = 'email'
   and no_email.address = slice.email_address and no_email.lifted_at is null""",
}

_DUPLICATE_HERE = """
    case
      when {channel}_reason is not null then {channel}_reason
      when row_number() over (
        partition by judged.{channel}_address, judged.{channel}_reason order by judged.id
      ) > 1 then '{duplicate}'
      when earlier_{channel}.id is not null then '{duplicate}'
    end as {channel}_left_out"""

# Looked up one by one: reading all who were saved before, for every slice, would make saving
# a large audience slower with every slice.
_EARLIER = """
  left join lateral (
    select saved.id from broadcast.broadcast_recipients saved
    where saved.broadcast_id = %(broadcast_id)s and saved.{channel}_address = judged.{channel}_address
      and saved.{channel}_left_out is null and judged.{channel}_reason is null
    offset 0
  ) earlier_{channel} on true"""

#: What people write into the field `preferred_channel` of metadata.
_PREFERRED = """
    case lower(btrim({{metadata}} ->> 'preferred_channel'))
      when 'sms' then 'sms' when 'text' then 'sms' when 'phone' then 'sms'
      when 'email' then 'email' when 'e-mail' then 'email' when 'mail' then 'email'
    end"""


def _saving(channels: tuple[Channel, ...], *, with_zones: bool) -> str:
    """The statement for the channels that a broadcast uses; nobody is judged for another one."""
    by_sms, by_email = Channel.SMS in channels, Channel.EMAIL in channels
    return _SAVE.format(
        mail="{email}::text" if by_email else "null::text",
        mail_address="broadcast.to_email({email}::text)" if by_email else "null::text",
        preferred=_PREFERRED.format() if by_sms and by_email else "null::text",
        sms_address="number.e164" if by_sms else "null::text",
        own_metadata="{metadata}" if with_zones else "null::jsonb",
        zone=(
            "broadcast.person_zone(slice.own_metadata, number.time_zone, number.e164)"
            if with_zones
            else "null::text"
        ),
        reasons=", ".join(
            f"{_SAVE_REASON[each] if each in channels else 'null::text'} as {each}_reason"
            for each in Channel
        ),
        beside=(_SAVE_NUMBER if by_sms or with_zones else "")
        + "".join(_SAVE_BESIDE[each] for each in channels),
        decisions=", ".join(
            _DUPLICATE_HERE.format(channel=each.value, duplicate=DUPLICATE[each].value)
            if each in channels
            else f"'channel_not_used' as {each}_left_out"
            for each in Channel
        ),
        earlier="".join(_EARLIER.format(channel=each.value) for each in channels),
    )


# What a value of metadata is, told from the value alone. A text that reads as a number (as
# broadcast.to_number has it) is told apart from other texts.
_VALUE_TYPE = """
    case jsonb_typeof(pair.value)
      when 'number' then 'number'
      when 'boolean' then 'boolean'
      when 'array' then 'list'
      else case
        when pair.value #>> '{{}}' ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}([tT ]\\d{{2}}:\\d{{2}}.*)?$' then 'date'
        when pair.value #>> '{{}}' ~ '^\\s*[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{{1,3}})?\\s*$'
          then 'numeric_text'
        else 'text'
      end
    end
"""

# Four levels deep. Objects are looked for on their own: most metadata is flat, and then this is
# faster than looking into every value of the first level.
_KEYS = f"""
with recursive nested (path, value) as (
  select array[pair.key], pair.value
  from {{table}} c, jsonb_each({{metadata}}) pair
  where {{in_workspace}} and jsonb_typeof({{metadata}}) = 'object'
    and jsonb_typeof(pair.value) = 'object' and {{some}}
  union all
  select nested.path || pair.key, pair.value
  from nested, jsonb_each(nested.value) pair
  where jsonb_typeof(pair.value) = 'object' and cardinality(nested.path) < 3
)
select path, value_type, sum(contacts)::bigint as contacts, pg_current_snapshot()::text as snapshot
from (
  select array[pair.key] as path, {_VALUE_TYPE} as value_type, count(*) as contacts
  from {{table}} c, jsonb_each({{metadata}}) pair
  where {{in_workspace}} and jsonb_typeof({{metadata}}) = 'object'
    and jsonb_typeof(pair.value) not in ('null', 'object') and pair.value <> '""' and {{some}}
  group by 1, 2
  union all
  select nested.path || pair.key, {_VALUE_TYPE}, count(*)
  from nested, jsonb_each(nested.value) pair
  where jsonb_typeof(pair.value) not in ('null', 'object') and pair.value <> '""'
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


def fill(
    contacts: ContactTable,
    template: sql.SQL,
    compiled: CompiledFilter | None = None,
    *,
    continued: bool = False,
    **others: sql.Composable,
) -> sql.Composed:
    """The template with the names of the table and the filter in their places."""
    names = contacts.names
    return template.format(
        table=contacts.table,
        id=contacts.id,
        phone=contacts.phone_number,
        first_name=contacts.column(names.first_name),
        last_name=contacts.column(names.last_name),
        email=contacts.column(names.email),
        metadata=contacts.metadata,
        in_workspace=contacts.in_workspace,
        after=contacts.after if continued else sql.SQL("true"),
        where=compiled.where if compiled else sql.SQL("true"),
        joins=compiled.joins if compiled else sql.SQL(""),
        **others,
    )


class Statements:
    """Each method gives one statement; in each, `c` is the contact.

    `continued` is for the pages after the first: then `%(after)s` is the id of the last contact.
    """

    def __init__(self, contacts: ContactTable) -> None:
        self._contacts = contacts

    def _fill(
        self,
        template: sql.SQL,
        compiled: CompiledFilter | None = None,
        *,
        continued: bool = False,
        **others: sql.Composable,
    ) -> sql.Composed:
        return fill(self._contacts, template, compiled, continued=continued, **others)

    def count(self, compiled: CompiledFilter) -> sql.Composed:
        return self._fill(sql.SQL(_COUNT), compiled)

    def total(self) -> sql.Composed:
        return self._fill(sql.SQL(_TOTAL))

    def page(self, compiled: CompiledFilter, cut: Cut) -> sql.Composed:
        return self._fill(
            sql.SQL(_PAGE),
            compiled,
            sorted_by=cut.sorted_by,
            narrowed=cut.narrowed,
            order=cut.order,
        )

    def by_ids(self) -> sql.Composed:
        return self._fill(sql.SQL(_BY_IDS), some=self._some(some=True))

    def among(self, compiled: CompiledFilter) -> sql.Composed:
        """Who of the contacts `%(ids)s` matches."""
        return self._fill(sql.SQL(_AMONG), compiled, some=self._some(some=True))

    def values(self, value: sql.Composable) -> sql.Composed:
        return self._fill(sql.SQL(_VALUES), value=value)

    def save(
        self,
        compiled: CompiledFilter,
        channels: tuple[Channel, ...],
        *,
        with_zones: bool,
        continued: bool,
    ) -> sql.Composed:
        """`with_zones`: each with the time zone that is known of them."""
        statement = sql.SQL(_saving(channels, with_zones=with_zones))
        return self._fill(statement, compiled, continued=continued)

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
