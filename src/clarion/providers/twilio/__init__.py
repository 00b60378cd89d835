"""SMS by Twilio: sends, looks up, and reads Twilio's signed callbacks."""

from clarion.providers.twilio.sms import TwilioSms

__all__ = ["TwilioSms"]
