"""The statements that judge whom a channel reaches, and why not the others.

An address belongs to one contact of an audience: the one with the lowest id of those who could be
written to there. So duplicates are decided over the whole audience, all else for each alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from clarion.audience.audience import DUPLICATE, By
from clarion.audience.statements import fill
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.pages import Cut, Judged

# Who matches, with what the channels need. OFFSET 0, so that the address is worked out once.
_MATCHED = """
  select {id} as id, {phone}::text as raw, {email}::text as mail,
    broadcast.to_email({email}::text) as mail_address
  from {table} c {joins}
  where {in_workspace} and {where}
  offset 0
"""

_ADDRESS = {Channel.SMS: "number.e164", Channel.EMAIL: "matched.mail_address"}

_REASON = {
    Channel.SMS: """
    case
      when coalesce(btrim(matched.raw), '') = '' then 'no_phone'
      when number.raw is null then 'unchecked_phone'
      when number.e164 is null then number.problem
      when no_sms.address is not null then 'opted_out'
    end""",
    Channel.EMAIL: """
    case
      when coalesce(broadcast.trimmed(matched.mail), '') = '' then 'no_email'
      when matched.mail_address is null then 'invalid_email'
      when no_email.address is not null then 'opted_out'
    end""",
}

_BESIDE = {
    Channel.SMS: """
  left join broadcast.phone_numbers number
    on number.workspace_id = %(workspace_id)s and number.raw = matched.raw
  left join broadcast.suppressions no_sms
    on no_sms.workspace_id = %(workspace_id)s and no_sms.channel = 'sms'
   and no_sms.address = number.e164 and no_sms.lifted_at is null""",
    Channel.EMAIL: """
  left join broadcast.suppressions no_email
    on no_email.workspace_id = %(workspace_id)s and no_email.channel = 'email'
   and no_email.address = matched.mail_address and no_email.lifted_at is null""",
}


def _judged_for_all(matched: str) -> str:
    """Each contact with its address and the reason that holds for it alone, on each channel."""
    columns = ", ".join(
        f"{_ADDRESS[channel]} as {channel}_address, {_REASON[channel]} as {channel}_reason"
        for channel in Channel
    )
    return f"select matched.id, {columns} from {matched} {''.join(_BESIDE.values())}"


# Counts over `judged`: a row for each channel and reason, and for those whom it reaches.
_COUNTS = "\nunion all\n".join(
    f"""
select '{channel}' as channel, {channel}_reason as reason, count(*) as contacts
from judged where {channel}_reason is not null group by {channel}_reason
union all
select '{channel}', unnest(array['reachable', '{DUPLICATE[channel]}']),
  unnest(array[count(*), coalesce(sum(people - 1), 0)::bigint])
from (
  select count(*) as people from judged where {channel}_reason is null group by {channel}_address
) addresses
"""
    for channel in Channel
)

_REACH = f"""
with judged as materialized ({_judged_for_all(f"({_MATCHED}) matched")})
{_COUNTS}
"""

# How many of the leading conditions each contact meets, up to the first that it does not; one
# pass, in which no condition is looked at that does not matter any more.
_WATERFALL = f"""
with passed as materialized (
  select {{id}} as id, {{phone}}::text as raw, {{email}}::text as mail, {{passed}} as passed
  from {{table}} c {{joins}}
  where {{in_workspace}}
),
judged as materialized ({
    _judged_for_all(
        "(select id, raw, mail, broadcast.to_email(mail) as mail_address from passed"
        " where passed = {all} offset 0) matched"
    )
})
select null as channel, passed::text as reason, count(*) as contacts from passed group by passed
union all
{_COUNTS}
"""


def _decided(channel: Channel) -> str:
    return f"""
with judged as materialized (
  select matched.id, {_ADDRESS[channel]} as address, {_REASON[channel]} as reason
  from ({_MATCHED}) matched {_BESIDE[channel]}
),
decided as (
  select id, address,
    case
      when reason is null and row_number() over (partition by address, reason order by id) > 1
        then '{DUPLICATE[channel]}'
      else reason
    end as left_out
  from judged
)
"""


_JUDGED_PAGE = """
select {id}::text as id, {first_name}::text as first_name, {last_name}::text as last_name,
  {phone}::text as phone_number, {email}::text as email, {metadata} as metadata,
  to_jsonb(c) as contact, {sorted_by} as sorted_by, decided.address, decided.left_out
from decided join {table} c on {id} = decided.id
where (%(left_out)s::text is null or decided.left_out = %(left_out)s)
  and (not %(reachable)s::boolean or decided.left_out is null)
  and {empty} and {narrowed}
order by {order}
limit %(limit)s
"""

# Of those whom a channel reaches, how many meet a further condition.
_REACHABLE_WHO = """
select count(*) as people from decided join {table} c on {id} = decided.id
where decided.left_out is null and {who}
"""

# Whom of the audience each channel reaches.
_BY_EACH = f"""
with judged as materialized ({_judged_for_all(f"({_MATCHED}) matched")}),
decided as (
  select id, {
    ", ".join(
        f"{channel}_reason is null and row_number() over"
        f" (partition by {channel}_address, {channel}_reason order by id) = 1 as by_{channel}"
        for channel in Channel
    )
}
  from judged
)
"""

_WHO_BY = {
    By.ANY: "(decided.by_sms or decided.by_email)",
    By.BOTH: "(decided.by_sms and decided.by_email)",
    By.ONLY_SMS: "(decided.by_sms and not decided.by_email)",
    By.ONLY_EMAIL: "(decided.by_email and not decided.by_sms)",
}

_COUNT_BY_ANY = f"{_BY_EACH} select count(*) as people from decided where {_WHO_BY[By.ANY]}"


def _page_by(by: By) -> str:
    return f"""
{_BY_EACH}
select {{id}}::text as id, {{first_name}}::text as first_name, {{last_name}}::text as last_name,
  {{phone}}::text as phone_number, {{email}}::text as email, {{metadata}} as metadata,
  to_jsonb(c) as contact, {{sorted_by}} as sorted_by, null::text as address, null::text as left_out
