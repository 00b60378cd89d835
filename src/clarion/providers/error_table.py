"""Providers' error codes as data.

Vendors add and change codes (Twilio says so of its own), and a new row is all that one needs.
Source of the meanings: twilio.com/docs/api/errors and SendGrid's event reference.
"""

from __future__ import annotations

from clarion.providers.error_words import Consequence, ErrorWords


def _words(consequence: Consequence, words: str, advice: str) -> ErrorWords:
    return ErrorWords(words=words, advice=advice, consequence=consequence)


_FIX_NUMBER = "Correct the phone number in the contact and send again."
_CHECK_SENDER = "Ask whoever looks after the Twilio account to check the sender in the settings."
_CHECK_ACCOUNT = "Ask whoever looks after the provider's account to check it."
_NOTHING_TO_DO = "Nothing to do: the contact is left out from now on."
_TRIES_AGAIN = "It may work later: send it again in some hours."
_SHORTEN = "Change the text and send again."
_OTHER_WAY = "Reach this contact by e-mail or by a call."


def _table(*groups: tuple[str, ErrorWords]) -> dict[str, ErrorWords]:
    return {code: words for codes, words in groups for code in codes.split()}


_TWILIO_REQUEST = _table(
    (
        "20003 20404",
        _words(
            Consequence.CONFIG, "Twilio did not accept the account's credentials.", _CHECK_ACCOUNT
        ),
    ),
    (
        "20429",
        _words(Consequence.WAIT, "Twilio was given too many messages at once.", _TRIES_AGAIN),
    ),
    (
        "20500 20503",
        _words(
            Consequence.UNCERTAIN,
            "Twilio had a problem while it took the message, so it may or may not have gone out.",
            "Nothing to do: Twilio's records are asked, and the answer shows here.",
        ),
    ),
    (
        "21201 21211 21604",
        _words(Consequence.FINAL, "The phone number is missing or not a real one.", _FIX_NUMBER),
    ),
    (
        "21212 21603 21606 21607",
        _words(Consequence.CONFIG, "The sender number cannot send text messages.", _CHECK_SENDER),
    ),
    (
        "21408",
        _words(
            Consequence.CONFIG,
            "The account may not send to the country of this number.",
            "Ask whoever looks after the Twilio account to allow that country.",
        ),
    ),
    (
        "21608",
        _words(
            Consequence.CONFIG,
            "The account is a trial account, which reaches only verified numbers.",
            "Upgrade the Twilio account, or verify this number there.",
        ),
    ),
    (
        "21609",
        _words(
            Consequence.CONFIG,
            "The address where Twilio reports deliveries is not a valid public address.",
            "Correct the public address of Clarion in the settings.",
        ),
    ),
    (
        "21610",
        _words(Consequence.SUPPRESS, "The person has opted out by replying STOP.", _NOTHING_TO_DO),
    ),
    (
        "21611",
        _words(
            Consequence.WAIT,
            "The sender number has as many messages waiting as it may have.",
            _TRIES_AGAIN,
        ),
    ),
    (
        "21612",
        _words(
            Consequence.FINAL,
            "This number cannot be reached by text message from this sender.",
            "Try another sender number, or reach this contact another way.",
        ),
    ),
    (
        "21614 21635",
        _words(Consequence.FINAL, "The number is not a mobile number.", _OTHER_WAY),
    ),
    ("21617", _words(Consequence.CONTENT, "The text is longer than 1600 characters.", _SHORTEN)),
    ("21602", _words(Consequence.CONTENT, "The message has no text.", _SHORTEN)),
    (
        "21620 21623",
        _words(
            Consequence.CONTENT,
            "The picture or file in the message cannot be used.",
            "Replace or remove the file and send again.",
        ),
    ),
    (
        " ".join(str(code) for code in range(21701, 21713)),
        _words(
            Consequence.CONFIG,
            "The messaging service is missing or has no number that can send.",
            _CHECK_SENDER,
        ),
    ),
    (
        "35111 35114 35115 35117 35118 35125",
        _words(
            Consequence.CONFIG,
            "Twilio could not schedule the message for this time.",
            "Choose another time and send again.",
        ),
    ),
)

