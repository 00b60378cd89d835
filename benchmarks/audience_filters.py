"""Forty filters of mixed shapes over the sample's fields, and what each says to DuckDB."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from clarion.audience.days import anniversaries, moments_between
from clarion.audience.fields import FieldType
from clarion.audience.filter import Condition, Group, Match
from clarion.audience.filter_sql import POSITIVE
from clarion.kernel.field_path import write_path

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from clarion.audience.filter import Part

M = "metadata."


def one(field: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(match: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "conditions": list(parts)}


def every(*parts: dict[str, Any]) -> dict[str, Any]:
    return group("all", *parts)


TEXANS = one(M + "state", "is", "TX")
TWO_STATES = one(M + "state", "is_one_of", ["TX", "FL"])
OWNERS = one(M + "is_homeowner", "is_true")
NOT_PRICED = one(M + "tags", "has_none_of", ["price sensitive"])
SCORE = one(M + "credit_score", "at_least", 700)
LOAN = one(M + "loan_amount", "between", [200_000, 400_000])
RECENT = one("created_at", "in_last_days", 90)
QUIET = one(M + "last_contacted_at", "more_than_days_ago", 60)

FILTERS: dict[str, dict[str, Any]] = {
    "everybody": every(),
    "one text": every(TEXANS),
    "one of two texts": every(TWO_STATES),
    "is not": every(one(M + "state", "is_not", "TX")),
    "none of three": every(
        one(M + "lead_source", "is_none_of", ["Zillow", "Referral", "Facebook"])
    ),
    "contains, few values": every(one(M + "city", "contains", "san")),
    "starts with, few values": every(one(M + "product", "starts_with", "solar")),
    "yes or no": every(OWNERS),
    "is no": every(one(M + "is_homeowner", "is_false")),
    "has any of": every(one(M + "tags", "has_any_of", ["homeowner", "high bill"])),
    "has all of": every(one(M + "tags", "has_all_of", ["homeowner", "high bill"])),
    "has none of": every(NOT_PRICED),
    "list is empty": every(one(M + "tags", "is_empty")),
    "number at least": every(SCORE),
    "number between": every(LOAN),
    "number is": every(one(M + "credit_score", "is", 700)),
    "number is empty": every(one(M + "loan_amount", "is_empty")),
    "date in the last days": every(RECENT),
    "date before": every(one("created_at", "before", "2026-01-01")),
    "date on a day": every(one("created_at", "on", "2026-10-20")),
    "more than days ago": every(QUIET),
    "birthday soon": every(one(M + "birthday", "anniversary_in_next_days", 14)),
    "date is empty": every(one(M + "appointment_at", "is_empty")),
    "next days": every(one(M + "appointment_at", "in_next_days", 7)),
    "zip is": every(one(M + "zip", "is", "77002")),
    "zip starts with": every(one(M + "zip", "starts_with", "77")),
    "zip is one of 50": every(one(M + "zip", "is_one_of", [str(77001 + n) for n in range(50)])),
    "first name is": every(one("first_name", "is", "Maria")),
    "last name starts with": every(one("last_name", "starts_with", "mc")),
    "e-mail is": every(one("email", "is", "susan.mcdonald1@example.com")),
    "e-mail starts with": every(one("email", "starts_with", "maria.")),
    "e-mail contains": every(one("email", "contains", "gonzalez99")),
    "phone is empty": every(one("phone_number", "is_empty")),
    "three of all": every(TWO_STATES, OWNERS, NOT_PRICED),
    "five of all": every(TWO_STATES, OWNERS, NOT_PRICED, SCORE, RECENT),
    "ranges together": every(SCORE, LOAN, RECENT, QUIET),
    "any of three": group("any", TEXANS, SCORE, one(M + "lead_status", "is", "New")),
    "none of three parts": group(
        "none", TEXANS, SCORE, one(M + "tags", "has_any_of", ["price sensitive"])
    ),
    "nested": every(
        TWO_STATES,
        group("any", every(OWNERS, LOAN), every(SCORE, one(M + "product", "is_not", "Windows"))),
        group(
            "none",
            one(M + "tags", "has_any_of", ["price sensitive"]),
            one("phone_number", "is_empty"),
        ),
    ),
    "nested, deep": group(
        "any",
        every(TEXANS, group("any", RECENT, group("none", QUIET, one(M + "city", "is", "Houston")))),
        every(one(M + "market", "contains", "miami"), NOT_PRICED, SCORE),
    ),
}


# --- the same for DuckDB, whose columns are called as the fields are


def duck(part: Part, zone: ZoneInfo, now: datetime) -> str:
    """A condition of DuckDB's SQL that means the same of the sample's contacts."""
    if isinstance(part, Group):
        if not part.conditions:
            return "true"
        parts = [duck(each, zone, now) for each in part.conditions]
        if part.match is Match.ALL:
            return f"({' and '.join(parts)})"
        met = f"({' or '.join(parts)})"
        return f"(not {met})" if part.match is Match.NONE else met
    if not isinstance(part, Condition):
        raise TypeError(part)
    operator = POSITIVE.get(part.operator.id, part.operator.id)
    met = f"coalesce({_met(part, operator, zone, now)}, false)"
    return f"(not {met})" if operator != part.operator.id else met


def _met(condition: Condition, operator: str, zone: ZoneInfo, now: datetime) -> str:  # noqa: PLR0911
    column = f'"{write_path(condition.field.path)}"'
    values = [_literal(value) for value in condition.values]
    if operator == "is_empty":
        empty = f"{column} is null"
        return (
            f"len({column}) = 0 or {empty}"
            if condition.reading is FieldType.LIST
            else (
                f"{empty} or trim({column}) = ''" if condition.reading is FieldType.TEXT else empty
            )
        )
    match condition.reading:
        case FieldType.TEXT:
            lowered = [value.lower() for value in values]
            if operator in ("is", "is_one_of"):
                return f"lower({column}) in ({', '.join(lowered)})"
            call = {"contains": "contains", "starts_with": "starts_with"}[operator]
            return f"{call}(lower({column}), {lowered[0]})"
        case FieldType.NUMBER:
            if operator in ("is", "is_one_of"):
                return f"{column} in ({', '.join(values)})"
            if operator == "between":
                return f"{column} between {values[0]} and {values[1]}"
            sign = {"at_least": ">=", "greater_than": ">", "less_than": "<", "at_most": "<="}
            return f"{column} {sign[operator]} {values[0]}"
        case FieldType.BOOLEAN:
            return column if operator == "is_true" else f"not {column}"
        case FieldType.LIST:
            call = "list_has_any" if operator == "has_any_of" else "list_has_all"
            return f"{call}({column}, [{', '.join(value.lower() for value in values)}])"
        case _:
            return _moment(condition, operator, column, zone, now)


def _moment(condition: Condition, operator: str, column: str, zone: ZoneInfo, now: datetime) -> str:
    if operator == "anniversary_in_next_days":
        days = condition.values[0]
        if not isinstance(days, int):
            raise TypeError(days)
        chosen = ", ".join(f"'{day}'" for day in anniversaries(days, now=now, zone=zone))
        return f"strftime(timezone('{zone}', {column}), '%m%d') in ({chosen})"
    since, until = moments_between(operator, condition.values, now=now, zone=zone)
    parts = []
    if since is not None:
        parts.append(f"{column} >= '{since.astimezone(UTC).isoformat()}'::timestamptz")
    if until is not None:
        parts.append(f"{column} < '{until.astimezone(UTC).isoformat()}'::timestamptz")
    return " and ".join(parts)


def _literal(value: object) -> str:
    if isinstance(value, Decimal | int):
        return str(value)
    if isinstance(value, date | datetime):
        return f"'{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"
