"""Works out the outlook of a draft from the real audience and the real texts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import SAVED_AT_SEND
from clarion.broadcasts.outlook import (
    NOTHING_MEASURED,
    MissingToken,
    Outlook,
    StepOutlook,
    WizardProblem,
    WizardStep,
    cost_of,
    measure_audience,
    messages_of,
    together,
)
from clarion.broadcasts.pace import course_of, seconds_for
from clarion.broadcasts.plan import due_at, first_day, wall_of
from clarion.broadcasts.problems import (
    audience_problems,
    from_faults,
    text_problems,
    time_problems,
)
from clarion.broadcasts.read_pace import pace_of, senders_of
from clarion.broadcasts.step_texts import Texts, compile_texts
from clarion.broadcasts.time_words import hours_note
from clarion.compliance.sending_hours import hours_of
from clarion.content.snippets.store import snippet_texts
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from clarion.kernel.field_path import write_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from clarion.audience.audience import Contact, Reach
    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.service import Audience
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.outlook import Measured
    from clarion.broadcasts.pace import Course
    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection
    from clarion.kernel.field_path import FieldPath
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
    look = _Look(
        connection=connection,
        audience=audience,
        workspace=workspace,
        broadcast=broadcast,
        rate_per_second=rate_per_second,
        now=now,
        day_1=first_day(broadcast.steps, begins_at=now),
    )
    look.snippets = await snippet_texts(connection, workspace.id)
    await look.at_the_audience()
    steps = [await look.at_step(step) for step in broadcast.steps]
    look.problems += time_problems(broadcast, now=now)
    measured = together([each.measured for each in steps])
    ends = [each.done_at for each in steps]
    missing: dict[tuple[Channel, str], MissingToken] = {}
    for each in steps:
        for token in each.missing_tokens:
            missing.setdefault((token.channel, token.token), token)
    return Outlook(
        version=broadcast.version,
        matched=next((each.matched for each in look.reach.values()), 0),
        will_send=look.people,
        reach=look.reach,
        messages={
            channel: sum(each.messages.get(channel, 0) for each in steps)
            for channel in broadcast.channels
        },
        measured=measured,
        cost=cost_of(measured.segments, workspace.sms_price_per_segment, workspace.currency),
        missing_tokens=tuple(missing.values()),
        starts_at=steps[0].starts_at,
        done_at=max((end for end in ends if end is not None), default=None) if all(ends) else None,
        hours_note=steps[0].hours_note,
        audience_mode=broadcast.audience_mode,
        note=SAVED_AT_SEND if broadcast.is_resolved_at_send else None,
        steps=tuple(steps),
        problems=tuple(look.problems),
        snippets=look.snippets,
    )


@dataclass(slots=True, kw_only=True)
class _Look:
    """What is found out on the way, once for all steps."""

    connection: Connection
    audience: Audience
    workspace: Workspace
    broadcast: Broadcast
    rate_per_second: Decimal
    now: datetime
    day_1: date
    compiled: CompiledFilter | None = None
    reach: Mapping[Channel, Reach] = field(default_factory=dict)
    people: int = 0
    snippets: Mapping[str, str] = field(default_factory=dict)
    problems: list[WizardProblem] = field(default_factory=list)
    _contacts: Sequence[Contact] | None = None
    _without: dict[tuple[Channel, FieldPath], int | WizardProblem] = field(default_factory=dict)

    async def at_the_audience(self) -> None:
        broadcast = self.broadcast
        try:
            self.compiled = await self.audience.read(
                self.connection, self.workspace, broadcast.filter, broadcast_id=broadcast.id
            )
            estimate = await self.audience.estimate(self.connection, self.workspace, self.compiled)
        except Invalid as error:
            self.compiled = None
            self.problems += from_faults(WizardStep.AUDIENCE, error)
            return
        by_channel = {Channel.SMS: estimate.sms, Channel.EMAIL: estimate.email}
        self.reach = {channel: by_channel[channel] for channel in broadcast.channels}
        if len(self.reach) == 1:
            (reach,) = self.reach.values()
            self.people = reach.reachable
        else:
            self.people = await self.audience.reached_by_any(
                self.connection, self.workspace, self.compiled
            )
        self.problems += audience_problems(broadcast, self.reach, will_send=self.people)

    async def at_step(self, step: Step) -> StepOutlook:
        reachable = {channel: each.reachable for channel, each in self.reach.items()}
        people = reachable.get(Channel(step.channel.value), 0) if len(step.channels) == 1 else 0
        if len(step.channels) > 1:
            people = self.people
        messages = messages_of(step, reachable, people=people) if self.reach else {}
        texts = compile_texts(step, self.broadcast, self.workspace, self.snippets)
        self.problems += [replace(each, of_step=step.id) for each in texts.problems]
        measured, missing = NOTHING_MEASURED, list[MissingToken]()
        if self.compiled is not None:
            if texts.sms is not None and messages.get(Channel.SMS):
                measured = await self._measured(texts, messages[Channel.SMS])
            missing = await self._missing(step, texts)
        self.problems += text_problems(step, measured, missing)
        courses = [
            await self._course(step, channel, _by_segments(measured, channel, count))
            for channel, count in messages.items()
        ] or [await self._course(step, step.channels[0], {})]
        ends = [each.done_at for each in courses]
        note = hours_note(courses[0], now=self.now, zone=step.zone, hours=hours_of(self.workspace))
        return StepOutlook(
            step_id=step.id,
            position=step.position,
            channel=step.channel,
            people=people,
            messages=messages,
            measured=measured,
            cost=cost_of(
                measured.segments, self.workspace.sms_price_per_segment, self.workspace.currency
            ),
            forcing=texts.plain_sms.forcing if texts.plain_sms else (),
            saving=(
                cost_of(
                    measured.spared, self.workspace.sms_price_per_segment, self.workspace.currency
                )
                if texts.plain_sms
                else None
            ),
            leaves_out_emoji=texts.plain_sms.leaves_out_emoji if texts.plain_sms else False,
            missing_tokens=tuple(missing),
            due_for=wall_of(step, self.day_1),
            starts_at=min(each.starts_at for each in courses),
            done_at=(
                max((end for end in ends if end is not None), default=None) if all(ends) else None
            ),
            hours_note=note,
        )

    async def _measured(self, texts: Texts, will_send: int) -> Measured:
        if texts.sms is None or self.compiled is None:
            return NOTHING_MEASURED
        if texts.sms.tokens and self._contacts is None:
            page = await self.audience.page(
                self.connection,
                self.workspace,
                self.compiled,
                limit=min(will_send, MEASURED_AT_MOST),
                channel=Channel.SMS,
                reachable=True,
            )
            self._contacts = page.contacts
        plain = texts.plain_sms.template if texts.plain_sms else None
        # Beside the loop: others are answered while thousands of texts are rendered.
        return await asyncio.to_thread(
            measure_audience, texts.sms, self._contacts or (), will_send=will_send, plain=plain
        )

    async def _missing(self, step: Step, texts: Texts) -> list[MissingToken]:
        """Tokens without fallback that somebody has no value for; those that nobody can have are
        problems of their own."""
        found: list[MissingToken] = []
        for channel, path in texts.needed:
            people = await self._people_without(channel, path)
            if isinstance(people, WizardProblem):
                self.problems.append(replace(people, of_step=step.id))
            elif people:
                found.append(
                    MissingToken(channel=channel, token=write_path(path), recipients=people)
                )
        return found

    async def _people_without(self, channel: Channel, path: FieldPath) -> int | WizardProblem:
        key = (channel, path)
        if key not in self._without and self.compiled is not None:
            try:
                self._without[key] = await self.audience.reachable_without(
                    self.connection, self.workspace, self.compiled, channel, path
                )
            except Invalid as error:
                self._without[key] = WizardProblem(
                    step=WizardStep.COMPOSE, pointer="/body", detail=error.detail
                )
        return self._without[key]

    async def _course(
        self, step: Step, channel: Channel, messages: Mapping[Decimal, int]
    ) -> Course:
        begins_at = max(self.now, due_at(step, step.zone, self.day_1) or self.now)
        pace = await pace_of(
            self.connection,
            await senders_of(self.connection, channel),
            steps=self.broadcast.steps,
            messages=sum(messages.values()),
            rate_per_second=self.rate_per_second,
            now=self.now,
        )
        return course_of(
            begins_at,
            seconds_for(messages, pace, max_per_minute=self.broadcast.rules.max_per_minute),
            planned_at=begins_at,
            zone=step.zone,
            hours=hours_of(self.workspace),
        )


def _by_segments(measured: Measured, channel: Channel, count: int) -> dict[Decimal, int]:
    """How many messages have how many segments; one each while there is no text, and of emails."""
    if channel is Channel.EMAIL or not measured.shares:
        return {Decimal(1): count}
    return {Decimal(segments): people for segments, people in measured.shares.items()}
