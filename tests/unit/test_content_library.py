"""The library holds to the rules that it was written by."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from clarion.content.library import LIBRARY, library_template
from clarion.content.library.template import Category, LibraryTemplate
from clarion.content.segments import Encoding, measure
from clarion.content.template import compile_template
from clarion.content.template_content import Content, check_content
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = [each for each in LIBRARY.values() if each.channel is Channel.SMS]
EMAILS = [each for each in LIBRARY.values() if each.channel is Channel.EMAIL]

_FIELDS = {
    "heading": {"text", "level", "align"},
    "text": {"html", "align"},
    "button": {"label", "href", "align", "full_width", "color", "text_color"},
    "columns": {"columns"},
    "divider": {"color"},
    "spacer": {"height"},
    "footer": {"html", "align"},
}


def blocks_of(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield block
        for column in block.get("columns", []):
            yield from blocks_of(column["blocks"])


def document_of(template: LibraryTemplate) -> dict[str, Any]:
    assert template.email is not None
    return template.email


def test_there_are_enough_of_both_for_a_sales_and_a_support_team() -> None:
    assert len(TEXTS) >= 6
    assert len(EMAILS) >= 6
    assert len({each.name.lower() for each in LIBRARY.values()}) == len(LIBRARY)
    categories = {each.category for each in LIBRARY.values()}
    assert categories == set(Category) - {Category.OTHER}


@pytest.mark.parametrize("template", LIBRARY.values(), ids=LIBRARY)
def test_each_can_be_saved_as_it_is_and_says_what_it_is_for(template: LibraryTemplate) -> None:
    check_content(
        Content(
            channel=template.channel,
            subject=template.subject,
            preheader=template.preheader,
            body=template.body,
            email=template.email,
        )
    )
    assert template.purpose.endswith(".")


@pytest.mark.parametrize("template", LIBRARY.values(), ids=LIBRARY)
def test_everybody_gets_a_text_also_who_has_no_value(template: LibraryTemplate) -> None:
    texts = [template.subject or "", template.preheader, template.body]
    if template.email is not None:
        texts += [
            str(block[name])
            for block in blocks_of(template.email["blocks"])
            for name in ("text", "html", "label", "href")
            if name in block
        ]
    for text in texts:
        assert compile_template(text).missing({}) == ()
        assert not re.search(r"  | [.,!?]", compile_template(text).render({}))
    # A fallback that is to be filled in itself would be overlooked.
    assert not any(re.search(r"default: .\[", each) for each in texts)


@pytest.mark.parametrize("template", TEXTS, ids=lambda each: each.key)
@pytest.mark.parametrize("contact", [{}, {"first_name": "Christopher"}])
def test_an_sms_is_cheap_and_says_how_to_opt_out(
    template: LibraryTemplate, contact: dict[str, str]
) -> None:
    text = compile_template(template.body).render(contact)
    size = measure(text)
    assert size.encoding is Encoding.GSM_7
    assert size.segments <= 2
    assert text.endswith("Reply STOP to opt out.")
    assert "[Company]" in text


@pytest.mark.parametrize("template", EMAILS, ids=lambda each: each.key)
def test_a_document_is_made_of_known_blocks_with_ids_of_their_own(
    template: LibraryTemplate,
) -> None:
    document = document_of(template)
    assert document["kind"] == "blocks"
    assert set(document) == {"kind", "style", "blocks"}
    blocks = list(blocks_of(document["blocks"]))
    assert [kind for kind in Counter(each["id"] for each in blocks).values() if kind > 1] == []
    for block in blocks:
        assert set(block) - {"id", "type"} == _FIELDS[block["type"]]
    assert blocks[-1]["type"] == "footer"
    for block in blocks:
        if block["type"] == "columns":
            assert sum(each["width"] for each in block["columns"]) == 100
    assert "<img" not in json.dumps(document)


@pytest.mark.parametrize("template", EMAILS, ids=lambda each: each.key)
def test_tags_of_the_rich_text_are_closed(template: LibraryTemplate) -> None:
    for block in blocks_of(document_of(template)["blocks"]):
        markup = block.get("html", "")
        opened = Counter(re.findall(r"<(\w+)", markup)) - Counter({"br": markup.count("<br")})
        assert opened == Counter(re.findall(r"</(\w+)>", markup))


def test_a_key_that_there_is_not_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        library_template("no-such")
    assert [fault.pointer for fault in refused.value.faults] == ["/from_library"]
