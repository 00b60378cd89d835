"""Twilio's error codes as data.

Vendors add and change codes (Twilio says so of its own), and a new row is all that one needs.
Source of the meanings: twilio.com/docs/api/errors.
"""

from __future__ import annotations

from datetime import timedelta

from clarion.compliance.suppression import Suppressed
from clarion.providers.error_words import Consequence, ErrorWords, RetryPlan, table, words

_FIX_NUMBER = "Correct the phone number in the contact and send again."
_CHECK_SENDER = "Ask whoever looks after the Twilio account to check the sender in the settings."
_CHECK_ACCOUNT = "Ask whoever looks after the provider's account to check it."
_NOTHING_TO_DO = "Nothing to do: the contact is left out from now on."
_TRIES_AGAIN = "It may work later: send it again in some hours."
_TRIED_AGAIN = "Clarion has tried it again by itself; it may still work on another day."
_SHORTEN = "Change the text and send again."
_OTHER_WAY = "Reach this contact by e-mail or by a call."

_HOUR = timedelta(hours=1)

_AFTER_AN_HOUR = RetryPlan(pauses=(_HOUR,))
_SPREAD_OUT = RetryPlan(pauses=(_HOUR / 2, 2 * _HOUR, 6 * _HOUR), spread=True)
_NEXT_DAY = RetryPlan(pauses=(24 * _HOUR, 24 * _HOUR), next_day=True)

_REQUEST = table(
    (
        "20003 20404",
        words(
            Consequence.CONFIG, "Twilio did not accept the account's credentials.", _CHECK_ACCOUNT
        ),
    ),
    (
        "20429",
        words(Consequence.WAIT, "Twilio was given too many messages at once.", _TRIES_AGAIN),
    ),
    (
        "20500 20503",
        words(
            Consequence.UNCERTAIN,
            "Twilio had a problem while it took the message, so it may or may not have gone out.",
            "Nothing to do: Twilio's records are asked, and the answer shows here.",
        ),
    ),
    (
        "21201 21604",
        words(Consequence.FINAL, "The phone number is missing.", _FIX_NUMBER),
    ),
    (
        "21211",
        words(
            Consequence.SUPPRESS,
            "The phone number is not a real one.",
            _FIX_NUMBER,
            suppress=Suppressed.INVALID_ADDRESS,
        ),
    ),
    (
        "21212 21603 21606 21607",
        words(Consequence.CONFIG, "The sender number cannot send text messages.", _CHECK_SENDER),
    ),
    (
        "21408",
        words(
            Consequence.CONFIG,
            "The account may not send to the country of this number.",
            "Ask whoever looks after the Twilio account to allow that country.",
        ),
    ),
    (
        "21608",
        words(
            Consequence.CONFIG,
            "The account is a trial account, which reaches only verified numbers.",
            "Upgrade the Twilio account, or verify this number there.",
        ),
    ),
    (
        "21609",
        words(
            Consequence.CONFIG,
            "The address where Twilio reports deliveries is not a valid public address.",
            "Correct the public address of Clarion in the settings.",
        ),
    ),
    (
        "21610",
        words(
            Consequence.SUPPRESS,
            "The person has opted out by replying STOP.",
            _NOTHING_TO_DO,
            suppress=Suppressed.OPTED_OUT,
        ),
    ),
    (
        "21611",
        words(
            Consequence.WAIT,
            "The sender number has as many messages waiting as it may have.",
            _TRIES_AGAIN,
            retry=_AFTER_AN_HOUR,
        ),
    ),
    (
        "21612",
        words(
            Consequence.OTHER_SENDER,
            "This number cannot be reached by text message from this sender.",
            "Try another sender number, or reach this contact another way.",
        ),
    ),
    (
        "21614 21635",
        words(Consequence.FINAL, "The number is not a mobile number.", _OTHER_WAY),
    ),
    ("21617", words(Consequence.CONTENT, "The text is longer than 1600 characters.", _SHORTEN)),
    ("21602", words(Consequence.CONTENT, "The message has no text.", _SHORTEN)),
    (
        "21620 21623",
        words(
            Consequence.CONTENT,
            "The picture or file in the message cannot be used.",
            "Replace or remove the file and send again.",
        ),
    ),
    (
        " ".join(str(code) for code in range(21701, 21713)),
        words(
            Consequence.CONFIG,
            "The messaging service is missing or has no number that can send.",
            _CHECK_SENDER,
        ),
    ),
    (
        "35111 35114 35115 35117 35118 35125",
        words(
            Consequence.CONFIG,
            "Twilio could not schedule the message for this time.",
            "Choose another time and send again.",
        ),
    ),
)

