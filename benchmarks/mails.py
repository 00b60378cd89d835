"""Figures of sending e-mail, each a ratio within one run; prints the table of docs/benchmarks.md.

    .venv/bin/python benchmarks/mails.py --mails 30000

The providers alone, without a ledger: by SMTP to a server that only counts, against a bare loop of the
library with a body that is ready; by SendGrid to the sandbox, against ready requests. Whoever takes the
mails is another process. "Of a core" is by the processor's time of the sending process. Then the same
with all that stands around them: a broadcast is launched and sent by the pump of one worker, with its
ledger; --only-ledger leaves the first part out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp
import aiosmtplib
from installation import FAST, SANDBOX, begin, count, launched, ready, send_all, summary

from clarion.broadcasts.broadcast import BroadcastType
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.mail import Mail
from clarion.providers.mime import LetterWriter
from clarion.providers.sandbox import SANDBOX_SENDGRID_API_KEY
from clarion.providers.sandbox.signing import EventSigner
from clarion.providers.sendgrid import SendGridEmail
from clarion.providers.sendgrid.requests import RECIPIENTS_MAX
from clarion.providers.sending import Accepted, OutgoingMessage
from clarion.providers.smtp import Security, SmtpEmail, SmtpServer
from clarion.wiring.settings import SmtpSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from clarion.wiring.clarion import Clarion

SENDER = "news@crm.example"

#: As large as newsletters are, with what is each person's own and links whose clicks are counted.
A_MAIL: dict[str, Any] = {
    "subject": "News for {{ first_name | default: 'you' }}",
    "email": {
        "kind": "html",
        "html": "<p>Dear {{ first_name | default: 'friend' }},</p><table>"
        + '<tr><td style="padding:8px 24px;font-family:Arial,sans-serif">Lorem ipsum dolor</td></tr>\n'
        * 180
        + '</table><p><a href="https://shop.example/new">What is new</a></p>',
    },
}

#: Connections of both senders by SMTP, and mails under way at one time.
CONNECTIONS, AT_ONCE = 16, 64

#: Requests of a thousand that are under way at SendGrid.
REQUESTS_AT_ONCE = 4

#: Takes every mail and keeps none; says on which port.
_SINK = r"""
import asyncio

class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest, self.content = transport, b"", False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data):
        data = self.rest + data
        replies = []
        while True:
            if self.content:
                end = data.find(b"\r\n.\r\n")
                if end < 0:
                    break
                data = data[end + 5:]
                self.content = False
                replies.append(b"250 2.0.0 Ok\r\n")
                continue
            line, found, after = data.partition(b"\r\n")
            if not found:
                break
            data = after
            verb = line[:4].upper()
            if verb == b"EHLO":
                replies.append(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            elif verb == b"DATA":
                self.content = True
                replies.append(b"354 Go on\r\n")
            else:
                replies.append(b"250 2.1.0 Ok\r\n")
        self.rest = data
        if replies:
            self.transport.write(b"".join(replies))

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Run:
    mails: int
    seconds: float
    processor_seconds: float

    @property
    def rate(self) -> float:
        return self.mails / self.seconds

    def __str__(self) -> str:
        of_a_core = self.mails / self.processor_seconds
        return f"{self.rate:,.0f}/s ({of_a_core:,.0f}/s of a core)"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=30_000)
    parser.add_argument("--port", type=int, default=8_927, help="of the sandbox")
    parser.add_argument("--only-ledger", action="store_true")
    arguments = parser.parse_args()
    print("| figure | measured | against | ratio |\n|---|---|---|---|")
    if not arguments.only_ledger:
        await providers_alone(arguments)
    with sink() as port:
        bare = await by_bare_smtp(port, arguments.mails)
        smtp = SmtpSettings(
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            from_email=SENDER,
            rate_per_second=FAST,
            connections=CONNECTIONS,
        )
        async with ready(arguments.mails, smtp=smtp) as clarion:
            ours = await with_ledger(clarion)
        print(
            told(
                "emails end to end by SMTP, ledger on",
                ours,
                "bare aiosmtplib, one ready body",
                bare,
            )
        )
    async with ready(arguments.mails) as clarion:
        ours = await with_ledger(clarion)
        emails = (await summary())["emails"]
        if emails["accepted"] != ours.mails:
            raise SystemExit(f"{emails} have arrived, not {ours.mails}.")
        await forget(SANDBOX)
        bare = await by_bare_sendgrid(SANDBOX, arguments.mails)
    print(told("emails end to end by SendGrid, ledger on", ours, "ready requests", bare))


