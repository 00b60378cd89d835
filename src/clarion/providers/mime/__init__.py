"""Writes mails as the bytes that mail servers take (RFC 5322, MIME)."""

from clarion.providers.mime.letter import Letter, LetterWriter

__all__ = ["Letter", "LetterWriter"]
