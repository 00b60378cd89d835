"""What the application publishes about itself is what it does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fastapi.routing import iter_route_contexts
from openapi_spec_validator import validate
from starlette.routing import WebSocketRoute

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

#: Addresses that are no part of the contract: pages, the way back from an outside queue, metrics.
NOT_PUBLISHED = {
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/api/v1/queue-services/callbacks",
    "/metrics",
    *(f"/m/{{token}}/{page}" for page in ("unsubscribe", "preferences", "view", "open.gif")),
    "/m/test/{which}",
    "/m/{token}/to/{number}",
    "/api",
    "/api/{path:path}",
    "/{path:path}",
}


async def _contract(nobody: httpx.AsyncClient) -> dict[str, Any]:
    contract: dict[str, Any] = (await nobody.get("/api/v1/openapi.json")).json()
    return contract


def _operations(contract: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, operations in contract["paths"].items()
        for method, operation in operations.items()
    }


async def test_the_contract_is_valid_openapi(nobody: httpx.AsyncClient) -> None:
    validate(await _contract(nobody))


async def test_the_contract_names_every_route(app: FastAPI, nobody: httpx.AsyncClient) -> None:
    routes = {
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if not isinstance(route.original_route, WebSocketRoute)
        for method in route.methods or ()
        if str(route.path) not in NOT_PUBLISHED
    }
    assert set(_operations(await _contract(nobody))) == routes


async def test_no_two_operations_have_the_same_id(nobody: httpx.AsyncClient) -> None:
    operations = _operations(await _contract(nobody)).values()
    ids = Counter(operation["operationId"] for operation in operations)
    assert [name for name, times in ids.items() if times > 1] == []


async def test_the_messages_of_live_screens_are_among_the_schemas(
    nobody: httpx.AsyncClient,
) -> None:
    schemas = (await _contract(nobody))["components"]["schemas"]
    assert {
        "AskAudience",
        "AudienceMatched",
        "AudienceFacets",
        "AudienceAnswer",
        "Outlook",
        "Tracking",
        "BroadcastMoved",
    } <= set(schemas)
    assert set(schemas["AudienceMatched"]["properties"]) == {
        "type",
        "id",
        "matched",
        "total",
        "sms_reachable",
        "email_reachable",
        "took_ms",
        "freshness",
    }


async def test_every_reference_of_the_contract_leads_somewhere(nobody: httpx.AsyncClient) -> None:
    contract = await _contract(nobody)
    found: list[str] = []

    def look(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                found.append(part["$ref"])
            for value in part.values():
                look(value)
        elif isinstance(part, list):
            for value in part:
                look(value)

    look(contract)
    schemas = contract["components"]["schemas"]
    wrong = {each for each in found if each.removeprefix("#/components/schemas/") not in schemas}
    assert found
    assert wrong == set()


async def test_every_operation_says_what_its_errors_look_like(nobody: httpx.AsyncClient) -> None:
    contract = await _contract(nobody)
    for operation in _operations(contract).values():
        content = operation["responses"]["4XX"]["content"]
        assert list(content) == ["application/problem+json"]
        schema = content["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}
    problem = contract["components"]["schemas"]["Problem"]["properties"]
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
