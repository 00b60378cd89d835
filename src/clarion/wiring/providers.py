"""Makes the providers that the settings name: real accounts, or the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.providers.mime.headers import read_address
from clarion.providers.sandbox.settings import (
    SANDBOX_ACCOUNT_SID,
    SANDBOX_AUTH_TOKEN,
    SANDBOX_SENDGRID_API_KEY,
)
from clarion.providers.sandbox.settings import SandboxSettings as SandboxBehaviour
from clarion.providers.sendgrid.email import SendGridEmail
from clarion.providers.smtp import SmtpEmail, SmtpServer
from clarion.providers.twilio.sms import TwilioSms
from clarion.wiring.secrets import sandbox_sendgrid_key, sandbox_sendgrid_public_key
from clarion.wiring.senders import (
    FALLBACK_MARK,
    SANDBOX,
    SANDBOX_FALLBACK_EMAIL,
    SANDBOX_FALLBACK_NUMBER,
    SANDBOX_FROM_EMAIL,
    SENDGRID,
    SMTP,
    TWILIO,
    fallback_name,
    first_provider,
    sandbox_falls_back,
    sender_problems,
    sendgrid_fallback,
    twilio_fallback,
)
from clarion.wiring.settings import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.providers.sending import Provider, Providers
    from clarion.wiring.settings import SendgridSettings, Settings, SmtpSettings, TwilioSettings

STATUS_PATH = "/api/v1/callbacks/twilio/status"
INBOUND_PATH = "/api/v1/callbacks/twilio/inbound"
EMAIL_EVENTS_PATH = "/api/v1/callbacks/sendgrid/events"

#: Added to a callback's address of a provider that is fallen back to; none: of the first one.
_OF_FALLBACK = f"?p={FALLBACK_MARK}"


def make_providers(settings: Settings) -> Providers:
    """The providers by name and channel; each holds a connection pool that the caller closes.

    Raises Misconfigured, naming the setting, when the senders do not fit together.
    """
    problems = sender_problems(settings)
    if problems:
        raise Misconfigured(problems[0])
    made = [*_sms(settings), *_email(settings)]
    return {(each.name, each.channel): each for each in made}


def provider_of_callback(
    providers: Providers, settings: Settings, channel: Channel, mark: str | None
) -> Provider | None:
    """Who signed a callback, by what its address says (`p`); None: there is no such provider."""
    name = first_provider(settings, channel)
    if mark not in (None, FALLBACK_MARK):
        return None
    return providers.get((name if mark is None else fallback_name(name), channel))


def _sms(settings: Settings) -> Iterator[Provider]:
    fallback = twilio_fallback(settings)
    if settings.uses_twilio:
        yield _twilio(settings, TWILIO, settings.twilio)
    else:
        yield _sandbox_sms(
            settings, SANDBOX, settings.sandbox.url, named(settings.sandbox.senders)[0]
        )
    if fallback is not None:
        yield _twilio(settings, fallback_name(TWILIO), fallback)
    if sandbox_falls_back(settings, Channel.SMS):
        url = settings.sandbox.fallback_url
        yield _sandbox_sms(settings, fallback_name(SANDBOX), url, SANDBOX_FALLBACK_NUMBER)


def _email(settings: Settings) -> Iterator[Provider]:
    fallback = sendgrid_fallback(settings)
    if settings.uses_sendgrid:
        yield _sendgrid(settings, SENDGRID, settings.sendgrid)
    if settings.uses_smtp:
        yield _smtp(settings.smtp)
    if first_provider(settings, Channel.EMAIL) == SANDBOX:
        yield _sandbox_email(settings, SANDBOX, settings.sandbox.url, SANDBOX_FROM_EMAIL)
    if fallback is not None:
        yield _sendgrid(settings, fallback_name(SENDGRID), fallback)
    if sandbox_falls_back(settings, Channel.EMAIL):
        url = settings.sandbox.fallback_url
        yield _sandbox_email(settings, fallback_name(SANDBOX), url, SANDBOX_FALLBACK_EMAIL)


def _twilio(settings: Settings, name: str, twilio: TwilioSettings) -> TwilioSms:
    return TwilioSms(
        account_sid=twilio.account_sid,
        auth_token=twilio.auth_token.get_secret_value(),
        sender=named(twilio.sender)[0],
        status_callback_url=_status_url(settings, name),
        api_key=twilio.api_key or None,
        api_secret=twilio.api_secret.get_secret_value() or None,
        name=name,
        connections=settings.worker_on_the_way,
    )


def _sandbox_sms(settings: Settings, name: str, url: str, sender: str) -> TwilioSms:
    return TwilioSms(
        account_sid=SANDBOX_ACCOUNT_SID,
        auth_token=SANDBOX_AUTH_TOKEN,
        sender=sender,
        status_callback_url=_status_url(settings, name),
        api_base=url,
        name=name,
        connections=settings.worker_on_the_way,
    )


def _sendgrid(settings: Settings, name: str, mail: SendgridSettings) -> SendGridEmail:
    return SendGridEmail(
        api_key=mail.api_key.get_secret_value(),
        sender=mail.from_email,
        sender_name=mail.from_name or None,
        public_key=mail.event_public_key,
        name=name,
        connections=settings.worker_on_the_way,
    )


def _smtp(smtp: SmtpSettings) -> SmtpEmail:
    server = SmtpServer(
        host=smtp.host,
        port=smtp.usual_port,
        security=smtp.security,
        # A name that others can look up, which that of a container is not.
        called=read_address(smtp.from_email, pointer="").domain,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
    )
    return SmtpEmail(
        server,
        sender=smtp.from_email,
        sender_name=smtp.from_name or None,
        name=SMTP,
        connections=smtp.connections,
    )


def _sandbox_email(settings: Settings, name: str, url: str, sender: str) -> SendGridEmail:
    return SendGridEmail(
        api_key=SANDBOX_SENDGRID_API_KEY,
        sender=sender,
        public_key=sandbox_sendgrid_public_key(settings),
        api_base=url,
        name=name,
        connections=settings.worker_on_the_way,
    )


def _status_url(settings: Settings, name: str) -> str:
    mark = _OF_FALLBACK if name.endswith(FALLBACK_MARK) else ""
    return f"{settings.base_url}{STATUS_PATH}{mark}"


def sandbox_behaviour(settings: Settings, *, fallback: bool = False) -> SandboxBehaviour:
    """The sandbox as `clarion sandbox` and `clarion up` start it; or the one fallen back to."""
    mark = _OF_FALLBACK if fallback else ""
    return SandboxBehaviour(
        latency_ms=settings.sandbox.latency_ms,
        callback_delay_ms=settings.sandbox.callback_delay_ms,
        failure_rate=settings.sandbox.failure_rate,
        open_rate=settings.sandbox.open_rate,
        click_rate=settings.sandbox.click_rate,
        machine_open_rate=settings.sandbox.machine_open_rate,
        inbound_url=f"{settings.base_url}{INBOUND_PATH}{mark}",
        sendgrid_event_url=f"{settings.base_url}{EMAIL_EVENTS_PATH}{mark}",
        sendgrid_private_key_pem=sandbox_sendgrid_key(settings),
    )
