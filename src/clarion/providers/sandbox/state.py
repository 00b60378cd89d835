"""What one running sandbox holds, shared by its endpoints."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clarion.providers.sandbox.chance import happens
from clarion.providers.sandbox.ledger import Ledger, Mail, Sms
from clarion.providers.sandbox.poster import Poster
from clarion.providers.sandbox.signing import EventSigner
from clarion.providers.sandbox.work import WorkQueue

if TYPE_CHECKING:
    from clarion.providers.sandbox.settings import SandboxSettings


class RateGate:
    """A token bucket: a second's worth may come at once."""

    def __init__(self) -> None:
        self._tokens = 0.0
        self._at: float | None = None

    def wait(self, rate: float | None, now: float) -> float | None:
        """None: it may pass, and is counted. Otherwise the seconds until the next one may."""
        if rate is None:
            return None
        room = max(1.0, rate) if rate else 0.0
        since = now - self._at if self._at is not None else None
        self._tokens = room if since is None else min(room, self._tokens + since * rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return None
        return (1 - self._tokens) / rate if rate else 1.0

    def reset(self) -> None:
        self._at = None


@dataclass(slots=True)
class Sandbox:
    """Made outside a loop or in it; `open` and `close` frame its life."""

    settings: SandboxSettings
    messages: Ledger[Sms] = field(default_factory=Ledger)
    mails: Ledger[Mail] = field(default_factory=Ledger)
    gate: RateGate = field(default_factory=RateGate)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    """(person, our number): who has replied STOP to which number."""
    tries: Counter[str] = field(default_factory=Counter)
    dropped_callbacks: int = 0
    outbox: list[dict[str, Any]] = field(default_factory=list)
    """Mail events that wait for the next batch."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the settings have changed."""
    signer: EventSigner = field(init=False)
    work: WorkQueue = field(init=False)
    poster: Poster = field(init=False)

    def __post_init__(self) -> None:
        self.signer = EventSigner(self.settings.sendgrid_private_key_pem)
        self.work = WorkQueue(workers=self.settings.callback_concurrency)
        self.poster = Poster(work=self.work, settings=lambda: self.settings)

    def change(self, settings: SandboxSettings) -> None:
        """From now on it behaves like this; also what is under way."""
        self.settings = settings
        if not settings.hold_callbacks:
            self.poster.release()
        self.changed.set()

    def open(self) -> None:
        self.poster.open()
        self.work.start()

    async def close(self) -> None:
        await self.work.stop()
        await self.poster.close()

    def reset(self) -> None:
        """Forget everything accepted; the settings stay."""
        self.work.clear()
        self.messages = Ledger()
        self.mails = Ledger()
        self.stopped.clear()
        self.tries.clear()
        self.gate.reset()
        self.dropped_callbacks = 0
        self.outbox = []
        self.poster.forget()

    def trouble(self, to: str) -> str | None:
        """ "refuse" or "lose" when this request is to go wrong.

        Each further request for an address is drawn anew, so that a retry can succeed.
        """
        settings = self.settings
        if not (settings.error_5xx_rate or settings.lost_answer_rate):
            return None
        turn = self.tries[to]
        self.tries[to] += 1
        if happens(settings.error_5xx_rate, settings.seed, to, turn, "5xx"):
            return "refuse"
        if happens(settings.lost_answer_rate, settings.seed, to, turn, "lost"):
            return "lose"
        return None

    def copies(self, to: str, status: str) -> int:
        """How many times a callback goes out: 0, 1 or 2."""
        settings = self.settings
        if happens(settings.drop_callbacks_rate, settings.seed, to, status, "drop"):
            self.dropped_callbacks += 1
            return 0
        twice = happens(settings.duplicate_callbacks_rate, settings.seed, to, status, "duplicate")
        return 2 if twice else 1

    def asks_to_wait(self, wait: float) -> str:
        """The Retry-After of a 429 for a request that could pass after `wait` seconds."""
        told = self.settings.retry_after_seconds
        return str(math.ceil(wait)) if told is None else f"{told:g}"

    async def answer_slowly(self) -> None:
        if self.settings.latency_ms:
            await asyncio.sleep(self.settings.latency_ms / 1000)
