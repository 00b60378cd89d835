"""Values of the rooms broadcasts and tracking → bodies of the contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import broadcasts as bodies
from clarion.api.bodies import steps as step_bodies
from clarion.api.bodies.content import ForcingCharacter
from clarion.api.bodies.shape import Money
from clarion.api.shapes import any_left_out_bodies
from clarion.broadcasts.broadcast import SAVED_AT_SEND, Broadcast, Saving
from clarion.broadcasts.outlook import Measured, MissingToken, Outlook, StepOutlook
from clarion.broadcasts.plan import first_day, wall_of
from clarion.broadcasts.step import Step, condition_document
from clarion.broadcasts.timing.step_time import weekdays_of
from clarion.compliance.sending_hours import write_hour

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from clarion.audience.audience import Reach
    from clarion.kernel.channel import Channel


def step_body(step: Step, *, due_for: datetime | None) -> step_bodies.Step:
    condition = condition_document(step.condition)
    return step_bodies.Step(
        id=str(step.id),
        position=step.position,
        name=step.name,
        channel=step.channel.value,
        both_how=step.both.how.value,
        first_channel=step.both.first.value,
        second_after_hours=step.both.after_hours,
        body=step.body,
        subject=step.mail.subject,
        preheader=step.mail.preheader,
        email=None if step.mail.document is None else dict(step.mail.document),
        text_part=step.mail.text_part,
        from_name=step.mail.from_name,
        reply_to=step.mail.reply_to,
        send_mode=step.send_mode.value,
        scheduled_for=step.scheduled_for,
        day_number=step.day_number,
        day_time=write_hour(step.day_time),
        zone_mode=step.zone_mode.value,
        window_from=write_hour(step.window_from),
        window_until=write_hour(step.window_until),
        weekdays=sorted(weekdays_of(step.weekdays)),
        condition=(
            None if condition is None else step_bodies.StepCondition.model_validate(condition)
        ),
        due_for=due_for,
        scheduled_at=step.scheduled_at,
        time_zone=step.time_zone,
        status=step.status.value,
        launched_at=step.launched_at,
        completed_at=step.completed_at,
    )


def saving_body(broadcast: Broadcast, *, expected: int | None = None) -> bodies.Saving:
    begun = broadcast.saving is not Saving.NONE
    return bodies.Saving(
        state=broadcast.saving.value,
        saved=broadcast.saved_recipients,
        expected=broadcast.expected_recipients if expected is None else expected,
        saved_at=(broadcast.audience_at or broadcast.launched_at) if begun else None,
        note=SAVED_AT_SEND if broadcast.awaits_its_audience else None,
    )


def broadcast_body(broadcast: Broadcast, *, now: datetime) -> bodies.Broadcast:
    """`now`: of a draft that is sent at once, day 1 is today."""
    day_1 = first_day(broadcast.steps, begins_at=broadcast.launched_at or now)
    return bodies.Broadcast(
        id=str(broadcast.id),
        name=broadcast.name,
        broadcast_type=broadcast.broadcast_type.value,
        status=broadcast.status.value,
        filter=audience_bodies.Group.model_validate(broadcast.filter),
        audience_mode=broadcast.audience_mode.value,
        version=broadcast.version,
        steps=[step_body(step, due_for=wall_of(step, day_1)) for step in broadcast.steps],
        recipients=saving_body(broadcast),
        late_policy=broadcast.rules.late_policy.value,
        max_per_minute=broadcast.rules.max_per_minute,
        stop_at_failure_rate=(
            None
            if broadcast.rules.stop_at_failure_rate is None
            else float(broadcast.rules.stop_at_failure_rate)
        ),
        track_opens=broadcast.sequence.track_opens,
        track_clicks=broadcast.sequence.track_clicks,
        leave_on_reply=broadcast.sequence.leave_on_reply,
        goal=(
            None
            if broadcast.sequence.goal is None
            else audience_bodies.Group.model_validate(broadcast.sequence.goal)
        ),
        problem=broadcast.problem,
        paused_by=broadcast.paused_by.value if broadcast.paused_by else None,
        created_by=broadcast.created_by,
        created_at=broadcast.created_at,
        updated_at=broadcast.updated_at,
        launched_at=broadcast.launched_at,
        completed_at=broadcast.completed_at,
    )


def outlook_body(outlook: Outlook) -> bodies.Outlook:
    measured = outlook.measured
    reach = list(outlook.reach.items())
    return bodies.Outlook(
        version=outlook.version,
        matched=outlook.matched,
        will_send=outlook.will_send,
        left_out=_left_out(reach[0][1]) if len(reach) == 1 else [],
        channels=[
            bodies.ChannelReach(
                channel=channel.value, reachable=each.reachable, left_out=_left_out(each)
            )
            for channel, each in reach
        ],
        messages=_messages(outlook.messages),
        segments=measured.segments,
        shares=_shares(measured),
        encoding=measured.encoding.value if measured.encoding else None,
        cost=Money(amount=outlook.cost.amount, currency=outlook.cost.currency),
        exact=measured.exact,
        measured=measured.measured,
        missing_tokens=_missing(outlook.missing_tokens),
        starts_at=outlook.starts_at,
        done_at=outlook.done_at,
        hours_note=outlook.hours_note,
        audience_mode=outlook.audience_mode.value,
        note=outlook.note,
        steps=[_step_outlook(each) for each in outlook.steps],
        problems=[
            bodies.WizardProblem(
                step=each.step.value,
                pointer=each.pointer,
                detail=each.detail,
                of_step=None if each.of_step is None else str(each.of_step),
            )
            for each in outlook.problems
        ],
    )


def _step_outlook(step: StepOutlook) -> bodies.StepOutlook:
    measured = step.measured
    return bodies.StepOutlook(
        step_id=str(step.step_id),
        position=step.position,
        channel=step.channel.value,
        people=step.people,
        messages=_messages(step.messages),
        segments=measured.segments,
        shares=_shares(measured),
        encoding=measured.encoding.value if measured.encoding else None,
        cost=Money(amount=step.cost.amount, currency=step.cost.currency),
        forcing=[ForcingCharacter.model_validate(asdict(each)) for each in step.forcing],
        dearer=_dearer(step),
        longest_contact_id=measured.longest_of,
        missing_tokens=_missing(step.missing_tokens),
        due_for=step.due_for,
        starts_at=step.starts_at,
        done_at=step.done_at,
        hours_note=step.hours_note,
    )


def _dearer(step: StepOutlook) -> bodies.Dearer | None:
    measured = step.measured
    if step.saving is None or not measured.dearer:
        return None
    return bodies.Dearer(
        recipients=sum(measured.dearer.values()),
        segments=measured.spared,
        cost=Money(amount=step.saving.amount, currency=step.saving.currency),
        changes=[
            bodies.SegmentChange(segments=now, would_take=then, recipients=people)
            for (now, then), people in measured.dearer.items()
        ],
        without_emoji=step.leaves_out_emoji,
    )


def _left_out(reach: Reach) -> list[audience_bodies.AnyLeftOutCount]:
    return any_left_out_bodies({reason.value: count for reason, count in reach.left_out.items()})


def _messages(messages: Mapping[Channel, int]) -> list[bodies.ChannelMessages]:
    return [
        bodies.ChannelMessages(channel=channel.value, messages=count)
        for channel, count in messages.items()
    ]


def _shares(measured: Measured) -> list[bodies.SegmentShare]:
    return [
        bodies.SegmentShare(segments=segments, recipients=people)
        for segments, people in measured.shares.items()
    ]


def _missing(tokens: Iterable[MissingToken]) -> list[bodies.MissingToken]:
    return [
        bodies.MissingToken(
            channel=each.channel.value, token=each.token, recipients=each.recipients
        )
        for each in tokens
    ]
