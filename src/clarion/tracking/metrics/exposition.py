"""The figures in the words of Prometheus; docs/operations.md lists them for people."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from clarion.delivery.health.breaker import BreakerState
from clarion.delivery.message import MessageStatus
from clarion.kernel.channel import Channel
from clarion.tracking.metrics.figures import Figures, Unsettled, backlog_seconds
from clarion.tracking.metrics.store import MOST_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from prometheus_client import Metric

    from clarion.tracking.metrics.watch import Seen

#: What a provider calls a reason; anything else could be a text with somebody's address in it.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
OTHER = "other"

_LANE = ("channel", "provider", "tier", "lane")


class Exposition(Collector):
    """One scrape. `seen` None: the database could not tell, and only that is said."""

    def __init__(self, seen: Seen | None) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "clarion_database_up",
            "Whether the figures could be read.",
            (),
            [((), self._seen is not None)],
        )
        if self._seen is None:
            return
        figures = self._seen.figures
        yield from _of_lanes(self._seen)
        yield from _of_messages(figures)
        yield from _of_work(figures)
        yield from _of_parts(figures)


def _of_lanes(seen: Seen) -> Iterator[Metric]:
    now = seen.figures.read_at
    lanes = [
        ((lane.channel, lane.provider, str(lane.tier), str(lane.id)), lane)
        for lane in seen.figures.lanes
    ]
    handed_over = CounterMetricFamily(
        "clarion_handed_over_messages", "Messages that were given a slot to leave.", labels=_LANE
    )
    for labels, lane in lanes:
        handed_over.add_metric(labels, lane.handed_over)
    yield handed_over
    yield _gauge(
        "clarion_lane_messages_per_second",
        "Messages handed over per second in the last minute.",
        _LANE,
        [(labels, seen.rates[lane.id]) for labels, lane in lanes if lane.id in seen.rates],
    )
    yield _gauge(
        "clarion_lane_pace_messages_per_second",
        "What the settings allow.",
        _LANE,
        [(labels, lane.pace) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_lane_share",
        'Of its pace, since the provider last said "too fast".',
        _LANE,
        [(labels, lane.share) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_lane_booked_seconds",
        "For so long its slots are given away; above 0 all the time: no worker makes it faster.",
        _LANE,
        [(labels, lane.booked) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_waiting_messages",
        "Messages of running broadcasts, and single ones, that have not left.",
        _LANE,
        [(labels, lane.backlog.waiting) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_due_messages",
        "Those of them that could leave now.",
        _LANE,
        [(labels, lane.backlog.due) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_oldest_due_seconds",
        "Age of the message that could have left first and has not.",
        _LANE,
        [(labels, _age(lane.backlog.oldest_due_at, now)) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_backlog_seconds",
        "How long what is due takes at the rate of the last minute.",
        _LANE,
        [(labels, backlog_seconds(lane, seen.rates.get(lane.id))) for labels, lane in lanes],
    )
    yield _gauge(
        "clarion_workspace_waiting_messages",
        "The same by workspace, the largest only.",
        ("workspace",),
        [((str(id_),), count) for id_, count in seen.figures.waiting_of_workspaces.items()],
    )


def _of_messages(figures: Figures) -> Iterator[Metric]:
    statuses = [(each.value, status.value) for each in Channel for status in MessageStatus]
    yield _gauge(
        "clarion_messages",
        "Messages of broadcasts by status, since ever.",
        ("channel", "status"),
        [(key, figures.messages.get(key, 0)) for key in statuses],
    )
    unsettled = {
        each.value: figures.unsettled.get((each.value, MessageStatus.UNCERTAIN.value), _NONE)
        for each in Channel
    }
    yield _gauge(
        "clarion_uncertain_messages",
        "Messages of which it is not known whether the provider has them.",
        ("channel",),
        [((channel,), found.messages) for channel, found in unsettled.items()],
    )
    yield _gauge(
        "clarion_oldest_uncertain_seconds",
        "Since when the outcome of the oldest of them is unknown.",
        ("channel",),
        [((name,), _age(found.oldest_at, figures.read_at)) for name, found in unsettled.items()],
    )
    yield _gauge(
        "clarion_sending_messages",
        "Messages on the wire.",
        ("channel",),
        [
            (
                (each.value,),
                figures.unsettled.get((each.value, MessageStatus.SENDING.value), _NONE).messages,
            )
            for each in Channel
        ],
    )
    yield _gauge(
        "clarion_recent_failed_messages",
        "Messages that failed in the last hour, by the provider's code.",
        ("channel", "code"),
        list(_by_code(figures.errors).items()),
    )
    yield _gauge(
        "clarion_waiting_callbacks",
        "Events of providers that are stored and not applied.",
        (),
        [((), figures.callbacks_waiting)],
    )
    yield _gauge(
        "clarion_callback_lag_seconds",
        "Age of the oldest of them.",
        (),
        [((), _age(figures.oldest_callback_at, figures.read_at))],
    )


def _of_work(figures: Figures) -> Iterator[Metric]:
    yield _gauge(
        "clarion_queue_jobs",
        "Jobs of the queue service: due, running, or for later.",
        ("state",),
        [((state,), figures.jobs.get(state, 0)) for state in ("due", "running", "later")],
    )
    yield _gauge(
        "clarion_tasks",
        "Tasks of the workers: waiting, running, or for later.",
        ("task", "state"),
        list(figures.tasks.items()),
    )
    open_ones = {("scheduled", ""): 0, ("sending", ""): 0, **figures.broadcasts}
    yield _gauge(
        "clarion_open_broadcasts",
        "Broadcasts that are scheduled, sending, or paused and by what.",
        ("status", "paused_by"),
        list(open_ones.items()),
    )


def _of_parts(figures: Figures) -> Iterator[Metric]:
    providers = {lane.provider for lane in figures.lanes} | figures.breakers.keys()
    yield _gauge(
        "clarion_provider_breaker",
        "1 for the state in which the provider's circuit breaker is.",
        ("provider", "state"),
        [
            (
                (name, state.value),
                figures.breakers.get(name, BreakerState.CLOSED.value) == state.value,
            )
            for name in sorted(providers)
            for state in BreakerState
        ],
    )
    yield _gauge(
        "clarion_provider_troubles",
        "Calls in a row that did not reach the provider.",
        ("provider",),
        [((name,), figures.troubles.get(name, 0)) for name in sorted(providers)],
    )
    yield _gauge(
        "clarion_workers",
        "Workers that gave a sign of life in the last 20 seconds.",
        (),
        [((), sum(_age(at, figures.read_at) <= ALIVE_SECONDS for at in figures.workers.values()))],
    )
    yield _gauge(
        "clarion_worker_silent_seconds",
        "Since the last sign of life of each worker of the last hour.",
        ("worker",),
        [((str(id_),), _age(at, figures.read_at)) for id_, at in figures.workers.items()],
    )


_NONE = Unsettled(messages=0, oldest_at=None)

#: Four signs of life of a worker.
ALIVE_SECONDS = 20.0


def _by_code(errors: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    """The most frequent codes as they are; the rest together, as one that is no code is."""
    found: Counter[tuple[str, str]] = Counter()
    for place, ((channel, code), messages) in enumerate(
        sorted(errors.items(), key=lambda each: (-each[1], each[0]))
    ):
        known = place < MOST_CODES and (not code or _CODE.fullmatch(code))
        found[channel, code if known else OTHER] += messages
    return found


def _age(at: datetime | None, now: datetime) -> float:
    """Seconds; 0 when there is nothing that could be old."""
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())


def _gauge(
    name: str,
    says: str,
    labels: Sequence[str],
    samples: Sequence[tuple[Sequence[str], float]],
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family
