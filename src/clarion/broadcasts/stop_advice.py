"""What to do about a broadcast that stopped by itself, by what most of its messages failed with."""

from __future__ import annotations

from clarion.providers.error_codes import ERROR_WORDS, Consequence

_ACCOUNT = "Ask whoever looks after the provider's account to put it right"
_NUMBERS = "Correct or leave out such numbers with the filter of the next broadcast"
_TEXT = "Cancel it, change the text and send it as a new broadcast"

#: Where the code says more than its kind; without the last full stop.
_BY_CODE: dict[str, str] = {
    code: advice
    for codes, advice in (
        (
            "20003 20404 sendgrid_401 sendgrid_403 sendgrid_404 sendgrid_405",
            "Check the provider's credentials and sender in the settings",
        ),
        (
            "21212 21603 21606 21607 " + " ".join(str(code) for code in range(21701, 21713)),
            "Check the sender in the settings and in the Twilio console",
        ),
        ("21408", "Allow the countries of these numbers in the Twilio console"),
        ("21608", "Upgrade the Twilio trial account"),
        ("21609", "Correct PUBLIC_URL in the settings"),
        (
            "21610 30004 unsubscribe group_unsubscribe dropped_unsubscribed",
            (
                "These people have opted out and are left out from now on. Check where the list "
                "comes from and that the others have agreed to be written to"
            ),
        ),
        (
            "spamreport dropped_spam_report",
            (
                "These people have complained and are left out from now on. Check that the others "
                "have agreed to be written to"
            ),
        ),
        ("30002", "Ask the provider why the account is suspended, and have it opened again"),
        (
            "30003",
            (
                "These phones are off or out of reach, or the list is old. Wait some hours, or "
                "check where the numbers come from"
            ),
        ),
        (
            "21201 21211 21604 30005",
            f"These numbers are wrong or no longer in use, so the list may be old. {_NUMBERS}",
        ),
        (
            "21614 21635 30006",
            f"These numbers take no text messages, so they may be landlines. {_NUMBERS}",
        ),
        (
            "30007",
            (
                "Carriers take the message for spam. Check that the sender is registered for such "
                "messages. To change the wording or the links, cancel it and send a new broadcast"
            ),
        ),
        ("30010", "Raise the highest price of a message in the Twilio console"),
        ("30032", "Finish the verification of the toll-free number in the Twilio console"),
        ("30033 30034 30035", "Finish the registration of the sender in the Twilio console"),
        ("dropped_quota", "Extend the plan with SendGrid"),
        (
            "bounce dropped_bounced dropped_invalid",
            (
                "These e-mail addresses do not exist and are left out from now on. Check where the "
                "list comes from"
            ),
        ),
        (
            "text",
            (
                "A field in the message has no value for these people. To give it a fallback, "
                "cancel it and send a new broadcast"
            ),
        ),
    )
    for code in codes.split()
}

_BY_CONSEQUENCE: dict[Consequence, str] = {
    Consequence.FINAL: _NUMBERS,
    Consequence.WAIT: "Wait some hours, and set a lower speed limit",
    Consequence.RETRY: "Wait some hours; if it fails again, ask the provider",
    Consequence.OTHER_SENDER: "Add a sender to the settings that reaches these numbers",
    Consequence.SUPPRESS: "These addresses are left out from now on. Check where the list comes "
    "from",
    Consequence.CONTENT: _TEXT,
    Consequence.CONFIG: _ACCOUNT,
    Consequence.UNCERTAIN: "Wait until the provider's records have been asked",
}


_UNKNOWN = "Look the reason up in the provider's console, with the details of a message"


def advice_for_broadcast(code: str | None) -> str:
    """Whole sentences, to be followed by the words on resuming; for any code, or none."""
    known = ERROR_WORDS.get(code or "")
    if known is None:
        return f"{_UNKNOWN}."
    return f"{_BY_CODE.get(code or '', _BY_CONSEQUENCE[known.consequence])}."
