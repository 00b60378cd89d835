from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.content.paths import token_for
from clarion.content.template import MissingValue, Template, compile_template
from clarion.kernel.errors import Invalid

MARIA: dict[str, Any] = {
    "first_name": "María",
    "last_name": "López",
    "email": None,
    "metadata": {
        "product": "solar",
        "Lead source": "Web form",
        "credit_score": "720",
        "loan_amount": 250_000.0,
        "tags": ["hot lead", "call back"],
        "note": "",
        "is_homeowner": True,
        "birthday": "1985-03-14",
    },
}


def render(text: str, contact: dict[str, Any] = MARIA) -> str:
    return compile_template(text).render(contact)


def needs(text: str) -> dict[tuple[str, ...], bool]:
    """Path → whether every use has a fallback."""
    return {token.path: token.has_fallback for token in compile_template(text).tokens}


def complaint(text: str) -> str:
    with pytest.raises(Invalid) as raised:
        compile_template(text)
    (fault,) = raised.value.faults
    assert fault.pointer == "/body"
    assert fault.detail == raised.value.detail
    return fault.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ first_name }}!", "Hi María!"),
        ("Hi {{first_name}}, about {{ metadata.product }}", "Hi María, about solar"),
        ('From {{ metadata["Lead source"] }}', "From Web form"),
        ("From {{ metadata['Lead source'] }}", "From Web form"),
        ('{{ email | default: "no mail" }}', "no mail"),
        ('{{ metadata.note | default: "-" }}', "-"),
        ('{{ metadata.absent.deeper | default: "-" }}', "-"),
        ("{{ first_name | upcase }}", "MARÍA"),
        ('{{ email | upcase | default: "friend" }}', "friend"),
        ("{{ metadata.tags }}", "hot lead, call back"),
        ("{{ metadata.tags[0] }}, {{ metadata.tags.size }}", "hot lead, 2"),
        ("{{ metadata.tags | upcase }}", "HOT LEAD, CALL BACK"),
        ("{% for tag in metadata.tags %}<{{ tag }}>{% endfor %}", "<hot lead><call back>"),
        ("${{ metadata.loan_amount }}", "$250000"),
        ("{{ metadata.is_homeowner }}", "true"),
        ('{{ metadata.birthday | date: "%B %d" }}', "March 14"),
        ("{% if metadata.credit_score > 700 %}yes{% else %}no{% endif %}", "yes"),
        ("{% if metadata.credit_score == 720 %}yes{% endif %}", "yes"),
        ("{% if first_name > 700 %}yes{% else %}no{% endif %}", "no"),
        ("{% if email == blank %}none{% endif %}", "none"),
        ('{% if metadata.note == "" %}none{% endif %}', "none"),
        ("{% unless email %}none{% endunless %}", "none"),
        ("{% if metadata.tags contains 'hot lead' %}hot{% endif %}", "hot"),
        ("{% case metadata.product %}{% when 'solar' %}sun{% else %}?{% endcase %}", "sun"),
        ("{% assign who = first_name %}Hi {{ who }}", "Hi María"),
        ("a\r\nb{{ first_name }}\r\n", "a\r\nbMaría\r\n"),
        ("a\r\n{% if first_name %}b{% endif %}\r\n", "a\r\nb\r\n"),
        ("a {{- first_name -}} b", "aMaríab"),
        ("{% comment %}{{ anything goes }}{% endcomment %}x", "x"),
        ("100% off } }} {x}", "100% off } }} {x}"),
        ("", ""),
    ],
)
def test_a_template_is_filled_in(text: str, expected: str) -> None:
    assert render(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 3, 4), "March 4, 2026"),
        (datetime(2026, 3, 4, 0, 5, tzinfo=UTC), "March 4, 2026, 12:05 AM"),
        (datetime(2026, 3, 4, 15, 30, tzinfo=UTC), "March 4, 2026, 3:30 PM"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (0, "0"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (-3.0, "-3"),
        (["a", None, "", 2.0], "a, 2"),
        ({"street": "1 Main St", "no": 7}, "street: 1 Main St, no: 7"),
        (False, "false"),
    ],
)
def test_values_print_as_a_reader_wants_them(value: object, expected: str) -> None:
    assert render("{{ metadata.x }}", {"metadata": {"x": value}}) == expected
    assert (
        render("{% if true %}{{ metadata.x }}{% endif %}", {"metadata": {"x": value}}) == expected
    )


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}])
def test_a_field_without_a_value_is_missing(nothing: object) -> None:
    template = compile_template("Hi {{ first_name }}{{ metadata['Lead source'] }}{{ last_name }}")
    contact = {"first_name": nothing, "metadata": {"Lead source": nothing}, "last_name": "Ng"}
    assert template.missing(contact) == ("first_name", 'metadata["Lead source"]')
    with pytest.raises(MissingValue, match='no value for "first name", "Lead source"') as raised:
        template.render(contact)
    assert raised.value.names == ("first_name", 'metadata["Lead source"]')
    assert raised.value.faults[0].pointer == "/body"


