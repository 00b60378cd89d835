"""What the links in a message do: they tell of opens and clicks, and take wishes. Whoever holds a
message's token is the person it was sent to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.delivery.mails import mail_of_step
from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotFound
from clarion.providers.events import EventKind, ProviderEvent
from clarion.tracking.store import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.delivery.mails import StepMail
    from clarion.kernel.message_links import LinkSigner

#: As it stands in the events.
PROVIDER = "clarion"

#: Programs that fetch pictures and follow links for everybody: Apple's mail says no more of itself
#: than "Mozilla/5.0", the others say what they are.
_MACHINE = re.compile(
    r"^(Mozilla/5\.0)?$|bot\b|crawl|spider|scan|preview|monitor|curl/|wget/|python-|aiohttp|"
    r"Go-http-client|libwww|HeadlessChrome|BarracudaCentral|proofpoint|mimecast|safelinks",
    re.IGNORECASE,
)

#: Mails whose parts are kept compiled.
_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedMessage:
    """`addresses` by channel, those that the broadcast knew; `allowed` may be written to now."""

    id: UUID
    workspace_id: UUID
    step_id: UUID | None
    channel: Channel
    sender: str
    contact: Mapping[str, Any]
    addresses: Mapping[Channel, str]
    allowed: frozenset[Channel]


class MessageLinkReader:
    """Reads what a token stands for; keeps the latest mails compiled."""

    def __init__(self, signer: LinkSigner) -> None:
        self._signer = signer
        self._mails: dict[UUID, StepMail] = {}

    async def message(self, connection: Connection, token: str) -> LinkedMessage:
        """Raises NotFound, the same for a wrong token as for a message that is gone."""
        row = await queries.message_of_link(connection, id=self._signer.read(token))
        if row is None:
            raise NotFound("There is no such page.")
        found = {Channel.SMS: row["sms_address"], Channel.EMAIL: row["email_address"]}
        addresses = {channel: address for channel, address in found.items() if address}
        return LinkedMessage(
            id=row["id"],
            workspace_id=row["workspace_id"],
            step_id=row["step_id"],
            channel=Channel(row["channel"]),
            sender=row["sender"],
            contact=row["contact"] or {},
            addresses=addresses,
            allowed=frozenset(addresses) - {Channel(each) for each in row["suppressed"]},
        )

    async def target(self, connection: Connection, message: LinkedMessage, number: int) -> str:
        """Where the link of this number leads for this person. Raises NotFound for a link that the
        mail has not, and for one that leads nowhere."""
        mail = await self._mail(connection, message)
        if not 0 <= number < len(mail.compiled.links):
            raise NotFound("There is no such link.")
        return mail.compiled.links[number].target(message.contact)

    async def html(self, connection: Connection, message: LinkedMessage) -> str:
        """The mail as this person got it. Raises NotFound for what is no mail of a broadcast."""
        mail = await self._mail(connection, message)
        links = self._signer.links(message.id)
        return mail.compiled.preview(message.contact, links).html

    async def _mail(self, connection: Connection, message: LinkedMessage) -> StepMail:
        if message.step_id is None or message.channel is not Channel.EMAIL:
            raise NotFound("There is no such page.")
        known = self._mails.get(message.step_id)
        if known is None:
            known = await mail_of_step(connection, message.step_id, self._signer, with_files=False)
            if len(self._mails) >= _KEPT:
                self._mails.clear()
            self._mails[message.step_id] = known
        return known


def opened(message_id: UUID, *, user_agent: str, now: datetime) -> ProviderEvent:
    """Once a minute at most, however often the picture is fetched."""
    return ProviderEvent(
        key=f"open:{message_id}:{now:%Y%m%d%H%M}",
        kind=EventKind.OPEN,
        provider=PROVIDER,
        channel=Channel.EMAIL,
        message_id=message_id,
        machine=is_machine(user_agent),
        occurred_at=now,
        payload={"user_agent": user_agent[:300]},
    )


def clicked(
    message_id: UUID, number: int, url: str, *, user_agent: str, now: datetime
) -> ProviderEvent:
    """Once a second at most."""
    return ProviderEvent(
        key=f"click:{message_id}:{number}:{now:%Y%m%d%H%M%S}",
        kind=EventKind.CLICK,
        provider=PROVIDER,
        channel=Channel.EMAIL,
        message_id=message_id,
        link=number,
        text=url[:2_000],
        machine=is_machine(user_agent),
        occurred_at=now,
        payload={"user_agent": user_agent[:300]},
    )


def wishes(
    message: LinkedMessage, wanted: Iterable[Channel], *, now: datetime
) -> list[ProviderEvent]:
    """What changes when this person wants messages on these channels and no other."""
    wanted = frozenset(wanted)
    return [
        ProviderEvent(
            key=f"wish:{message.id}:{channel}:{now:%Y%m%d%H%M%S%f}",
            kind=EventKind.OPT_IN if channel in wanted else EventKind.OPT_OUT,
            provider=PROVIDER,
            channel=channel,
            message_id=message.id,
            address=address,
            text="By the page behind the link of a message.",
            occurred_at=now,
        )
        for channel, address in message.addresses.items()
        if (channel in wanted) != (channel in message.allowed)
    ]


def is_machine(user_agent: str) -> bool:
    """Whether it tells nothing of a person."""
    return _MACHINE.search(user_agent.strip()) is not None
