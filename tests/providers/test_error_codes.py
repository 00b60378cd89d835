"""The words and consequences of error codes."""

from __future__ import annotations

import re

import pytest

from clarion.providers.error_codes import ERROR_WORDS, Consequence, ErrorWords, explain

ALL = [*ERROR_WORDS.values(), explain(None), explain("99999")]


@pytest.mark.parametrize(
    ("code", "consequence"),
    [
        ("20003", Consequence.CONFIG),
        ("20429", Consequence.WAIT),
        ("20503", Consequence.UNCERTAIN),
        ("21211", Consequence.FINAL),
        ("21610", Consequence.SUPPRESS),
        ("21611", Consequence.WAIT),
        ("21617", Consequence.CONTENT),
        ("21703", Consequence.CONFIG),
        ("30003", Consequence.RETRY),
        ("30005", Consequence.FINAL),
        ("30007", Consequence.CONTENT),
        ("30022", Consequence.WAIT),
        ("30034", Consequence.CONFIG),
        ("30410", Consequence.UNCERTAIN),
        ("bounce", Consequence.SUPPRESS),
        ("blocked", Consequence.RETRY),
        ("spamreport", Consequence.SUPPRESS),
        ("sendgrid_401", Consequence.CONFIG),
    ],
)
def test_a_code_has_one_consequence(code: str, consequence: Consequence) -> None:
    assert explain(code).consequence is consequence


@pytest.mark.parametrize("code", [None, "", "99999", "no such code"])
def test_a_code_that_nobody_listed_is_final_and_has_words(code: str | None) -> None:
    assert explain(code).consequence is Consequence.FINAL
    assert explain(code).words


@pytest.mark.parametrize("words", ALL)
def test_words_and_advice_are_sentences_without_codes(words: ErrorWords) -> None:
    for sentence in (words.words, words.advice):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not re.search(r"\b[236]\d{4}\b", sentence)
        assert len(sentence) < 140
