"""Where links and images of a mail may lead, before and after their Liquid is filled in."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import quote

LONGEST_ADDRESS: Final = 2_000

#: What stands in place of an address that a value has made dangerous: it leads nowhere.
NOWHERE: Final = "#"

_LIQUID = re.compile(r"\{\{|\{%")
# Browsers pass over these wherever they stand in an address.
_PASSED_OVER = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_WEB = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_OWN_IMAGE = re.compile(r"/images/[0-9A-Za-z-]{1,64}")
#: All that may stand in an address as it is, "%" too: it was encoded by whoever wrote it.
_KEPT = "%/:=&?~#+!$,;'@()*[]|"


class Kind(StrEnum):
    LINK = "link"
    IMAGE = "image"


def address_mistake(address: str, kind: Kind) -> str | None:
    """What is wrong with an address that may hold Liquid, as a sentence.

    One that begins with Liquid can only be judged when it is filled in: see `safe_address`. An
    empty link and one to a place in the mail ("#top") are left to the checks.
    """
    if len(address) > LONGEST_ADDRESS:
        return f"An address may have {LONGEST_ADDRESS:,} characters at most."
    liquid = _LIQUID.search(address)
    start = address[: liquid.start()] if liquid else address
    plain = _PASSED_OVER.sub("", start)
    if not plain and (liquid or kind is Kind.LINK):
        return None
    if kind is Kind.LINK and plain.startswith("#"):
        return None
    if kind is Kind.IMAGE and plain.startswith("/images/"):
        good = bool(liquid) or bool(_OWN_IMAGE.fullmatch(plain))
        return None if good else "There can be no such image."
    return _wrong_start(plain, kind, goes_on=liquid is not None)


def _wrong_start(plain: str, kind: Kind, *, goes_on: bool) -> str | None:
    scheme = _SCHEME.match(plain)
    if scheme is None:
        return 'An address in a mail has to be whole: begin it with "https://".'
    name = scheme[1].lower()
    if name in {"http", "https"}:
        rest = plain[len(name) + 1 :]
        whole = rest.startswith("//") and (len(rest) > len("//") or goes_on)
        return None if whole else f'After "{name}:" the name of a site is missing.'
    if kind is Kind.LINK and name in {"mailto", "tel"}:
        return None
    allowed = "https, http, mailto and tel" if kind is Kind.LINK else "https and http"
    return f'An address with "{name}:" is refused: only {allowed} can stand in a mail.'


def safe_address(address: str, kind: Kind) -> str:
    """A filled-in address, or NOWHERE when it could do harm or leads nowhere.

    What no address can hold, such as a space in a name, is percent-encoded.
    """
    if address_mistake(address.replace("{", "%7B"), kind) is not None:
        return NOWHERE
    return quote(address.strip(), safe=_KEPT) or NOWHERE


def is_on_the_web(address: str) -> bool:
    """Whether clicks on it can be counted: http or https, or Liquid that may become either."""
    return bool(_WEB.match(address.strip())) or bool(_LIQUID.match(address.strip()))
