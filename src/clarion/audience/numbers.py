"""Exact numbers of an audience: who matches, whom a channel reaches, who has which value."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from clarion.audience.audience import Estimate, Facet, Facets, Matched, Reach
from clarion.audience.fields import FieldType
from clarion.audience.filter import EVERYBODY
from clarion.audience.filter_sql import AskedFilter, CompiledFilter, text_of
from clarion.audience.index.answers import Void
from clarion.audience.index.evaluate import NotInMemory, NotNow
from clarion.audience.reading import FilterReader, whole
from clarion.audience.waterfall import Waterfall, left_after, narrowings, waterfall_of
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from clarion.audience.index.answers import Answers, Asked
    from clarion.db.connection import Connection
    from clarion.kernel.field_path import FieldPath
    from clarion.kernel.workspace import Workspace


class Numbers(FilterReader):
    async def matched(
        self, connection: Connection, workspace: Workspace, compiled: CompiledFilter
    ) -> Matched:
        """The first answer to somebody who types; the reasons take a little longer."""
        started = time.perf_counter()

        async def counted() -> tuple[int, int, Mapping[Channel, Reach] | None]:
            matched = await self.store.count(connection, workspace.id, compiled)
            return matched, await self.store.total(connection, workspace.id), None

        (matched, total, reach), freshness = await self.told(
            connection, workspace, compiled.asked, _counted_and_reached, counted
        )
        return Matched(
            matched=matched,
            total=total,
            took_ms=(time.perf_counter() - started) * 1000,
            freshness=freshness,
            reach=reach,
        )

    async def matched_at_once(self, workspace: Workspace, asked: AskedFilter) -> Matched:
        """By the index, without the database. Raises NotInMemory when it cannot tell."""
        started = time.perf_counter()
        (matched, total, reach), freshness = await self.told_by_index(
            workspace, asked, _counted_and_reached
        )
        return Matched(
            matched=matched,
            total=total,
            took_ms=(time.perf_counter() - started) * 1000,
            freshness=freshness,
            reach=reach,
        )

    async def estimate(
        self, connection: Connection, workspace: Workspace, compiled: CompiledFilter
    ) -> Estimate:
        started, now = time.perf_counter(), self.clock()

        async def counted() -> tuple[Mapping[Channel, Reach], int]:
            reach = await self.store.reach(connection, workspace.id, compiled)
            return reach, await self.store.total(connection, workspace.id)

        (reach, total), freshness = await self.told(
            connection,
            workspace,
            compiled.asked,
            lambda a, asked: (a.reach(asked), a.total()),
            counted,
        )
        return Estimate(
            sms=reach[Channel.SMS],
            email=reach[Channel.EMAIL],
            total=total,
            took_ms=(time.perf_counter() - started) * 1000,
            counted_at=now,
            freshness=freshness,
        )

    async def reached_by_any(
        self, connection: Connection, workspace: Workspace, compiled: CompiledFilter
    ) -> int:
        """How many of those who match get a message on at least one channel."""

        async def by_database() -> int:
            return await self.store.reachable_by_any(connection, workspace.id, compiled)

        told, _ = await self.told(
            connection,
            workspace,
            compiled.asked,
            lambda answers, asked: answers.reached_by_any(asked),
            by_database,
        )
        return told

    async def facets(
        self,
        workspace: Workspace,
        asked: AskedFilter,
        *,
        of: Collection[FieldPath] | None = None,
    ) -> Facets | None:
        """How many match each value of the fields with few values, or of those in `of`; None where
        no index tells: counting them in the database would hold up what matters. Raises NotNow when
        it may tell in a moment.

        Whoever gives up waiting stops the counting, too.
        """
        started = time.perf_counter()
        is_over = threading.Event()

        def by_index(answers: Answers, question: Asked) -> tuple[list[Facet], list[FieldPath]]:
            if is_over.is_set():
                raise Void
            facets = answers.facets(question, of=of, is_void=is_over.is_set)
            return facets, answers.countable()

        try:
            (facets, countable), _ = await self.told_by_index(
                workspace, asked, by_index, is_much=True
            )
        except NotNow:
            raise
        except NotInMemory:
            return None
        finally:
            is_over.set()
        return Facets(
            fields=tuple(facets),
            countable=tuple(countable),
            took_ms=(time.perf_counter() - started) * 1000,
        )

    async def waterfall(
        self, connection: Connection, workspace: Workspace, document: Mapping[str, Any]
    ) -> Waterfall:
        """How all contacts narrow to those who match, condition by condition, and on to each
        channel. Raises Invalid as `read`."""
        now = self.clock()
        group = await self.read_group(connection, workspace, document)
        steps = narrowings(group)
        parts = self.parts(group, workspace, now)

        def by_index(
            answers: Answers, asked: Asked
        ) -> tuple[int, Sequence[int], Mapping[Channel, Reach]]:
            lefts = [answers.count(asked, step.group) for step in steps]
            return answers.total(), lefts, answers.reach(asked)

        async def by_database() -> tuple[int, Sequence[int], Mapping[Channel, Reach]]:
            where = dict(parts.parts)
            passed, reach = await self.store.waterfall(
                connection, workspace.id, whole(parts), [where[step.pointer] for step in steps]
            )
            return sum(passed.values()), left_after(passed, len(steps)), reach

        asked = AskedFilter(group=group, now=now)
        (total, lefts, reach), freshness = await self.told(
            connection, workspace, asked, by_index, by_database
        )
        return waterfall_of(
            total=total,
            narrowed=list(zip(steps, lefts, strict=True)),
            reach=reach,
            freshness=freshness,
        )

    async def values(
        self,
        connection: Connection,
        workspace: Workspace,
        field_id: str,
        *,
        search: str = "",
        limit: int = 20,
    ) -> list[tuple[str, int]]:
        """The values that contacts have, with how many; those that begin with `search` first."""
        field = await self.field(connection, workspace, field_id)
        value, parameters = text_of(field, self.contacts, elements=field.type is FieldType.LIST)

        async def by_database() -> list[tuple[str, int]]:
            return await self.store.values(
                connection, workspace.id, value, {**parameters, "search": search, "limit": limit}
            )

        everybody = AskedFilter(group=EVERYBODY, now=self.clock())
        found, _ = await self.told(
            connection,
            workspace,
            everybody,
            lambda answers, _: answers.values(field, search=search, limit=limit),
            by_database,
        )
        return found


def _counted_and_reached(
    answers: Answers, asked: Asked
) -> tuple[int, int, Mapping[Channel, Reach] | None]:
    reach = answers.reach(asked)
    return reach[Channel.SMS].matched, answers.total(), reach
