"""Providers' error codes as data: SendGrid's and our own, with those of Twilio and of mail servers
from beside it.

SendGrid has no codes, it has an event, a type and a reason in words; the codes are of our making.
Source of the meanings: SendGrid's event reference.
"""

from __future__ import annotations

from datetime import timedelta

from clarion.compliance.suppression import Suppressed
from clarion.providers.error_table_smtp import SMTP_WORDS
from clarion.providers.error_table_twilio import TWILIO_WORDS
from clarion.providers.error_words import Consequence, ErrorWords, RetryPlan, table, words

_CHECK_ACCOUNT = "Ask whoever looks after the provider's account to check it."
_NOTHING_TO_DO = "Nothing to do: the contact is left out from now on."
_TRIES_AGAIN = "It may work later: send it again in some hours."
_TRIED_AGAIN = "Clarion has tried it again by itself; it may still work on another day."
_FIX_ADDRESS = "Correct the e-mail address in the contact."

_HOUR = timedelta(hours=1)
_LATER = RetryPlan(pauses=(_HOUR, 6 * _HOUR), spread=True)

_SENDGRID = table(
    (
        "bounce",
        words(
            Consequence.SUPPRESS,
            "The e-mail address does not exist or takes no mail.",
            _FIX_ADDRESS,
            suppress=Suppressed.INVALID_ADDRESS,
        ),
    ),
    (
        "blocked",
        words(
            Consequence.RETRY,
            "The recipient's mail server refused it for now.",
            _TRIED_AGAIN,
            retry=_LATER,
        ),
    ),
    (
        "dropped_bounced",
        words(
            Consequence.SUPPRESS,
            "Not sent: earlier mail to this address came back.",
            _FIX_ADDRESS,
            suppress=Suppressed.INVALID_ADDRESS,
        ),
    ),
    (
        "dropped_unsubscribed unsubscribe group_unsubscribe",
        words(
            Consequence.SUPPRESS,
            "The person has unsubscribed.",
            _NOTHING_TO_DO,
            suppress=Suppressed.OPTED_OUT,
        ),
    ),
    (
        "dropped_spam_report spamreport",
        words(
            Consequence.SUPPRESS,
            "The person has marked our mail as spam.",
            _NOTHING_TO_DO,
            suppress=Suppressed.COMPLAINT,
        ),
    ),
    (
        "dropped_invalid",
        words(
            Consequence.SUPPRESS,
            "The e-mail address is not a valid one.",
            _FIX_ADDRESS,
            suppress=Suppressed.INVALID_ADDRESS,
        ),
    ),
    (
        "dropped_spam_content",
        words(
            Consequence.CONTENT,
            "The provider takes the text for spam.",
            "Look at the wording and the links, and send again.",
        ),
    ),
    (
        "dropped_quota",
        words(
            Consequence.CONFIG,
            "The plan with the provider has no mails left.",
            "Ask whoever looks after the SendGrid account to extend the plan.",
        ),
    ),
    (
        "dropped",
        words(Consequence.FINAL, "The provider decided not to send it.", _CHECK_ACCOUNT),
    ),
    (
        "deferred",
        words(
            Consequence.WAIT,
            "The recipient's mail server asks to wait.",
            "Nothing to do: the provider tries for three days.",
            retry=_LATER,
        ),
    ),
    (
        "sendgrid_400 sendgrid_413",
        words(
            Consequence.CONTENT,
            "The provider refused the mail as it is written.",
            "Look at the address, the subject and the text, and send again.",
        ),
    ),
    (
        "sendgrid_401 sendgrid_403 sendgrid_404 sendgrid_405",
        words(
            Consequence.CONFIG,
            "SendGrid did not accept the account's credentials or sender.",
            _CHECK_ACCOUNT,
        ),
    ),
    (
        "sendgrid_429",
        words(Consequence.WAIT, "SendGrid was given too many mails at once.", _TRIES_AGAIN),
    ),
)

#: What Clarion itself found, before or instead of a provider's answer.
_CLARION = table(
    (
        "text",
        words(
            Consequence.CONTENT,
            "The message could not be written for this contact: a field has no value.",
            "Give the fields in the message a fallback.",
        ),
    ),
    (
        "unavailable",
        words(Consequence.RETRY, "The provider could not be reached.", _TRIES_AGAIN),
    ),
    (
        "uncertain",
        words(
            Consequence.UNCERTAIN,
            "The provider's answer was lost, so the message may or may not have gone out.",
            "Nothing to do: the provider's records are asked, and the answer shows here.",
        ),
    ),
)

#: Every code that has words of its own.
ERROR_WORDS: dict[str, ErrorWords] = TWILIO_WORDS | _SENDGRID | SMTP_WORDS | _CLARION
