from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.kernel.errors import Invalid
from clarion.kernel.field_path import read_path, write_path

#: Letters, quotation marks, brackets, backslashes and whatever else a key of JSON may hold.
_names = st.one_of(st.text(max_size=12), st.text(alphabet="ab\"'\\[]. \n\t{}", max_size=12))


@given(st.lists(_names, min_size=1, max_size=4).map(tuple))
def test_a_path_that_is_written_is_read_as_it_was(path: tuple[str, ...]) -> None:
    assert read_path(write_path(path)) == path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("first_name",), "first_name"),
        (("metadata", "product"), "metadata.product"),
        (("metadata", "Lead source"), 'metadata["Lead source"]'),
        (("metadata", "address", "city"), "metadata.address.city"),
        (("metadata", "2nd phone"), 'metadata["2nd phone"]'),
        (("metadata", 'the "best"'), "metadata['the \"best\"']"),
        (("metadata", "and"), 'metadata["and"]'),
        (("empty",), '["empty"]'),
        (("metadata", "Größe"), 'metadata["Größe"]'),
        (("metadata", "both ' and \""), 'metadata["both \' and \\""]'),
    ],
)
def test_a_path_is_written_as_people_and_templates_write_it(
    path: tuple[str, ...], text: str
) -> None:
    assert write_path(path) == text
    assert read_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".first_name",
        "first_name.",
        "first name",
        "metadata..product",
        "metadata[product]",
        'metadata["product"',
        "metadata['it's']",
        'metadata["a"]b',
        'metadata."a"',
        "metadata[0]",
        "1st",
        'metadata["bad \\x escape"]',
        "first_name; drop table contacts",
    ],
)
def test_what_is_no_path_is_refused_with_words(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_path(text)
    assert "is not" in refused.value.detail


def test_a_very_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(Invalid) as refused:
        read_path("a b" * 1_000)
    assert len(refused.value.detail) < 200
