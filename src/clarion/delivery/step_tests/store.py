"""The SQL of test sends: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import load_queries
from clarion.delivery.step_tests.step_test import StepTest, StepTestStatus
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from clarion.db.connection import Row

queries = load_queries(__file__)


def step_test_of(row: Row) -> StepTest:
    return StepTest(
        id=row["id"],
        channel=Channel(row["channel"]),
        address=row["address"],
        contact_id=row["contact_id"],
        status=StepTestStatus(row["status"]),
        error_code=row["error_code"],
        error_detail=row["error_detail"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        failed_at=row["failed_at"],
    )