async def with_ledger(clarion: Clarion) -> Run:
    """From the launched step until the last answer is written."""
    broadcast = await launched(clarion, BroadcastType.EMAIL, A_MAIL)
    step_id = broadcast.first_step.id
    await clarion.saver.save(DEFAULT_WORKSPACE, broadcast.id)
    await begin(clarion, step_id)
    await clarion.launcher.launch_step(step_id)
    mails = await count(clarion, "select count(*) as n from broadcast.messages")
    run = await timed(mails, lambda: send_all(clarion))
    sent = await count(
        clarion, "select count(*) as n from broadcast.messages where status = 'sent'"
    )
    if sent != mails:
        raise SystemExit(f"{sent} of {mails} were sent.")
    return run


async def providers_alone(arguments: argparse.Namespace) -> None:
    with sink() as port:
        bare = await by_bare_smtp(port, arguments.mails)
        ours = await by_smtp(port, arguments.mails)
        print(told("mails by SMTP", ours, "bare aiosmtplib, one ready body", bare), flush=True)
    with tempfile.TemporaryDirectory() as folder, sandbox(folder, arguments.port):
        url = f"http://127.0.0.1:{arguments.port}"
        await quiet(url)
        bare = await by_bare_sendgrid(url, arguments.mails)
        await forget(url)
        ours = await by_sendgrid(url, arguments.mails)
        print(told("recipients by SendGrid", ours, "ready requests", bare), flush=True)


def told(name: str, ours: Run, against: str, bare: Run) -> str:
    return f"| {name} | {ours} | {against} {bare} | {ours.rate / bare.rate:.2f} |"


def a_mail() -> Mail:
    """Some 20 kB, as newsletters are."""
    row = '<tr><td style="padding:8px 24px;font-family:Arial,sans-serif">Lorem ipsum dolor</td></tr>\n'
    return Mail(
        subject=("News for ", 0),
        text=("Dear ", 1, ",\n\n", "Lorem ipsum dolor sit amet.\n" * 40, "Unsubscribe: ", 2, "\n"),
        html=(
            "<html><body><p>Dear ",
            3,
            ",</p><table>",
            row * 180,
            '</table><a href="',
            4,
            '">Unsubscribe</a><img src="',
            5,
            '" alt=""></body></html>',
        ),
        from_name="Clarion News",
    )


def messages(mail: Mail, count: int) -> list[OutgoingMessage]:
    made = []
    for number in range(count):
        link = f"https://crm.example/m/{uuid4().hex}"
        name = f"Zoë {number}"
        made.append(
            OutgoingMessage(
                message_id=uuid4(),
                attempt=1,
                channel=Channel.EMAIL,
                to=f"person{number}@example.com",
                body="",
                mail=mail,
                values=(name, name, f"{link}/unsubscribe", name, f"{link}/u", f"{link}/open.gif"),
                headers={
                    "List-Unsubscribe": f"<{link}/unsubscribe>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            )
        )
    return made


async def timed(mails: int, work: Callable[[], Awaitable[None]]) -> Run:
    began, processor = time.perf_counter(), time.process_time()
    await work()
    return Run(mails, time.perf_counter() - began, time.process_time() - processor)


async def by_bare_smtp(port: int, mails: int) -> Run:
    (message,) = messages(a_mail(), 1)
    body = LetterWriter(sender=SENDER).write(message, now=utc_now()).content
    left = iter(range(mails))

    async def one_connection() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for _ in left:
                await client.sendmail(SENDER, [message.to], body)

    async def work() -> None:
        await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))

    return await timed(mails, work)


async def by_smtp(port: int, mails: int) -> Run:
    server = SmtpServer(host="127.0.0.1", port=port, security=Security.NONE, called="crm.example")
    provider = SmtpEmail(server, sender=SENDER, connections=CONNECTIONS)
    left = iter(messages(a_mail(), mails))

    async def one_place() -> None:
        for message in left:
            expect(await provider.send(message))

    async def work() -> None:
        await asyncio.gather(*(one_place() for _ in range(AT_ONCE)))

    try:
        return await timed(mails, work)
    finally:
        await provider.aclose()


