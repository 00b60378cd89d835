"""How many texts one core makes of a compiled message, beside str.format and plain python-liquid;
prints the table of docs/benchmarks.md.

    .venv/bin/python benchmarks/content.py --texts 20000

One process, no database. Rates are of the processor's time, the best of five.
"""

from __future__ import annotations

import argparse
import itertools
import time
import tracemalloc
from html import escape
from typing import TYPE_CHECKING, Any

from liquid import Environment

from clarion.content.email.compile import compile_email
from clarion.content.email.compile_once import compile_once
from clarion.content.email.own_html import Footer
from clarion.content.segments import measure
from clarion.content.template import compile_template
from clarion.kernel.mail import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE = [
    {
        "first_name": f"Zoë {number}",
        "last_name": "Ng & Sons",
        "metadata": {"product": "solar", "city": "Austin", "tags": ["hot", "call back"]},
    }
    for number in range(100)
]

SMS = (
    "Hi {{ first_name }} {{ last_name }}, your {{ metadata.product }} quote for "
    '{{ metadata.city | default: "home" }} is ready. Reply STOP to opt out.'
)
SMS_FORMAT = "Hi {} {}, your {} quote for {} is ready. Reply STOP to opt out."


class Links:
    """As a signer makes them: one text for each message, and short ends."""

    def __init__(self, token: str) -> None:
        self.base = f"https://clarion.example/m/{token}/"
        self.unsubscribe = f"{self.base}u"
        self.preferences = f"{self.base}p"
        self.view = f"{self.base}v"
        self.pixel = f"{self.base}o.gif"

    def click(self, number: int) -> str:
        return f"{self.base}{number}"


def document(*, with_loop: bool) -> dict[str, Any]:
    loop = "<ul>{% for tag in metadata.tags %}<li>{{ tag }}</li>{% endfor %}</ul>"
    paragraph = "<p>" + "It stands ready and we would be glad to show you all of it. " * 6 + "</p>"
    blocks: list[dict[str, Any]] = [
        {"type": "heading", "text": "Hi {{ first_name }} {{ last_name }}"},
        {"type": "text", "html": "<p>Your {{ metadata.product }} quote</p>" + paragraph},
        {"type": "text", "html": "<p>For {{ metadata.city | default: 'home' }}</p>" + paragraph},
    ]
    blocks += [
        {"type": "button", "label": f"Page {n}", "href": f"https://acme.example/{n}"}
        for n in range(6)
    ]
    if with_loop:
        blocks.append({"type": "text", "html": loop})
    numbered = [{"id": str(number), **block} for number, block in enumerate(blocks)]
    return {"kind": "blocks", "style": {}, "blocks": numbered}


def rate(make: Callable[[dict[str, Any]], object], texts: int) -> float:
    """Texts in a second of the processor."""
    best = 0.0
    for _ in range(5):
        people = itertools.islice(itertools.cycle(PEOPLE), texts)
        started = time.thread_time()
        for person in people:
            make(person)
        best = max(best, texts / (time.thread_time() - started))
    return best


def row(figure: str, wanted: str, measured: float, rivals: dict[str, float]) -> None:
    for name, rival in rivals.items():
        print(
            f"| {figure} | {wanted} | {measured:,.0f}/s | {name} {rival:,.0f}/s | {measured / rival:.2f} |"
        )


def sms(texts: int) -> None:
    template = compile_template(SMS)
    plain = Environment().from_string(SMS)

    def formatted(person: dict[str, Any]) -> str:
        metadata = person["metadata"]
        return SMS_FORMAT.format(
            person["first_name"], person["last_name"], metadata["product"], metadata["city"]
        )

    row(
        "SMS with 4 fields, rendered and counted",
        "50,000/s",
        rate(lambda person: measure(template.render(person)), texts),
        {
            "str.format": rate(formatted, texts),
            "python-liquid": rate(lambda person: plain.render(**person), texts),
        },
    )


def email(texts: int, *, with_loop: bool) -> None:
    started = time.thread_time()
    mail = compile_email(
        document(with_loop=with_loop),
        subject="{{ first_name }}, your quote",
        footer=Footer(company="Acme", postal_address="1 Main St\nAustin"),
        track_opens=True,
        track_clicks=True,
    )
    took = time.thread_time() - started
    whole = rate(lambda person: mail.values(person, Links("token-of-a-message")), texts)
    html = mail.mail.html or ()
    form = "".join(
        part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part}}}"
        for part in html
    )
    values = mail.values(PEOPLE[0], Links("token-of-a-message"))
    # The same text with the names that a plain Liquid reads.
    source = "".join(
        "{% raw %}" + part + "{% endraw %}"
        if isinstance(part, str)
        else f"{{{{ v{part} | escape }}}}"
        for part in html
    )
    plain = Environment().from_string(source)
    named = {f"v{number}": value for number, value in enumerate(values)}
    what = "email with 4 fields, 6 counted links" + (" and a loop" if with_loop else "")
    row(
        f"values of an {what}",
        "20,000/s" if not with_loop else "",
        whole,
        {
            "str.format of the HTML, values escaped": rate(
                lambda _: form.format(*map(escape, values)), texts
            ),
            "python-liquid, the HTML alone": rate(lambda _: plain.render(**named), texts // 10),
        },
    )
    row(
        f"the same filled into the HTML, {what}",
        "",
        rate(lambda person: filled(html, mail.values(person, Links("token-of-a-message"))), texts),
        {"values alone": whole},
    )
    print(f"| compiling an {what}, once for a step | | {took * 1000:.1f} ms | | |")


def preview_of_a_change() -> None:
    """Somebody types: the email is compiled anew and filled in for one person; against reading the
    same email as the next person."""
    given = document(with_loop=False)
    footer = Footer(company="Acme", postal_address="1 Main St")
    numbers = itertools.count()

    def changed(person: dict[str, Any]) -> object:
        subject = f"{next(numbers)} for {{{{ first_name }}}}"
        return compile_once(given, subject=subject, footer=footer).preview(person, Links("token"))

    def another(person: dict[str, Any]) -> object:
        return compile_once(given, subject="For you", footer=footer).preview(person, Links("token"))

    row("preview of an email after a change", "20/s", rate(changed, 50), {
        "as the next person, compiled before": rate(another, 500),
    })  # fmt: skip


def memory() -> None:
    mail = compile_email(
        document(with_loop=True),
        subject="{{ first_name }}",
        footer=Footer(company="Acme", postal_address="1 Main St"),
        track_clicks=True,
    )

    def people(number: int) -> Iterator[dict[str, Any]]:
        return ({**PEOPLE[n % 100], "first_name": f"Zoë {n}"} for n in range(number))

    most = {}
    for number in (1_000, 100_000):
        tracemalloc.start()
        for person in people(number):
            mail.values(person, Links("token"))
        most[number] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    print(
        f"| memory while 100,000 emails are made | as for 1,000 | {most[100_000] / 1000:,.0f} kB "
        f"| 1,000 emails {most[1_000] / 1000:,.0f} kB | {most[100_000] / most[1_000]:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=20_000)
    texts = parser.parse_args().texts
    print("| figure | wanted | measured | against | ratio |")
    print("|---|---|---|---|---|")
    sms(texts)
    email(texts, with_loop=False)
    email(texts, with_loop=True)
    preview_of_a_change()
    memory()


if __name__ == "__main__":
    main()
