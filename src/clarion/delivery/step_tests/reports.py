"""What providers report of tests: it moves their rows, and nobody's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.step_tests.store import queries
from clarion.providers.error_codes import explain
from clarion.providers.events import EventKind, ProviderStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Row

_WEIGHT = {
    ProviderStatus.QUEUED: 1,
    ProviderStatus.SENT: 1,
    ProviderStatus.CANCELLED: 2,
    ProviderStatus.FAILED: 2,
    ProviderStatus.DELIVERED: 3,
}

_SAYS = {1: "sent", 2: "failed", 3: "delivered"}


async def follow_tests(connection: Connection, events: Sequence[Row]) -> frozenset[UUID]:
    """The ids of those messages of the events that are tests; these have followed their reports."""
    ids = {event["message_id"] for event in events if event["message_id"] is not None}
    if not ids:
        return frozenset()
    tests = frozenset(
        row["id"] for row in await rows(queries.are_tests(connection, ids=sorted(ids)))
    )
    weightiest: dict[UUID, Row] = {}
    for event in events:
        if event["message_id"] in tests and event["kind"] == EventKind.STATUS:
            known = weightiest.get(event["message_id"])
            if known is None or _weight(event) > _weight(known):
                weightiest[event["message_id"]] = event
    if weightiest:
        told = [weightiest[each] for each in sorted(weightiest)]
        failed = [_weight(each) == _WEIGHT[ProviderStatus.FAILED] for each in told]
        await queries.write_reports(
            connection,
            ids=[each["message_id"] for each in told],
            statuses=[_SAYS[_weight(each)] for each in told],
            provider_ids=[each["provider_id"] for each in told],
            error_codes=[
                each["error_code"] if bad else None for each, bad in zip(told, failed, strict=True)
            ],
            error_details=[
                explain(each["error_code"]).words if bad else None
                for each, bad in zip(told, failed, strict=True)
            ],
            ats=[each["at"] for each in told],
        )
    return tests


def _weight(event: Row) -> int:
    return _WEIGHT[ProviderStatus(event["status"])]
