"""Where people get their tests: at their own addresses, entered once, and at their colleagues'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.audience.phone import normalise
from clarion.db.queries import rows
from clarion.delivery.step_tests.store import queries
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Fault, Invalid
from clarion.providers.mime.headers import read_address

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor
    from clarion.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A person's own `email` (lower case) and `phone` (E.164), and all `members` that have named an
    e-mail address, this person among them."""

    email: str | None
    phone: str | None
    members: tuple[Member, ...]

    def of(self, channel: Channel) -> str | None:
        return self.email if channel is Channel.EMAIL else self.phone


async def read_addresses(connection: Connection, actor: Actor) -> Addresses:
    row = await queries.addresses_of_person(
        connection, workspace_id=actor.workspace_id, person_id=actor.id
    )
    found = await rows(queries.emails_of_members(connection, workspace_id=actor.workspace_id))
    return Addresses(
        email=row["email"] if row else None,
        phone=row["phone"] if row else None,
        members=tuple(
            Member(id=each["person_id"], name=each["person_name"], email=each["email"])
            for each in found
        ),
    )


async def keep_address(
    connection: Connection,
    actor: Actor,
    workspace: Workspace,
    channel: Channel,
    given: str,
    *,
    pointer: str,
    now: datetime,
) -> str:
    """The address as it is kept from now on. Raises Invalid, at `pointer`, for what is none."""
    address = clean_address(channel, given, workspace, pointer=pointer)
    known = await read_addresses(connection, actor)
    await queries.put_addresses(
        connection,
        workspace_id=actor.workspace_id,
        person_id=actor.id,
        person_name=actor.name,
        email=address if channel is Channel.EMAIL else known.email,
        phone=address if channel is Channel.SMS else known.phone,
        now=now,
    )
    return address


async def address_for(
    connection: Connection,
    actor: Actor,
    workspace: Workspace,
    channel: Channel,
    to: str | None,
    *,
    now: datetime,
) -> str:
    """Where a test of this person goes: `to`, else their own address. An address that is given when
    they have none is kept as theirs.

    Raises Invalid, at "/to", for what is no address and for one that is neither theirs nor a
    member's.
    """
    known = await read_addresses(connection, actor)
    own = known.of(channel)
    if to is None or not to.strip():
        if own is None:
            raise _wrong("/to", _ASK[channel])
        return own
    address = clean_address(channel, to, workspace, pointer="/to")
    members = [each.email for each in known.members] if channel is Channel.EMAIL else []
    if address == own or address in members:
        return address
    if own is None:
        return await keep_address(connection, actor, workspace, channel, to, pointer="/to", now=now)
    whose = "yourself or to a member of the workspace" if members else "yourself"
    raise _wrong("/to", f"A test goes to {whose}: yours goes to {own}. Change that first.")


async def check_not_suppressed(
    connection: Connection, actor: Actor, channel: Channel, address: str
) -> None:
    """Raises Conflict, with the reason in words."""
    reason = await queries.why_suppressed(
        connection, workspace_id=actor.workspace_id, channel=channel, address=address
    )
    if reason is not None:
        raise Conflict(f"{address} {_SUPPRESSED[reason]}, so no test goes there either.")


def clean_address(channel: Channel, given: str, workspace: Workspace, *, pointer: str) -> str:
    """As suppressions name it. Raises Invalid, at `pointer`."""
    if channel is Channel.EMAIL:
        detail = "Give an address like ann@example.com, without a name."
        try:
            address = read_address(given.strip(), pointer=pointer)
        except Invalid as error:
            raise _wrong(pointer, detail) from error
        if "." not in address.domain:
            raise _wrong(pointer, detail)
        return str(address).lower()
    number = normalise(given, workspace.phone_region).e164
    if number is None:
        raise _wrong(pointer, "This is no phone number. Give one like +1 512 555 0100.")
    return number


_ASK = {
    Channel.EMAIL: "Enter your e-mail address first; it is kept for your next tests.",
    Channel.SMS: "Enter your mobile number first; it is kept for your next tests.",
}

_SUPPRESSED = {
    "opted_out": "has opted out",
    "invalid_address": "was reported as an address that does not exist",
    "complaint": "has reported a message as spam",
}


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
