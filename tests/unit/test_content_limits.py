from __future__ import annotations

import time

import pytest

from clarion.content.template import compile_template
from clarion.kernel.errors import Invalid


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for a in (1..1000) %}" * 10 + "x" + "{% endfor %}" * 10,
        "{% for a in (1..1000) %}{% for b in (1..9) %}"
        + "{% if true %}{% endif %}" * 390
        + "{% endfor %}{% endfor %}",
        "{% assign x = 'aaaaaaaaaaaaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 300,
        "{% assign n = 99999999 %}" + "{% assign n = n | times: n %}" * 300 + "{{ n }}",
        "{% assign x = 'abcdefghijabcdefghij' %}"
        + "{% assign x = x | replace: 'a', x | replace: 'b', x %}" * 50,
        "{% assign x = 'a b c d e f g h i j k l' | split: ' ' %}{% for a in (1..1000) %}"
        + "{{ x | sort | join: 'abc' | split: 'b' | reverse | join: '' }}" * 100
        + "{% endfor %}",
        "{{ '2020-01-01' | date: '%999999999d' }}",
        "{{ 1 | divided_by: 0 }}",
        "{{" + " " * 9_900 + "}}",
        "{{ " * 3_000,
        "{" * 9_000,
        "{% raw %}" * 1_000,
        "{% if " + " " * 400 + "%}x{% endif %}",
    ],
)
def test_a_bomb_stops_soon_and_says_so(bomb: str) -> None:
    started = time.thread_time()
    with pytest.raises(Invalid):
        compile_template(bomb).fill({})
    # 100 ms are promised; the processor of a test machine may be half as fast.
    assert time.thread_time() - started < 0.2


def test_the_clock_is_no_field() -> None:
    assert compile_template("{{ now }}{{ today }}").missing({}) == ("now", "today")
    assert compile_template("{{ 'now' | date: '%Y' }}").render({}) == "now"


def test_filling_in_is_fast_enough_for_every_recipient() -> None:
    template = compile_template(
        "Hi {{ first_name }} {{ last_name }}, your {{ metadata.product }} quote is ready, "
        'see {{ metadata["Lead source"] }}'
    )
    contact = {
        "first_name": "Zoë",
        "last_name": "Ng",
        "metadata": {"product": "roof", "Lead source": "Web form"},
    }
    started = time.thread_time()
    for _ in range(2_000):
        template.render(contact)
    assert 2_000 / (time.thread_time() - started) > 20_000
