"""The ASGI application: routes, problems, limits, and the web app beside them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.routing import Match

from clarion import __version__
from clarion.api import problems
from clarion.api.bodies.audience import (
    AskAudience,
    AudienceAnswer,
    AudienceFacets,
    AudienceMatched,
)
from clarion.api.bodies.shape import Problem
from clarion.api.limits import BodyLimit, SecurityHeaders
from clarion.api.request_id import RequestId
from clarion.api.routes import (
    audience,
    broadcasts,
    calendar,
    callbacks,
    content,
    drift,
    exports,
    files,
    images,
    live,
    managing,
    message_pages,
    operation,
    previews,
    queue_services,
    retries,
    segments,
    sequence_templates,
    session,
    simple_queue,
    snippets,
    step_tests,
    steps,
    templates,
    tracking,
    workspace,
)
from clarion.kernel.clock import utc_now
from clarion.tracking.inbox import Inbox
from clarion.tracking.metrics.watch import Watch
from clarion.wiring.clarion import running
from clarion.wiring.readiness import Readiness
from clarion.wiring.settings import Settings

_PLACES = (
    Path(__file__).parents[1] / "web" / "dist",
    Path(__file__).parents[3] / "web" / "dist",
)

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_DESCRIPTION = """
Everything that the app does. Sign in with `Authorization: Bearer …` (`clarion token` prints one).
Errors are problem documents (RFC 9457) whose `errors` point at each place that is wrong.

Live numbers come over WebSockets: `/api/v1/live/audience` (send `AskAudience`, get
`AudienceMatched`, `AudienceFacets` and `AudienceAnswer`) and `/api/v1/live/broadcasts/{id}` (get
`Outlook`,
`Tracking` and `BroadcastMoved`).
"""


class _Api(FastAPI):
    """OpenAPI knows no WebSockets; their messages stand among its schemas all the same."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            schema = super().openapi()
            _, definitions = models_json_schema(
                [(model, "serialization") for model in _LIVE_MESSAGES],
                ref_template="#/components/schemas/{model}",
            )
            schemas = schema["components"]["schemas"]
            for name, definition in definitions["$defs"].items():
                schemas.setdefault(name, definition)
            _call_problems_by_name(schema)
            self.openapi_schema = schema
        return self.openapi_schema


_LIVE_MESSAGES = (
    AskAudience,
    AudienceMatched,
    AudienceFacets,
    AudienceAnswer,
    live.BroadcastMoved,
)


def make_app(settings: Settings) -> FastAPI:
    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings, with_index=True) as clarion:
            app.state.clarion = clarion
            app.state.inbox = Inbox(clarion.database, utc_now)
            app.state.watch = Watch(clarion.database, utc_now)
            app.state.readiness = Readiness(clarion.database)
            serving = asyncio.create_task(app.state.inbox.serve())
            # What is there now stays: to look through all of it again and again for what could be
            # thrown away makes some callers wait a tenth of a second.
            gc.collect()
            gc.freeze()
            try:
                yield
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    app = _Api(
        title="Clarion",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=life,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={
            "4XX": {"model": Problem, "description": "What is wrong, and where"},
        },
    )
    problems.install(app)
    _add_routes(app)
    _serve_web_app(app)
    app.add_middleware(callbacks.CallbacksFirst)
    app.add_middleware(problems.Bugs)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestId)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _add_routes(app: FastAPI) -> None:
    v1 = APIRouter(prefix="/api/v1")
    for module in (
        callbacks,
        sequence_templates,
        session,
        audience,
        segments,
        # Before one broadcast, whose address would take "authors" for an id.
        managing,
        calendar,
        broadcasts,
        previews,
        steps,
        files,
        step_tests,
        drift,
        tracking,
        retries,
        templates,
        snippets,
        content,
        images,
        exports,
        queue_services,
        live,
        workspace,
    ):
        v1.include_router(module.router)
    app.include_router(v1)
    app.include_router(simple_queue.router)
    # Before the pages of messages, whose address would take "test" for a token.
    app.include_router(step_tests.pages)
    app.include_router(message_pages.router)
    app.include_router(images.public)
    app.include_router(operation.router)


def _call_problems_by_name(schema: dict[str, Any]) -> None:
    """FastAPI describes every answer as plain JSON."""
    for operations in schema["paths"].values():
        for described in operations.values():
            content = described["responses"]["4XX"]["content"]
            content["application/problem+json"] = content.pop("application/json")


def _serve_web_app(app: FastAPI) -> None:
    """Every address that is not the API's shows the app, which has routes of its own."""
    dist = next((place for place in _PLACES if (place / "index.html").is_file()), None)
    if dist is not None:
        app.mount("/assets", _Assets(directory=dist / "assets"), name="assets")

    @app.get("/api/v1/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        if dist is None or not (dist / "docs.html").is_file():
            raise HTTPException(404, "The web app is not built: run script/build-web.")
        return FileResponse(dist / "docs.html")

    @app.api_route("/api", methods=_METHODS, include_in_schema=False)
    @app.api_route("/api/{path:path}", methods=_METHODS, include_in_schema=False)
    async def nothing(request: Request) -> None:
        known = any(
            each.matches(request.scope)[0] is not Match.NONE
            for each in app.routes
            if getattr(each, "endpoint", None) not in (nothing, web_app)
        )
        if known:
            raise HTTPException(405, "This address does not understand the method.")
        raise HTTPException(404, "There is nothing at this address.")

    files = {each.name: each for each in dist.iterdir() if each.is_file()} if dist else {}

    @app.get("/{path:path}", include_in_schema=False)
    async def web_app(path: str) -> FileResponse:
        if dist is None:
            raise HTTPException(404, "The web app is not built: run script/build-web.")
        # The page itself is asked for anew each time; what it loads has a name per content.
        return FileResponse(
            files.get(path, dist / "index.html"), headers={"Cache-Control": "no-cache"}
        )


class _Assets(StaticFiles):
    """Names carry a hash of the content, so that a browser never has to ask again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
