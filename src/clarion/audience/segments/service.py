"""Use cases of segments; each runs in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg import errors
from psycopg.types.json import Jsonb

from clarion.audience.filter import read_filter
from clarion.audience.segments.segment import (
    Combination,
    Segment,
    SegmentKind,
    all_of,
    check_cycle,
    combine,
    ids_in,
    in_words,
    made_of,
    problem_in,
    read_name,
)
from clarion.audience.segments.store import (
    check_name,
    definitions,
    find_free_name,
    get_segment,
    places_of,
    put_uses,
    queries,
    segment_of,
)
from clarion.audience.segments.tasks import ask_after_edit, ask_to_measure, ask_to_save
from clarion.db.queries import rows
from clarion.kernel.errors import Conflict, Fault, Invalid
from clarion.kernel.names import name_of_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.filter import SegmentDefinition
    from clarion.audience.segments.segment import Place
    from clarion.audience.service import Audience
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor
    from clarion.kernel.workspace import Workspace
    from clarion.queue.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChange:
    """What is None stays as it is; `version` is the one that the caller has read."""

    version: int
    name: str | None = None
    filter: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPage:
    """`next` is given as `after` for the page that follows; None at the end."""

    segments: tuple[Segment, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    measured_at: datetime
    contacts: int


class Segments:
    def __init__(self, audience: Audience, engine: Engine) -> None:
        self._audience = audience
        self._engine = engine

    # --- looking

    async def list(
        self,
        connection: Connection,
        workspace: Workspace,
        *,
        search: str = "",
        after: str | None = None,
        limit: int = 50,
    ) -> SegmentPage:
        """In the order of their names; those whose filter cannot be read any more are among them,
        with the problem."""
        found = await rows(
            queries.list_segments(
                connection,
                workspace_id=workspace.id,
                search=search.strip(),
                after=after,
                limit=limit + 1,
            )
        )
        page = found[:limit]
        return SegmentPage(
            segments=await self._judged(connection, workspace, [segment_of(row) for row in page]),
            next=page[-1]["mark"] if len(found) > limit else None,
        )

    async def get(self, connection: Connection, workspace: Workspace, segment_id: UUID) -> Segment:
        segment = await get_segment(connection, workspace.id, segment_id)
        (judged,) = await self._judged(connection, workspace, [segment])
        return judged

    async def _judged(
        self, connection: Connection, workspace: Workspace, segments: Sequence[Segment]
    ) -> tuple[Segment, ...]:
        """With the problem of each whose filter cannot be read."""
        if not any(each.reads_its_filter for each in segments):
            return tuple(segments)
        fields = await self._audience.fields(connection, workspace)
        known = await definitions(connection, workspace.id)
        judged = []
        for each in segments:
            problem = None
            if each.reads_its_filter:
                try:
                    read_filter(each.filter, fields, known)
                except Invalid as error:
                    problem = problem_in(error)
            judged.append(replace(each, problem=problem))
        return tuple(judged)

    async def uses(
        self, connection: Connection, workspace: Workspace, segment_id: UUID
    ) -> tuple[Place, ...]:
        await get_segment(connection, workspace.id, segment_id)
        return tuple(await places_of(connection, segment_id))

    async def sizes(
        self,
        connection: Connection,
        workspace: Workspace,
        segment_id: UUID,
        *,
        days: int,
        now: datetime,
    ) -> tuple[Size, ...]:
        """Oldest first: each measured size of the last seven days, and one per day before."""
        await get_segment(connection, workspace.id, segment_id)
        found = await rows(
            queries.sizes_of(connection, id=segment_id, since=now - timedelta(days=days))
        )
        return tuple(Size(**row) for row in found)

    # --- saving

    async def create(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        *,
        name: str,
        filter: Mapping[str, Any],  # noqa: A002 - the word of the segment
        frozen: bool = False,
        now: datetime,
    ) -> Segment:
        """A frozen one has its people saved by a task.

        Raises Invalid for a filter that cannot be read, Conflict for a name that is taken.
        """
        plain = read_name(name)
        await queries.hold_segments(connection, workspace_id=workspace.id)
        await check_name(connection, workspace.id, plain)
        await self._audience.read(connection, workspace, filter)
        row = await queries.add_segment(
            connection,
            workspace_id=workspace.id,
            name=plain,
            filter=Jsonb(dict(filter)),
            frozen=frozen,
            created_by=actor.name,
            now=now,
        )
        segment = segment_of(row)
        await put_uses(connection, workspace.id, filter, segment_id=segment.id)
        if frozen:
            await ask_to_save(self._engine, connection, workspace.id, segment.id)
        else:
            await ask_after_edit(
                self._engine, connection, workspace.id, [segment.id], segment.version
            )
        return segment

    async def combine(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        *,
        name: str,
        operation: Combination,
        segments: Sequence[UUID],
        frozen: bool = False,
        now: datetime,
    ) -> Segment:
        """Made of other segments, and always of what they are at the moment."""
        document = combine(operation, segments)
        known = await definitions(connection, workspace.id)
        faults = [
            Fault(pointer=f"/combine/segments/{index}", detail="There is no such segment.")
            for index, each in enumerate(segments)
            if each not in known
        ]
        if faults:
            raise Invalid("There is no such segment.", faults=faults)
        return await self.create(
            connection, actor, workspace, name=name, filter=document, frozen=frozen, now=now
        )

    async def change(
        self,
        connection: Connection,
        workspace: Workspace,
        segment_id: UUID,
        change: SegmentChange,
        *,
        now: datetime,
    ) -> Segment:
        """Raises Conflict when somebody else saved it first, when the name is taken, when it is
        frozen, or while something is being saved from it; Invalid for a wrong filter and for one
        by which it would be made of itself."""
        name = read_name(change.name) if change.name is not None else None
        await queries.hold_segments(connection, workspace_id=workspace.id)
        segment = await get_segment(connection, workspace.id, segment_id, lock=True)
        if segment.version != change.version:
            detail = (
                f"Somebody has saved “{segment.name}” since you opened it. "
                "Open it again and make your change there."
            )
            raise Conflict(detail, faults=[Fault(pointer="/version", detail=detail)])
        if name is not None:
            await check_name(connection, workspace.id, name, but=segment_id)
        made_of_it: frozenset[UUID] = frozenset()
        if change.filter is not None:
            made_of_it = await self._check_change(connection, workspace, segment, change.filter)
        await queries.change_segment(
            connection,
            id=segment_id,
            name=name,
            filter=Jsonb(dict(change.filter)) if change.filter is not None else None,
            now=now,
        )
        if change.filter is not None:
            await put_uses(connection, workspace.id, change.filter, segment_id=segment_id)
            await ask_after_edit(
                self._engine,
                connection,
                workspace.id,
                [segment_id, *sorted(made_of_it)],
                segment.version + 1,
            )
        return await self.get(connection, workspace, segment_id)

    async def _check_change(
        self,
        connection: Connection,
        workspace: Workspace,
        segment: Segment,
        document: Mapping[str, Any],
    ) -> frozenset[UUID]:
        """Which segments are made of this one, and so change with its filter."""
        if segment.kind is SegmentKind.FROZEN:
            detail = (
                f"“{segment.name}” is frozen: it holds the people as they were, "
                "and its filter cannot be changed. Save a new segment instead."
            )
            raise Conflict(detail, faults=[Fault(pointer="/filter", detail=detail)])
        known = await definitions(connection, workspace.id)
        needs = needs_of(known.values())
        names = {each.id: each.name for each in known.values()}
        check_cycle(segment.id, document, names, needs)
        await self._audience.read(connection, workspace, document)
        made_of_it = made_of(segment.id, needs)
        busy = await rows(
            queries.saved_at_the_moment(connection, ids=[segment.id, *sorted(made_of_it)])
        )
        if busy:
            # Slices before the change and slices after it would be two audiences in one.
            raise Conflict(
                f"The people of “{busy[0]['name']}” are being saved from this segment at the "
                "moment. Try again in a minute."
            )
        return made_of_it

    async def duplicate(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        segment_id: UUID,
        *,
        name: str | None = None,
        now: datetime,
    ) -> Segment:
        """Without a name "Copy of …". The copy of a frozen segment has the same people."""
        await queries.hold_segments(connection, workspace_id=workspace.id)
        segment = await get_segment(connection, workspace.id, segment_id)
        if name is None:
            name = await find_free_name(connection, workspace.id, name_of_copy(segment.name))
        frozen = segment.kind is SegmentKind.FROZEN
        return await self.create(
            connection,
            actor,
            workspace,
            name=name,
            filter=all_of(segment.id) if frozen else segment.filter,
            frozen=frozen,
            now=now,
        )

    async def freeze(
        self, connection: Connection, workspace: Workspace, segment_id: UUID, *, now: datetime
    ) -> Segment:
        """Keep the people as they are now, for good; a task saves them.

        Raises Conflict for one that is frozen, Invalid for a filter that cannot be read.
        """
        await queries.hold_segments(connection, workspace_id=workspace.id)
        segment = await get_segment(connection, workspace.id, segment_id, lock=True)
        if segment.kind is SegmentKind.FROZEN:
            raise Conflict(f"“{segment.name}” is frozen already.")
        await self._audience.read(connection, workspace, segment.filter)
        await queries.begin_freezing(connection, id=segment_id, now=now)
        await ask_to_save(self._engine, connection, workspace.id, segment.id)
        return await self.get(connection, workspace, segment_id)

    async def measure(
        self, connection: Connection, workspace: Workspace, segment_id: UUID
    ) -> Segment:
        """Asks for the size as it is now, which a task finds. Raises Conflict for a frozen one."""
        segment = await self.get(connection, workspace, segment_id)
        if segment.kind is SegmentKind.FROZEN:
            raise Conflict(f"“{segment.name}” is frozen: its size does not change.")
        await ask_to_measure(
            self._engine, connection, workspace.id, segment_id, mark="asked for by a person"
        )
        return segment

    async def delete(self, connection: Connection, workspace: Workspace, segment_id: UUID) -> None:
        """Raises Conflict, with a fault for each place, while something uses it."""
        await queries.hold_segments(connection, workspace_id=workspace.id)
        segment = await get_segment(connection, workspace.id, segment_id, lock=True)
        places = await places_of(connection, segment_id)
        if places:
            words = in_words([each.words for each in places[:3]])
            more = f" (and {len(places) - 3} more)" if len(places) > 3 else ""  # noqa: PLR2004
            raise Conflict(
                f"“{segment.name}” is used by {words}{more}. Take it out there first.",
                faults=_faults_of(places),
            )
        try:
            await queries.delete_segment(connection, id=segment_id)
        except (errors.ForeignKeyViolation, errors.RestrictViolation) as error:
            raise Conflict(
                f"“{segment.name}” has just been put into a filter. Look at where it is used."
            ) from error


def needs_of(known: Iterable[SegmentDefinition]) -> dict[UUID, frozenset[UUID]]:
    """Which segments each one is made of; a frozen one is made of none, but of its people."""
    return {each.id: frozenset() if each.frozen else ids_in(each.filter) for each in known}


def _faults_of(places: Sequence[Place]) -> list[Fault]:
    """Their pointers lead into the document of the places where it is used."""
    faults = []
    for kind in ("broadcasts", "segments"):
        of_kind = [each for each in places if (each.status is None) == (kind == "segments")]
        faults += [
            Fault(pointer=f"/{kind}/{index}", detail=f"Used by {each.words}.")
            for index, each in enumerate(of_kind)
        ]
    return faults
