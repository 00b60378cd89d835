"""Values of the rooms → bodies of the contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import broadcasts as bodies
from clarion.api.bodies import exports as export_bodies
from clarion.api.bodies.shape import Money
from clarion.audience.audience import Contact, Estimate, Facets, Freshness, Matched, Reach
from clarion.audience.exports.export import Export
from clarion.audience.waterfall import ChannelStep, Waterfall
from clarion.audience.why import Reached, Why
from clarion.broadcasts.broadcast import SAVED_AT_SEND, Broadcast, Saving, Step
from clarion.broadcasts.outlook import Outlook
from clarion.delivery.message import MessageStatus
from clarion.kernel.channel import Channel
from clarion.kernel.field_path import write_path
from clarion.providers.error_codes import explain
from clarion.tracking.numbers import Tracking


def estimate_body(estimate: Estimate) -> audience_bodies.Estimate:
    return audience_bodies.Estimate(
        matched=estimate.matched,
        sms=audience_bodies.Reach.model_validate(_reach(estimate.sms)),
        email=audience_bodies.EmailReach.model_validate(_reach(estimate.email)),
        total=estimate.total,
        took_ms=round(estimate.took_ms, 2),
        counted_at=estimate.counted_at,
        freshness=freshness_body(estimate.freshness),
    )


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "reachable": reach.reachable,
        "left_out": [
            {"reason": reason.value, "contacts": contacts}
            for reason, contacts in reach.left_out.items()
        ],
    }


def matched_body(question: int, matched: Matched) -> audience_bodies.AudienceMatched:
    reach = matched.reach or {}
    return audience_bodies.AudienceMatched(
        id=question,
        matched=matched.matched,
        total=matched.total,
        sms_reachable=reach[Channel.SMS].reachable if Channel.SMS in reach else None,
        email_reachable=reach[Channel.EMAIL].reachable if Channel.EMAIL in reach else None,
        took_ms=round(matched.took_ms, 2),
        freshness=freshness_body(matched.freshness),
    )


def facets_body(question: int, facets: Facets) -> audience_bodies.AudienceFacets:
    return audience_bodies.AudienceFacets(
        id=question,
        fields=[
            audience_bodies.Facet(
                field=write_path(facet.path),
                values=[
                    audience_bodies.FacetValue(value=value, contacts=contacts)
                    for value, contacts in facet.values
                ],
                more=facet.more,
                empty=facet.empty,
            )
            for facet in facets.fields
        ],
        took_ms=round(facets.took_ms, 2),
    )


def freshness_body(freshness: Freshness) -> audience_bodies.Freshness:
    return audience_bodies.Freshness(
        source=freshness.source, as_of=freshness.as_of, reason=freshness.reason
    )


def waterfall_body(waterfall: Waterfall) -> audience_bodies.Waterfall:
    return audience_bodies.Waterfall(
        total=waterfall.total,
        steps=[
            audience_bodies.WaterfallStep(pointer=step.pointer, left=step.left, lost=step.lost)
            for step in waterfall.steps
        ],
        matched=waterfall.matched,
        channels=audience_bodies.ChannelSteps.model_validate(
            {
                channel.value: [_channel_step(step) for step in steps]
                for channel, steps in waterfall.channels.items()
            }
        ),
        freshness=freshness_body(waterfall.freshness),
    )


def _channel_step(step: ChannelStep) -> dict[str, Any]:
    return {"reason": step.reason.value, "lost": step.lost, "left": step.left}


def why_body(why: Why) -> audience_bodies.Why:
    return audience_bodies.Why(
        matches=why.matches,
        conditions=[
            audience_bodies.PartMet(pointer=part.pointer, met=part.met, value=part.value)
            for part in why.parts
        ],
        sms=audience_bodies.SmsReached.model_validate(_reached(why.channels[Channel.SMS])),
        email=audience_bodies.EmailReached.model_validate(_reached(why.channels[Channel.EMAIL])),
    )


def _reached(reached: Reached) -> dict[str, Any]:
    kept_by = reached.kept_by
    return {
        "reachable": reached.reachable,
        "reason": reached.reason.value if reached.reason else None,
        "kept_by": {"id": kept_by.id, "name": kept_by.name} if kept_by else None,
    }


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
        audience_bodies.LeftOutCount.model_validate({"reason": reason, "contacts": contacts})
        for reason, contacts in counts.items()
        if contacts
    ]


def export_body(export: Export, *, now: datetime) -> export_bodies.Export:
    return export_bodies.Export(
        id=str(export.id),
        status=export.status_at(now).value,
        total=export.total,
        done=export.done,
        bytes=export.bytes,
        excel=export.excel,
        problem=export.problem,
        asked_by=export.asked_by,
        created_at=export.created_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
    )


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


def saving_body(broadcast: Broadcast, *, expected: int | None = None) -> bodies.Saving:
    begun = broadcast.saving is not Saving.NONE
    return bodies.Saving(
        state=broadcast.saving.value,
        saved=broadcast.saved_recipients,
        expected=broadcast.expected_recipients if expected is None else expected,
        saved_at=(broadcast.audience_at or broadcast.launched_at) if begun else None,
        note=SAVED_AT_SEND if broadcast.awaits_its_audience else None,
    )


def broadcast_body(broadcast: Broadcast) -> bodies.Broadcast:
    return bodies.Broadcast(
        id=str(broadcast.id),
        name=broadcast.name,
        broadcast_type=broadcast.broadcast_type.value,
        status=broadcast.status.value,
        filter=audience_bodies.Group.model_validate(broadcast.filter),
        audience_mode=broadcast.audience_mode.value,
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
        audience_mode=outlook.audience_mode.value,
        note=outlook.note,
        problems=[
            bodies.WizardProblem(step=each.step.value, pointer=each.pointer, detail=each.detail)
            for each in outlook.problems
        ],
    )


def tracking_body(tracking: Tracking, *, expected: int | None = None) -> bodies.Tracking:
    """`expected` is how many match now, of a broadcast that awaits its audience."""
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
        saving=saving_body(tracking.broadcast, expected=expected),
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
