"""Who sends, as the settings say it: the pool of each channel and what it falls back to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarion.delivery.lanes import FALLBACK, POOL, LaneSpec
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from clarion.providers.mime.headers import read_address
from clarion.providers.smtp import Security
from clarion.wiring.settings import SendgridSettings, TwilioSettings, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from clarion.wiring.settings import Settings

#: What the name of a provider ends with that is fallen back to, and how its callbacks say it.
FALLBACK_MARK = "fallback"

SANDBOX = "sandbox"
TWILIO = "twilio"
SENDGRID = "sendgrid"
SMTP = "smtp"

SANDBOX_FROM_EMAIL = "hello@clarion.example"
SANDBOX_FALLBACK_NUMBER = "+15005550106"
SANDBOX_FALLBACK_EMAIL = "hello@fallback.clarion.example"

_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")

#: Whoever sets one of these means to send through the vendor; a rate alone says nothing.
_OF_A_TWILIO_ACCOUNT = {"auth_token", "sender", "api_key", "api_secret"}
_OF_A_SENDGRID_ACCOUNT = {"from_email", "event_public_key"}


def fallback_name(name: str) -> str:
    return f"{name}_{FALLBACK_MARK}"


def first_provider(settings: Settings, channel: Channel) -> str:
    """The name of the provider that the pool of a channel sends through."""
    if channel is Channel.SMS:
        return TWILIO if settings.uses_twilio else SANDBOX
    if settings.uses_sendgrid:
        return SENDGRID
    return SMTP if settings.uses_smtp else SANDBOX


def twilio_fallback(settings: Settings) -> TwilioSettings | None:
    """The account that is fallen back to: the first one, where it names none of its own."""
    fallback, first = settings.twilio_fallback, settings.twilio
    if not settings.uses_twilio or not fallback.sender:
        return None
    if fallback.account_sid:
        return fallback
    account = {
        name: getattr(first, name)
        for name in ("account_sid", "auth_token", "api_key", "api_secret")
    }
    return fallback.model_copy(update=account)


def sendgrid_fallback(settings: Settings) -> SendgridSettings | None:
    """The same for e-mail."""
    fallback, first = settings.sendgrid_fallback, settings.sendgrid
    if not settings.uses_sendgrid or not fallback.from_email:
        return None
    if fallback.api_key.get_secret_value():
        return fallback
    account = {
        "api_key": first.api_key,
        "event_public_key": fallback.event_public_key or first.event_public_key,
        "from_name": fallback.from_name or first.from_name,
    }
    return fallback.model_copy(update=account)


def sandbox_falls_back(settings: Settings, channel: Channel) -> bool:
    return bool(settings.sandbox.fallback_url) and first_provider(settings, channel) == SANDBOX


def sender_lanes(settings: Settings) -> list[LaneSpec]:
    """A lane for each sender that the settings name; of each channel the pool comes first."""
    return [*_sms_lanes(settings), *_email_lanes(settings)]


def _sms_lanes(settings: Settings) -> Iterator[LaneSpec]:
    sandbox, fallback = settings.sandbox, twilio_fallback(settings)
    paces = (sandbox.rate_per_second, sandbox.segments_per_second)
    if settings.uses_twilio:
        yield from _twilio_lanes(TWILIO, settings.twilio, POOL)
    else:
        for sender in named(sandbox.senders):
            yield _sms_lane(SANDBOX, sender, *paces, POOL)
    if fallback is not None:
        yield from _twilio_lanes(fallback_name(TWILIO), fallback, FALLBACK)
    if sandbox_falls_back(settings, Channel.SMS):
        yield _sms_lane(fallback_name(SANDBOX), SANDBOX_FALLBACK_NUMBER, *paces, FALLBACK)


def _twilio_lanes(name: str, twilio: TwilioSettings, tier: int) -> Iterator[LaneSpec]:
    for sender in named(twilio.sender):
        yield _sms_lane(name, sender, twilio.rate_per_second, twilio.segments_per_second, tier)


def _sms_lane(
    provider: str, sender: str, rate: Decimal, segments: Decimal | None, tier: int
) -> LaneSpec:
    return LaneSpec(
        channel=Channel.SMS,
        provider=provider,
        sender=sender,
        rate_per_second=rate,
        segments_per_second=segments,
        tier=tier,
    )


def _email_lanes(settings: Settings) -> Iterator[LaneSpec]:
    first, fallback = settings.sendgrid, sendgrid_fallback(settings)
    rate = settings.sandbox.rate_per_second
    if settings.uses_sendgrid:
        yield _email_lane(SENDGRID, first.from_email, first.rate_per_second, POOL)
    if settings.uses_smtp:
        tier = FALLBACK if settings.uses_sendgrid else POOL
        yield _email_lane(SMTP, settings.smtp.from_email, settings.smtp.rate_per_second, tier)
    if first_provider(settings, Channel.EMAIL) == SANDBOX:
        yield _email_lane(SANDBOX, SANDBOX_FROM_EMAIL, rate, POOL)
    if fallback is not None:
        name = fallback_name(SENDGRID)
        yield _email_lane(name, fallback.from_email, fallback.rate_per_second, FALLBACK)
    if sandbox_falls_back(settings, Channel.EMAIL):
        yield _email_lane(fallback_name(SANDBOX), SANDBOX_FALLBACK_EMAIL, rate, FALLBACK)


def _email_lane(provider: str, sender: str, rate: Decimal, tier: int) -> LaneSpec:
    return LaneSpec(
        channel=Channel.EMAIL, provider=provider, sender=sender, rate_per_second=rate, tier=tier
    )


def sender_problems(settings: Settings) -> list[str]:
    """What does not fit together, each naming its setting; empty when all does."""
    return [
        *_twilio_problems(settings),
        *_twilio_fallback_problems(settings),
        *_sendgrid_problems(settings),
        *_sendgrid_fallback_problems(settings),
        *_smtp_problems(settings),
        *_sandbox_problems(settings),
    ]


def _twilio_problems(settings: Settings) -> Iterator[str]:
    twilio = settings.twilio
    if not settings.uses_twilio:
        if twilio.model_fields_set & _OF_A_TWILIO_ACCOUNT:
            yield (
                "Set TWILIO__ACCOUNT_SID, or leave TWILIO__… out: without it SMS go to the sandbox."
            )
        return
    if not twilio.auth_token.get_secret_value():
        yield "Set TWILIO__AUTH_TOKEN: without it no callback can be trusted."
    yield from _credential_problems("TWILIO", twilio)
    if not named(twilio.sender):
        yield _no_sender("TWILIO__SENDER")
    yield from _number_problems("TWILIO__SENDER", twilio.sender)


def _twilio_fallback_problems(settings: Settings) -> Iterator[str]:
    fallback = settings.twilio_fallback
    given = fallback.model_fields_set
    if not given:
        return
    if not settings.uses_twilio:
        yield (
            "Set TWILIO__ACCOUNT_SID, or leave TWILIO_FALLBACK__… out: what the sandbox cannot "
            "deliver must not go to phones."
        )
        return
    if not named(fallback.sender):
        yield _no_sender("TWILIO_FALLBACK__SENDER")
    yield from _number_problems("TWILIO_FALLBACK__SENDER", fallback.sender)
    yield from _credential_problems("TWILIO_FALLBACK", fallback)
    own_token = bool(fallback.auth_token.get_secret_value())
    if fallback.account_sid and not own_token:
        yield (
            "Set TWILIO_FALLBACK__AUTH_TOKEN: TWILIO_FALLBACK__ACCOUNT_SID has a token of its own."
        )
    if not fallback.account_sid and (own_token or fallback.api_key):
        yield (
            "Set TWILIO_FALLBACK__ACCOUNT_SID, or leave TWILIO_FALLBACK__AUTH_TOKEN and "
            "TWILIO_FALLBACK__API_KEY out: without an account of its own the fallback uses "
            "TWILIO__ACCOUNT_SID."
        )
    if fallback.account_sid in ("", settings.twilio.account_sid):
        for sender in named(fallback.sender):
            if sender in named(settings.twilio.sender):
                yield (
                    f"TWILIO_FALLBACK__SENDER names {sender}, as TWILIO__SENDER does: a sender "
                    "has one pace."
                )


def _credential_problems(prefix: str, twilio: TwilioSettings) -> Iterator[str]:
    if bool(twilio.api_key) != bool(twilio.api_secret.get_secret_value()):
        yield f"{prefix}__API_KEY and {prefix}__API_SECRET belong together."


def _no_sender(setting: str) -> str:
    return f"Set {setting} to a number like +15125550100 or a Messaging Service (MG…)."


def _number_problems(setting: str, senders: str) -> Iterator[str]:
    seen = set()
    for sender in named(senders):
        if not (_NUMBER.fullmatch(sender) or _SERVICE.fullmatch(sender)):
            yield (
                f"Set {setting} to a number like +15125550100, a short code or a Messaging Service "
                f"(MG and 32 digits), which can all be answered with STOP; {sender} is none."
            )
        if sender in seen:
            yield f"{setting} names {sender} twice: a sender has one pace."
        seen.add(sender)


def _sendgrid_problems(settings: Settings) -> Iterator[str]:
    if settings.uses_sendgrid:
        yield from _mail_problems("SENDGRID", settings.sendgrid)
    elif settings.sendgrid.model_fields_set & _OF_A_SENDGRID_ACCOUNT:
        yield "Set SENDGRID__API_KEY, or leave SENDGRID__… out: without it SendGrid is not used."


def _sendgrid_fallback_problems(settings: Settings) -> Iterator[str]:
    fallback = settings.sendgrid_fallback
    if not fallback.model_fields_set:
        return
    if not settings.uses_sendgrid:
        yield (
            "Set SENDGRID__API_KEY, or leave SENDGRID_FALLBACK__… out: what the sandbox cannot "
            "deliver must not go to mailboxes."
        )
        return
    account = sendgrid_fallback(settings)
    yield from _mail_problems("SENDGRID_FALLBACK", account or fallback)
    same_account = (
        account is not None
        and account.api_key.get_secret_value() == settings.sendgrid.api_key.get_secret_value()
    )
    if same_account and fallback.from_email == settings.sendgrid.from_email:
        yield (
            "SENDGRID_FALLBACK__FROM_EMAIL is SENDGRID__FROM_EMAIL, of the same account: a sender "
            "has one pace."
        )


def _mail_problems(prefix: str, mail: SendgridSettings) -> Iterator[str]:
    if "@" not in mail.from_email:
        yield f"Set {prefix}__FROM_EMAIL to the address that mails are sent from."
    if not mail.event_public_key:
        yield (
            f"Set {prefix}__EVENT_PUBLIC_KEY to the verification key of the event webhook: "
            "without it no event can be trusted."
        )


def _smtp_problems(settings: Settings) -> Iterator[str]:
    smtp = settings.smtp
    if not smtp.model_fields_set:
        return
    if not smtp.host:
        yield "Set SMTP__HOST to the mail server, or leave SMTP__… out."
        return
    try:
        read_address(smtp.from_email, pointer="")
    except Invalid:
        yield "Set SMTP__FROM_EMAIL to the address that mails are sent from, without a name."
    password = smtp.password.get_secret_value()
    if bool(smtp.username) != bool(password):
        yield "SMTP__USERNAME and SMTP__PASSWORD belong together."
    if password and smtp.security is Security.NONE and not _is_this_machine(smtp.host):
        yield (
            "Set SMTP__SECURITY to starttls or tls: with none the password goes over the network "
            "for everybody to read."
        )
    if settings.uses_sendgrid and settings.sendgrid_fallback.model_fields_set:
        yield (
            "Leave SMTP__… or SENDGRID_FALLBACK__… out: SendGrid falls back to one of them, and "
            "either would do."
        )


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _sandbox_problems(settings: Settings) -> Iterator[str]:
    sandbox = settings.sandbox
    if not settings.uses_twilio:
        if not named(sandbox.senders):
            yield _no_sender("SANDBOX__SENDERS")
        yield from _number_problems("SANDBOX__SENDERS", sandbox.senders)
    if sandbox.fallback_url and sandbox.fallback_url == sandbox.url:
        yield "SANDBOX__FALLBACK_URL is SANDBOX__URL: the fallback is a second sandbox."
