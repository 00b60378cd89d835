"""When two jobs are the same, and what proves a callback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from clarion.queue.job import JobKind, NewJob
from clarion.queue.outside import callback_token

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
JOB = NewJob(
    kind=JobKind.MESSAGE,
    payload={"to": "+15125550101", "body": "Hi"},
    scheduled_at=AT,
    idempotency_key="order-7",
    metadata={"a": 1, "b": [1, 2]},
)


def test_the_order_of_keys_does_not_make_another_job() -> None:
    same = replace(
        JOB, payload={"body": "Hi", "to": "+15125550101"}, metadata={"b": [1, 2], "a": 1}
    )
    assert same.fingerprint == JOB.fingerprint


def test_the_offset_of_a_time_does_not_make_another_job() -> None:
    in_tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert replace(JOB, scheduled_at=in_tokyo).fingerprint == JOB.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"kind": JobKind.BROADCAST_STEP},
        {"payload": {"to": "+15125550102", "body": "Hi"}},
        {"scheduled_at": AT + timedelta(microseconds=1)},
        {"scheduled_at": None},
        {"callback_url": "https://crm.test/x"},
        {"metadata": {"a": 1, "b": [2, 1]}},
    ],
)
def test_any_other_wish_makes_another_job(change: dict[str, Any]) -> None:
    assert replace(JOB, **change).fingerprint != JOB.fingerprint


def test_a_callback_token_is_good_for_one_job_and_one_secret() -> None:
    tokens = {
        callback_token(secret, UUID(int=number)) for secret in ("one", "two") for number in (1, 2)
    }
    assert len(tokens) == 4
    assert callback_token("one", UUID(int=1)) == callback_token("one", UUID(int=1))
