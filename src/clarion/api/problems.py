"""Errors as problem documents (RFC 9457); the only place that knows status codes of errors."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import DataError, OperationalError
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clarion.api.bodies.shape import CHOICES
from clarion.kernel.errors import (
    ClarionError,
    Conflict,
    Fault,
    Invalid,
    Misconfigured,
    NotAllowed,
    NotFound,
    NotSignedIn,
)

log = logging.getLogger(__name__)

_STATUS: dict[type[ClarionError], tuple[HTTPStatus, str]] = {
    Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, "Not valid"),
    NotFound: (HTTPStatus.NOT_FOUND, "Not found"),
    Conflict: (HTTPStatus.CONFLICT, "Conflict"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "Not allowed"),
    NotSignedIn: (HTTPStatus.UNAUTHORIZED, "Not signed in"),
    Misconfigured: (HTTPStatus.INTERNAL_SERVER_ERROR, "Misconfigured"),
}


def problem(
    status: HTTPStatus, title: str, detail: str, faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    return {
        "type": f"urn:clarion:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status.value,
        "detail": detail,
        "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
    }


def problem_of(error: ClarionError) -> dict[str, Any]:
    status, title = next(known for kind, known in _STATUS.items() if isinstance(error, kind))
    return problem(status, title, error.detail, error.faults)


def answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        body, status_code=body["status"], media_type="application/problem+json", headers=headers
    )


def answer_to(error: Exception) -> JSONResponse:
    """What a request gets that failed by one of KNOWN. Any other error is raised again."""
    if isinstance(error, ClarionError):
        headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else None
        return answer(problem_of(error), headers)
    if isinstance(error, DataError | UnicodeEncodeError):
        log.warning("api.unstorable: %s", error)
        return answer(
            problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "Not valid",
                "The request holds a character or a number that cannot be stored.",
            )
        )
    if isinstance(error, OperationalError | PoolTimeout):
        log.error("database.unreachable", exc_info=error)
        return answer(
            problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Database unreachable",
                "The database cannot be reached at the moment. Nothing was changed; try again.",
            ),
            {"Retry-After": "2"},
        )
    raise error


KNOWN = (ClarionError, DataError, UnicodeEncodeError, OperationalError, PoolTimeout)


def install(app: FastAPI) -> None:
    async def known(_: Request, error: Exception) -> JSONResponse:
        return answer_to(error)

    for kind in KNOWN:
        app.add_exception_handler(kind, known)

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer(
            problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "Not valid",
                "The request has a form that this address does not understand.",
                [_fault(each["type"], each["loc"][1:], each["msg"]) for each in error.errors()],
            )
        )

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        return answer(problem(status, status.phrase, str(error.detail)), dict(error.headers or {}))


class Bugs:
    """What nobody foresaw is logged, and answered as a problem with the headers of any answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception:
            if started:
                raise
            log.exception("api.failed")
            broken = answer(
                problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "Internal error",
                    "Something in Clarion is broken; the log says what.",
                )
            )
            await broken(scope, receive, send)


def faults_of(error: ValidationError) -> list[Fault]:
    """Each place of a document that has another form than it should."""
    return [_fault(each["type"], each["loc"], each["msg"]) for each in error.errors()]


def _fault(kind: str, location: Sequence[int | str], detail: str) -> Fault:
    """("jobs", 0, "to") → "/jobs/0/to"; a query parameter by its name."""
    if kind == "json_invalid":
        # Its location is a position in the text, not a place in the document.
        return Fault(pointer="", detail="The body is not JSON.")
    parts = [str(each) for each in location if each not in CHOICES]
    return Fault(pointer="".join(f"/{part}" for part in parts), detail=detail)
