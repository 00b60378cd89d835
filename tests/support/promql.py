"""Which metrics an expression of Prometheus asks for, and by which labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"\[[^\]\[]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
_SELECTOR = re.compile(r"([A-Za-z_:][\w:]*)\s*\{([^{}]*)\}")
_NAME = re.compile(r"(?<![\w:.])[A-Za-z_:][\w:]*(?!\s*\(|[\w:])")
_WORD = re.compile(r"\w+")
_WORDS = {"and", "or", "unless", "bool", "inf", "nan", "atan2"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`labels` by metric, from its own braces; `grouped` are the labels of by (…) and on (…)."""

    labels: dict[str, set[str]]
    grouped: set[str]


def asked(expression: str) -> Asked:
    """Raises ValueError when something is left over: a bracket that closes nothing, a word."""
    rest = _RANGE.sub("", _TEXT.sub("", expression))
    rest = re.sub(r"\boffset\s+\w+", "", rest)
    grouped = {label for each in _GROUPING.finditer(rest) for label in _WORD.findall(each[1])}
    rest = _GROUPING.sub("", rest)
    labels: dict[str, set[str]] = {}
    for metric, chosen in _SELECTOR.findall(rest):
        labels.setdefault(metric, set()).update(_WORD.findall(chosen))
    rest = _SELECTOR.sub(r"\1", rest)
    for name in _NAME.findall(rest):
        if name not in _WORDS:
            labels.setdefault(name, set())
    while (shorter := re.sub(r"\([^()]*\)", "", rest)) != rest:
        rest = shorter
    if re.search(r"[(){}\[\]'\"]", rest):
        raise ValueError(f"{rest.strip()} is left over of {expression}")
    return Asked(labels=labels, grouped=grouped)
