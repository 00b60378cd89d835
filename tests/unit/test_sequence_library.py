"""The sequences that come with Clarion pass the checks that every broadcast passes."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.broadcasts.sequence_templates.library import (
    SEQUENCE_LIBRARY,
    LibrarySequence,
    library_sequence,
)
from clarion.broadcasts.sequence_templates.sequence_template import first_lines, read_name
from clarion.content.check import Severity
from clarion.content.email.checks import check_email
from clarion.content.email.compile import compile_email
from clarion.content.email.own_html import Footer
from clarion.content.preview import NoLinks
from clarion.content.segments import Encoding, measure
from clarion.content.template import compile_template
from clarion.kernel.errors import Invalid

FOOTER = Footer(company="Acme", postal_address="1 Main St")
EACH = [pytest.param(each, id=key) for key, each in SEQUENCE_LIBRARY.items()]


def of_channel(sequence: LibrarySequence, channel: str) -> list[dict[str, Any]]:
    return [dict(step) for step in sequence.kept.steps if step["channel"] == channel]


def test_there_are_five() -> None:
    assert len(SEQUENCE_LIBRARY) == 5
    with pytest.raises(Invalid, match="no sequence “other”"):
        library_sequence("other")


@pytest.mark.parametrize("sequence", EACH)
def test_it_mixes_channels_over_several_days(sequence: LibrarySequence) -> None:
    days = [step["day_number"] for step in sequence.kept.steps]
    assert days[0] == 1
    assert days == sorted(set(days))
    assert sequence.kept.days == days[-1] >= 4
    assert of_channel(sequence, "sms")
    assert of_channel(sequence, "email")
    assert all(first_lines(sequence.kept.steps))
    assert read_name(sequence.name) == sequence.name


@pytest.mark.parametrize("sequence", EACH)
def test_its_emails_have_no_problem(sequence: LibrarySequence) -> None:
    for step in of_channel(sequence, "email"):
        subject = step["subject"]
        made = compile_email(
            step["email"], subject=subject, preheader=step["preheader"], footer=FOOTER
        )
        shown = made.preview({}, NoLinks())
        assert shown.missing == ()
        found = check_email(made, shown, subject=subject, footer=FOOTER)
        assert [each for each in found if each.severity is Severity.PROBLEM] == []
        assert "no_preheader" not in {each.kind for each in found}


@pytest.mark.parametrize("sequence", EACH)
def test_its_sms_are_cheap_and_say_how_to_opt_out(sequence: LibrarySequence) -> None:
    for step in of_channel(sequence, "sms"):
        text = compile_template(step["body"]).fill({"first_name": "Christopher"}).text
        measured = measure(text)
        assert measured.encoding is Encoding.GSM_7
        assert measured.segments <= 2
        assert text.endswith("Reply STOP to opt out.")
