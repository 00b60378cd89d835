"""Posts callbacks as the vendors do: signed, a few at once, again when nobody could be reached."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.providers.sandbox.settings import SandboxSettings
    from clarion.providers.sandbox.work import WorkQueue

_log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
_FAILURE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A request ready to go; signed once, so that every retry is the same request."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    tries: int = 0


class Poster:
    """Counts what it did: posted, refused (an answer of 400 and up), retried, given_up."""

    def __init__(self, *, work: WorkQueue, settings: Callable[[], SandboxSettings]) -> None:
        self._work = work
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self.counts = {"posted": 0, "refused": 0, "retried": 0, "given_up": 0}
        self._held: list[Callback] = []

    @property
    def held(self) -> int:
        """Callbacks that wait until they are no longer held."""
        return len(self._held)

    def release(self) -> None:
        """Post what was held."""
        held, self._held = self._held, []
        for each in held:
            self._work.push(partial(self.post, each), after_ms=0)

    def forget(self) -> None:
        self._held = []
        self.counts = dict.fromkeys(self.counts, 0)

    def open(self) -> None:
        """Needs a running loop."""
        # The workers bound what is in flight; the pool only keeps their connections.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=_TIMEOUT
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, callback: Callback) -> None:
        if self._session is None:
            return
        if self._settings().hold_callbacks:
            self._held.append(callback)
            return
        try:
            # The signature covers the address as it was given, so it must not be re-quoted.
            async with self._session.post(
                URL(callback.url.partition("#")[0], encoded=True),
                data=callback.body,
                headers=callback.headers,
                allow_redirects=False,
            ) as answer:
                await answer.read()
                self.counts["posted" if answer.status < _FAILURE else "refused"] += 1
        except aiohttp.ClientConnectionError as error:
            self._again(callback, error)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._give_up(callback, error)

    def _again(self, callback: Callback, error: Exception) -> None:
        settings = self._settings()
        if callback.tries >= settings.callback_retries:
            self._give_up(callback, error)
            return
        self.counts["retried"] += 1
        self._work.push(
            partial(self.post, replace(callback, tries=callback.tries + 1)),
            after_ms=settings.callback_retry_delay_ms * 2**callback.tries,
        )

    def _give_up(self, callback: Callback, error: Exception) -> None:
        self.counts["given_up"] += 1
        # A receiver that is away would otherwise be told of once for each message.
        level = logging.WARNING if self.counts["given_up"] == 1 else logging.DEBUG
        _log.log(
            level, "sandbox.callback_given_up", extra={"url": callback.url, "error": repr(error)}
        )
