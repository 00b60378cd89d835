"""Mail servers: a real one, and one that misbehaves on purpose; no mail is lost or sent twice."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured, NotAllowed
from clarion.kernel.mail import Mail
from clarion.providers.error_codes import ERROR_WORDS
from clarion.providers.events import CallbackRequest
from clarion.providers.sending import (
    Accepted,
    OutgoingMessage,
    Rejected,
    Throttled,
    Unavailable,
    Uncertain,
)
from clarion.providers.smtp import Security, SmtpEmail, SmtpServer
from clarion.providers.smtp import email as smtp_email
from support.mail_server import CUT, SILENCE, MailServer, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

#: The real server minds that it lets people sign in openly, as one on this machine may.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

MAIL = Mail(
    subject=("Hi ", 0),
    text=("Dear ", 1, ",\n.\n..dots\n.\n"),
    html=("<p>", 2, "</p>"),
    from_name="Zoë 🦊",
)


def message(number: int = 1, **changes: Any) -> OutgoingMessage:
    options: dict[str, Any] = {
        "message_id": uuid4(),
        "attempt": 1,
        "channel": Channel.EMAIL,
        "to": f"person{number}@example.com",
        "body": "",
        "mail": MAIL,
        "values": ("Ann", f".{number}", "شكرا"),
    }
    return OutgoingMessage(**(options | changes))


@asynccontextmanager
async def sending_to(
    port: int, *, connections: int = 4, **changes: Any
) -> AsyncIterator[SmtpEmail]:
    options: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "called": "crm.example",
    }
    provider = SmtpEmail(
        SmtpServer(**(options | changes)), sender="news@crm.example", connections=connections
    )
    try:
        yield provider
    finally:
        await provider.aclose()


@asynccontextmanager
async def stage(server: MailServer, **changes: Any) -> AsyncIterator[SmtpEmail]:
    async with serving(server), sending_to(server.port, **changes) as provider:
        yield provider


class Inbox:
    """Keeps what a real server has taken."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.secured: list[bool] = []

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        assert server.transport is not None
        self.secured.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 2.0.0 Ok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself; the key stands in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    return path


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def _let_in(server: SMTP, session: Session, envelope: Envelope, how: str, who: Any) -> AuthResult:
    right = isinstance(who, LoginPassword) and (who.login, who.password) == (b"ann", b"secret")
    return AuthResult(success=right, handled=False)


@dataclass
class Real:
    security: Security
    port: int
    inbox: Inbox


@pytest.fixture(params=list(Security))
async def real(request: pytest.FixtureRequest, certificate: Path) -> AsyncIterator[Real]:
    security: Security = request.param
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    inbox, loop = Inbox(), asyncio.get_running_loop()

    def answering() -> SMTP:
        return SMTP(
            inbox,
            loop=loop,
            hostname="mail.example",
            tls_context=context if security is Security.STARTTLS else None,
            require_starttls=security is Security.STARTTLS,
            authenticator=_let_in,
            auth_required=True,
            auth_require_tls=security is Security.STARTTLS,
            enable_SMTPUTF8=True,
        )

    server = await loop.create_server(
        answering, "127.0.0.1", 0, ssl=context if security is Security.TLS else None
    )
    yield Real(security, server.sockets[0].getsockname()[1], inbox)
    server.close()


async def test_a_real_server_takes_what_was_written_encrypted_and_signed_in(
    real: Real, certificate: Path
) -> None:
    inbox = real.inbox
    async with sending_to(
        real.port,
        security=real.security,
        username="ann",
        password="secret",
        trust=trusting(certificate),
    ) as provider:
        messages = [message(each) for each in range(20)] + [message(to="用户@例え.example")]
        results = await asyncio.gather(*map(provider.send, messages))
    assert all(isinstance(each, Accepted) for each in results)
    taken = {envelope.rcpt_tos[0]: envelope for envelope in inbox.taken}
    assert sorted(taken) == sorted(
        each.to if each.to.isascii() else "用户@xn--r8jz45g.example" for each in messages
    )
    for number in range(20):
        envelope = taken[f"person{number}@example.com"]
        assert envelope.mail_from == "news@crm.example"
        assert isinstance(envelope.content, bytes)
        read = message_from_bytes(envelope.content, policy=default)
        assert str(read["subject"]) == "Hi Ann"
        assert read["from"].addresses[0].display_name == "Zoë 🦊"
        plain, html = read.iter_parts()
        lines = ["Dear", f".{number},", ".", "..dots", "."]
        assert plain.get_content().split() == lines
        assert plain.get_content().count("\r\n") == 4
        assert html.get_content() == "<p>شكرا</p>"
    told = {each.provider_id for each in results if isinstance(each, Accepted)}
    read_back = {
        message_from_bytes(each.content, policy=default)["message-id"]
        for each in inbox.taken
        if isinstance(each.content, bytes)
    }
    assert read_back == {f"<{each}>" for each in told}
    assert set(inbox.secured) == {real.security is not Security.NONE}


