"""What people do with messages: open them, click, answer. Beside the ledger, in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.providers.events import EventKind
from clarion.tracking.store import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Times are of the first of each. `machine_opened_at`: by a program that fetches pictures for
    everybody. `links` are numbers of links, ascending."""

    opened_at: datetime | None = None
    machine_opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    opens: int = 0
    clicks: int = 0
    links: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody did with a message. `answers`: in words of their own, and not by a
    page of ours."""

    kind: EventKind
    at: datetime
    machine: bool = False
    link: int | None = None
    answers: bool = True


#: What an event of a person's own text is for the message that it answers.
_ANSWERS = (EventKind.INBOUND, EventKind.OPT_OUT, EventKind.OPT_IN)


def engaged(before: Engagement, deeds: Iterable[Deed]) -> Engagement:
    """After these deeds, whatever their order. What a machine opened is not counted as an open, and
    what it followed not as a click."""
    after = before
    for deed in deeds:
        if deed.kind is EventKind.OPEN and deed.machine:
            after = replace(after, machine_opened_at=_first(after.machine_opened_at, deed.at))
        elif deed.kind is EventKind.OPEN:
            after = replace(
                after, opened_at=_first(after.opened_at, deed.at), opens=after.opens + 1
            )
        elif deed.kind is EventKind.CLICK and not deed.machine:
            links = after.links if deed.link is None else (*after.links, deed.link)
            after = replace(
                after,
                clicked_at=_first(after.clicked_at, deed.at),
                clicks=after.clicks + 1,
                links=tuple(sorted(set(links))),
            )
        elif deed.kind in _ANSWERS and deed.answers:
            after = replace(after, replied_at=_first(after.replied_at, deed.at))
    return after


async def take_deeds(connection: Connection, deeds: Mapping[UUID, Sequence[Deed]]) -> None:
    """Adds them to what is known of these messages; nobody else does until the caller's transaction
    ends. A message that is not in the ledger is passed over."""
    if not deeds:
        return
    ids = sorted(deeds)
    await queries.one_at_a_time(connection)
    known = {
        row["id"]: row for row in await rows(queries.engagements_of(connection, message_ids=ids))
    }
    after = {id_: engaged(_of(known[id_]), deeds[id_]) for id_ in ids if id_ in known}
    changed = [id_ for id_ in after if after[id_] != _of(known[id_])]
    if changed:
        await queries.write_engagements(
            connection,
            message_ids=changed,
            opened_ats=[after[each].opened_at for each in changed],
            machine_opened_ats=[after[each].machine_opened_at for each in changed],
            clicked_ats=[after[each].clicked_at for each in changed],
            replied_ats=[after[each].replied_at for each in changed],
            opens=[after[each].opens for each in changed],
            clicks=[after[each].clicks for each in changed],
            links=[",".join(str(link) for link in after[each].links) for each in changed],
        )
    await _count_links(connection, deeds, known, after)


async def _count_links(
    connection: Connection,
    deeds: Mapping[UUID, Sequence[Deed]],
    known: Mapping[UUID, Row],
    after: Mapping[UUID, Engagement],
) -> None:
    clicks: Counter[tuple[UUID, int]] = Counter()
    people: Counter[tuple[UUID, int]] = Counter()
    for id_, done in deeds.items():
        step_id = known[id_]["step_id"] if id_ in known else None
        if step_id is None:
            continue
        clicks.update(
            (step_id, deed.link) for deed in done if deed.link is not None and not deed.machine
        )
        new = set(after[id_].links) - set(_of(known[id_]).links)
        people.update((step_id, link) for link in new)
    if clicks:
        keys = sorted(clicks)
        await queries.count_link_clicks(
            connection,
            step_ids=[step_id for step_id, _ in keys],
            links=[link for _, link in keys],
            clicks=[clicks[key] for key in keys],
            people=[people[key] for key in keys],
        )


async def leave(
    connection: Connection,
    replies: Mapping[UUID, datetime],
    opt_outs: Mapping[tuple[UUID, str, str], datetime],
) -> None:
    """Who has answered a message or opted out (by workspace, channel and address) leaves sequences
    that are still going on."""
    if opt_outs:
        await queries.leave_by_opt_out(
            connection,
            workspace_ids=[each[0] for each in opt_outs],
            channels=[each[1] for each in opt_outs],
            addresses=[each[2] for each in opt_outs],
            ats=list(opt_outs.values()),
        )
    if replies:
        await queries.leave_by_reply(
            connection, message_ids=list(replies), ats=list(replies.values())
        )


def _of(row: Row) -> Engagement:
    return Engagement(
        opened_at=row["opened_at"],
        machine_opened_at=row["machine_opened_at"],
        clicked_at=row["clicked_at"],
        replied_at=row["replied_at"],
        opens=row["opens"] or 0,
        clicks=row["clicks"] or 0,
        links=tuple(row["links"] or ()),
    )


def _first(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
