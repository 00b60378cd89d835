"""What `clarion check` finds, in words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import psycopg

from clarion.audience.binding import read_contact_table
from clarion.db.connection import Database, is_transaction_pooler
from clarion.db.migrations import pending_migrations
from clarion.kernel.channel import Channel
from clarion.kernel.errors import ClarionError
from clarion.wiring.secrets import secret_problem
from clarion.wiring.senders import SANDBOX, first_provider, sender_problems

if TYPE_CHECKING:
    from clarion.wiring.settings import Settings

_OLDEST_SERVER = 150_000

#: Seconds: a claim is given up after 60, and a connection whose other end is gone after 15 more.
_NEVER_LEFT_AT_LEAST = 75

_ANSWERS_WITHIN = aiohttp.ClientTimeout(total=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    ok: bool
    words: str


def reason_of(error: Exception) -> str:
    """The first line of what the driver says; those below it guess at causes."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


async def check_everything(settings: Settings) -> list[Finding]:
    """Reads only; nothing is sent and nothing is changed."""
    return [
        *await _check_database(settings),
        *_check_secret(settings),
        *_check_providers(settings),
        *await _check_sandbox(settings),
        *_check_addresses(settings),
    ]


async def _check_database(settings: Settings) -> list[Finding]:
    try:
        async with await psycopg.AsyncConnection.connect(
            settings.database_url, connect_timeout=5
        ) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        return [Finding(ok=False, words=f"The database cannot be reached: {reason_of(error)}")]
    major = version // 10_000
    found = [
        Finding(ok=True, words=f"The database is PostgreSQL {major}.")
        if version >= _OLDEST_SERVER
        else Finding(ok=False, words=f"PostgreSQL {major} is too old: 15 or newer is needed.")
    ]
    if is_transaction_pooler(settings.database_url):
        found.append(
            Finding(
                ok=True,
                words="The connection goes through a transaction pooler: good for the API; give "
                "workers a direct or session connection, for they listen for jobs.",
            )
        )
    pending = await asyncio.to_thread(pending_migrations, settings.database_url)
    if pending:
        found.append(
            Finding(ok=False, words=f"Run `clarion migrate`: {', '.join(pending)} is missing.")
        )
        return found
    found.append(Finding(ok=True, words="All migrations are applied."))
    found.append(await _check_contacts(settings))
    return found


async def _check_contacts(settings: Settings) -> Finding:
    database = Database(settings.database_url, max_connections=1)
    await database.open()
    try:
        async with database.as_worker() as connection:
            table = await read_contact_table(connection, settings.contacts.names())
    except ClarionError as error:
        return Finding(ok=False, words=error.detail)
    finally:
        await database.close()
    return Finding(
        ok=True,
        words=f"Contacts are read from {table.names.table} ({len(table.columns)} columns).",
    )


def _check_secret(settings: Settings) -> list[Finding]:
    problem = secret_problem(settings)
    return [] if problem is None else [Finding(ok=False, words=problem)]


def _check_providers(settings: Settings) -> list[Finding]:
    found = [Finding(ok=False, words=words) for words in sender_problems(settings)]
    sms = (
        "SMS go through Twilio, and cost money."
        if settings.uses_twilio
        else "SMS go to the sandbox: nothing leaves this machine."
    )
    return [Finding(ok=True, words=sms), Finding(ok=True, words=_who_mails(settings)), *found]


async def _check_sandbox(settings: Settings) -> list[Finding]:
    """No fault: whoever checks before the first start has not started it yet."""
    if all(first_provider(settings, channel) != SANDBOX for channel in Channel):
        return []
    address = settings.sandbox.url
    try:
        async with (
            aiohttp.ClientSession(timeout=_ANSWERS_WITHIN) as session,
            session.get(f"{address}/health"),
        ):
            return []
    except (aiohttp.ClientError, TimeoutError):
        words = f"The sandbox does not answer at {address} now: `clarion sandbox` starts it."
        return [Finding(ok=True, words=words)]


def _who_mails(settings: Settings) -> str:
    smtp = settings.smtp
    server = f"the mail server {smtp.host}:{smtp.usual_port}, as {smtp.from_email}"
    if settings.uses_sendgrid:
        words = f"E-mails go through SendGrid, as {settings.sendgrid.from_email}"
        return f"{words}; else through {server}." if settings.uses_smtp else f"{words}."
    if settings.uses_smtp:
        return f"E-mails go through {server}."
    return "E-mails go to the sandbox: nothing leaves this machine."


def _check_addresses(settings: Settings) -> list[Finding]:
    found = []
    host = urlsplit(settings.base_url).hostname or ""
    if settings.uses_twilio and (not settings.is_https or host in ("127.0.0.1", "localhost")):
        found.append(
            Finding(
                ok=False,
                words="Set PUBLIC_URL to the https address at which Twilio reaches this Clarion; "
                f"{settings.base_url} is not one, so no message would ever be shown as delivered.",
            )
        )
    if (settings.uses_sendgrid or settings.uses_smtp) and not settings.is_https:
        found.append(
            Finding(
                ok=False,
                words="Set PUBLIC_URL to an https address: mail programs unsubscribe people with "
                f"one click there, and do not do so at {settings.base_url}.",
            )
        )
    if "_" in host:
        found.append(
            Finding(ok=False, words="Twilio refuses callbacks to a host name with an underscore.")
        )
    if settings.never_left_after_seconds < _NEVER_LEFT_AT_LEAST:
        found.append(
            Finding(
                ok=False,
                words=f"Set NEVER_LEFT_AFTER_SECONDS to {_NEVER_LEFT_AT_LEAST} or more: what a "
                "lost connection holds back can reach the provider that much later, and would "
                "be sent twice.",
            )
        )
    if settings.queue_service_url:
        found.append(Finding(ok=True, words=f"Jobs are handed to {settings.queue_service_url}."))
    return found
