"""E-mail by SendGrid: sends, and reads the signed event webhook."""

from clarion.providers.sendgrid.email import SendGridEmail

__all__ = ["SendGridEmail"]
