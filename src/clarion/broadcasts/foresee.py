"""Works out the outlook of a draft from the real audience and the real texts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import SAVED_AT_SEND, SendMode
from clarion.broadcasts.outlook import (
    NOTHING_MEASURED,
    Measured,
    MissingToken,
    Outlook,
    WizardProblem,
    WizardStep,
    cost_of,
    measure_audience,
    problems_of,
)
from clarion.broadcasts.pace import course_of, seconds_for
from clarion.broadcasts.read_pace import pace_of, senders_of
from clarion.broadcasts.time_words import hours_note
from clarion.compliance.sending_hours import hours_of
from clarion.content.template import Template, compile_template
from clarion.kernel.errors import Invalid
from clarion.kernel.field_path import write_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.service import Audience
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.pace import Course
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace

#: Up to here every text is rendered and measured; above, this many people stand for all.
MEASURED_AT_MOST = 5_000


async def foresee(
    connection: Connection,
    audience: Audience,
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    rate_per_second: Decimal,
    now: datetime,
) -> Outlook:
    """Never raises for what is wrong with the draft: that is what `problems` says.

    `rate_per_second` is the pace of the settings, for while no worker has put it on record.
    """
    problems: list[WizardProblem] = []
    compiled, estimate = None, None
    try:
        compiled = await audience.read(
            connection, workspace, broadcast.filter, broadcast_id=broadcast.id
        )
        estimate = await audience.estimate(connection, workspace, compiled)
    except Invalid as error:
        problems += _from_faults(WizardStep.AUDIENCE, error)
    step = broadcast.first_step
    template: Template | None = None
    if step.body.strip():
        try:
            template = compile_template(step.body)
        except Invalid as error:
            problems += _from_faults(WizardStep.COMPOSE, error)

    measured = NOTHING_MEASURED
    missing: list[MissingToken] = []
    will_send = estimate.sms.reachable if estimate else 0
    if compiled is not None and template is not None and will_send:
        contacts = (
            (
                await audience.page(
                    connection,
                    workspace,
                    compiled,
                    limit=min(will_send, MEASURED_AT_MOST),
                    reachable=True,
                )
            ).contacts
            if template.tokens
            else ()
        )
        measured = measure_audience(template, contacts, will_send=will_send)
        missing, unknown = await _missing(connection, audience, workspace, compiled, template)
        problems += unknown
    problems += problems_of(
        broadcast, estimate=estimate, measured=measured, missing=missing, now=now
    )
    course = await _course(
        connection,
        workspace,
        broadcast,
        _by_segments(measured, will_send),
        rate_per_second=rate_per_second,
        now=now,
    )
    return Outlook(
        version=broadcast.version,
        matched=estimate.matched if estimate else 0,
        will_send=will_send,
        left_out=estimate.sms.left_out if estimate else {},
        measured=measured,
        cost=cost_of(measured.segments, workspace.sms_price_per_segment, workspace.currency),
        missing_tokens=tuple(missing),
        starts_at=course.starts_at,
        done_at=course.done_at,
        hours_note=hours_note(course, now=now, zone=step.zone, hours=hours_of(workspace)),
        audience_mode=broadcast.audience_mode,
        note=SAVED_AT_SEND if broadcast.is_resolved_at_send else None,
        problems=tuple(problems),
    )


async def _course(
    connection: Connection,
    workspace: Workspace,
    broadcast: Broadcast,
    messages: Mapping[Decimal, int],
    *,
    rate_per_second: Decimal,
    now: datetime,
) -> Course:
    step = broadcast.first_step
    begins_at = now
    if step.send_mode is SendMode.LATER and step.scheduled_at is not None:
        begins_at = max(now, step.scheduled_at)
    pace = await pace_of(
        connection,
        await senders_of(connection, step.channel),
        steps=broadcast.steps,
        messages=sum(messages.values()),
        rate_per_second=rate_per_second,
        now=now,
    )
    return course_of(
        begins_at,
        seconds_for(messages, pace, max_per_minute=broadcast.rules.max_per_minute),
        planned_at=begins_at,
        zone=step.zone,
        hours=hours_of(workspace),
    )


def _by_segments(measured: Measured, will_send: int) -> dict[Decimal, int]:
    """How many texts have how many segments; one each while there is no text."""
    if not measured.shares:
        return {Decimal(1): will_send}
    return {Decimal(segments): people for segments, people in measured.shares.items()}


async def _missing(
    connection: Connection,
    audience: Audience,
    workspace: Workspace,
    compiled: CompiledFilter,
    template: Template,
) -> tuple[list[MissingToken], list[WizardProblem]]:
    """Tokens without fallback that somebody has no value for, and tokens that nobody can have."""
    missing, unknown = [], []
    for path in dict.fromkeys(token.path for token in template.tokens if not token.has_fallback):
        try:
            people = await audience.reachable_without(connection, workspace, compiled, path)
        except Invalid as error:
            unknown.append(
                WizardProblem(step=WizardStep.COMPOSE, pointer="/body", detail=error.detail)
            )
            continue
        if people:
            missing.append(MissingToken(token=write_path(path), recipients=people))
    return missing, unknown


def _from_faults(step: WizardStep, error: Invalid) -> list[WizardProblem]:
    if not error.faults:
        return [WizardProblem(step=step, pointer="", detail=error.detail)]
    return [
        WizardProblem(step=step, pointer=fault.pointer, detail=fault.detail)
        for fault in error.faults
    ]