async def by_bare_sendgrid(url: str, mails: int) -> Run:
    """The same requests, each ready: only its people's ids are not put in anew."""
    size = RECIPIENTS_MAX
    tags = [f"~{number}~" for number in range(6)]
    mail = a_mail()
    values = messages(mail, 1)[0].values
    people = [
        {
            "to": [{"email": f"person{number}@example.com"}],
            "custom_args": {"clarion_message_id": str(uuid4()), "clarion_attempt": "1"},
            "substitutions": dict(zip(tags, values, strict=True)),
        }
        for number in range(size)
    ]
    texts = (("text/plain", mail.text), ("text/html", mail.html or ()))
    content = [
        {"type": kind, "value": "".join(p if isinstance(p, str) else tags[p] for p in parts)}
        for kind, parts in texts
    ]
    body = json.dumps(
        {
            "personalizations": people,
            "from": {"email": SENDER},
            "subject": f"News for {tags[0]}",
            "content": content,
        }
    ).encode()
    headers = {
        "Authorization": f"Bearer {SANDBOX_SENDGRID_API_KEY}",
        "Content-Type": "application/json",
    }
    left = iter(range(mails // size))

    async def one_place(session: aiohttp.ClientSession) -> None:
        for _ in left:
            async with session.post(f"{url}/v3/mail/send", data=body, headers=headers) as answer:
                if answer.status != 202:
                    raise SystemExit(await answer.text())

    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(one_place(session) for _ in range(REQUESTS_AT_ONCE)))

    return await timed(mails // size * size, work)


async def by_sendgrid(url: str, mails: int) -> Run:
    provider = SendGridEmail(
        api_key=SANDBOX_SENDGRID_API_KEY,
        sender=SENDER,
        public_key=EventSigner(None).public_key,
        api_base=url,
    )
    size = provider.batch_size
    mails = mails // size * size
    all_ = messages(a_mail(), mails)
    left = iter([all_[start : start + size] for start in range(0, mails, size)])

    async def one_place() -> None:
        for portion in left:
            for result in await provider.send_batch(portion):
                expect(result)

    async def work() -> None:
        await asyncio.gather(*(one_place() for _ in range(REQUESTS_AT_ONCE)))

    try:
        run = await timed(mails, work)
    finally:
        await provider.aclose()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/sandbox/summary") as answer,
    ):
        accepted = (await answer.json())["emails"]["accepted"]
    if accepted != mails:
        raise SystemExit(f"{accepted} of {mails} mails have arrived.")
    return run


def expect(result: object) -> None:
    if not isinstance(result, Accepted):
        raise SystemExit(f"A mail was not taken: {result}")


async def quiet(url: str) -> None:
    """Waits until the sandbox answers; nobody listens for what becomes of the mails."""
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.put(
                    f"{url}/sandbox/settings", json={"drop_callbacks_rate": 1}
                ) as answer:
                    answer.raise_for_status()
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    raise SystemExit("The sandbox did not start.")


async def forget(url: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.delete(f"{url}/sandbox/messages") as answer,
    ):
        answer.raise_for_status()


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server that only counts."""
    started = subprocess.Popen([sys.executable, "-c", _SINK], stdout=subprocess.PIPE, text=True)
    try:
        yield int(started.stdout.readline() if started.stdout else 0)
    finally:
        started.terminate()
        started.wait()


@contextmanager
def sandbox(folder: str, port: int) -> Iterator[None]:
    started = subprocess.Popen(
        [sys.executable, "-m", "clarion.cli.main", "sandbox", "--port", str(port)],
        env={
            **os.environ,
            "DATA_FOLDER": folder,
            "SANDBOX__LATENCY_MS": "0",
            "SANDBOX__FAILURE_RATE": "0",
            "SANDBOX__OPEN_RATE": "0",
            "SANDBOX__CLICK_RATE": "0",
        },
    )
    try:
        yield
    finally:
        started.terminate()
        started.wait()


if __name__ == "__main__":
    asyncio.run(main())
