"""Chooses the providers by the settings: real credentials, or the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.kernel.channel import Channel
from clarion.providers.sandbox.settings import (
    SANDBOX_ACCOUNT_SID,
    SANDBOX_AUTH_TOKEN,
    SANDBOX_SENDGRID_API_KEY,
    SANDBOX_SERVICE_NUMBER,
)
from clarion.providers.sandbox.settings import SandboxSettings as SandboxBehaviour
from clarion.providers.sendgrid.email import SendGridEmail
from clarion.providers.twilio.sms import TwilioSms
from clarion.wiring.secrets import sandbox_sendgrid_key, sandbox_sendgrid_public_key

if TYPE_CHECKING:
    from decimal import Decimal

    from clarion.providers.sending import Provider
    from clarion.wiring.settings import Settings

STATUS_PATH = "/api/v1/callbacks/twilio/status"
INBOUND_PATH = "/api/v1/callbacks/twilio/inbound"
EMAIL_EVENTS_PATH = "/api/v1/callbacks/sendgrid/events"

SANDBOX_FROM_EMAIL = "hello@clarion.example"


def make_providers(settings: Settings) -> dict[Channel, Provider]:
    """One provider per channel; each holds a connection pool that the caller closes."""
    status_url = settings.base_url + STATUS_PATH
    if settings.uses_twilio:
        twilio = settings.twilio
        sms: Provider = TwilioSms(
            account_sid=twilio.account_sid,
            auth_token=twilio.auth_token.get_secret_value(),
            sender=twilio.sender,
            status_callback_url=status_url,
            api_key=twilio.api_key or None,
            api_secret=twilio.api_secret.get_secret_value() or None,
        )
    else:
        sms = TwilioSms(
            account_sid=SANDBOX_ACCOUNT_SID,
            auth_token=SANDBOX_AUTH_TOKEN,
            sender=SANDBOX_SERVICE_NUMBER,
            status_callback_url=status_url,
            api_base=settings.sandbox.url,
            name="sandbox",
        )
    if settings.uses_sendgrid:
        sendgrid = settings.sendgrid
        email: Provider = SendGridEmail(
            api_key=sendgrid.api_key.get_secret_value(),
            sender=sendgrid.from_email,
            sender_name=sendgrid.from_name or None,
            public_key=sendgrid.event_public_key,
        )
    else:
        email = SendGridEmail(
            api_key=SANDBOX_SENDGRID_API_KEY,
            sender=SANDBOX_FROM_EMAIL,
            public_key=sandbox_sendgrid_public_key(settings),
            api_base=settings.sandbox.url,
            name="sandbox",
        )
    return {Channel.SMS: sms, Channel.EMAIL: email}


def sender_lanes(settings: Settings) -> dict[Channel, tuple[str, str, Decimal]]:
    """Per channel: provider, sender, messages per second."""
    sandbox_rate = settings.sandbox.rate_per_second
    return {
        Channel.SMS: ("twilio", settings.twilio.sender, settings.twilio.rate_per_second)
        if settings.uses_twilio
        else ("sandbox", SANDBOX_SERVICE_NUMBER, sandbox_rate),
        Channel.EMAIL: ("sendgrid", settings.sendgrid.from_email, settings.sendgrid.rate_per_second)
        if settings.uses_sendgrid
        else ("sandbox", SANDBOX_FROM_EMAIL, sandbox_rate),
    }


def sandbox_behaviour(settings: Settings) -> SandboxBehaviour:
    """The sandbox as `clarion sandbox` and `clarion up` start it."""
    return SandboxBehaviour(
        latency_ms=settings.sandbox.latency_ms,
        callback_delay_ms=settings.sandbox.callback_delay_ms,
        failure_rate=settings.sandbox.failure_rate,
        inbound_url=settings.base_url + INBOUND_PATH,
        sendgrid_event_url=settings.base_url + EMAIL_EVENTS_PATH,
        sendgrid_private_key_pem=sandbox_sendgrid_key(settings),
    )
