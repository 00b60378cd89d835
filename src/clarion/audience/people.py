"""The people of an audience: pages of them, and why one of them is in it or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psycopg import errors, sql

from clarion.audience.audience import DUPLICATE, REASONS, By, ContactPage, LeftOut
from clarion.audience.filter_sql import CompiledFilter, compile_beside, only, unprintable
from clarion.audience.pages import (
    Judged,
    Mark,
    Pages,
    Sort,
    no_such_page,
    read_mark,
    read_search,
    write_mark,
)
from clarion.audience.reading import FilterReader, nothing, whole
from clarion.audience.why import Reached, Why, explain
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid, NotFound
from clarion.kernel.field_path import FieldPath, write_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarion.audience.index.answers import Answers, Asked
    from clarion.db.connection import Connection, Row
    from clarion.kernel.workspace import Workspace

_CHANNEL_WORDS = {Channel.SMS: "SMS", Channel.EMAIL: "e-mail"}


class People(FilterReader):
    async def page(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        *,
        after: str | None = None,
        limit: int = 20,
        channel: Channel = Channel.SMS,
        left_out: LeftOut | None = None,
        reachable: bool = False,
        by: By | None = None,
        without: str | None = None,
        sort_by: str | None = None,
        descending: bool = False,
        search: str | None = None,
    ) -> ContactPage:
        """Contacts in the order of the field `sort_by` (by their id without one).

        `left_out` and `reachable` narrow to what holds on `channel`, `by` to whom which of both
        reaches; of those reached, `without` leaves who has nothing in this field. `search` narrows
        to a name, a phone number or an e-mail address. Raises Invalid when something of this makes
        no sense.
        """
        if left_out is not None and left_out not in REASONS[channel]:
            detail = f"Nobody is left out for this reason by {_CHANNEL_WORDS[channel]}."
            raise Invalid(detail, faults=[Fault(pointer="/left_out", detail=detail)])
        empty = None
        if without is not None:
            if left_out is not None or not (reachable or by):
                detail = "Who lacks a field is told of those whom a channel reaches."
                raise Invalid(detail, faults=[Fault(pointer="/without", detail=detail)])
            empty = unprintable(
                await self.field(connection, workspace, without, pointer="/without")
            )
        sort = None
        if sort_by is not None:
            field = await self.field(connection, workspace, sort_by, pointer="/sort/field")
            sort = Sort(field=field, descending=descending)
        pages = Pages(
            contacts=self.contacts,
            zone=workspace.zone,
            sort=sort,
            search=read_search(search, workspace.phone_region),
        )
        mark = read_mark(after, sort) if after is not None else None
        judged = Judged(
            channel=channel, left_out=left_out, reachable=reachable, by=by, without=empty
        )
        if sort is None and pages.search is None:
            page = await self._page_of_ids(
                connection, workspace, compiled, pages, judged, mark, limit
            )
            if page is not None:
                return page
        try:
            return await self.store.page(
                connection, workspace.id, compiled, pages, judged, after=mark, limit=limit
            )
        except errors.DataError as error:
            if mark is None:
                raise
            # The only text that reaches SQL as another type is that of the mark.
            raise no_such_page() from error

    async def page_of_one(
        self, connection: Connection, workspace: Workspace, contact_id: str
    ) -> ContactPage:
        """The contact alone, whom the list of all contacts goes on behind. Raises NotFound when the
        workspace has no such contact."""
        pages = Pages(contacts=self.contacts, zone=workspace.zone)
        page = ContactPage(contacts=(), next=None)
        if self.contacts.reads_as_id(contact_id):
            everybody = CompiledFilter(where=sql.SQL("true"), parameters={})
            page = await self.store.page(
                connection,
                workspace.id,
                only([contact_id], everybody, self.contacts),
                pages,
                Judged(),
                after=None,
                limit=1,
            )
        if not page.contacts:
            raise NotFound("There is no such contact.")
        return replace(page, next=write_mark(Mark(value=None, id=page.contacts[0].id), None))

    async def _page_of_ids(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        pages: Pages,
        judged: Judged,
        mark: Mark | None,
        limit: int,
    ) -> ContactPage | None:
        """The page by the ids that the index gives, for which the database need not search.

        None where it cannot be had so. The database has the last word on who matches.
        """
        after = None if mark is None else mark.id
        if not self.contacts.sorts_alike or (
            after is not None and not self.contacts.writes_as_id(after)
        ):
            return None

        def by_index(answers: Answers, asked: Asked) -> tuple[list[str], list[str]]:
            if judged.left_out is not None:
                return answers.first_left_out(
                    asked, judged.channel, judged.left_out, limit + 1, after=after
                )
            if judged.reachable or judged.by is not None:
                reached = judged.by or judged.channel
                return answers.first_reached(
                    asked, reached, limit + 1, after=after, empty=judged.without
                ), []
            return answers.first_ids(asked, limit + 1, after=after), []

        told, freshness = await self.told(connection, workspace, compiled.asked, by_index, nothing)
        if told is None or freshness.source != "index":
            return None
        ids, beside = told
        if judged.by is not None:
            # Whose address is kept by somebody else cannot be seen among these few.
            judged = replace(judged, by=By.ANY)
        page = await self.store.page(
            connection,
            workspace.id,
            only([*ids, *beside], compiled, self.contacts),
            pages,
            judged,
            after=mark,
            limit=limit,
        )
        return page if len(page.contacts) == min(len(ids), limit) else None

    async def rows_by_ids(
        self, connection: Connection, workspace: Workspace, ids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """Whole rows of the contacts among these ids, by id; what is no id is no contact."""
        readable = [each for each in ids if self.contacts.reads_as_id(each)]
        return await self.store.rows_by_ids(connection, workspace.id, readable) if readable else {}

    async def reachable_without(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        channel: Channel,
        path: FieldPath,
    ) -> int:
        """How many of those whom the channel reaches have no value in this field.

        Raises Invalid when the contacts have no such field.
        """
        field = await self.field(connection, workspace, write_path(path))
        empty = unprintable(field)

        async def by_database() -> int:
            return await self.store.reachable_without(
                connection,
                workspace.id,
                compiled,
                channel,
                compile_beside(empty, self.contacts, workspace.zone),
            )

        told, _ = await self.told(
            connection,
            workspace,
            compiled.asked,
            lambda answers, asked: answers.reached_without(asked, channel, empty),
            by_database,
        )
        return told

    async def why(
        self,
        connection: Connection,
        workspace: Workspace,
        document: Mapping[str, Any],
        contact_id: str,
    ) -> Why:
        """Which parts of the filter a contact meets, and whether each channel reaches it.

        Raises Invalid as `read`, and NotFound when the workspace has no such contact.
        """
        group = await self.read_group(connection, workspace, document)
        parts = self.parts(group, workspace, self.clock())
        row = None
        if self.contacts.reads_as_id(contact_id):
            row = await self.store.why(
                connection,
                workspace.id,
                whole(parts),
                [where for _, where in parts.parts],
                contact_id,
            )
        if row is None:
            raise NotFound("There is no such contact.")
        answers = explain(
            group, [pointer for pointer, _ in parts.parts], row["met"], row["contact"]
        )
        matches = answers[0].met
        return Why(
            matches=matches,
            parts=answers,
            channels={
                channel: await self._reached(
                    connection, workspace, whole(parts), channel, row, matches=matches
                )
                for channel in REASONS
            },
        )

    async def _reached(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        channel: Channel,
        row: Row,
        *,
        matches: bool,
    ) -> Reached:
        own = row[f"{channel}_reason"]
        if own is not None or not matches:
            return Reached(reachable=False, reason=LeftOut(own) if own else None)
        keeper = await self.store.keeper(
            connection,
            workspace.id,
            compiled,
            channel,
            address=row[f"{channel}_address"],
            contact_id=row["id"],
        )
        if keeper is not None:
            return Reached(reachable=False, reason=DUPLICATE[channel], kept_by=keeper)
        return Reached(reachable=True)