from decided join {{table}} c on {{id}} = decided.id
where {_WHO_BY[by]} and {{empty}} and {{narrowed}}
order by {{order}}
limit %(limit)s
"""


# One contact: which parts of the filter it meets, what it holds, and what holds for it alone.
_WHY = f"""
select matched.id::text as id, matched.met, matched.contact,
  {_ADDRESS[Channel.SMS]} as sms_address, {_REASON[Channel.SMS]} as sms_reason,
  {_ADDRESS[Channel.EMAIL]} as email_address, {_REASON[Channel.EMAIL]} as email_reason
from (
  select {{id}} as id, {{phone}}::text as raw, {{email}}::text as mail,
    broadcast.to_email({{email}}::text) as mail_address,
    array[{{parts}}]::boolean[] as met, to_jsonb(c) as contact
  from {{table}} c {{joins}}
  where {{in_workspace}} and {{one}}
  offset 0
) matched
{"".join(_BESIDE.values())}
"""

# Who of the audience keeps an address before this contact does. Nobody who has it is left out for
# a reason of their own: such a reason belongs to the address.
_KEEPER = """
select id::text as id, name
from (
  -- OFFSET 0: few have the address, so the order by id must not be what is read along.
  select {id} as id, btrim(concat_ws(' ', {first_name}, {last_name})) as name
  from {table} c {joins}
  where {in_workspace} and {where} and {has_address} and {before}
  offset 0
) found
order by found.id
limit 1
"""

_HAS_ADDRESS = {
    Channel.SMS: """{phone}::text in (
  select raw from broadcast.phone_numbers
  where workspace_id = %(workspace_id)s and e164 = %(address)s
)""",
    # What is cheaper comes first; an address means itself however it is written.
    Channel.EMAIL: "lower(broadcast.trimmed({email}::text)) = %(address)s::text",
}


class ReachStatements:
    """Each method gives one statement, with the parameters of its filter and `workspace_id`."""

    def __init__(self, contacts: ContactTable) -> None:
        self._contacts = contacts

    def reach(self, compiled: CompiledFilter) -> sql.Composed:
        """Rows of channel, reason and contacts."""
        return fill(self._contacts, sql.SQL(_REACH), compiled)

    def page(
        self,
        compiled: CompiledFilter,
        cut: Cut,
        judged: Judged,
        empty: CompiledFilter | None = None,
    ) -> sql.Composed:
        """`empty` is the condition that the page is narrowed by further."""
        statement = (
            _decided(judged.channel) + _JUDGED_PAGE if judged.by is None else _page_by(judged.by)
        )
        return fill(
            self._contacts,
            sql.SQL(statement),
            compiled,
            empty=empty.where if empty else sql.SQL("true"),
            sorted_by=cut.sorted_by,
            narrowed=cut.narrowed,
            order=cut.order,
        )

    def reachable_who(
        self, compiled: CompiledFilter, channel: Channel, who: sql.Composable
    ) -> sql.Composed:
        """How many of those whom the channel reaches meet `who` as well."""
        statement = sql.SQL(_decided(channel) + _REACHABLE_WHO)
        return fill(self._contacts, statement, compiled, who=who)

    def reachable_by_any(self, compiled: CompiledFilter) -> sql.Composed:
        return fill(self._contacts, sql.SQL(_COUNT_BY_ANY), compiled)

    def waterfall(self, compiled: CompiledFilter, steps: Sequence[sql.Composable]) -> sql.Composed:
        """As `reach`, and before that, without a channel, how many contacts pass the first n of
        `steps` and fail the next one; `compiled` gives the joins that the steps need."""
        passed: sql.Composable = sql.Literal(len(steps))
        if steps:
            passed = sql.SQL("case {} else {} end").format(
                sql.SQL(" ").join(
                    sql.SQL("when not ({}) then {}").format(step, sql.Literal(place))
                    for place, step in enumerate(steps)
                ),
                passed,
            )
        return fill(
            self._contacts,
            sql.SQL(_WATERFALL),
            compiled,
            passed=passed,
            all=sql.Literal(len(steps)),
        )

    def why(self, compiled: CompiledFilter, parts: Sequence[sql.Composable]) -> sql.Composed:
        """The contact `%(contact_id)s`, with an array of which `parts` it meets."""
        return fill(
            self._contacts,
            sql.SQL(_WHY),
            compiled,
            parts=sql.SQL(", ").join(parts),
            one=self._compared("="),
        )

    def keeper(self, compiled: CompiledFilter, channel: Channel) -> sql.Composed:
        """Who has `%(address)s` and comes before `%(contact_id)s`."""
        return fill(
            self._contacts,
            sql.SQL(_KEEPER),
            compiled,
            has_address=fill(self._contacts, sql.SQL(_HAS_ADDRESS[channel])),
            before=self._compared("<"),
        )

    def _compared(self, how: str) -> sql.Composable:
        return sql.SQL("{} {} %(contact_id)s::text::{}").format(
            self._contacts.id,
            sql.SQL("=" if how == "=" else "<"),
            self._contacts.id_type_sql,
        )
