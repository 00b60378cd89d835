"""Values of the rooms → bodies of the contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import exports as export_bodies
from clarion.audience.audience import Contact, Estimate, Facets, Freshness, Matched, Reach
from clarion.audience.exports.export import Export
from clarion.audience.waterfall import ChannelStep, Waterfall
from clarion.audience.why import Reached, Why
from clarion.kernel.channel import Channel
from clarion.kernel.field_path import write_path


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
        countable=[write_path(path) for path in facets.countable],
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


def any_left_out_bodies(counts: dict[str, int]) -> list[audience_bodies.AnyLeftOutCount]:
    return [
        audience_bodies.AnyLeftOutCount.model_validate({"reason": reason, "contacts": contacts})
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
