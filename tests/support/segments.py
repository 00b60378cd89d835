"""Saved audiences in a house, and the filters that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.audience.segments.freeze import Freezer
from clarion.audience.segments.measure import Measurer
from clarion.audience.segments.service import SegmentChange, Segments
from support.house import ANA, EVERYBODY

if TYPE_CHECKING:
    from clarion.audience.segments.segment import Segment
    from support.house import House


def in_state(*states: str) -> dict[str, Any]:
    return _all(
        {"field": "metadata.state", "operator": "is_one_of", "value": [*states]},
    )


def in_segment(*segments: Segment, operator: str = "is_in") -> dict[str, Any]:
    ids = [str(each.id) for each in segments]
    return _all({"field": "@segment", "operator": operator, "value": ids})


def _all(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"match": "all", "conditions": list(conditions)}


@dataclass(kw_only=True)
class SegmentHouse:
    """What the use cases do, each in a transaction of its own."""

    house: House
    segments: Segments
    freezer: Freezer
    measurer: Measurer

    async def create(
        self,
        name: str = "Texas",
        filter: dict[str, Any] | None = None,  # noqa: A002 - the word of the segment
        *,
        frozen: bool = False,
    ) -> Segment:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            return await self.segments.create(
                connection,
                ANA,
                self.house.workspace,
                name=name,
                filter=EVERYBODY if filter is None else filter,
                frozen=frozen,
                now=self.house.clock.now,
            )

    async def change(self, segment: Segment, **change: Any) -> Segment:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            return await self.segments.change(
                connection,
                self.house.workspace,
                segment.id,
                SegmentChange(version=segment.version, **change),
                now=self.house.clock.now,
            )

    async def freeze(self, segment: Segment) -> Segment:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            return await self.segments.freeze(
                connection, self.house.workspace, segment.id, now=self.house.clock.now
            )

    async def save(self, segment: Segment) -> Segment:
        """What the task does that saves the people."""
        await self.freezer.save(self.house.workspace.id, segment.id)
        return await self.read(segment)

    async def measured(self, segment: Segment) -> int | None:
        await self.measurer.measure(self.house.workspace.id, segment.id)
        return (await self.read(segment)).contacts

    async def delete(self, segment: Segment) -> None:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            await self.segments.delete(connection, self.house.workspace, segment.id)

    async def read(self, segment: Segment) -> Segment:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            return await self.segments.get(connection, self.house.workspace, segment.id)

    async def listed(self, **wanted: Any) -> list[Segment]:
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            page = await self.segments.list(connection, self.house.workspace, **wanted)
        return list(page.segments)

    async def uses(self, segment: Segment) -> list[tuple[str, str | None]]:
        """Names of the places, with the status of a broadcast."""
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            places = await self.segments.uses(connection, self.house.workspace, segment.id)
        return [(each.name, each.status) for each in places]

    async def people(self, segment: Segment) -> list[str]:
        """Who is in it, as a filter that names it finds them: their first names."""
        async with self.house.database.as_workspace(self.house.workspace.id) as connection:
            compiled = await self.house.audience.read(
                connection, self.house.workspace, in_segment(segment)
            )
            page = await self.house.audience.page(
                connection, self.house.workspace, compiled, limit=200
            )
        return sorted(each.first_name or "" for each in page.contacts)

    async def saved(self, segment: Segment) -> list[str]:
        """The ids of the people that are saved with it."""
        return [
            row["contact_id"]
            for row in await self.house.rows(
                "select contact_id from broadcast.segment_contacts where segment_id = %s"
                " order by contact_id",
                segment.id,
            )
        ]


def segment_house(house: House, *, slice_size: int = 20_000) -> SegmentHouse:
    return SegmentHouse(
        house=house,
        segments=Segments(house.audience, house.engine),
        freezer=Freezer(house.database, house.audience, house.clock, slice_size=slice_size),
        measurer=Measurer(house.database, house.audience, house.engine, house.clock),
    )
