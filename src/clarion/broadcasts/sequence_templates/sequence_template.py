"""A sequence that is kept: what its steps say, on which day and under which condition. No I/O.

A step is kept as a PATCH of it would say it. The audience, the goal and the attachments belong to
one broadcast and are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NewType
from uuid import UUID

from clarion.broadcasts.plan import first_day, wall_of
from clarion.broadcasts.step import SendMode, condition_document
from clarion.broadcasts.timing.step_time import LAST_DAY, weekdays_of
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.names import MAX_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, time

    from clarion.broadcasts.broadcast import Broadcast, BroadcastType
    from clarion.broadcasts.step import Step

SequenceTemplateId = NewType("SequenceTemplateId", UUID)

MAX_PURPOSE: Final = 500
#: The hour of a step that never had one.
_USUAL_HOUR: Final = "09:00"
#: What of the rules for all steps is kept; the goal is a filter, and belongs to an audience.
KEPT_RULES: Final = ("track_opens", "track_clicks", "leave_on_reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`steps` are changes of a step, by their names in the API, each with its `day_number` and,
    save perhaps the first, its `day_time`. `rules` are those SequenceRules of `KEPT_RULES`."""

    broadcast_type: BroadcastType
    steps: tuple[Mapping[str, Any], ...]
    rules: Mapping[str, bool]

    @property
    def days(self) -> int:
        """How long it runs: the number of its last day."""
        return max(int(step["day_number"]) for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceTemplate:
    id: SequenceTemplateId
    name: str
    purpose: str
    kept: Kept
    version: int
    archived_at: datetime | None
    updated_by: str
    updated_at: datetime


def read_name(name: str) -> str:
    """Raises Invalid at /name."""
    return _line(name, "name", MAX_NAME, needed="Give the sequence a name.")


def read_purpose(purpose: str) -> str:
    """Raises Invalid at /purpose."""
    return _line(purpose, "purpose", MAX_PURPOSE)


def kept_of(broadcast: Broadcast, *, now: datetime) -> Kept:
    """The sequence of a broadcast, whatever has become of it. Dates become days of the sequence."""
    day_1 = first_day(broadcast.steps, begins_at=broadcast.launched_at or now)
    steps: list[dict[str, Any]] = []
    for step in broadcast.steps:
        last = steps[-1]["day_number"] if steps else 0
        steps.append(_kept_step(step, day_1, last))
    sequence = broadcast.sequence
    return Kept(
        broadcast_type=broadcast.broadcast_type,
        steps=tuple(steps),
        rules={name: getattr(sequence, name) for name in KEPT_RULES},
    )


def change_of(step: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
    """What is changed of a draft's step. The first one keeps the time that the draft has."""
    change = dict(step)
    if is_first:
        del change["day_number"], change["day_time"]
        return change
    return {**change, "send_mode": SendMode.LATER, "scheduled_for": None}


def _kept_step(step: Step, day_1: date, last: int) -> dict[str, Any]:
    wall = wall_of(step, day_1)
    mail = step.mail
    return {
        "name": step.name,
        "channel": step.channel,
        "both_how": step.both.how,
        "first_channel": step.both.first,
        "second_after_hours": step.both.after_hours,
        "body": step.body,
        "subject": mail.subject,
        "preheader": mail.preheader,
        "email": None if mail.document is None else dict(mail.document),
        "text_part": mail.text_part,
        "from_name": mail.from_name,
        "reply_to": mail.reply_to,
        "zone_mode": step.zone_mode,
        "window_from": _hour(step.window_from),
        "window_until": _hour(step.window_until),
        "weekdays": sorted(weekdays_of(step.weekdays)),
        "condition": condition_document(step.condition),
        **_day(step, None if wall is None else (wall.date() - day_1).days + 1, wall, last),
    }


def _day(step: Step, number: int | None, wall: datetime | None, last: int) -> dict[str, Any]:
    if step.position == 1:
        return {"day_number": 1, "day_time": None if wall is None else f"{wall:%H:%M}"}
    if wall is None or number is None:
        return {"day_number": min(last + 1, LAST_DAY), "day_time": _USUAL_HOUR}
    return {"day_number": min(max(number, 1), LAST_DAY), "day_time": f"{wall:%H:%M}"}


def _hour(wall: time | None) -> str | None:
    return None if wall is None else f"{wall:%H:%M}"


def _line(text: str, field: str, longest: int, *, needed: str | None = None) -> str:
    plain = " ".join(text.split())
    if needed is not None and not plain:
        raise Invalid(needed, faults=[Fault(pointer=f"/{field}", detail=needed)])
    if len(plain) > longest:
        detail = f"Use {longest} characters at most."
        raise Invalid(detail, faults=[Fault(pointer=f"/{field}", detail=detail)])
    return plain


def first_lines(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each step is about, in a few words: its name, its subject, or how its SMS begins."""
    return [
        str(step["name"] or step["subject"] or " ".join(str(step["body"]).split())[:80])
        for step in steps
    ]
