"""What a worker answers over HTTP: whether its loops turn, whether it can work, its own metrics."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from clarion.kernel.errors import ClarionError, Misconfigured, NotSignedIn
from clarion.wiring.metrics_access import demand_metrics_access
from clarion.wiring.process_metrics import process_registry, render

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from prometheus_client import Metric

    from clarion.wiring.heartbeats import Heartbeats
    from clarion.wiring.readiness import Readiness
    from clarion.wiring.settings import Settings


class Loops(Collector):
    """What the loops of this process did last."""

    def __init__(self, heartbeats: Heartbeats) -> None:
        self._heartbeats = heartbeats

    def collect(self) -> Iterator[Metric]:
        silent = GaugeMetricFamily(
            "clarion_loop_silent_seconds",
            "Since the last sign of life of each loop of this worker; some rest for an hour.",
            labels=["loop"],
        )
        hangs = GaugeMetricFamily(
            "clarion_loop_hangs", "1 when it is silent for longer than it may be.", labels=["loop"]
        )
        for beat in self._heartbeats.beats():
            silent.add_metric([beat.name], beat.silent)
            hangs.add_metric([beat.name], float(beat.hangs))
        yield silent
        yield hangs


class WorkerHealth:
    """`token` is METRICS_TOKEN: the metrics are read under the same rule as the API's."""

    def __init__(self, heartbeats: Heartbeats, readiness: Readiness, *, token: str) -> None:
        self._heartbeats = heartbeats
        self._readiness = readiness
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self._health),
            web.get("/ready", self._ready),
            web.get("/metrics", self._metrics),
        ]

    async def _health(self, _: web.Request) -> web.Response:
        problem = self._heartbeats.problem()
        return _problem(503, problem) if problem else web.json_response({"status": "ok"})

    async def _ready(self, _: web.Request) -> web.Response:
        problem = self._heartbeats.problem() or await self._readiness.problem()
        return _problem(503, problem) if problem else web.json_response({"status": "ready"})

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            demand_metrics_access(
                token=self._token,
                client=request.transport.get_extra_info("peername")[0]
                if request.transport
                else None,
                headers={name.lower(): value for name, value in request.headers.items()},
            )
        except ClarionError as error:
            return _problem(401 if isinstance(error, NotSignedIn) else 403, error.detail)
        registry = process_registry()
        registry.register(Loops(self._heartbeats))
        text, content_type = render(registry, request.headers.get("Accept", ""))
        return web.Response(body=text, headers={"Content-Type": content_type})


@asynccontextmanager
async def serving_health(
    settings: Settings, heartbeats: Heartbeats, readiness: Readiness, *, port: int | None
) -> AsyncIterator[None]:
    """Serves on HOST and this port while the worker lives; `port` None: serves nothing.

    Raises Misconfigured when the port is taken.
    """
    if port is None:
        yield
        return
    app = web.Application()
    token = settings.metrics_token.get_secret_value()
    app.add_routes(WorkerHealth(heartbeats, readiness, token=token).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, port).start()
        except OSError as error:
            raise Misconfigured(
                f"The worker cannot answer on {settings.host}:{port} ({error.strerror}). "
                "Is another worker of this host using the port?"
            ) from error
        yield
    finally:
        await runner.cleanup()


_TITLES = {401: "Not signed in", 403: "Not allowed", 503: "Service Unavailable"}


def _problem(status: int, detail: str) -> web.Response:
    """As the API answers (RFC 9457)."""
    title = _TITLES[status]
    return web.json_response(
        {
            "type": f"urn:clarion:problem:{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "detail": detail,
            "errors": [],
        },
        status=status,
        content_type="application/problem+json",
        headers={"WWW-Authenticate": "Bearer"} if status == 401 else None,  # noqa: PLR2004
    )
