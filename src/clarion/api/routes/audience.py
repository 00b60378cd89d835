"""Fields, values, counts and contacts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from clarion.api.bodies import audience as bodies
from clarion.api.caller import TheClarion, TheWorkspace, Transaction
from clarion.api.shapes import contact_body, estimate_body, waterfall_body, why_body
from clarion.audience.audience import By, LeftOut
from clarion.audience.fields import OPERATORS, SPECIAL_FIELDS, Field, FieldType
from clarion.audience.filter_schema import filter_schema
from clarion.kernel.channel import Channel

router = APIRouter(prefix="/audience", tags=["audience"])


@router.get("/fields")
async def list_fields(
    clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.AudienceFields:
    """Every column of the contacts table and every key found in metadata, as they are now; then
    what is known of contacts beside their own row."""
    fields = await clarion.audience.fields(connection, workspace)
    return bodies.AudienceFields(
        fields=[_field(field) for field in (*fields.values(), *SPECIAL_FIELDS.values())],
        operators=[
            bodies.Operator(
                id=each.id,
                label=each.label,
                value=each.operand.value,
                types=[kind.value for kind in FieldType if kind in each.types],
            )
            for each in OPERATORS.values()
        ],
    )


def _field(field: Field) -> bodies.AudienceField:
    kinds = sorted(field.kinds.items(), key=lambda each: (-each[1], each[0]))
    return bodies.AudienceField(
        id=field.id,
        label=field.label,
        source=field.source,
        type=field.type.value,
        operators=[operator.id for operator in field.operators],
        token=field.id if field.is_held else "",
        contacts=field.contacts,
        kinds=[bodies.FieldKind(type=kind.value, contacts=contacts) for kind, contacts in kinds],
        note=field.note,
    )


@router.get("/filter-schema")
async def describe_filters(
    clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> dict[str, Any]:
    """The form of a filter as a JSON Schema (2020-12), with the fields as they are now."""
    fields = await clarion.audience.fields(connection, workspace)
    return filter_schema(fields.values())


@router.get("/values")
async def list_field_values(
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    field: Annotated[str, Query(max_length=500)],
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> bodies.FieldValues:
    """The values that contacts have in a field, with how many have each."""
    values = await clarion.audience.values(connection, workspace, field, search=search, limit=limit)
    return bodies.FieldValues(
        values=[bodies.FieldValue(value=value, contacts=contacts) for value, contacts in values]
    )


@router.post("/count")
async def count_audience(
    body: bodies.CountAudience,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.Estimate:
    """How many match, how many each channel reaches, and why not the others. Exact."""
    compiled = await clarion.audience.read(connection, workspace, body.filter.model_dump())
    return estimate_body(await clarion.audience.estimate(connection, workspace, compiled))


@router.post("/waterfall")
async def narrow_audience(
    body: bodies.CountAudience,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.Waterfall:
    """What each condition of the filter takes away, and then each reason of each channel. Exact."""
    return waterfall_body(
        await clarion.audience.waterfall(connection, workspace, body.filter.model_dump())
    )


@router.post("/why")
async def explain_contact(
    body: bodies.AskWhy,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.Why:
    """Why a contact matches or does not: what it holds, and which conditions it meets."""
    return why_body(
        await clarion.audience.why(connection, workspace, body.filter.model_dump(), body.contact_id)
    )


@router.post("/contacts")
async def list_contacts(
    body: bodies.ListContacts,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.ContactPage:
    """A page of the contacts who match, in the order and of the search that was asked for."""
    compiled = await clarion.audience.read(connection, workspace, body.filter.model_dump())
    page = await clarion.audience.page(
        connection,
        workspace,
        compiled,
        after=body.after,
        limit=body.limit,
        channel=Channel(body.channel or Channel.SMS),
        left_out=LeftOut(body.left_out) if body.left_out else None,
        reachable=bool(body.reachable),
        by=By(body.reached_by) if body.reached_by else None,
        without=body.without,
        sort_by=body.sort.field if body.sort else None,
        descending=bool(body.sort and body.sort.descending),
        search=body.search,
    )
    return bodies.ContactPage(
        contacts=[contact_body(contact) for contact in page.contacts], next=page.next
    )
