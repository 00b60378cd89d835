"""A real sandbox and a real receiver of callbacks, each on a port of its own on loopback."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.providers.events import CallbackRequest, ProviderEvent
from clarion.providers.sandbox import (
    SANDBOX_ACCOUNT_SID,
    SANDBOX_AUTH_TOKEN,
    SANDBOX_SENDGRID_API_KEY,
    SandboxSettings,
    make_app,
)
from clarion.providers.sendgrid import SendGridEmail
from clarion.providers.sending import OutgoingMessage, Provider
from clarion.providers.twilio import TwilioSms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

#: Long enough for a slow machine; nothing waits for it when all is well.
PATIENCE = 10.0


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    """The application on a free port; gives its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@dataclass
class Receiver:
    """Keeps every callback as it came."""

    url: str = ""
    requests: list[CallbackRequest] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        came = CallbackRequest(
            url=f"{self.url}{request.raw_path}",
            headers=dict(request.headers),
            body=await request.read(),
            received_at=utc_now(),
        )
        async with self.changed:
            self.requests.append(came)
            self.changed.notify_all()
        return web.Response()

    async def until(self, holds: Callable[[list[CallbackRequest]], bool]) -> list[CallbackRequest]:
        """The callbacks, as soon as they fulfil the condition."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: holds(self.requests))
            return list(self.requests)


@dataclass
class Sandbox:
    """The sandbox's own endpoints, from outside."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def set(self, **settings: object) -> None:
        async with self.session.put(f"{self.url}/sandbox/settings", json=settings) as answer:
            assert answer.status == 200, await answer.text()

    async def post(self, path: str, body: object) -> int:
        async with self.session.post(self.url + path, json=body) as answer:
            await answer.read()
            return answer.status

    async def create(self, **form: str) -> tuple[int, Any]:
        """POST to Twilio's Messages, as any client would."""
        path = f"/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages.json"
        async with self.session.post(self.url + path, data=form, headers=ACCOUNT) as answer:
            return answer.status, await answer.json()

    @property
    def account(self) -> dict[str, str]:
        """The headers that sign in."""
        return ACCOUNT

    async def messages(self, path: str = ".json", **query: str) -> Any:
        """GET from Twilio's Messages."""
        url = f"{self.url}/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages{path}"
        async with self.session.get(url, params=query, headers=ACCOUNT) as answer:
            return await answer.json()


ACCOUNT = {"Authorization": aiohttp.encode_basic_auth(SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN)}


@pytest.fixture
def serving() -> Callable[[web.Application], AbstractAsyncContextManager[str]]:
    """For tests that play a vendor by themselves."""
    return running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def sandbox(session: aiohttp.ClientSession) -> AsyncIterator[Sandbox]:
    settings = SandboxSettings(callback_delay_ms=0, sendgrid_batch_ms=1, callback_retry_delay_ms=10)
    async with running(make_app(settings)) as url:
        yield Sandbox(url=url, session=session)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.take)
    async with running(app) as url:
        made.url = url
        yield made


def nobody() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@dataclass
class Stage:
    """A provider, and all that the contract needs to know about its vendor."""

    provider: Provider
    message: OutgoingMessage
    bad_address: str
    sandbox: Sandbox
    receiver: Receiver
    elsewhere: Callable[[str], Provider]
    statuses: list[str]
    signature: str
    records: bool
    """Whether the vendor can be asked what it has."""
    nobody: str
    """An address at which nothing listens."""
    own_sender: str
    other_sender: str

    def to(self, address: str) -> OutgoingMessage:
        return replace(self.message, to=address, message_id=uuid4())

    def events(self, requests: list[CallbackRequest]) -> list[ProviderEvent]:
        return [event for each in requests for event in self.provider.read_callback(each)]

    async def events_until(self, count: int) -> list[ProviderEvent]:
        return self.events(await self.receiver.until(lambda all_: len(self.events(all_)) >= count))


class MakeTwilio(Protocol):
    def __call__(self, **changes: Any) -> TwilioSms: ...


@pytest.fixture
async def make_twilio(sandbox: Sandbox, receiver: Receiver) -> AsyncIterator[MakeTwilio]:
    made: list[TwilioSms] = []

    def make(**changes: Any) -> TwilioSms:
        options: dict[str, Any] = {
            "account_sid": SANDBOX_ACCOUNT_SID,
            "auth_token": SANDBOX_AUTH_TOKEN,
            "sender": "+15005550006",
            "status_callback_url": f"{receiver.url}/callbacks/twilio/status",
            "api_base": sandbox.url,
            "name": "sandbox",
        }
        made.append(TwilioSms(**(options | changes)))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


class MakeSendGrid(Protocol):
    async def __call__(self, **changes: Any) -> SendGridEmail: ...


@pytest.fixture
async def make_sendgrid(sandbox: Sandbox) -> AsyncIterator[MakeSendGrid]:
    made: list[SendGridEmail] = []
    public_key = (await sandbox.get("/sandbox/sendgrid-public-key"))["public_key"]

    async def make(**changes: Any) -> SendGridEmail:
        options: dict[str, Any] = {
            "api_key": SANDBOX_SENDGRID_API_KEY,
            "sender": "news@example.com",
            "sender_name": "News",
            "public_key": public_key,
            "api_base": sandbox.url,
        }
        made.append(SendGridEmail(**(options | changes)))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture(params=["twilio", "sendgrid"])
async def stage(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    receiver: Receiver,
    make_twilio: MakeTwilio,
    make_sendgrid: MakeSendGrid,
) -> Stage:
    if request.param == "twilio":
        message = OutgoingMessage(
            message_id=uuid4(), attempt=1, channel=Channel.SMS, to="+15551230001", body="Hello"
        )
        return Stage(
            provider=make_twilio(),
            message=message,
            bad_address="12",
            sandbox=sandbox,
            receiver=receiver,
            elsewhere=lambda url: make_twilio(api_base=url),
            statuses=["sent", "delivered"],
            signature="X-Twilio-Signature",
            records=True,
            nobody=nobody(),
            own_sender="+15005550006",
            other_sender="+15005550123",
        )
    await sandbox.set(sendgrid_event_url=f"{receiver.url}/callbacks/sendgrid")
    mail = OutgoingMessage(
        message_id=uuid4(),
        attempt=1,
        channel=Channel.EMAIL,
        to="ann@example.com",
        subject="News",
        body="Hello",
        html="<p>Hello</p>",
    )
    provider = await make_sendgrid()
    public_key = (await sandbox.get("/sandbox/sendgrid-public-key"))["public_key"]

    def elsewhere(url: str) -> Provider:
        return SendGridEmail(
            api_key="SG.x", sender="news@example.com", public_key=public_key, api_base=url
        )

    return Stage(
        provider=provider,
        message=mail,
        bad_address="nowhere",
        sandbox=sandbox,
        receiver=receiver,
        elsewhere=elsewhere,
        statuses=["sent", "delivered"],
        signature="X-Twilio-Email-Event-Webhook-Signature",
        records=False,
        nobody=nobody(),
        own_sender="news@example.com",
        other_sender="offers@example.com",
    )
