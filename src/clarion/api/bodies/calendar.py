"""The calendar of everything that is planned, as it is asked for and shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.broadcasts import BroadcastStatus
from clarion.api.bodies.shape import Body
from clarion.api.bodies.steps import StepChannel, StepStatus


class CalendarSearch(Body):
    """Days of the account's calendar, both included, 62 at most. Those in the archive are shown
    too with `archived`. Two broadcasts on one channel are in conflict on the same day, or, with
    `within_hours`, when they are no farther from one another than that."""

    first: date = Field(alias="from")
    until: date
    archived: bool = False
    within_hours: int | None = Field(default=None, ge=1, le=168)


class CalendarNeighbour(Body):
    """Another step that is near. `can_compare`: the recipients of both are saved, so that
    `…/calendar/overlap` can tell how many people get both."""

    broadcast_id: str
    broadcast_name: str
    step_id: str
    at: datetime
    can_compare: bool


class CalendarWarning(Body):
    """`passed`: the time of a draft is over; `own_hours`: the step's window or days of the week
    move it; `sending_hours`: it begins outside the workspace's; `order`: against the other steps of
    its broadcast; `conflict`: with `others`, the nearest first, and `more` that are not named."""

    kind: Literal["passed", "own_hours", "sending_hours", "order", "conflict"]
    detail: str
    others: list[CalendarNeighbour]
    more: int


class CalendarStep(Body):
    """A step that is due at the moment `at`. Clocks show `local` then in its own `time_zone`, and
    `shown` in the account's, which is its place on the calendar. With `in_their_zones` it is the
    moment for whoever lives in `time_zone`.

    Its time is `scheduled_for` or, with `day_number`, `day_time` on that day, counted from
    `counts_from`. `people` are those expected at the launch; null before it. Where it `can_move`,
    a PATCH of the step with `version` moves it. Only such steps have `warnings`.
    """

    broadcast_id: str
    broadcast_name: str
    broadcast_status: BroadcastStatus
    archived: bool
    version: int
    step_id: str
    step_name: str
    position: int
    steps: int
    channel: StepChannel
    step_status: StepStatus
    at: datetime
    local: datetime
    shown: datetime
    time_zone: str
    in_their_zones: bool
    scheduled_for: datetime | None
    day_number: int | None
    day_time: str | None
    counts_from: date
    people: int | None
    can_move: bool
    warnings: list[CalendarWarning]


class Calendar(Body):
    """In the order of their moments. `shown_until`: there are more than 1,000 steps in these days,
    and what begins after this moment is not listed; ask for fewer days. `sending_from` and
    `sending_until` are the sending hours, null: any hour."""

    time_zone: str
    sending_from: str | None
    sending_until: str | None
    steps: list[CalendarStep]
    shown_until: datetime | None


class OverlapSearch(Body):
    """Two steps by their ids."""

    step: str
    other: str


class Overlap(Body):
    """How many people get both on a channel that both use; null while the recipients of one of the
    broadcasts are not saved. Unless `exact` there may be more: 50,000 people are compared."""

    people: int | None
    exact: bool
