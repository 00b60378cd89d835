"""Everything that `clarion up` starts, in the loop of the test: sandbox, API on a port, worker."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from clarion.api.app import make_app
from clarion.providers.sandbox import SandboxSettings as Behaviour
from clarion.providers.sandbox import make_app as make_sandbox
from clarion.wiring.settings import SandboxSettings
from clarion.wiring.worker import work
from support.processes import free_port
from support.serving import bearer, on_port, until, web_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

JOBS = "/api/v1/queue-services/jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """`client` is a script that is signed in; `sandbox` the sandbox's own endpoints."""

    clarion: Clarion
    client: httpx.AsyncClient
    sandbox: httpx.AsyncClient

    async def post(self, **job: object) -> Any:
        answer = await self.client.post(JOBS, json=job)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def job(self, job_id: str) -> Any:
        return (await self.client.get(f"{JOBS}/{job_id}")).json()

    async def ended(self, job_id: str) -> Any:
        """The job, as soon as it has ended."""
        return await until(
            lambda: self.job(job_id), lambda job: job["status"] not in ("scheduled", "running")
        )

    async def sms(self) -> list[dict[str, Any]]:
        """What the sandbox has accepted, in order."""
        found: list[dict[str, Any]] = (await self.sandbox.get("/sandbox/messages")).json()[
            "messages"
        ]
        return found

    async def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.sandbox.get("/sandbox/emails")).json()["emails"]
        return found

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker lives."""
        worker = asyncio.create_task(work(self.clarion))
        try:
            yield
            assert not worker.done()
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker


@asynccontextmanager
async def whole(settings: Settings, *, sandbox: Behaviour | None = None) -> AsyncIterator[Whole]:
    """All of it but a worker, which a test starts itself."""
    port = free_port()
    behaviour = sandbox or Behaviour(callback_delay_ms=5)
    async with on_port(make_sandbox(behaviour)) as sandbox_url:
        settings = settings.model_copy(
            update={
                "sandbox": SandboxSettings(url=sandbox_url),
                "public_url": f"http://127.0.0.1:{port}",
                "port": port,
            }
        )
        app = make_app(settings)
        async with (
            web_server(app, port=port) as address,
            httpx.AsyncClient(
                base_url=f"http://{address}", headers={"authorization": bearer(settings)}
            ) as client,
            httpx.AsyncClient(base_url=sandbox_url) as control,
        ):
            yield Whole(clarion=app.state.clarion, client=client, sandbox=control)
