"""How the sandbox behaves: whose account it plays, how fast, and how often things go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Events of SendGrid that say that a mail was not delivered.
MAIL_FAILURES = ("bounce", "blocked", "dropped")

#: Obviously no real account: nothing here opens a door at Twilio or SendGrid.
SANDBOX_ACCOUNT_SID = "AC" + "0" * 32
SANDBOX_AUTH_TOKEN = "sandbox-auth-token"  # noqa: S105  a fixed, public value
SANDBOX_SENDGRID_API_KEY = "SG.sandbox"
#: The number that a messaging service of the sandbox sends from.
SANDBOX_SERVICE_NUMBER = "+15005550006"

#: Shares of one whole may add up to a little more than it in floating point.
_ROUNDING = 1e-9

#: Set at the start only, and not shown: who it plays, and how many workers it has.
_FIXED = frozenset(
    {
        "callback_concurrency",
        "account_sid",
        "auth_token",
        "api_key",
        "api_secret",
        "sendgrid_api_key",
        "sendgrid_private_key_pem",
    }
)


class Outage(StrEnum):
    """How the vendor's interfaces are down: every request is answered with 503, or none is let in.

    REFUSE closes the port where the sandbox is controlled on another one; on a port that must
    still be listened to for that, it cuts each connection before an answer.
    """

    ERROR = "error"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """Rates are shares from 0 to 1. The same `seed` gives the same fate to the same address."""

    account_sid: str = SANDBOX_ACCOUNT_SID
    auth_token: str = SANDBOX_AUTH_TOKEN
    api_key: str | None = None
    api_secret: str | None = None
    sendgrid_api_key: str = SANDBOX_SENDGRID_API_KEY
    sendgrid_private_key_pem: str | None = None
    """PEM of a P-256 key; None: one is made at the start."""

    seed: int = 1
    latency_ms: float = 0
    failure_rate: float = 0
    """Accepted, and then not delivered."""
    error_codes: Mapping[str, float] = field(default_factory=dict)
    """Accepted, and then not delivered with this code: a code of Twilio or an event of SendGrid
    ("bounce", "blocked", "dropped") → share. Drawn anew for each message to the same address."""
    outage: str | None = None
    """An `Outage`, until it is null again."""
    rate_limit: float | None = None
    """Messages a second before it answers 429; None: no limit."""
    retry_after_seconds: float | None = None
    """What a 429 asks to wait; None: as long as the limit needs."""
    error_5xx_rate: float = 0
    """Not accepted, and answered 503."""
    lost_answer_rate: float = 0
    """Accepted, and then answered 500 or cut off: the sender cannot know."""

    open_rate: float = 0
    """Of the mails that arrive without being clicked in: the share that is opened."""
    click_rate: float = 0
    """Of the mails that arrive: the share in which a link is clicked; these are opened too."""
    machine_open_rate: float = 0
    """Of the mails that are opened and not clicked in: the share that only a program opened."""

    callback_delay_ms: float = 300
    """From one status to the next, and from the last one to the price."""
    hold_callbacks: bool = False
    """Nothing is posted until it is false again; then all that waited."""
    callback_concurrency: int = 16
    callback_retries: int = 5
    """After a failed connection; an answer is never asked for twice."""
    callback_retry_delay_ms: float = 200
    """Before the first retry; each further one waits twice as long."""
    duplicate_callbacks_rate: float = 0
    drop_callbacks_rate: float = 0
    reorder_callbacks: bool = False
    """The last status is posted before the one that leads to it."""

    inbound_url: str | None = None
    sendgrid_event_url: str | None = None
    sendgrid_batch_ms: float = 100
    """How long events are collected before they are posted as one array."""

    def __post_init__(self) -> None:
        faults = [
            Fault(pointer=f"/{each.name}", detail=detail)
            for each in fields(self)
            if (detail := _fault(each.name, getattr(self, each.name)))
        ]
        if faults:
            raise Invalid("The sandbox's settings are not valid.", faults=faults)


def shown(settings: SandboxSettings) -> dict[str, Any]:
    """The settings that may be seen and changed while it runs."""
    return {
        each.name: getattr(settings, each.name)
        for each in fields(settings)
        if each.name not in _FIXED
    }


def changed(settings: SandboxSettings, given: Mapping[str, Any]) -> SandboxSettings:
    """The settings with the given ones in place of theirs. Raises Invalid."""
    known = shown(settings)
    strangers = [name for name in given if name not in known]
    if strangers:
        raise Invalid(
            "The sandbox has no such setting.",
            faults=[Fault(pointer=f"/{name}", detail="Not a setting.") for name in strangers],
        )
    return replace(settings, **given)


def _fault(name: str, value: Any) -> str | None:
    """What is wrong with the value of this setting, or None."""
    number = _is_number(value)
    whole = number and isinstance(value, int)
    if name.endswith("_rate"):
        fits, wanted = number and 0 <= value <= 1, "A number from 0 to 1."
    elif name.endswith("_ms"):
        fits, wanted = number and value >= 0, "A number of milliseconds."
    elif name.endswith("_url"):
        is_url = isinstance(value, str) and value.startswith(("http:", "https:"))
        fits, wanted = value is None or is_url, "An http or https address, or null."
    elif name in {"rate_limit", "retry_after_seconds"}:
        fits = value is None or (number and value >= 0)
        wanted = "Messages a second, or null." if name == "rate_limit" else "Seconds, or null."
    elif name == "outage":
        fits, wanted = value is None or value in set(Outage), '"error", "refuse" or null.'
    elif name == "error_codes":
        fits, wanted = _is_shares(value), "Shares by code, 1 at most together."
    elif name == "callback_concurrency":
        fits, wanted = whole and value >= 1, "A whole number from 1."
    elif name in {"seed", "callback_retries"}:
        fits, wanted = whole and value >= 0, "A whole number from 0."
    elif name in {"reorder_callbacks", "hold_callbacks"}:
        fits, wanted = isinstance(value, bool), "True or false."
    else:
        return None
    return None if fits else wanted


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_shares(value: Any) -> bool:
    """Of the two vendors the failures exclude each other, so each has a whole of its own."""
    if not isinstance(value, dict) or not all(
        isinstance(code, str) and _is_number(share) and share >= 0 for code, share in value.items()
    ):
        return False
    mails = sum(share for code, share in value.items() if code in MAIL_FAILURES)
    texts = sum(share for code, share in value.items() if code not in MAIL_FAILURES)
    known = all(code in MAIL_FAILURES or code.isdecimal() for code in value)
    return known and max(mails, texts) <= 1 + _ROUNDING
