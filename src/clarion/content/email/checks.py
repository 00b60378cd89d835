"""Checks of an email: what spam filters, mail programs and readers would mind."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from clarion.content.check import SHORTENERS, Check, advice, problem, site_of, spam_words
from clarion.content.grammar import LIQUID

if TYPE_CHECKING:
    from clarion.content.email.compile import CompiledEmail, EmailPreview
    from clarion.content.email.links import Link
    from clarion.content.email.own_html import Footer

_TAG = re.compile(r"<[^<>]*>")
_IMAGE = re.compile(r"<img\b([^<>]*)>")
_ALT = re.compile(r'\balt="\s*[^"\s]')
_SITE = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE)
_WORD = re.compile(r"\w+")

#: Texts that nobody reads.
_ADDRESSES: Final = ("/href", "/src", "/url")
_NOWHERE: Final = frozenset({"", "#"})
_LONG_SUBJECT: Final = 60
#: Gmail shows the first 102 kB and hides the rest, the way out with it.
_LARGE: Final = 100_000
_WORDS_FOR_AN_IMAGE: Final = 20
_FEW_WORDS: Final = 5


def check_email(
    compiled: CompiledEmail,
    shown: EmailPreview,
    *,
    subject: str,
    footer: Footer,
    pointer: str = "",
) -> list[Check]:
    """`shown` is the mail for one person; `subject` is Liquid."""
    place = f"{pointer}/email"
    said = " ".join(unescape(_TAG.sub(" ", LIQUID.sub(" ", compiled.content))).split())
    found = email_problems(compiled, subject=subject, footer=footer, pointer=pointer)
    found += _subject(subject, shown.subject, f"{pointer}/subject")
    if not shown.preheader.strip():
        detail = "There is no preheader: mailboxes show the first words of the mail instead."
        found.append(advice("no_preheader", detail, f"{pointer}/preheader"))
    found += _images(compiled.content, said, place)
    for link in compiled.every_link:
        found += _link(link, _where(compiled, link, place))
    for text, pointer_of_text in compiled.written:
        if not pointer_of_text.endswith(_ADDRESSES):
            plain = unescape(_TAG.sub(" ", LIQUID.sub(" ", text)))
            found += spam_words(" ".join(plain.split()), pointer_of_text)
    size = len(shown.html.encode())
    if size > _LARGE:
        detail = (
            f"The mail has {round(size / 1000)} kB. Gmail hides what comes after 102 kB, the link "
            "to unsubscribe among it: make it shorter."
        )
        found.append(advice("too_large", detail, place))
    if not shown.text.strip():
        detail = "The text part is empty: some programs show nothing else."
        found.append(advice("no_text", detail, f"{pointer}/text_part"))
    return list(dict.fromkeys(found))


def email_problems(
    compiled: CompiledEmail, *, subject: str, footer: Footer, pointer: str = ""
) -> list[Check]:
    """What keeps the mail from being sent, beside what keeps it from being compiled."""
    place = f"{pointer}/email"
    found: list[Check] = []
    if not subject.strip():
        found.append(problem("no_subject", "Write the subject of the email.", f"{pointer}/subject"))
    if not footer.postal_address.strip():
        detail = (
            "The law wants a postal address in each email: write it in the settings, under "
            "Sender of emails."
        )
        found.append(problem("no_postal_address", detail, place))
    for link in compiled.every_link:
        if link.url in _NOWHERE:
            detail = (
                f'The link "{link.label}" leads nowhere: give it a target.'
                if link.label
                else "A button or link has no text and leads nowhere: give it both."
            )
            found.append(problem("empty_link", detail, _where(compiled, link, place)))
    return list(dict.fromkeys(found))


def _where(compiled: CompiledEmail, link: Link, otherwise: str) -> str:
    """The text that has the link: with its address, or without any what it is called."""
    sought = link.label if link.url in _NOWHERE else link.url
    for text, pointer in compiled.written:
        if sought and sought in unescape(text):
            return pointer
    return otherwise


def _called(link: Link) -> str:
    return f'"{link.label}"' if link.label else "without a text"


def _subject(subject: str, shown: str, pointer: str) -> list[Check]:
    found: list[Check] = []
    if len(shown) > _LONG_SUBJECT:
        detail = f"The subject has {len(shown)} characters; phones show the first 40 to 60 of them."
        found.append(advice("long_subject", detail, pointer))
    said = LIQUID.sub(" ", subject)
    letters = [letter for letter in said if letter.isalpha()]
    if len(letters) > 5 and all(letter.isupper() for letter in letters):  # noqa: PLR2004
        detail = "The subject is all in capitals, which reads as shouting and is often filtered."
        found.append(advice("capitals", detail, pointer))
    if said.count("!") > 1:
        detail = "More than one exclamation mark in the subject makes filters wary."
        found.append(advice("exclamation_marks", detail, pointer))
    return found + spam_words(said, pointer)


def _images(html: str, said: str, pointer: str) -> list[Check]:
    images = _IMAGE.findall(html)
    words = len(_WORD.findall(said))
    found: list[Check] = []
    silent = sum(not _ALT.search(image) for image in images)
    if silent:
        which = "An image says" if silent == 1 else f"{silent} images say"
        detail = (
            f"{which} nothing where images are not shown: describe each in its alternative text."
        )
        found.append(advice("image_without_alt", detail, pointer))
    if images and words < _WORDS_FOR_AN_IMAGE * len(images):
        detail = (
            f"There are {words} words beside {len(images)} image{'s' * (len(images) > 1)}: mails "
            "that are mostly images are often taken for spam."
        )
        found.append(advice("few_words_for_images", detail, pointer))
    elif not images and words < _FEW_WORDS:
        found.append(advice("few_words", "The mail says next to nothing.", pointer))
    return found


def _link(link: Link, pointer: str) -> list[Check]:
    called = _called(link)
    if link.url in _NOWHERE:
        return []
    found: list[Check] = []
    if not link.label:
        detail = f"The link to {link.url} has no text: nobody can see or hear it."
        found.append(advice("link_without_text", detail, pointer))
    if link.url.lower().startswith("http://"):
        detail = f'The link {called} begins with "http://": use "https://".'
        found.append(advice("link_not_https", detail, pointer))
    # What Liquid makes of the site's own name nobody can know here.
    site = site_of(LIQUID.sub("{}", link.url))
    site = "" if "{" in site else site
    named = _SITE.fullmatch(link.label.strip())
    if named and site and not _is_same_site(named[1].lower().removeprefix("www."), site):
        detail = (
            f"The link reads {link.label} and leads to {site}: filters take that for a fraud. "
            "Let it read what it is about."
        )
        found.append(advice("other_site", detail, pointer))
    if site in SHORTENERS:
        detail = f"{site} hides where the link leads, which filters mind: use the whole address."
        found.append(advice("shortened_link", detail, pointer))
    return found


def _is_same_site(named: str, site: str) -> bool:
    return named == site or site.endswith(f".{named}") or named.endswith(f".{site}")
