"""Values of the rooms → bodies of the contract."""

from __future__ import annotations

from typing import Any

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import broadcasts as bodies
from clarion.api.bodies.shape import Money
from clarion.audience.audience import Contact, Estimate, LeftOut
from clarion.broadcasts.broadcast import Broadcast, Step
from clarion.broadcasts.outlook import Outlook
from clarion.delivery.message import MessageStatus
from clarion.providers.error_codes import explain
from clarion.tracking.numbers import Tracking


def estimate_body(estimate: Estimate) -> audience_bodies.Estimate:
    return audience_bodies.Estimate(
        matched=estimate.matched,
        sms=audience_bodies.Reach(
            reachable=estimate.sms.reachable,
            left_out=[
                audience_bodies.LeftOutCount(reason=reason.value, contacts=contacts)
                for reason, contacts in estimate.sms.left_out.items()
            ],
        ),
        total=estimate.total,
        took_ms=round(estimate.took_ms, 2),
        counted_at=estimate.counted_at,
    )


def contact_body(contact: Contact) -> audience_bodies.Contact:
    return audience_bodies.Contact(
        id=contact.id,
        first_name=contact.first_name,
        last_name=contact.last_name,
        phone_number=contact.phone_number,
        email=contact.email,
        metadata=dict(contact.metadata),
        columns=dict(contact.columns),
        left_out=contact.left_out.value if contact.left_out else None,
    )


def left_out_bodies(counts: dict[str, int]) -> list[audience_bodies.LeftOutCount]:
    return [
        audience_bodies.LeftOutCount(reason=LeftOut(reason).value, contacts=contacts)
        for reason, contacts in counts.items()
        if contacts
    ]


def step_body(step: Step) -> bodies.Step:
    return bodies.Step(
        id=str(step.id),
        position=step.position,
        channel=step.channel.value,
        body=step.body,
        send_mode=step.send_mode.value,
        scheduled_for=step.scheduled_for,
        scheduled_at=step.scheduled_at,
        time_zone=step.time_zone,
        status=step.status.value,
        launched_at=step.launched_at,
        completed_at=step.completed_at,
    )


def saving_body(broadcast: Broadcast) -> bodies.Saving:
    return bodies.Saving(
        state=broadcast.saving.value,
        saved=broadcast.saved_recipients,
        expected=broadcast.expected_recipients,
    )


def broadcast_body(broadcast: Broadcast) -> bodies.Broadcast:
    return bodies.Broadcast(
        id=str(broadcast.id),
        name=broadcast.name,
        broadcast_type=broadcast.broadcast_type.value,
        status=broadcast.status.value,
        filter=audience_bodies.Group.model_validate(broadcast.filter),
        version=broadcast.version,
        steps=[step_body(step) for step in broadcast.steps],
        recipients=saving_body(broadcast),
        problem=broadcast.problem,
        created_by=broadcast.created_by,
        created_at=broadcast.created_at,
        updated_at=broadcast.updated_at,
        launched_at=broadcast.launched_at,
        completed_at=broadcast.completed_at,
    )


def outlook_body(outlook: Outlook) -> bodies.Outlook:
    measured = outlook.measured
    return bodies.Outlook(
        version=outlook.version,
        matched=outlook.matched,
        will_send=outlook.will_send,
        left_out=left_out_bodies({k.value: v for k, v in outlook.left_out.items()}),
        segments=measured.segments,
        shares=[
            bodies.SegmentShare(segments=segments, recipients=people)
            for segments, people in measured.shares.items()
        ],
        encoding=measured.encoding.value if measured.encoding else None,
        cost=Money(amount=outlook.cost.amount, currency=outlook.cost.currency),
        exact=measured.exact,
        measured=measured.measured,
        missing_tokens=[
            bodies.MissingToken(token=each.token, recipients=each.recipients)
            for each in outlook.missing_tokens
        ],
        starts_at=outlook.starts_at,
        done_at=outlook.done_at,
        problems=[
            bodies.WizardProblem(step=each.step.value, pointer=each.pointer, detail=each.detail)
            for each in outlook.problems
        ],
    )


def tracking_body(tracking: Tracking) -> bodies.Tracking:
    count = tracking.count
    return bodies.Tracking(
        status=tracking.broadcast.status.value,
        recipients=count(*MessageStatus),
        delivered=count(MessageStatus.DELIVERED),
        failed=count(MessageStatus.FAILED),
        pending=count(MessageStatus.PENDING, MessageStatus.SENDING),
        on_the_way=count(MessageStatus.SENT),
        uncertain=count(MessageStatus.UNCERTAIN),
        skipped=count(MessageStatus.SKIPPED),
        cancelled=count(MessageStatus.CANCELLED),
        left_out=left_out_bodies(dict(tracking.left_out)),
        saving=saving_body(tracking.broadcast),
        segments=tracking.segments,
        cost=Money(amount=tracking.cost.amount, currency=tracking.cost.currency),
        errors=[
            bodies.ErrorCount(
                code=each.code, words=each.words, advice=each.advice, messages=each.messages
            )
            for each in tracking.errors
        ],
        rate_per_second=tracking.rate_per_second,
        starts_at=tracking.starts_at,
        done_at=tracking.done_at,
        launched_at=tracking.broadcast.launched_at,
        completed_at=tracking.broadcast.completed_at,
        counted_at=tracking.counted_at,
    )


def message_body(row: dict[str, Any]) -> bodies.Message:
    error = None
    if row["status"] in (MessageStatus.FAILED, MessageStatus.UNCERTAIN):
        words = explain(row["error_code"])
        error = bodies.MessageError(
            code=row["error_code"] or "", words=words.words, advice=words.advice
        )
    return bodies.Message(
        id=str(row["id"]),
        contact_id=row["contact_id"],
        name=row["name"],
        address=row["address"],
        status=row["status"],
        body=row["body"],
        segments=row["segments"],
        error=error,
        skip_reason=row["skip_reason"],
        provider=row["provider"],
        provider_id=row["provider_id"],
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        failed_at=row["failed_at"],
        updated_at=row["updated_at"],
    )
