"""What a mail server's replies mean for a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from clarion.providers.error_table_smtp import SMTP_WORDS
from clarion.providers.sending import (
    Accepted,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)

#: The server hangs up (RFC 5321, 3.8).
_CLOSING = 421

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")

#: What servers say of a sender that is too fast; not of a mailbox that holds too much.
_TOO_FAST = re.compile(
    r"too (many|much|fast|quick)|\brate\b|throttl|slow down|\blimit", re.IGNORECASE
)
_OF_MAILBOX = "4.2."

#: How long the lane waits: servers that count, count by minutes.
_PAUSE = timedelta(seconds=30)

_DETAIL_MAX = 500

#: Asks to sign in, or in another way; and takes no more than so much.
_SIGN_IN = (530, 534, 535, 538)
_TOO_LARGE = 552
_TOO_LARGE_STATUS = ("5.3.4", "5.2.3")


class Stage(IntEnum):
    """The command that a reply answers."""

    SENDER = 0
    RECIPIENT = 1
    DATA = 2
    CONTENT = 3
    RESET = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` is of all lines, without the code."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def kind(self) -> int:
        """2: done; 3: go on; 4: not now; 5: no."""
        return self.code // 100

    @property
    def closes(self) -> bool:
        return self.code == _CLOSING

    @property
    def enhanced(self) -> str | None:
        """The status of RFC 3463, "5.1.1", where there is one that agrees with the code."""
        found = _ENHANCED.match(self.text)
        return found[1] if found is not None and found[1][0] == str(self.kind) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How handing over one mail ended: with the reply that decided, or without one.

    Once `stage` is CONTENT the mail was on its way.
    """

    stage: Stage
    reply: Reply | None = None
    detail: str = ""

    @property
    def never_left(self) -> bool:
        """The connection was of no use, and the mail is still here."""
        if self.stage is Stage.CONTENT:
            return False
        return self.reply is None or self.reply.closes


def result_of(ended: Ended, *, provider_id: str) -> SendResult:
    """`provider_id` is the one of a mail that was taken."""
    reply = ended.reply
    if reply is None:
        return _unanswered(ended.stage, ended.detail)
    told = str(reply)[:_DETAIL_MAX]
    match reply.kind:
        case 2 if ended.stage is Stage.CONTENT:
            return Accepted(provider_id=provider_id)
        case 4 if _asks_to_wait(reply):
            return Throttled(code=_code(reply, "smtp_400"), retry_after=_PAUSE)
        case 4:
            return Rejected(code=_code(reply, "smtp_400"), detail=told)
        case 5:
            return Rejected(code=_code_of_refusal(reply, ended.stage), detail=told)
        case _:
            detail = f"The mail server answered what means nothing here: {told}"
            return _unanswered(ended.stage, detail)


def _unanswered(stage: Stage, detail: str) -> Unavailable | Uncertain:
    return Uncertain(detail=detail) if stage is Stage.CONTENT else Unavailable(detail=detail)


def _asks_to_wait(reply: Reply) -> bool:
    if reply.closes:
        return True
    about_the_mailbox = (reply.enhanced or "").startswith(_OF_MAILBOX)
    return not about_the_mailbox and _TOO_FAST.search(reply.text) is not None


def _code_of_refusal(reply: Reply, stage: Stage) -> str:
    """Of the mail's size a server speaks wherever it likes; else, what it says when it is told the
    sender is about the sender."""
    full = stage is Stage.RECIPIENT or reply.enhanced == "5.2.2"
    if reply.enhanced in _TOO_LARGE_STATUS or (reply.code == _TOO_LARGE and not full):
        return "smtp_5.3.4"
    if stage is Stage.SENDER and reply.code not in _SIGN_IN:
        return "smtp_sender"
    return _code(reply, "smtp_500")


def _code(reply: Reply, general: str) -> str:
    """The most telling one that has words of its own."""
    known = [f"smtp_{reply.enhanced}", f"smtp_{reply.code}"]
    if reply.code in _SIGN_IN:
        known.reverse()
    return next((code for code in known if code in SMTP_WORDS), general)
