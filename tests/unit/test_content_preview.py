from __future__ import annotations

from decimal import Decimal

import pytest

from clarion.content.cost import Money, sms_cost
from clarion.content.preview import preview
from clarion.content.template import compile_template
from clarion.kernel.errors import Invalid


def test_a_preview_shows_what_is_missing_in_its_place() -> None:
    template = compile_template("Hi {{ first_name }}, {{ metadata.lead_source | upcase }}")
    shown = preview(template, {"metadata": {}})
    assert shown.text == "Hi [first name?], [lead source?]"
    assert shown.missing == ("first_name", "metadata.lead_source")


def test_a_preview_measures_the_text_of_this_contact() -> None:
    template = compile_template("Hi {{ first_name }}")
    assert preview(template, {"first_name": "José"}).measure.encoding == "GSM-7"
    shown = preview(template, {"first_name": "Siân"})
    assert shown.measure.encoding == "UCS-2"
    assert shown.measure.forcing == ("â",)
    assert shown.missing == ()


def test_a_preview_of_a_text_that_cannot_be_made_says_why() -> None:
    with pytest.raises(Invalid, match="cannot be made for this contact"):
        preview(compile_template("{{ 1 | divided_by: 0 }}"), {})


def test_costs_are_exact() -> None:
    assert sms_cost(3, Decimal("0.0079")) == Decimal("0.0237")
    assert sms_cost(0, Decimal("0.0079")) == 0
    assert sms_cost(10_000_000, Decimal("0.00790001")) == Decimal("79000.10000000")
    assert Money(amount=Decimal("1.5"), currency="USD") == Money(
        amount=Decimal("1.50"), currency="USD"
    )


@pytest.mark.parametrize(("segments", "price"), [(-1, "1"), (1, "-0.01"), (1, "NaN")])
def test_a_price_that_makes_no_sense_is_refused(segments: int, price: str) -> None:
    with pytest.raises(ValueError, match="must"):
        sms_cost(segments, Decimal(price))
