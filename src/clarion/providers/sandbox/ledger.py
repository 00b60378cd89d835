"""What the sandbox has accepted: every message and mail, in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Sms:
    """A message as Twilio keeps it. Times are aware; `plan` holds the statuses still to come.

    `arrived_at` is when its request came in, before the sandbox took its time to answer.
    """

    sid: str
    to: str
    sender: str | None
    service_sid: str | None
    body: str
    segments: int
    status: str
    created_at: datetime
    updated_at: datetime
    status_callback: str | None
    plan: tuple[str, ...]
    arrived_at: datetime
    fate_code: int | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    deleted: bool = False
    direction: str = "outbound-api"

    @property
    def error_code(self) -> int | None:
        return self.fate_code if self.status in {"undelivered", "failed"} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """What all people of a request get, with the tags in it."""

    sender: str
    sender_name: str | None
    reply_to: str | None
    text: str | None
    html: str | None
    attachments: tuple[str, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Mail:
    """A mail for one recipient, as SendGrid keeps it. Its texts are put together when somebody
    looks: a thousand people share those of a request."""

    sid: str
    to: str
    sent: SentMail
    tagged_subject: str
    status: str
    created_at: datetime
    custom_args: Mapping[str, str]
    plan: tuple[str, ...]
    arrived_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return self._filled(self.tagged_subject)

    @property
    def text(self) -> str | None:
        return None if self.sent.text is None else self._filled(self.sent.text)

    @property
    def html(self) -> str | None:
        return None if self.sent.html is None else self._filled(self.sent.html)

    def _filled(self, text: str) -> str:
        """Tag after tag, as SendGrid does: a tag within a value is found as well."""
        for tag, value in self.substitutions.items():
            text = text.replace(tag, value)
        return text


class Record(Protocol):
    sid: str
    to: str
    status: str


R = TypeVar("R", bound=Record)


class Ledger(Generic[R]):
    """Records in the order of their arrival, found by id and by address without a search."""

    def __init__(self) -> None:
        self._records: list[R] = []
        self._by_sid: dict[str, R] = {}
        self._by_to: dict[str, list[int]] = {}
        self.statuses: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def distinct_to(self) -> int:
        return len(self._by_to)

    def add(self, record: R) -> None:
        self._by_to.setdefault(record.to, []).append(len(self._records))
        self._records.append(record)
        self._by_sid[record.sid] = record
        self.statuses[record.status] += 1

    def get(self, sid: str) -> R | None:
        return self._by_sid.get(sid)

    def holds(self, record: R) -> bool:
        """False for a record from before a reset."""
        return self._by_sid.get(record.sid) is record

    def move(self, record: R, status: str) -> None:
        self.statuses[record.status] -= 1
        record.status = status
        self.statuses[status] += 1

    def sent_to(self, to: str) -> int:
        return len(self._by_to.get(to, ()))

    def newest_first(self, *, to: str | None, before: int | None) -> Iterator[tuple[int, R]]:
        """Positions and records, newest first, from the one before position `before`."""
        positions: range | list[int]
        positions = range(len(self._records)) if to is None else self._by_to.get(to, [])
        for position in reversed(positions):
            if before is None or position < before:
                yield position, self._records[position]

    def after(self, position: int, *, limit: int) -> list[tuple[int, R]]:
        """The records after this position (-1: from the first), oldest first."""
        start = position + 1
        return list(enumerate(self._records[start : start + limit], start))