@pytest.mark.parametrize("real", [Security.STARTTLS, Security.TLS], indirect=True)
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    real: Real,
) -> None:
    inbox = real.inbox
    async with sending_to(
        real.port, security=real.security, username="ann", password="secret"
    ) as provider:
        result = await provider.send(message())
    assert isinstance(result, Unavailable)
    assert "certificate" in result.detail
    assert inbox.taken == []


@pytest.mark.parametrize("real", [Security.TLS], indirect=True)
async def test_a_wrong_password_is_a_matter_for_who_keeps_the_server(
    real: Real, certificate: Path
) -> None:
    inbox = real.inbox
    async with sending_to(
        real.port,
        security=Security.TLS,
        username="ann",
        password="wrong",
        trust=trusting(certificate),
    ) as provider:
        result = await provider.send(message())
    assert isinstance(result, Rejected)
    assert result.code == "smtp_535"
    assert inbox.taken == []


async def test_a_server_without_starttls_is_not_talked_to_openly() -> None:
    server = MailServer()
    async with stage(server, security=Security.STARTTLS, username="ann", password="x") as provider:
        assert isinstance(await provider.send(message()), Unavailable)
    assert not any(each.startswith(("AUTH", "MAIL")) for each in server.commands)


PIPELINING = [("PIPELINING",), ("HELP",)]


@pytest.mark.parametrize("extensions", PIPELINING)
async def test_connections_are_kept_and_are_no_more_than_they_may_be(
    extensions: tuple[str, ...],
) -> None:
    server = MailServer(extensions=extensions)
    async with stage(server, connections=3) as provider:
        for _ in range(5):
            assert isinstance(await provider.send(message()), Accepted)
        assert server.connections == 1
        results = await provider.send_batch([message(each) for each in range(60)])
    assert {type(each) for each in results} == {Accepted}
    assert server.connections == 3
    assert len(server.contents) == 65
    dots = b"Dear=20=\r\n..7=\r\n,\r\n=2E\r\n...dots\r\n=2E\r\n"
    assert any(dots in each for each in server.contents)


async def test_a_mail_that_is_taken_has_our_id_and_the_server_hears_its_size() -> None:
    server = MailServer()
    async with stage(server) as provider:
        sent = message()
        result = await provider.send(sent)
    told = f"{sent.message_id.hex}.1@crm.example"
    assert result == Accepted(provider_id=told)
    assert f"Message-ID: <{told}>".encode() in server.contents[0]
    size = len(server.contents[0].replace(b"\r\n..", b"\r\n."))
    assert f"MAIL FROM:<news@crm.example> SIZE={size}" in server.commands
    assert server.commands[0] == "EHLO crm.example"