@pytest.mark.parametrize("contact", [{}, {"metadata": None}, {"metadata": "text"}, {"metadata": 5}])
def test_a_contact_without_metadata_just_lacks_its_fields(contact: dict[str, Any]) -> None:
    assert compile_template("{{ metadata.product }}").missing(contact) == ("metadata.product",)
    assert compile_template("{{ metadata.product | upcase }}").missing(contact) == (
        "metadata.product",
    )


def test_a_field_that_only_a_branch_needs_is_missed_only_there() -> None:
    template = compile_template("{% if email %}{{ metadata.product }}{% endif %}ok")
    assert template.render({}) == "ok"
    assert template.missing({"email": "a@example.com"}) == ("metadata.product",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ first_name }}", False),
        ('{{ first_name | default: "there" }}', True),
        ('{{ first_name | capitalize | default: "there" }}', True),
        ("{{ first_name | capitalize }}", False),
        ('{{ first_name | default: "x" }} {{ first_name }}', False),
        ("{% if first_name %}Hi{% endif %}", True),
        ("{% if first_name %}Hi {{ first_name }}{% endif %}", True),
        ("{% if first_name %}{% else %}{{ first_name }}{% endif %}", False),
        ("{% if first_name and email %}{{ first_name }}{% endif %}", True),
        ("{% if first_name or email %}{{ first_name }}{% endif %}", False),
        ("{% if first_name != blank %}{{ first_name }}{% endif %}", True),
        ("{% if first_name == blank %}Hi{% else %}{{ first_name }}{% endif %}", True),
        ("{% if first_name == 'Al' %}{{ first_name }}{% endif %}", True),
        ("{% if first_name != 'Al' %}{{ first_name }}{% endif %}", False),
        ("{% unless first_name == blank %}{{ first_name }}{% endunless %}", True),
        ("{% if email %}{% elsif first_name %}{{ first_name }}{% endif %}", True),
        ("{% for x in first_name %}{{ x }}{% endfor %}", True),
        ("{% assign x = first_name %}{{ x }}", False),
        ("{% assign x = first_name | default: 'y' %}{{ x }}", True),
        ("{% assign x = first_name %}{{ x | default: 'y' }}", True),
        ("{{ 'Dear ' | append: first_name }}", False),
        ("{% capture x %}{{ first_name }}{% endcapture %}", False),
        ("{% echo first_name %}", False),
    ],
)
def test_it_is_known_which_fields_cannot_be_done_without(text: str, *, expected: bool) -> None:
    found = needs(text)
    assert found[("first_name",)] is expected
    if expected:
        assert compile_template(text).missing({}) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% capture x %}{% if email %}!{% endif %}{% endcapture %}Hi{{ x }}", "Hi"),
        ("{% capture x %} {% endcapture %}{% if x == blank %}none{% endif %}", "none"),
        ("{% assign x = '' %}{{ x | default: 'y' }}", "y"),
        ("{% for tag in metadata.tags %}{{ tag.colour }}{{ forloop.index }}{% endfor %}", "12"),
    ],
)
def test_what_the_template_itself_leaves_blank_is_not_missing(text: str, expected: str) -> None:
    assert render(text) == expected


def test_a_missing_field_is_missed_under_another_name_too() -> None:
    template = compile_template("{% assign who = email %}{{ who | upcase }}")
    assert template.missing(MARIA) == ("email",)


def test_tokens_come_in_order_with_names_for_people() -> None:
    tokens = compile_template(
        '{{ metadata["Lead source"] }}{{ first_name }}{{ metadata.a.b_c }}'
    ).tokens
    assert [token.path for token in tokens] == [
        ("metadata", "Lead source"),
        ("first_name",),
        ("metadata", "a", "b_c"),
    ]
    assert [token.label for token in tokens] == ["Lead source", "first name", "a b c"]
    assert [token.name for token in tokens] == [
        'metadata["Lead source"]',
        "first_name",
        "metadata.a.b_c",
    ]


NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: (
        not ("'" in name and ('"' in name or "\\" in name))
        and "}}" not in name
        and "%}" not in name
    )
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        NAMES | st.sampled_from(["size", "first", "true", "in", "a-b", "città"]),
        min_size=1,
        max_size=3,
    )
)
def test_a_written_token_leads_back_to_its_path(names: list[str]) -> None:
    path = ("metadata", *names)
    contact: dict[str, Any] = {}
    inner = contact
    for name in path[:-1]:
        inner[name] = {}
        inner = inner[name]
    inner[path[-1]] = "found"
    template = compile_template(token_for(path))
    assert [token.path for token in template.tokens] == [path]
    assert template.render(contact) == "found"


