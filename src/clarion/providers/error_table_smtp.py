"""What mail servers answer, as data: by enhanced status (RFC 3463, RFC 5248) where it tells more
than the code of RFC 5321, else by the code."""

from __future__ import annotations

from datetime import timedelta

from clarion.compliance.suppression import Suppressed
from clarion.providers.error_words import Consequence, RetryPlan, table, words

_CHECK_SERVER = "Ask whoever looks after the mail server to check it."
_FIX_ADDRESS = "Correct the e-mail address in the contact."
_TRIED_AGAIN = "Clarion has tried it again by itself; it may still work on another day."

#: Greylisting lets in who comes back after some minutes.
_LATER = RetryPlan(
    pauses=(timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6)), spread=True
)
_MAILBOX = RetryPlan(pauses=(timedelta(hours=4), timedelta(hours=24)), spread=True)

SMTP_WORDS = table(
    (
        "smtp_5.1.1 smtp_5.1.2 smtp_5.1.3 smtp_5.1.6 smtp_5.1.10 smtp_5.2.1",
        words(
            Consequence.SUPPRESS,
            "The e-mail address does not exist or takes no mail.",
            _FIX_ADDRESS,
            suppress=Suppressed.INVALID_ADDRESS,
        ),
    ),
    (
        "smtp_4.2.2 smtp_5.2.2 smtp_552",
        words(
            Consequence.RETRY,
            "The recipient's mailbox is full.",
            _TRIED_AGAIN,
            retry=_MAILBOX,
        ),
    ),
    (
        "smtp_5.3.4 smtp_5.2.3",
        words(
            Consequence.CONTENT,
            "The mail is larger than the mail server takes.",
            "Leave files out of it or make them smaller, and send again.",
        ),
    ),
    (
        "smtp_5.7.1 smtp_5.7.0 smtp_5.7.7 smtp_550 smtp_551 smtp_553 smtp_554 smtp_556 smtp_500",
        words(
            Consequence.FINAL,
            "The mail server refused the mail for this person.",
            "Its answer is in the message's details; reach this contact another way.",
        ),
    ),
    (
        # What RFC 7372 and RFC 7489 have added: DKIM, SPF, reverse names, DMARC.
        "smtp_5.7.20 smtp_5.7.21 smtp_5.7.22 smtp_5.7.23 smtp_5.7.25 smtp_5.7.26",
        words(
            Consequence.CONFIG,
            "The recipient's mail server does not believe that the mail is from us.",
            "Ask whoever looks after the domain to set up SPF, DKIM and DMARC.",
        ),
    ),
    (
        "smtp_530 smtp_534 smtp_535 smtp_538 smtp_5.7.8 smtp_5.7.9 smtp_5.7.11",
        words(
            Consequence.CONFIG,
            "The mail server did not accept the name and password.",
            _CHECK_SERVER,
        ),
    ),
    (
        "smtp_sender",
        words(
            Consequence.CONFIG,
            "The mail server takes no mail from this sender.",
            _CHECK_SERVER,
        ),
    ),
    (
        "smtp_421",
        words(
            Consequence.WAIT,
            "The mail server asks to wait.",
            "Nothing to do: it is sent as soon as the server takes it.",
        ),
    ),
    (
        "smtp_slow",
        words(
            Consequence.WAIT,
            "The mail server takes mails slower than they are sent.",
            "Nothing to do: it is sent as soon as the server takes it.",
        ),
    ),
    (
        "smtp_450 smtp_451 smtp_452 smtp_454 smtp_455 smtp_400",
        words(
            Consequence.RETRY,
            "The mail server refused it for now.",
            _TRIED_AGAIN,
            retry=_LATER,
        ),
    ),
    (
        "smtp_address",
        words(
            Consequence.FINAL,
            "Mail cannot be sent to this address as it is written.",
            _FIX_ADDRESS,
        ),
    ),
    (
        "smtp_5.6.7",
        words(
            Consequence.FINAL,
            "The mail server cannot send to an address with letters of this language.",
            "Reach this contact at another address or another way.",
        ),
    ),
    (
        "smtp_mail",
        words(
            Consequence.CONTENT,
            "The mail cannot be written: its sender, its reply address or a header is not valid.",
            "Look at the addresses of the step, and send again.",
        ),
    ),
)