@pytest.mark.parametrize("extensions", PIPELINING)
@pytest.mark.parametrize(
    ("verb", "reply", "kind", "code"),
    [
        ("MAIL", "550 5.7.1 Sender rejected", Rejected, "smtp_sender"),
        ("MAIL", "530 5.7.0 Authentication required", Rejected, "smtp_530"),
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit", Rejected, "smtp_5.3.4"),
        ("MAIL", "451 4.3.0 Try later", Rejected, "smtp_451"),
        ("RCPT", "550 5.1.1 No such user", Rejected, "smtp_5.1.1"),
        ("RCPT", "550-5.1.1 The account\r\n550 5.1.1 does not exist", Rejected, "smtp_5.1.1"),
        ("RCPT", "550 No", Rejected, "smtp_550"),
        ("RCPT", "550 4.1.1 Contradicts itself", Rejected, "smtp_550"),
        ("RCPT", "550 5.1.99 New", Rejected, "smtp_550"),
        ("RCPT", "599 5.9.9 New", Rejected, "smtp_500"),
        ("RCPT", "452 4.2.2 Mailbox full, over the limit", Rejected, "smtp_4.2.2"),
        ("RCPT", "552 Full", Rejected, "smtp_552"),
        ("RCPT", "450 4.7.1 Greylisted, come back in a moment, temporarily", Rejected, "smtp_450"),
        ("RCPT", "450 4.7.1 Too many recipients", Throttled, "smtp_450"),
        ("RCPT", "451 4.7.28 Rate limit exceeded", Throttled, "smtp_451"),
        ("RCPT", "421 4.7.0 Slow down", Throttled, "smtp_421"),
        ("RCPT", "999 What?", Unavailable, None),
        ("RCPT", "no SMTP", Unavailable, None),
        ("DATA", "554 5.5.1 No valid recipients", Rejected, "smtp_554"),
        ("DATA", "250 Sure", Unavailable, None),
        ("CONTENT", "554 5.7.1 Looks like spam", Rejected, "smtp_5.7.1"),
        ("CONTENT", "550 5.7.26 No DMARC", Rejected, "smtp_5.7.26"),
        ("CONTENT", "552 Too large", Rejected, "smtp_5.3.4"),
        ("CONTENT", "451 4.3.0 Local error", Rejected, "smtp_451"),
        ("CONTENT", "421 4.3.2 Shutting down", Throttled, "smtp_421"),
        ("CONTENT", "354 More?", Uncertain, None),
        ("CONTENT", "??? what", Uncertain, None),
        ("CONTENT", CUT, Uncertain, None),
        ("MAIL", CUT, Unavailable, None),
        ("RCPT", CUT, Unavailable, None),
        ("DATA", CUT, Unavailable, None),
    ],
)
async def test_each_answer_has_its_consequence_and_the_next_mail_goes(
    extensions: tuple[str, ...], verb: str, reply: str, kind: type, code: str | None
) -> None:
    server = MailServer(extensions=extensions, replies={verb: reply})
    async with stage(server) as provider:
        result = await provider.send(message())
        assert type(result) is kind
        assert getattr(result, "code", None) == code
        assert code is None or code in ERROR_WORDS
        if isinstance(result, Rejected):
            assert reply.partition(" ")[2].split("\r\n")[0] in result.detail
        assert server.contents == []
        server.replies.clear()
        assert isinstance(await provider.send(message()), Accepted)
    assert len(server.contents) == 1


@pytest.mark.parametrize("extensions", PIPELINING)
async def test_after_a_refusal_the_same_connection_goes_on(extensions: tuple[str, ...]) -> None:
    server = MailServer(extensions=extensions)
    async with stage(server) as provider:
        for reply in ("550 5.1.1 No such user", "250 Ok", "450 Later", "250 Ok"):
            server.replies["RCPT"] = reply
            accepted = isinstance(await provider.send(message()), Accepted)
            assert accepted is reply.startswith("2")
    assert server.connections == 1
    assert len(server.contents) == 2
    assert server.commands.count("RSET") == (2 if extensions == ("HELP",) else 0)


async def test_a_server_that_asks_for_the_content_of_nobodys_mail_gets_none() -> None:
    server = MailServer(extensions=("PIPELINING",), replies={"RCPT": "550 5.1.1 No such user"})
    async with stage(server) as provider:
        result = await provider.send(message())
    assert result == Rejected(code="smtp_5.1.1", detail="550 5.1.1 No such user")
    assert (server.contents, server.empty) == ([], 1)


@pytest.mark.parametrize("farewell", [None, "421 4.7.0 Enough of you"])
async def test_a_connection_that_had_its_share_of_mails_costs_none(farewell: str | None) -> None:
    server = MailServer(most_mails=3, farewell=farewell)
    async with stage(server, connections=2) as provider:
        results = await provider.send_batch([message(each) for each in range(30)])
    assert {type(each) for each in results} == {Accepted}
    assert len(server.contents) == 30
    assert server.connections == 10


async def test_connections_that_were_closed_while_idle_cost_no_mail() -> None:
    server = MailServer()
    async with stage(server, connections=3) as provider:
        await provider.send_batch([message(each) for each in range(9)])
        for _ in range(3):
            server.hang_up()
            assert isinstance(await provider.send(message()), Accepted)
    assert len(server.contents) == 12


