"""Fields, values, counts and contacts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from clarion.api.bodies import audience as bodies
from clarion.api.caller import TheClarion, TheWorkspace, Transaction
from clarion.api.shapes import contact_body, estimate_body
from clarion.audience.audience import LeftOut
from clarion.audience.fields import OPERATORS

router = APIRouter(prefix="/audience", tags=["audience"])


@router.get("/fields")
async def list_fields(
    clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.AudienceFields:
    """Every column of the contacts table and every key found in metadata, as they are now."""
    fields = await clarion.audience.fields(connection, workspace)
    return bodies.AudienceFields(
        fields=[
            bodies.AudienceField(
                id=field.id,
                label=field.label,
                source=field.source,
                type=field.type.value,
                operators=[operator.id for operator in field.operators],
                token=field.id,
                contacts=field.contacts,
            )
            for field in fields.values()
        ],
        operators=[
            bodies.Operator(id=each.id, label=each.label, value=each.operand.value)
            for each in OPERATORS.values()
        ],
    )


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
    """How many match, how many an SMS reaches, and why not the others. Exact."""
    compiled = await clarion.audience.read(connection, workspace, body.filter.model_dump())
    return estimate_body(await clarion.audience.estimate(connection, workspace, compiled))


@router.post("/contacts")
async def list_contacts(
    body: bodies.ListContacts,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.ContactPage:
    """A page of the contacts who match."""
    compiled = await clarion.audience.read(connection, workspace, body.filter.model_dump())
    page = await clarion.audience.page(
        connection,
        workspace,
        compiled,
        after=body.after,
        limit=body.limit,
        left_out=LeftOut(body.left_out) if body.left_out else None,
        reachable=bool(body.reachable),
    )
    return bodies.ContactPage(
        contacts=[contact_body(contact) for contact in page.contacts], next=page.next
    )
