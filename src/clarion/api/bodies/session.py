"""Who is signed in, and what this Clarion can do."""

from __future__ import annotations

from typing import Literal

from clarion.api.bodies.shape import Body, DecimalText


class SignIn(Body):
    """`token` is the one of the link that `clarion up` or `clarion token --link` printed."""

    token: str


class Person(Body):
    id: str
    name: str
    role: Literal["admin", "agent"]


class Workspace(Body):
    """`sending_from` and `sending_until` ("08:00"): see WorkspaceSettings."""

    id: str
    name: str
    time_zone: str
    currency: str
    sending_from: str | None
    sending_until: str | None


class SmsSetup(Body):
    """`leaves_machine` is false in the sandbox: nothing reaches a phone."""

    provider: str
    leaves_machine: bool
    sender: str
    rate_per_second: float
    price_per_segment: DecimalText


class Me(Body):
    person: Person
    workspace: Workspace
    sms: SmsSetup
    broadcast_types: list[Literal["sms", "email", "sms_email"]]
    queue_service: Literal["built_in", "external"]
