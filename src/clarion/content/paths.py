"""How a contact's field is written in a template: `first_name`, `metadata["Lead source"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liquid.exceptions import LiquidSyntaxError

from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.field_path import write_path

if TYPE_CHECKING:
    from liquid.builtin.expressions.path import Path as PathExpression

    from clarion.content.values import Path


def written(path: Path) -> str:
    """The path as a template writes it, without braces.

    Raises Invalid for a field that no template can name.
    """
    if not path:
        raise Invalid("A placeholder needs the name of a field.")
    for name in path:
        # In the quotation marks of a template a backslash is a backslash, so a name is written
        # with the marks that it does not hold; as filters write the rest, it would mean another.
        unquotable = "'" in name and ('"' in name or "\\" in name)
        if not name or unquotable or "}}" in name or "%}" in name:
            detail = f"The field {name!r} has a name that a message cannot use: rename it first."
            raise Invalid(detail, faults=[Fault(pointer="", detail=detail)])
    return write_path(path)


def token_for(path: Path) -> str:
    """The placeholder for a field: `{{ metadata["Lead source"] }}`.

    Raises Invalid for a field that no template can name: with both kinds of quotation marks, with
    an apostrophe and a backslash, or with closing braces in its name.
    """
    return "{{ " + written(path) + " }}"


def path_of(expression: PathExpression) -> Path:
    """The names down to the first place in a list: `metadata.tags[0]` needs ("metadata", "tags").

    Raises LiquidSyntaxError for a name that is itself looked up.
    """
    names: list[str] = []
    for segment in expression.path:
        if isinstance(segment, int):
            break
        if not isinstance(segment, str):
            raise LiquidSyntaxError(
                "write the field's name in quotation marks between the brackets",
                token=expression.token,
            )
        names.append(segment)
    if not names:
        raise LiquidSyntaxError("a placeholder needs the name of a field", token=expression.token)
    return tuple(names)