async def test_a_fresh_connection_that_breaks_is_not_tried_again() -> None:
    server = MailServer(most_mails=0)
    async with stage(server) as provider:
        assert isinstance(await provider.send(message()), Unavailable)
    assert server.connections == 1
    server = MailServer(most_mails=0, farewell="421 4.7.0 Enough of you")
    async with stage(server) as provider:
        result = await provider.send(message())
    assert isinstance(result, Throttled)
    assert result.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("MAIL", Unavailable), ("DATA", Unavailable), ("CONTENT", Uncertain)],
)
async def test_a_server_that_falls_silent_is_not_waited_for_for_ever(verb: str, kind: type) -> None:
    server = MailServer(extensions=("HELP",), replies={verb: SILENCE})
    async with stage(server, patience=0.05) as provider:
        assert type(await provider.send(message())) is kind
        server.replies.clear()
        assert isinstance(await provider.send(message()), Accepted)
    assert server.connections == 2


async def test_a_mail_that_was_broken_off_leaves_no_connection_behind() -> None:
    server = MailServer(replies={"CONTENT": SILENCE})
    async with stage(server) as provider:
        task = asyncio.create_task(provider.send(message()))
        await server.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.replies.clear()
        assert isinstance(await provider.send(message()), Accepted)
    assert server.connections == 2


async def test_who_finds_no_connection_free_waits_without_an_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp_email, "_FREE_WITHIN", 0.01)
    server = MailServer(replies={"CONTENT": SILENCE})
    async with stage(server, connections=1) as provider:
        first = asyncio.create_task(provider.send(message()))
        await server.heard.wait()
        result = await provider.send(message())
        assert result == Throttled(code="smtp_slow", retry_after=timedelta(seconds=1))
        server.hang_up()
        assert isinstance(await first, Uncertain)


async def test_where_nothing_listens_nothing_has_left() -> None:
    server = MailServer()
    async with serving(server):
        port = server.port
    async with sending_to(port) as provider:
        assert isinstance(await provider.send(message()), Unavailable)


@pytest.mark.parametrize("greeting", ["554 No service for you", "421 Later", "hello"])
async def test_a_server_that_does_not_let_us_in_has_nothing(greeting: str) -> None:
    server = MailServer(greeting=greeting)
    async with stage(server) as provider:
        assert isinstance(await provider.send(message()), Unavailable)
    assert not any(each.startswith("MAIL") for each in server.commands)


async def test_an_address_of_another_language_needs_a_server_that_knows_it() -> None:
    for extensions, kind in ((("SMTPUTF8",), Accepted), (("HELP",), Rejected)):
        server = MailServer(extensions=extensions)
        async with stage(server) as provider:
            result = await provider.send(message(to="用户@example.com"))
            assert type(result) is kind
            assert isinstance(await provider.send(message()), Accepted)
        assert server.connections == 1
        told = [each for each in server.commands if each.startswith("MAIL")]
        assert ("MAIL FROM:<news@crm.example> SMTPUTF8" in told) is (kind is Accepted)
        if isinstance(result, Rejected):
            assert result.code == "smtp_5.6.7"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "ann@example.com>\r\nRCPT TO:<all@example.com"}, "smtp_address"),
        ({"to": "nowhere"}, "smtp_address"),
        ({"sender": "news@crm.example>\r\nDATA"}, "smtp_mail"),
        ({"mail": replace(MAIL, reply_to="Ann <ann@example.com>")}, "smtp_mail"),
        ({"headers": {"Subject": "Other"}}, "smtp_mail"),
    ],
)
async def test_what_cannot_be_written_is_refused_before_anything_is_said(
    changes: dict[str, Any], code: str
) -> None:
    server = MailServer()
    async with stage(server) as provider:
        result = await provider.send(message(**changes))
    assert isinstance(result, Rejected)
    assert result.code == code
    assert server.connections == 0


async def test_a_mail_server_tells_nothing_later() -> None:
    now = datetime.now(UTC)
    async with sending_to(1) as provider:
        assert (provider.name, provider.channel) == ("smtp", Channel.EMAIL)
        assert (provider.batch_size, provider.keeps_records) == (1, False)
        assert await provider.find(to="ann@example.com", since=now) is None
        assert await provider.fetch("x") is None
        request = CallbackRequest(url="https://x", headers={}, body=b"", received_at=now)
        with pytest.raises(NotAllowed):
            provider.read_callback(request)


@pytest.mark.parametrize(("host", "sender"), [("", "news@crm.example"), ("mail.example", "")])
async def test_parts_that_are_missing_are_misconfigured(host: str, sender: str) -> None:
    with pytest.raises(Misconfigured):
        SmtpEmail(SmtpServer(host=host, port=25, called="crm.example"), sender=sender)
