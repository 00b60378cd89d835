from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


MANY = [f"a{number}" for number in range(19_000)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ x | uniq }}", MANY),
        ("{{ x | split: '' | uniq }}", "".join(chr(0x4E00 + number) for number in range(19_000))),
        ("{{ x | uniq: 'a' }}", [{"a": number} for number in range(19_000)]),
        ("{{ x | map: x }}", MANY),
        ("{{ x | where: x }}", MANY),
        ("{{ x | strip_html }}", "<" * 19_000),
        ("{{ x | times: 1 }}", "1e9999999"),
        ("{{ x | ceil }}", "1e9999999"),
        ("{{ x | upcase }}", "x" * 3_000_000),
        ("{{ x | replace: 'x', x }}", "x" * 19_000),
    ],
)
def test_no_value_of_a_contact_makes_a_filter_slow(text: str, value: object) -> None:
    template = compile_template(text)
    started = time.thread_time()
    with contextlib.suppress(Invalid):
        template.fill({"x": value})
    assert time.thread_time() - started < 0.2


@given(
    st.lists(
        st.sampled_from([
            "{% for a in (1..1000) %}", "{% endfor %}", "{% assign x = x | append: x %}",
            "{% assign n = n | times: n | plus: 7 %}", "{{ x | upcase }}", "{{ n }}", "{{ x }}",
            "text",
            "{% assign x = 'abc' %}", "{% assign n = 99 %}", "{% capture x %}", "{% endcapture %}",
            "{{ x | split: '' | sort | reverse | join: x }}", "{% if x contains 'b' %}",
            "{% endif %}",
            "{% for a in metadata.many %}", "{{ a | replace: 'a', x }}", "{% break %}",
        ]),
        max_size=30,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_compiles_ends_soon(pieces: list[str]) -> None:
    opened: list[str] = []
    text = ""
    for piece in pieces:
        name = piece[3:].split()[0]
        if piece.startswith("{% end"):
            if not opened or f"end{opened[-1]}" != name:
                continue
            opened.pop()
        elif name in {"for", "if", "capture"}:
            opened.append(name)
        elif name == "break" and "for" not in opened:
            continue
        text += piece
    text += "".join(f"{{% end{name} %}}" for name in reversed(opened))
    try:
        template = compile_template(text)
    except Invalid:
        return
    started = time.thread_time()
    with contextlib.suppress(Invalid):
        template.fill({"metadata": {"many": MANY}})
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
