"""What a person changes of a step: read, checked, and made into the step as it shall be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.broadcasts.step import BothHow, Deed, Did, Of, SendMode, StepChannel, StepCondition
from clarion.broadcasts.timing.step_time import LAST_DAY, ZoneMode, bits_of
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.broadcasts.broadcast import BroadcastType
    from clarion.broadcasts.step import Step

E = TypeVar("E", bound=StrEnum)

_MOST_HOURS = 168


class StepChange:
    """`given` are the fields that change, by their names in the API, None among them; `version` is
    the one of the broadcast that the caller has read."""

    def __init__(self, *, version: int, **given: Any) -> None:
        self.version = version
        self.given: Mapping[str, Any] = given


#: The fields that say when a step is due.
TIME_FIELDS = frozenset(
    {
        "send_mode",
        "scheduled_for",
        "time_zone",
        "day_number",
        "day_time",
        "zone_mode",
        "window_from",
        "window_until",
        "weekdays",
    }
)


def changed(step: Step, given: Mapping[str, Any], *, of: BroadcastType) -> Step:
    """The step with these changes. Raises Invalid with each field that is wrong.

    The time zone is not looked up here, and no moment is worked out.
    """
    reading = _Reading(given)
    channel = reading.one_of("channel", StepChannel, step.channel)
    if not set(channel.channels) <= set(of.channels):
        reading.wrong("channel", "The broadcast is not of a type that uses this channel.")
    both = replace(
        step.both,
        how=reading.one_of("both_how", BothHow, step.both.how),
        first=reading.one_of("first_channel", Channel, step.both.first),
        after_hours=reading.whole("second_after_hours", step.both.after_hours, 1, _MOST_HOURS),
    )
    mail = replace(
        step.mail,
        subject=reading.line("subject", step.mail.subject) or "",
        preheader=reading.line("preheader", step.mail.preheader) or "",
        document=given.get("email", step.mail.document),
        text_part=given.get("text_part", step.mail.text_part),
        from_name=reading.line("from_name", step.mail.from_name) or None,
        reply_to=reading.line("reply_to", step.mail.reply_to) or None,
    )
    scheduled_for, day_number, day_time = _planned(step, given, reading)
    made = replace(
        step,
        name=(reading.line("name", step.name) or "").strip(),
        channel=channel,
        both=both,
        mail=mail,
        body=step.body if given.get("body") is None else given["body"],
        send_mode=reading.one_of("send_mode", SendMode, step.send_mode),
        scheduled_for=scheduled_for,
        time_zone=given.get("time_zone") or step.time_zone,
        day_number=day_number,
        day_time=day_time,
        zone_mode=reading.one_of("zone_mode", ZoneMode, step.zone_mode),
        window_from=reading.wall("window_from", step.window_from),
        window_until=reading.wall("window_until", step.window_until),
        weekdays=reading.weekdays(step.weekdays),
        condition=reading.condition(step.condition),
    )
    _check_time(made, reading)
    if reading.faults:
        raise Invalid(reading.faults[0].detail, faults=reading.faults)
    return made


def _planned(
    step: Step, given: Mapping[str, Any], reading: _Reading
) -> tuple[datetime | None, int | None, time | None]:
    """A date or a day of the sequence: what is given takes the place of the other."""
    scheduled_for = given.get("scheduled_for", step.scheduled_for)
    day_number = reading.day_number(step.day_number)
    day_time = reading.wall("day_time", step.day_time)
    if given.get("day_number") is not None and "scheduled_for" not in given:
        return None, day_number, day_time or _usual(scheduled_for)
    if given.get("scheduled_for") is not None and given.get("day_number") is None:
        return scheduled_for, None, None
    return scheduled_for, day_number, day_time


def _usual(scheduled_for: datetime | None) -> time | None:
    """A step that moves from a date to a day keeps its hour."""
    return None if scheduled_for is None else scheduled_for.time()


def _check_time(made: Step, reading: _Reading) -> None:
    if made.scheduled_for is not None and made.scheduled_for.tzinfo is not None:
        reading.wrong(
            "scheduled_for",
            "Give the wall time without an offset; the time zone is a field of its own.",
        )
    if (made.day_number is None) != (made.day_time is None):
        reading.wrong("day_time", "A day of the sequence needs a time, like 09:00.")
    if made.position == 1 and made.day_number is not None:
        reading.wrong("day_number", "The first step begins the sequence: give it a date.")
    if made.position > 1 and made.send_mode is SendMode.NOW:
        reading.wrong("send_mode", "Only the first step can be sent at once. Give it a day.")
    if (made.window_from is None) != (made.window_until is None):
        reading.wrong("window_until", "Give both times of the window, or neither.")
    elif made.window_from and made.window_until and made.window_from >= made.window_until:
        reading.wrong("window_until", "The window must end after it begins, the same day.")


@dataclass(slots=True)
class _Reading:
    given: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, name: str, detail: str) -> None:
        self.faults.append(Fault(pointer=f"/{name}", detail=detail))

    def one_of(self, name: str, kind: type[E], otherwise: E) -> E:
        value = self.given.get(name)
        if value is None:
            return otherwise
        try:
            return kind(value)
        except ValueError:
            self.wrong(name, f"Choose {_listed([each.value for each in kind])}.")
            return otherwise

    def whole(self, name: str, otherwise: int, least: int, most: int) -> int:
        value = self.given.get(name)
        if value is None:
            return otherwise
        if not least <= value <= most:
            self.wrong(name, f"Give a whole number from {least} to {most}.")
            return otherwise
        return int(value)

    def line(self, name: str, otherwise: str | None) -> str | None:
        """A text of one line; a header of a mail is made of it."""
        value = self.given.get(name, otherwise)
        if value is not None and any(ord(each) < ord(" ") or each == "\x7f" for each in value):
            self.wrong(name, "Write it in one line, without line breaks or tabs.")
            return otherwise
        return None if value is None else str(value)

    def wall(self, name: str, otherwise: time | None) -> time | None:
        value = self.given.get(name, otherwise)
        if value is None or isinstance(value, time):
            return value
        try:
            return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self.wrong(name, "Write the time like 09:00, from 00:00 to 23:59.")
            return otherwise

    def day_number(self, otherwise: int | None) -> int | None:
        if "day_number" not in self.given:
            return otherwise
        value = self.given["day_number"]
        if value is not None and not 1 <= value <= LAST_DAY:
            self.wrong("day_number", f"Give a day from 1 to {LAST_DAY}.")
            return otherwise
        return None if value is None else int(value)

    def weekdays(self, otherwise: int) -> int:
        """Numbers from 1, Monday, to 7, Sunday."""
        value = self.given.get("weekdays")
        if value is None:
            return otherwise
        days = set(value)
        if not days or not days <= set(range(1, 8)):
            self.wrong("weekdays", "Choose at least one day, from 1 (Monday) to 7 (Sunday).")
            return otherwise
        return bits_of(days)

    def condition(self, otherwise: StepCondition) -> StepCondition:
        if "condition" not in self.given:
            return otherwise
        value = self.given["condition"]
        if value is None:
            return StepCondition()
        try:
            return StepCondition(
                only_if=tuple(
                    Deed(
                        did=Did(each["did"]),
                        negated=bool(each.get("negated", False)),
                        of=Of(each.get("of", "previous")),
                    )
                    for each in value.get("only_if") or ()
                ),
                still_matches=bool(value.get("still_matches", False)),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            self.wrong("condition", f"Each part says what a person did: {_listed(list(Did))}.")
            return otherwise


def _listed(values: Sequence[str]) -> str:
    *first, last = values
    return f"{', '.join(first)} or {last}" if first else last
