"""What a provider's error code means for the person who sent the broadcast, and what follows."""

from __future__ import annotations

from clarion.providers.error_table import ERROR_WORDS
from clarion.providers.error_words import Consequence, ErrorWords

__all__ = ["ERROR_WORDS", "Consequence", "ErrorWords", "explain"]

_UNKNOWN = ErrorWords(
    consequence=Consequence.FINAL,
    words="The provider could not deliver the message and gave a reason that is not known here.",
    advice="Look the reason up in the provider's console, with the message's details.",
)
_NO_CODE = ErrorWords(
    consequence=Consequence.FINAL,
    words="The provider could not deliver the message and gave no reason.",
    advice="Try once more later, or reach this contact another way.",
)


def explain(code: str | None) -> ErrorWords:
    """The words for a code of any provider; a general sentence for one that nobody listed."""
    if not code:
        return _NO_CODE
    return ERROR_WORDS.get(code, _UNKNOWN)
