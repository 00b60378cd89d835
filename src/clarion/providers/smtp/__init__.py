"""E-mail through a mail server of one's own, by SMTP."""

from clarion.providers.smtp.email import SmtpEmail
from clarion.providers.smtp.opening import Security, SmtpServer

__all__ = ["Security", "SmtpEmail", "SmtpServer"]