_TWILIO_DELIVERY = _table(
    (
        "30001",
        _words(Consequence.WAIT, "The message waited too long for its turn.", _TRIES_AGAIN),
    ),
    (
        "30002",
        _words(Consequence.CONFIG, "The provider has suspended the account.", _CHECK_ACCOUNT),
    ),
    (
        "30003",
        _words(
            Consequence.RETRY,
            "The phone could not be reached: it is switched off or has no signal.",
            _TRIES_AGAIN,
        ),
    ),
    (
        "30004",
        _words(
            Consequence.SUPPRESS,
            "The person or their carrier blocks messages from this sender.",
            _NOTHING_TO_DO,
        ),
    ),
    (
        "30005",
        _words(Consequence.FINAL, "The phone number is unknown or no longer in use.", _FIX_NUMBER),
    ),
    (
        "30006",
        _words(
            Consequence.FINAL,
            "The number is a landline, or its carrier takes no text messages.",
            _OTHER_WAY,
        ),
    ),
    (
        "30007",
        _words(
            Consequence.CONTENT,
            "The carrier filtered the message out as unwanted.",
            "Look at the wording and the links; if many fail like this, stop the broadcast.",
        ),
    ),
    (
        "30008",
        _words(
            Consequence.RETRY, "The carrier could not deliver it and did not say why.", _TRIES_AGAIN
        ),
    ),
    (
        "30010",
        _words(
            Consequence.CONFIG,
            "The message would have cost more than the account allows.",
            _CHECK_ACCOUNT,
        ),
    ),
    (
        "30012",
        _words(
            Consequence.CONFIG,
            "The time in which the message had to go out was too short.",
            "Give the broadcast a longer window and send again.",
        ),
    ),
    (
        "30017",
        _words(Consequence.WAIT, "The carrier's network was overloaded.", _TRIES_AGAIN),
    ),
    (
        "30022 30023 30027",
        _words(
            Consequence.WAIT,
            "The sender has reached what the carriers allow it for now.",
            "Nothing to do: the rest goes out when the limit is lifted.",
        ),
    ),
    (
        "30025 30026",
        _words(
            Consequence.WAIT,
            "The sender is close to its daily limit with a carrier.",
            "Plan large broadcasts over several days.",
        ),
    ),
    (
        "30032",
        _words(
            Consequence.CONFIG,
            "The toll-free number has not been verified yet.",
            "Finish the verification of the number in the Twilio console.",
        ),
    ),
    (
        "30033 30034 30035",
        _words(
            Consequence.CONFIG,
            "The sender number is not registered for business messages, or its registration "
            "is suspended or not finished.",
            "Finish the registration of the number in the Twilio console.",
        ),
    ),
    (
        "30047",
        _words(
            Consequence.RETRY,
            "The message fell into quiet hours and was not sent.",
            _TRIES_AGAIN,
        ),
    ),
    (
        "30410",
        _words(
            Consequence.UNCERTAIN,
            "The carrier did not answer, so the message may or may not have arrived.",
            "Do not send it again without asking the contact.",
        ),
    ),
    (
        "30450",
        _words(
            Consequence.WAIT, "The number is blocked for a short time by the carrier.", _TRIES_AGAIN
        ),
    ),
    (
        "63038",
        _words(
            Consequence.WAIT,
            "The account has sent as many messages today as it may.",
            "Nothing to do: the rest goes out tomorrow.",
        ),
    ),
)

#: Codes of our own making: SendGrid has none, it has an event, a type and a reason in words.
_SENDGRID = _table(
    (
        "bounce",
        _words(
            Consequence.SUPPRESS,
            "The e-mail address does not exist or takes no mail.",
            "Correct the e-mail address in the contact.",
        ),
    ),
    (
        "blocked",
        _words(Consequence.RETRY, "The recipient's mail server refused it for now.", _TRIES_AGAIN),
    ),
    (
        "dropped_bounced",
        _words(
            Consequence.SUPPRESS,
            "Not sent: earlier mail to this address came back.",
            "Correct the e-mail address in the contact.",
        ),
    ),
    (
        "dropped_unsubscribed unsubscribe group_unsubscribe",
        _words(Consequence.SUPPRESS, "The person has unsubscribed.", _NOTHING_TO_DO),
    ),
    (
        "dropped_spam_report spamreport",
        _words(Consequence.SUPPRESS, "The person has marked our mail as spam.", _NOTHING_TO_DO),
    ),
    (
        "dropped_invalid",
        _words(
            Consequence.FINAL,
            "The e-mail address is not a valid one.",
            "Correct the e-mail address in the contact.",
        ),
    ),
    (
        "dropped_spam_content",
        _words(
            Consequence.CONTENT,
            "The provider takes the text for spam.",
            "Look at the wording and the links, and send again.",
        ),
    ),
    (
        "dropped_quota",
        _words(
            Consequence.CONFIG,
            "The plan with the provider has no mails left.",
            "Ask whoever looks after the SendGrid account to extend the plan.",
        ),
    ),
    (
        "dropped",
        _words(Consequence.FINAL, "The provider decided not to send it.", _CHECK_ACCOUNT),
    ),
    (
        "deferred",
        _words(
            Consequence.WAIT,
            "The recipient's mail server asks to wait.",
            "Nothing to do: the provider tries for three days.",
        ),
    ),
    (
        "sendgrid_400 sendgrid_413",
        _words(
            Consequence.CONTENT,
            "The provider refused the mail as it is written.",
            "Look at the address, the subject and the text, and send again.",
        ),
    ),
    (
        "sendgrid_401 sendgrid_403 sendgrid_404 sendgrid_405",
        _words(
            Consequence.CONFIG,
            "SendGrid did not accept the account's credentials or sender.",
            _CHECK_ACCOUNT,
        ),
    ),
    (
        "sendgrid_429",
        _words(Consequence.WAIT, "SendGrid was given too many mails at once.", _TRIES_AGAIN),
    ),
)

#: What Clarion itself found, before or instead of a provider's answer.
_CLARION = _table(
    (
        "text",
        _words(
            Consequence.CONTENT,
            "The message could not be written for this contact: a field has no value.",
            "Give the fields in the message a fallback.",
        ),
    ),
    (
        "unavailable",
        _words(Consequence.RETRY, "The provider could not be reached.", _TRIES_AGAIN),
    ),
    (
        "uncertain",
        _words(
            Consequence.UNCERTAIN,
            "The provider's answer was lost, so the message may or may not have gone out.",
            "Nothing to do: the provider's records are asked, and the answer shows here.",
        ),
    ),
)

#: Every code that has words of its own.
ERROR_WORDS: dict[str, ErrorWords] = _TWILIO_REQUEST | _TWILIO_DELIVERY | _SENDGRID | _CLARION