def test_tokens_are_written_plainly_where_that_works() -> None:
    assert token_for(("first_name",)) == "{{ first_name }}"
    assert token_for(("metadata", "product")) == "{{ metadata.product }}"
    assert token_for(("metadata", "a-b")) == '{{ metadata["a-b"] }}'
    assert token_for(("metadata", 'a"b')) == "{{ metadata['a\"b'] }}"
    assert token_for(("limit",)) == '{{ ["limit"] }}'


@pytest.mark.parametrize(
    "path", [("metadata", "'\\"), (), ("",), ("metadata", "a\"b'c"), ("metadata", "a}}b")]
)
def test_a_name_that_cannot_be_written_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        token_for(path)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", " ", "Zoë", "{{ x }}", "a\r\nb", "'\"&<"])
    | st.lists(st.sampled_from(["a", None, "", 1, True]), max_size=3)
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
)
PATHS = st.sampled_from(
    ["a", "metadata.a", 'metadata["a b"]', "metadata.a.size", "metadata.size", "a.size"]
)
PIECES = st.one_of(
    st.text(st.sampled_from("ab \r\n}%'\"é"), max_size=6),
    PATHS.map(lambda path: f"{{{{ {path} }}}}"),
    st.tuples(PATHS, st.sampled_from(["", "you", "\r\n"])).map(
        lambda pair: f'{{{{ {pair[0]} | default: "{pair[1]}" }}}}'
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES, max_size=6).map("".join),
    st.fixed_dictionaries(
        {},
        optional={
            "a": VALUES,
            "metadata": st.none()
            | st.fixed_dictionaries({}, optional={"a": VALUES, "a b": VALUES, "size": VALUES}),
        },
    ),
)
def test_the_fast_way_and_liquid_agree(text: str, contact: dict[str, Any]) -> None:
    template: Template = compile_template(text)
    assert template._parts is not None
    assert template.fill(contact) == template._fill_by_liquid(contact)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {{ first_name", 'Line 1, column 4: "{{" is opened and never closed with "}}".'),
        ("Hi\n\n  {{ first name }}", "Line 3, column 3: A field's name has no spaces"),
        ("{{ }}", "There is nothing in"),
        ("{% if a %}x", 'Line 1, column 1: "{% if %}" is never ended: add "{% endif %}".'),
        ("x{% endif %}", 'Line 1, column 2: "{% endif %}" ends nothing'),
        ("{% if a %}{% for b in c %}{% endif %}", 'stands where "{% endfor %}" is expected'),
        ("{% else %}", "stands outside of what it belongs to"),
        ("{% if a %}{% else if b %}{% endif %}", "elsif"),
        ("{% break %}", 'outside of a "{% for %}"'),
        ("{% iff a %}", 'Did you mean "{% if %}"?'),
        ('{% include "x" %}', 'A message cannot use "{% include %}"'),
        ("{% raw %}x{% endraw %}", "A message cannot use"),
        ("{{ a | upcse }}", 'there is no filter "upcse". Did you mean "upcase"?'),
        ("{{ a | }}", "the name of a filter is missing"),
        ("{{ 'a }}", "a quotation mark is opened and not closed"),
        ("{% if a = 1 %}b{% endif %}", 'to compare, write "=="'),
        ("{% if a == %}b{% endif %}", "a field or a value is missing"),
        ("{{ metadata[first_name] }}", "in quotation marks between the brackets"),
        ("{% for i in (1..5000) %}{% endfor %}", "1,000 numbers at most"),
        ("{% for i in (1..n) %}{% endfor %}", "a range needs plain numbers"),
        ("x" * 10_001, "10,000 is the most"),
        ("{% if a %}" * 20 + "{% endif %}" * 20, "too many instructions stand inside each other"),
        ("{{ a" + "[" * 400 + " }}", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(text: str, said: str) -> None:
    assert said in complaint(text)


def test_the_pointer_is_the_callers() -> None:
    with pytest.raises(Invalid) as raised:
        compile_template("{{", pointer="/steps/2/subject")
    assert raised.value.faults[0].pointer == "/steps/2/subject"


SCRAPS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "a",
    "if",
    "for",
    "in",
    "|",
    "'",
    '"',
    "-",
    "[",
    "]",
    ".",
    ":",
    "#",
    "comment",
    "endif",
    "(1..2)",
    "==",
    "and",
    "assign",
    "echo",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*SCRAPS, " ", "\n"]), max_size=14).map("".join))
def test_any_text_compiles_or_is_refused_with_its_place(text: str) -> None:
    complaints: list[str] = []
    try:
        compile_template(text).fill({"a": "x"})
    except Invalid as error:
        complaints.append(error.detail)
    assert all(said.startswith(("Line ", "The text cannot be made")) for said in complaints)
