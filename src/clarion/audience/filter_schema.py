"""The form of a filter document as a JSON Schema (2020-12), for whoever writes filters.

It says what can be said of a document alone. Whether a segment exists, a range is the right way
round or groups are nested too deep is for `read_filter`, whose answer counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.audience.fields import (
    HELD_TYPES,
    OPERATORS,
    SPECIAL_FIELDS,
    Field,
    FieldType,
    Operand,
    Operator,
)
from clarion.audience.filter import MAX_CONDITIONS, MAX_VALUES, Match
from clarion.audience.filter_values import DATE, DAYS, MAX_DAYS, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

_VALUES: dict[str, Schema] = {
    "text_value": {
        "description": "Text, or a number that is meant as text; not empty.",
        "type": ["string", "number"],
        "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
    },
    "number_value": {
        "description": "A number, also as text so that no digit is lost.",
        "type": ["number", "string"],
        "pattern": f"^{NUMBER}$",
    },
    "date_value": {
        "description": "A day (2026-11-24) or a moment (2026-11-24T09:30, 2026-11-24T15:30:00Z).",
        "type": "string",
        "pattern": f"^(?=[1-8]){DATE}$",
    },
    "days_value": {
        "description": "A number of days.",
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": MAX_DAYS,
        "pattern": f"^{DAYS}$",
    },
    "id_value": {
        "description": "The id of a broadcast or segment.",
        "type": "string",
        "pattern": _UUID,
    },
}

_VALUE_OF = {
    FieldType.NUMBER: "number_value",
    FieldType.DATE: "date_value",
    FieldType.ACTIVITY: "id_value",
    FieldType.SEGMENT: "id_value",
}

#: How a field can be read where its values are not known: as one of the types, or as a text of
#: which some values are numbers.
_READINGS = (*((kind,) for kind in HELD_TYPES), (FieldType.TEXT, FieldType.NUMBER))


def filter_schema(fields: Iterable[Field] | None = None) -> Schema:
    """With `fields`, a condition names one of them and has an operator that fits it; without, it
    names any field."""
    if fields is None:
        held: list[Schema] = [
            {
                "properties": {"field": {"pattern": "^[^@]"}},
                "anyOf": [_ref(_name(readings)) for readings in _READINGS],
            }
        ]
        used = {_name(readings): readings for readings in _READINGS}
    else:
        listed = list(fields)
        held = [_of_field(field) for field in listed]
        used = {_name(field.readings): field.readings for field in listed}
    special = SPECIAL_FIELDS.values()
    used |= {_name(field.readings): field.readings for field in special}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Filter",
        **_ref("group"),
        "$defs": {
            "group": {
                "description": "A group without conditions restricts nothing.",
                "type": "object",
                "required": ["match", "conditions"],
                "additionalProperties": False,
                "properties": {
                    "match": {"enum": [match.value for match in Match]},
                    "conditions": {
                        "type": "array",
                        "maxItems": MAX_CONDITIONS,
                        "items": {
                            "if": {
                                "type": "object",
                                "anyOf": [{"required": ["match"]}, {"required": ["conditions"]}],
                            },
                            "then": _ref("group"),
                            "else": _ref("condition"),
                        },
                    },
                },
            },
            "condition": {
                "type": "object",
                "required": ["field", "operator"],
                "additionalProperties": False,
                "properties": {
                    "field": {"type": "string"},
                    "operator": {"type": "string"},
                    "value": {},
                },
                "anyOf": [*held, *(_of_field(field) for field in special)],
            },
            **{name: _of_readings(readings) for name, readings in used.items()},
            **_values(),
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _name(readings: tuple[FieldType, ...]) -> str:
    return "_or_".join(readings)


def _of_field(field: Field) -> Schema:
    return {
        "title": field.label,
        **({"description": field.note} if field.note else {}),
        "properties": {"field": {"const": field.id}},
        **_ref(_name(field.readings)),
    }


def _of_readings(readings: tuple[FieldType, ...]) -> Schema:
    """The operators that fit, those with the same kind of value together."""
    together: dict[tuple[Operand, FieldType], list[str]] = {}
    for operator in OPERATORS.values():
        reading = next((each for each in readings if each in operator.types), None)
        if reading is not None:
            together.setdefault(_shape(operator, reading), []).append(operator.id)
    return {
        "anyOf": [
            {
                "properties": {
                    "operator": {"enum": operators},
                    "value": _value(operand, _VALUE_OF.get(reading, "text_value")),
                },
                **({} if operand is Operand.NONE else {"required": ["value"]}),
            }
            for (operand, reading), operators in together.items()
        ]
    }


def _shape(operator: Operator, reading: FieldType) -> tuple[Operand, FieldType]:
    """Operators whose values look alike whatever the type is are of no type here."""
    alike = operator.operand in (Operand.NONE, Operand.DAYS)
    return operator.operand, FieldType.TEXT if alike else reading


def _value(operand: Operand, value: str) -> Schema:
    match operand:
        case Operand.NONE:
            return {"type": "null"}
        case Operand.ONE:
            return _ref(value)
        case Operand.MANY:
            return _ref(f"{value}s")
        case Operand.RANGE:
            return _ref(f"{value}_range")
        case Operand.DAYS:
            return _ref("days_value")


def _values() -> Schema:
    """The shapes of values, of several of them, and of ranges."""
    return {
        **_VALUES,
        **{
            f"{value}s": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_VALUES,
                "items": _ref(value),
            }
            for value in ("text_value", "number_value", "id_value")
        },
        **{
            f"{value}_range": {"type": "array", "minItems": 2, "maxItems": 2, "items": _ref(value)}
            for value in ("number_value", "date_value")
        },
    }
