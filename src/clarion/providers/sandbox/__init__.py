"""Plays Twilio and SendGrid on loopback, by their real protocols; nothing leaves the machine."""

from clarion.providers.sandbox.server import make_app, serve
from clarion.providers.sandbox.settings import (
    SANDBOX_ACCOUNT_SID,
    SANDBOX_AUTH_TOKEN,
    SANDBOX_SENDGRID_API_KEY,
    SANDBOX_SERVICE_NUMBER,
    SandboxSettings,
)

__all__ = [
    "SANDBOX_ACCOUNT_SID",
    "SANDBOX_AUTH_TOKEN",
    "SANDBOX_SENDGRID_API_KEY",
    "SANDBOX_SERVICE_NUMBER",
    "SandboxSettings",
    "make_app",
    "serve",
]
