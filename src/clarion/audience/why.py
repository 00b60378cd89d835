"""Why one contact is in an audience or is not, and whether each channel reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.audience.filter import Condition, Group, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarion.audience.audience import LeftOut
    from clarion.kernel.channel import Channel
    from clarion.kernel.field_path import FieldPath


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMet:
    """A condition or group of the filter, by its JSON pointer within the filter.

    `met` is what the part itself says: in a group that matches none, a condition that is met is
    what keeps the contact out. `value` is what the contact holds in the condition's field; None
    for groups and for what is known outside the contact.
    """

    pointer: str
    met: bool
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The contact of the audience that has the same address and comes first."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whether a channel reaches a contact within an audience.

    Without a `reason`, and not reachable, is who could be written to and does not match.
    """

    reachable: bool
    reason: LeftOut | None = None
    kept_by: Keeper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    matches: bool
    parts: tuple[PartMet, ...]
    channels: Mapping[Channel, Reached]


def explain(
    group: Group, pointers: Sequence[str], met: Sequence[bool], row: Mapping[str, Any]
) -> tuple[PartMet, ...]:
    """`met` answers for the parts at `pointers`; `row` is the contact's whole row."""
    parts = dict(parts_of(group))
    return tuple(
        PartMet(pointer=pointer, met=answer, value=_held(parts[pointer], row))
        for pointer, answer in zip(pointers, met, strict=True)
    )


def parts_of(part: Part, pointer: str = "") -> Iterator[tuple[str, Part]]:
    """Each condition and group of a filter with its pointer, a group before what is in it."""
    yield pointer, part
    if isinstance(part, Group):
        for place, inner in enumerate(part.conditions):
            yield from parts_of(inner, f"{pointer}/conditions/{place}")


def _held(part: Part, row: Mapping[str, Any]) -> Any:
    return value_at(row, part.field.path) if isinstance(part, Condition) else None


def value_at(row: Mapping[str, Any], path: FieldPath) -> Any:
    value: Any = dict(row)
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
