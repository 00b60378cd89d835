"""The application through ASGI, as each kind of caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from clarion.api import identity
from clarion.kernel.clock import utc_now
from support.serving import OTHER_WORKSPACE, add_workspace, bearer, client_of, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

    from clarion.kernel.actor import Actor
    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    async with serving(settings) as opened:
        yield opened


@pytest.fixture
def clarion(app: FastAPI) -> Clarion:
    """The very one on which the application stands."""
    return cast("Clarion", app.state.clarion)


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def ana(app: FastAPI, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A script of the default workspace."""
    async with client_of(app, authorization=bearer(settings)) as client:
        yield client


@pytest.fixture
async def stranger(app: FastAPI, dsn: str, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A script of another workspace."""
    add_workspace(dsn)
    authorization = bearer(settings, workspace=OTHER_WORKSPACE)
    async with client_of(app, authorization=authorization) as client:
        yield client


@pytest.fixture
async def link_token(clarion: Clarion, actor: Actor) -> str:
    """The token of a one-time link that nobody has used yet."""
    async with clarion.database.as_worker() as connection:
        return await identity.make_link_token(connection, actor, now=utc_now())


@pytest.fixture
async def browser(app: FastAPI, link_token: str) -> AsyncIterator[httpx.AsyncClient]:
    """A person who has followed the link."""
    async with client_of(app) as client:
        answer = await client.post("/api/v1/session", json={"token": link_token})
        assert answer.status_code == 204
        yield client