_DELIVERY = table(
    (
        "30001",
        words(
            Consequence.WAIT,
            "The message waited too long for its turn.",
            _TRIED_AGAIN,
            retry=_SPREAD_OUT,
        ),
    ),
    (
        "30002",
        words(Consequence.CONFIG, "The provider has suspended the account.", _CHECK_ACCOUNT),
    ),
    (
        "30003",
        words(
            Consequence.RETRY,
            "The phone could not be reached: it is switched off or has no signal.",
            _TRIED_AGAIN,
            retry=RetryPlan(pauses=(2 * _HOUR, 8 * _HOUR)),
        ),
    ),
    (
        "30004",
        words(
            Consequence.SUPPRESS,
            "The person or their carrier blocks messages from this sender.",
            _NOTHING_TO_DO,
            # Nobody can tell the two apart, so it counts as a wish; a START takes it back.
            suppress=Suppressed.OPTED_OUT,
        ),
    ),
    (
        "30005",
        words(
            Consequence.RETRY,
            "The phone number is unknown or no longer in use.",
            _FIX_NUMBER,
            retry=_AFTER_AN_HOUR,
        ),
    ),
    (
        "30006",
        words(
            Consequence.FINAL,
            "The number is a landline, or its carrier takes no text messages.",
            _OTHER_WAY,
        ),
    ),
    (
        "30007",
        words(
            Consequence.CONTENT,
            "The carrier filtered the message out as unwanted.",
            "Look at the wording and the links; if many fail like this, stop the broadcast.",
        ),
    ),
    (
        "30008",
        words(
            Consequence.RETRY,
            "The carrier could not deliver it and did not say why.",
            _TRIED_AGAIN,
            retry=_AFTER_AN_HOUR,
        ),
    ),
    (
        "30010",
        words(
            Consequence.CONFIG,
            "The message would have cost more than the account allows.",
            _CHECK_ACCOUNT,
        ),
    ),
    (
        "30012",
        words(
            Consequence.CONFIG,
            "The time in which the message had to go out was too short.",
            "Give the broadcast a longer window and send again.",
        ),
    ),
    (
        "30017",
        words(
            Consequence.WAIT,
            "The carrier's network was overloaded.",
            _TRIED_AGAIN,
            retry=_SPREAD_OUT,
        ),
    ),
    (
        "30022",
        words(
            Consequence.WAIT,
            "The sender was faster than the carriers allow it.",
            _TRIED_AGAIN,
            retry=_SPREAD_OUT,
        ),
    ),
    (
        "30023 30027",
        words(
            Consequence.WAIT,
            "The sender has reached what a carrier allows it for the day.",
            "Send it again tomorrow, or plan large broadcasts over several days.",
            retry=_NEXT_DAY,
        ),
    ),
    (
        "30025 30026",
        words(
            Consequence.WAIT,
            "The sender is close to its daily limit with a carrier.",
            "Plan large broadcasts over several days.",
        ),
    ),
    (
        "30032",
        words(
            Consequence.CONFIG,
            "The toll-free number has not been verified yet.",
            "Finish the verification of the number in the Twilio console.",
        ),
    ),
    (
        "30033 30034 30035",
        words(
            Consequence.CONFIG,
            "The sender number is not registered for business messages, or its registration "
            "is suspended or not finished.",
            "Finish the registration of the number in the Twilio console.",
        ),
    ),
    (
        "30047",
        words(
            Consequence.RETRY,
            "The message fell into quiet hours and was not sent.",
            _TRIED_AGAIN,
            retry=_AFTER_AN_HOUR,
        ),
    ),
    (
        "30410",
        words(
            Consequence.UNCERTAIN,
            "The carrier did not answer, so the message may or may not have arrived.",
            "Do not send it again without asking the contact.",
        ),
    ),
    (
        "30450",
        words(
            Consequence.RETRY,
            "The number is blocked for a short time by the carrier.",
            _TRIED_AGAIN,
            retry=_AFTER_AN_HOUR,
        ),
    ),
    (
        "63038",
        words(
            Consequence.WAIT,
            "The account has sent as many messages today as it may.",
            "Send it again tomorrow, or plan large broadcasts over several days.",
            retry=_NEXT_DAY,
        ),
    ),
)

#: Never of a text message: a sender of another kind is set up.
_OTHER_CHANNELS = table(
    (
        "63016",
        words(
            Consequence.CONTENT,
            "Outside a conversation this channel takes approved templates only.",
            _SHORTEN,
        ),
    ),
    (
        "63018",
        words(Consequence.WAIT, "The channel was given too many messages at once.", _TRIES_AGAIN),
    ),
    (
        "63024",
        words(Consequence.FINAL, "The contact cannot be reached on this channel.", _OTHER_WAY),
    ),
)

TWILIO_WORDS: dict[str, ErrorWords] = _REQUEST | _DELIVERY | _OTHER_CHANNELS
