"""Sequences that come with Clarion, to begin from. No I/O.

What a person has to fill in stands in square brackets; what differs from contact to contact is a
token with a fallback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.sequence_templates.sequence_template import KEPT_RULES, Kept
from clarion.content.library.template import (
    Block,
    button,
    divider,
    document,
    footer,
    heading,
    listed,
    text,
)
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_HI = 'Hi {{ first_name | default: "there" }}'
_STOP = "Reply STOP to opt out."
_SIGNED = "Best regards,<br>[Your name]<br>[Company]"

NOT_REPLIED = {"did": "replied", "negated": True, "of": "any"}
NOT_CLICKED = {"did": "clicked", "negated": True, "of": "previous"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySequence:
    """`key` stays for good."""

    key: str
    name: str
    purpose: str
    kept: Kept


def _sms(day: int, at: str, name: str, body: str, *only_if: Mapping[str, Any]) -> dict[str, Any]:
    return _step(day, at, name, "sms", only_if, body=body)


def _email(
    day: int,
    at: str,
    name: str,
    *blocks: Block,
    subject: str,
    preheader: str,
    only_if: tuple[Mapping[str, Any], ...] = (),
) -> dict[str, Any]:
    return _step(
        day,
        at,
        name,
        "email",
        only_if,
        subject=subject,
        preheader=preheader,
        email=document(*blocks, divider(), footer()),
    )


def _step(
    day: int, at: str, name: str, channel: str, only_if: tuple[Mapping[str, Any], ...], **said: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "channel": channel,
        "both_how": "both",
        "first_channel": "sms",
        "second_after_hours": 24,
        "body": "",
        "subject": "",
        "preheader": "",
        "email": None,
        "text_part": None,
        "from_name": None,
        "reply_to": None,
        "zone_mode": "recipient",
        "window_from": None,
        "window_until": None,
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "condition": {"only_if": list(only_if), "still_matches": False} if only_if else None,
        "day_number": day,
        "day_time": at,
        **said,
    }


def _sequence(key: str, name: str, purpose: str, *steps: dict[str, Any]) -> LibrarySequence:
    kept = Kept(
        broadcast_type=BroadcastType.SMS_EMAIL,
        steps=steps,
        rules=dict.fromkeys(KEPT_RULES, True),
    )
    return LibrarySequence(key=key, name=name, purpose=purpose, kept=kept)


_ALL = (
    _sequence(
        "new-lead",
        "Welcome a new lead",
        "Four messages in a week for somebody who has just asked. Whoever replies leaves.",
        _sms(
            1,
            "09:00",
            "Hello",
            f"{_HI}, this is [Your name] from [Company]. Thanks for asking about "
            '{{ metadata.product | default: "our work" }}! When is a good time to call? '
            f"{_STOP}",
        ),
        _email(
            2,
            "10:00",
            "What we do",
            heading("Good to meet you"),
            text(
                f"{_HI},",
                "You asked about us, so here is what matters most before you decide.",
            ),
            listed(
                "<strong>What it costs.</strong> [A price or a range, in one line.]",
                "<strong>How long it takes.</strong> [From the first call to the end.]",
                "<strong>Who does it.</strong> [Your name] answers within a working day.",
            ),
            button("See our work", "https://example.com/work"),
            text("Or reply to this email: a person reads it.", _SIGNED),
            subject='What to know before you decide, {{ first_name | default: "in short" }}',
            preheader="Costs, time and who does the work, in a minute.",
        ),
        _sms(
            4,
            "15:00",
            "Any questions?",
            f"{_HI}, did my email answer your questions? Reply with yours, or tell me a time to "
            f"call. [Your name], [Company]. {_STOP}",
            NOT_REPLIED,
        ),
        _email(
            7,
            "10:00",
            "Last word",
            heading("Shall we talk?"),
            text(
                f"{_HI},",
                "I do not want to fill your mailbox, so this is my last message for now. If it is "
                "still of interest, choose a time that suits you; it takes fifteen minutes.",
            ),
            button("Choose a time", "https://example.com/book"),
            text(_SIGNED),
            subject="Shall I leave it at this?",
            preheader="One click if you would still like to talk.",
            only_if=(NOT_REPLIED,),
        ),
    ),
    _sequence(
        "appointment",
        "Before and after an appointment",
        "A confirmation, a reminder and a thank-you. Begin it two days before the appointment.",
        _email(
            1,
            "09:00",
            "Confirmation",
            heading("We look forward to seeing you"),
            text(
                f"{_HI},",
                'we see you on {{ metadata.appointment | default: "the day we agreed on" }}. '
                "Please have these at hand:",
            ),
            listed("[What to bring]", "[Where to park, or how to join]", "[Whom to ask for]"),
            button("Change the appointment", "https://example.com/appointment"),
            text(_SIGNED),
            subject="Your appointment with [Company]",
            preheader="When, where and what to bring.",
        ),
        _sms(
            2,
            "16:00",
            "Reminder",
            f"{_HI}, see you tomorrow! Reply YES to confirm, or call [phone] to change it. "
            f"[Company]. {_STOP}",
        ),
        _email(
            4,
            "10:00",
            "Thank you",
            heading("Thank you for your visit"),
            text(
                f"{_HI},",
                "was everything as you hoped? If something is still open, reply to this email and "
                "we take care of it.",
            ),
            button("Tell us how it was", "https://example.com/feedback"),
            text(_SIGNED),
            subject="How was it?",
            preheader="Two questions, one minute.",
        ),
    ),
    _sequence(
        "quote",
        "Follow up on a quote",
        "Four gentle reminders over ten days, until somebody answers.",
        _sms(
            1,
            "10:00",
            "It is in your mailbox",
            f"{_HI}, your quote from [Company] is in your mailbox. Questions? Just reply here. "
            f"[Your name]. {_STOP}",
        ),
        _email(
            3,
            "10:00",
            "What is in it",
            heading("Your quote, line by line"),
            text(
                f"{_HI},",
                "a quote raises questions. These three come up most:",
            ),
            listed(
                "<strong>What is not included?</strong> [In one line.]",
                "<strong>When can you begin?</strong> [In one line.]",
                "<strong>What if something changes?</strong> [In one line.]",
            ),
            button("Look at the quote", "https://example.com/quote"),
            text(_SIGNED),
            subject="Three questions about your quote",
            preheader="What is included, when we begin, and what if something changes.",
        ),
        _sms(
            6,
            "15:00",
            "Shall we begin?",
            f"{_HI}, shall we keep a date for you? Reply YES, or tell me what is missing. "
            f"[Your name], [Company]. {_STOP}",
            NOT_REPLIED,
        ),
        _email(
            10,
            "10:00",
            "It ends soon",
            heading("Your quote holds for [number] more days"),
            text(
                f"{_HI},",
                "after that prices may change, so I wanted you to know. A short no helps me too: "
                "then I stop asking.",
            ),
            button("Accept the quote", "https://example.com/quote"),
            text(_SIGNED),
            subject="Your quote ends on [date]",
            preheader="Accept it, change it, or tell me no.",
            only_if=(NOT_REPLIED,),
        ),
    ),
    _sequence(
        "win-back",
        "Win back a customer",
        "Three messages over two weeks for people who have not bought for a long time.",
        _email(
            1,
            "10:00",
            "It has been a while",
            heading("It has been a while"),
            text(
                f"{_HI},",
                "we have not heard from you for some time. Meanwhile a few things are new:",
            ),
            listed("[What is new]", "[What is better than before]", "[What costs less]"),
            button("See what is new", "https://example.com/new"),
            text(_SIGNED),
            subject="What is new since we last met",
            preheader="Three things that have changed at [Company].",
        ),
        _sms(
            5,
            "11:00",
            "A welcome back",
            f"{_HI}, as a welcome back: [discount] off your next order until [date]. "
            f"[link] [Company]. {_STOP}",
            NOT_CLICKED,
        ),
        _email(
            14,
            "10:00",
            "Stay or go",
            heading("Should we keep writing?"),
            text(
                f"{_HI},",
                "if our news is not for you any more, one click below ends it. If it is, choose "
                "what you would like to hear about.",
            ),
            button("Choose what I get", "https://example.com/preferences"),
            text(_SIGNED),
            subject="Should we keep writing to you?",
            preheader="Choose what you get, or leave with one click.",
        ),
    ),
    _sequence(
        "review",
        "Ask for a review after the work",
        "A thank-you, a request, and one reminder for those who have not answered.",
        _sms(
            1,
            "10:00",
            "Thank you",
            f"{_HI}, thank you for choosing [Company]. Is everything as it should be? "
            f"Reply if not: we come back. {_STOP}",
        ),
        _email(
            3,
            "10:00",
            "Would you write a review?",
            heading("Would you tell others?"),
            text(
                f"{_HI},",
                "people who look for somebody they can trust read what others say. A few words "
                "about your experience help them, and us.",
            ),
            button("Write a review", "https://example.com/review"),
            text("It takes a minute. Thank you!", _SIGNED),
            subject="Would you write a few words about us?",
            preheader="It takes a minute and helps others to decide.",
        ),
        _sms(
            8,
            "15:00",
            "A reminder",
            f"{_HI}, one last request: a short review helps others to find us: [link]. "
            f"Thank you, [Company]. {_STOP}",
            NOT_CLICKED,
        ),
    ),
)

#: By their keys, in the order in which they are shown.
SEQUENCE_LIBRARY: dict[str, LibrarySequence] = {each.key: each for each in _ALL}


def library_sequence(key: str) -> LibrarySequence:
    """Raises Invalid at /from_library for a key that there is not."""
    if key not in SEQUENCE_LIBRARY:
        detail = f"The library has no sequence “{key}”. GET /sequence-library names all."
        raise Invalid(detail, faults=[Fault(pointer="/from_library", detail=detail)])
    return SEQUENCE_LIBRARY[key]
