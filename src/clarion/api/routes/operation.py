"""For whoever runs Clarion: does it live, can it work, how is it doing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from clarion.api.caller import TheClarion
from clarion.tracking.metrics.exposition import Exposition
from clarion.tracking.metrics.watch import Watch
from clarion.wiring.metrics_access import demand_metrics_access
from clarion.wiring.process_metrics import process_registry, render
from clarion.wiring.readiness import Readiness

router = APIRouter(tags=["operation"])


def watch_of(request: Request) -> Watch:
    return cast("Watch", request.app.state.watch)


def readiness_of(request: Request) -> Readiness:
    return cast("Readiness", request.app.state.readiness)


@router.get("/health")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(
    readiness: Annotated[Readiness, Depends(readiness_of)],
) -> dict[str, str]:
    """The process answers and its database does too."""
    problem = await readiness.problem()
    if problem is not None:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, problem, {"Retry-After": "2"})
    return {"status": "ready"}


@router.get("/metrics", include_in_schema=False)
async def metrics(
    request: Request, clarion: TheClarion, watch: Annotated[Watch, Depends(watch_of)]
) -> Response:
    """Of all of this Clarion, from the database, and of this process; as Prometheus reads it."""
    demand_metrics_access(
        token=clarion.settings.metrics_token.get_secret_value(),
        client=request.client.host if request.client else None,
        headers=request.headers,
    )
    registry = process_registry()
    registry.register(Exposition(await watch.look()))
    text, content_type = render(registry, request.headers.get("accept", ""))
    # As a header: a media type would get a second charset.
    return Response(text, headers={"Content-Type": content_type})
