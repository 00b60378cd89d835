"""What to do about a broadcast that stopped by itself."""

from __future__ import annotations

import pytest

from clarion.broadcasts.stop_advice import _BY_CODE, advice_for_broadcast
from clarion.providers.error_codes import ERROR_WORDS, Consequence


@pytest.mark.parametrize("code", [*sorted(ERROR_WORDS), "99999", "", None])
def test_every_code_has_advice_for_a_broadcast_and_none_for_one_contact(code: str | None) -> None:
    advice = advice_for_broadcast(code)
    assert advice[0].isupper()
    assert advice.endswith(".")
    assert not advice.endswith("..")
    assert len(advice) <= 180
    for words in ("this contact", "the contact", "this number", "send again", "send it again"):
        assert words not in advice.lower()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("30007", "registered"),
        ("21610", "opted out"),
        ("30003", "out of reach"),
        ("30005", "no longer in use"),
        ("30006", "landlines"),
        ("20003", "credentials"),
        ("30034", "registration"),
        ("21617", "change the text"),
        ("99999", "provider's console"),
        (None, "provider's console"),
    ],
)
def test_it_says_what_the_matter_is_with(code: str | None, words: str) -> None:
    assert words in advice_for_broadcast(code)


def test_every_kind_of_trouble_has_advice_and_no_code_is_invented() -> None:
    assert {each.consequence for each in ERROR_WORDS.values()} == set(Consequence)
    assert set(_BY_CODE) <= set(ERROR_WORDS)
