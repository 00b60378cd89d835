"""What providers report: proven, stored once, answered when it is stored."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.settings import SANDBOX_AUTH_TOKEN
from clarion.providers.sandbox.signing import EventSigner, twilio_signature
from clarion.wiring.secrets import sandbox_sendgrid_key
from clarion.wiring.settings import TwilioSettings
from support.serving import client_of, count, database_down, serving

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

PUBLIC = "http://clarion.test"
STATUS = "/api/v1/callbacks/twilio/status"
INBOUND = "/api/v1/callbacks/twilio/inbound"
EMAIL = "/api/v1/callbacks/sendgrid/events"

EVENTS = "select count(*) from broadcast.message_events"


def _signed(path: str, form: dict[str, str], *, token: str = SANDBOX_AUTH_TOKEN) -> dict[str, Any]:
    """A request as Twilio makes it."""
    signature = twilio_signature(token=token, url=PUBLIC + path, form=form.items())
    return {
        "url": path,
        "content": urlencode(form),
        "headers": {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signature,
        },
    }


def _delivered(number: int = 1, *, message_id: UUID | None = None) -> dict[str, Any]:
    query = urlencode({"m": str(message_id or UUID(int=number)), "a": "1"})
    form = {"MessageSid": f"SM{number:032x}", "MessageStatus": "delivered", "To": "+15125550101"}
    return _signed(f"{STATUS}?{query}", form)


async def test_a_signed_callback_is_stored(nobody: httpx.AsyncClient, dsn: str) -> None:
    answer = await nobody.post(**_delivered())
    assert answer.status_code == 200
    assert count(dsn, EVENTS) == 1
    stored = f"{EVENTS} where status = 'delivered' and message_id = %s and applied_at is null"
    assert count(dsn, stored, [UUID(int=1)]) == 1


async def test_a_callback_with_another_signature_is_refused(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    forged = _signed(STATUS, form, token="not the token")
    assert (await nobody.post(**forged)).status_code == 403
    changed = _signed(STATUS, form)
    changed["content"] += "&ErrorCode=30003"
    assert (await nobody.post(**changed)).status_code == 403
    elsewhere = _signed(STATUS, form)
    elsewhere["url"] += "?m=" + str(uuid4())
    assert (await nobody.post(**elsewhere)).status_code == 403
    bare = _signed(STATUS, form)
    del bare["headers"]["x-twilio-signature"]
    assert (await nobody.post(**bare)).status_code == 403
    assert count(dsn, EVENTS) == 0


async def test_whatever_the_host_header_says_the_public_address_counts(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    for number, host in enumerate(("evil.test", "evil.test/x?y=", "[", "a b", "evil.test:1")):
        request = _delivered(number)
        request["headers"]["host"] = host
        assert (await nobody.post(**request)).status_code == 200, host
    assert count(dsn, EVENTS) == 5
    # And a signature over the forged address is none.
    form = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    forged = _signed(STATUS, form)
    forged["headers"]["host"] = "evil.test"
    forged["headers"]["x-twilio-signature"] = twilio_signature(
        token=SANDBOX_AUTH_TOKEN, url="http://evil.test" + STATUS, form=form.items()
    )
    assert (await nobody.post(**forged)).status_code == 403


async def test_a_callback_that_comes_twice_is_stored_once(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    one_after_the_other = [await nobody.post(**_delivered(1)) for _ in range(2)]
    at_once = await asyncio.gather(*(nobody.post(**_delivered(2)) for _ in range(10)))
    assert {answer.status_code for answer in (*one_after_the_other, *at_once)} == {200}
    assert count(dsn, EVENTS) == 2


async def test_many_callbacks_at_once_are_stored_in_few_transactions(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    answers = await asyncio.gather(*(nobody.post(**_delivered(each)) for each in range(500)))
    assert {answer.status_code for answer in answers} == {200}
    assert count(dsn, EVENTS) == 500
    transactions = count(dsn, "select count(distinct xmin::text) from broadcast.message_events")
    assert transactions <= 50


async def test_a_callback_is_not_acknowledged_while_the_database_is_away(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    assert (await nobody.post(**_delivered(1))).status_code == 200
    with database_down(dsn):
        refused = await nobody.post(**_delivered(2))
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
    # The provider comes again, and this time it is kept; the pool may still hold a dead connection.
    for _ in range(5):
        again = await nobody.post(**_delivered(2))
        if again.status_code == 200:
            break
    assert again.status_code == 200
    assert count(dsn, EVENTS) == 2


async def _say(nobody: httpx.AsyncClient, sid: str, text: str, **more: str) -> httpx.Response:
    form = {
        "MessageSid": sid,
        "SmsStatus": "received",
        "From": "+15125550101",
        "To": "+15005550006",
        "Body": text,
        **more,
    }
    return await nobody.post(**_signed(INBOUND, form))


IN_FORCE = """
select count(*) from broadcast.suppressions
where channel = 'sms' and address = '+15125550101' and lifted_at is null
"""


async def test_a_stop_suppresses_and_a_start_lifts_it(
    nobody: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    answer = await _say(nobody, "SM1", " stop ")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")
    assert count(dsn, IN_FORCE) == 0
    assert await clarion.applier.apply_batch() == 2
    assert count(dsn, IN_FORCE) == 1
    await _say(nobody, "SM2", "START")
    await clarion.applier.apply_batch()
    assert count(dsn, IN_FORCE) == 0


async def test_words_around_a_stop_are_no_stop(
    nobody: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    await _say(nobody, "SM1", "please do not stop")
    await clarion.applier.apply_batch()
    assert count(dsn, EVENTS) == 1
    assert count(dsn, IN_FORCE) == 0


async def test_what_twilio_itself_took_for_an_opt_out_is_one(
    nobody: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    await _say(nobody, "SM1", "leave me alone", OptOutType="STOP")
    await clarion.applier.apply_batch()
    assert count(dsn, IN_FORCE) == 1


async def test_a_callback_of_a_message_that_is_not_ours_moves_nothing(
    nobody: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    await nobody.post(**_delivered(1))
    await clarion.applier.apply_batch()
    assert count(dsn, f"{EVENTS} where outcome = 'unmatched'") == 1


async def test_a_signed_callback_without_a_message_is_refused(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.post(**_signed(STATUS, {"Hello": "World"}))).status_code == 422


async def test_a_status_of_tomorrow_is_acknowledged_and_means_nothing_yet(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "teleported"}
    assert (await nobody.post(**_signed(STATUS, form))).status_code == 200
    assert count(dsn, EVENTS) == 0


def _mail(
    settings: Settings, events: list[dict[str, Any]], *, at: datetime | None = None
) -> dict[str, Any]:
    """A request as SendGrid makes it."""
    signer = EventSigner(sandbox_sendgrid_key(settings))
    body = json.dumps(events).encode()
    timestamp = str(int((at or utc_now()).timestamp()))
    return {
        "url": EMAIL,
        "content": body,
        "headers": {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-signature": signer.sign(timestamp=timestamp, body=body),
            "x-twilio-email-event-webhook-timestamp": timestamp,
        },
    }


async def test_signed_events_of_mails_are_stored_and_forged_ones_are_not(
    nobody: httpx.AsyncClient, settings: Settings, dsn: str
) -> None:
    events = [
        {
            "event": "delivered",
            "email": "ann@example.com",
            "sg_event_id": f"event-{each}",
            "sg_message_id": "mail-1.recvd",
            "timestamp": int(utc_now().timestamp()),
        }
        for each in range(3)
    ]
    request = _mail(settings, events)
    forged = {**request, "content": request["content"].replace(b"ann@", b"bob@")}
    assert (await nobody.post(**forged)).status_code == 403
    assert count(dsn, EVENTS) == 0
    assert (await nobody.post(**request)).status_code == 200
    assert (await nobody.post(**request)).status_code == 200
    assert count(dsn, EVENTS) == 3


async def test_whatever_the_host_header_says_events_of_mails_are_believed_by_their_key(
    nobody: httpx.AsyncClient, settings: Settings, dsn: str
) -> None:
    event = {"event": "delivered", "email": "ann@example.com", "sg_message_id": "mail-1.recvd"}
    for number, host in enumerate(("evil.test", "[", "a b")):
        request = _mail(settings, [{**event, "sg_event_id": f"event-{number}"}])
        request["headers"]["host"] = host
        assert (await nobody.post(**request)).status_code == 200, host
    assert count(dsn, EVENTS) == 3
    stranger = EventSigner(None)
    forged = _mail(settings, [{**event, "sg_event_id": "event-9"}])
    stamp = forged["headers"]["x-twilio-email-event-webhook-timestamp"]
    forged["headers"]["x-twilio-email-event-webhook-signature"] = stranger.sign(
        timestamp=stamp, body=forged["content"]
    )
    assert (await nobody.post(**forged)).status_code == 403
    assert count(dsn, EVENTS) == 3


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_events_of_mails_are_not_believed_when_they_are_played_again_later(
    nobody: httpx.AsyncClient, settings: Settings, dsn: str, minutes: int
) -> None:
    signed_at = utc_now() + timedelta(minutes=minutes)
    event = {"event": "delivered", "sg_event_id": "event-1", "sg_message_id": "mail-1.recvd"}
    assert (await nobody.post(**_mail(settings, [event], at=signed_at))).status_code == 403
    assert count(dsn, EVENTS) == 0
    nearly = utc_now() + timedelta(minutes=minutes / 6 * 4.5)
    assert (await nobody.post(**_mail(settings, [event], at=nearly))).status_code == 200
    assert count(dsn, EVENTS) == 1


async def test_a_callback_of_a_provider_that_the_settings_do_not_name_finds_nobody(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    for path in (f"{STATUS}?p=fallback", f"{STATUS}?p=x", f"{INBOUND}?p=", f"{EMAIL}?p=fallback"):
        assert (await nobody.post(**_signed(path, form))).status_code == 404, path
    assert count(dsn, EVENTS) == 0


OTHER_TOKEN = "the token of the other account"


@pytest.fixture
def two_accounts(settings: Settings) -> Settings:
    """Twilio, and a second account to fall back to."""
    first = TwilioSettings(
        account_sid="AC1", auth_token=SecretStr("the first token"), sender="+15125550100"
    )
    second = TwilioSettings(
        account_sid="AC2", auth_token=SecretStr(OTHER_TOKEN), sender="+15125550900"
    )
    return settings.model_copy(update={"twilio": first, "twilio_fallback": second})


async def test_each_account_signs_its_own_callbacks_and_not_those_of_the_other(
    two_accounts: Settings, dsn: str
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    inbound = {"MessageSid": "SM2", "SmsStatus": "received", "From": "+15125550101", "Body": "Hi"}
    async with serving(two_accounts) as app, client_of(app) as client:

        async def answer(path: str, token: str, told: dict[str, str] = form) -> int:
            return (await client.post(**_signed(path, told, token=token))).status_code

        ours = f"m={UUID(int=1)}&a=1"
        assert await answer(f"{STATUS}?p=fallback&{ours}", "the first token") == 403
        assert await answer(f"{STATUS}?{ours}", OTHER_TOKEN) == 403
        assert await answer(f"{INBOUND}?p=fallback", "the first token", inbound) == 403
        assert count(dsn, EVENTS) == 0
        assert await answer(f"{STATUS}?p=fallback&{ours}", OTHER_TOKEN) == 200
        assert await answer(f"{INBOUND}?p=fallback", OTHER_TOKEN, inbound) == 200
        assert (
            await answer(f"{STATUS}?{ours}", "the first token", {**form, "MessageSid": "SM3"})
            == 200
        )
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select provider, provider_id from broadcast.message_events order by provider_id"
        ).fetchall()
    assert found == [("twilio_fallback", "SM1"), ("twilio_fallback", "SM2"), ("twilio", "SM3")]


async def test_an_event_that_cannot_be_stored_holds_up_no_other(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    form = {"MessageSid": "SM1", "SmsStatus": "received", "From": "+15125550101", "Body": "a\0b"}
    answers = await asyncio.gather(
        nobody.post(**_signed(INBOUND, form)),
        *(nobody.post(**_delivered(each)) for each in range(20)),
    )
    assert [answer.status_code for answer in answers[1:]] == [200] * 20
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select provider_id from broadcast.message_events").fetchall()
    assert len({provider_id for (provider_id,) in found} - {"SM1"}) == 20
