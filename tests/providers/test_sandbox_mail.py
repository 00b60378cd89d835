"""The sandbox speaks SendGrid's mail/send: its refusals, its list, its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from aiohttp import web

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.providers.events import EventKind, ProviderStatus
from clarion.providers.sandbox import SANDBOX_SENDGRID_API_KEY
from clarion.providers.sending import Accepted, OutgoingMessage, Rejected, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from providers.conftest import MakeSendGrid, Receiver, Sandbox

TEXT = {"type": "text/plain", "value": "Hello"}
HTML = {"type": "text/html", "value": "<p>Hello</p>"}
TO = {"to": [{"email": "ann@example.com"}]}


def mail(**changes: Any) -> dict[str, Any]:
    whole = {
        "personalizations": [TO],
        "from": {"email": "news@example.com"},
        "subject": "News",
        "content": [TEXT],
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


async def send(sandbox: Sandbox, body: Any, key: str = SANDBOX_SENDGRID_API_KEY) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{sandbox.url}/v3/mail/send"
    async with sandbox.session.post(url, json=body, headers=headers) as answer:
        if answer.status == 202:
            return answer.headers["X-Message-Id"]
        return answer.status, [each["field"] for each in (await answer.json())["errors"]]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ([], [None]),
        (mail(personalizations=None), ["personalizations"]),
        (mail(personalizations=[]), ["personalizations"]),
        (mail(personalizations=[{}]), ["personalizations.0.to"]),
        (mail(personalizations=[TO] * 1001), ["personalizations"]),
        (
            mail(personalizations=[{"to": [{"email": "ann"}]}]),
            ["personalizations.0.to.0.email"],
        ),
        (
            mail(personalizations=[{"to": [{"email": "a b@example.com"}]}]),
            ["personalizations.0.to.0.email"],
        ),
        (mail(**{"from": None}), ["from.email"]),
        (mail(subject=None), ["personalizations.0.subject"]),
        (mail(content=None), ["content"]),
        (mail(content=[{"type": "text/plain", "value": ""}]), ["content.0.value"]),
        (mail(content=[HTML, TEXT]), ["content.0.type"]),
        (mail(custom_args={"a": 1}), ["custom_args"]),
        (mail(custom_args={"a": "x" * 10_000}), ["custom_args"]),
        (mail(headers={"Reply-To": "x"}), ["headers.Reply-To"]),
        (
            mail(personalizations=[{"to": [{"email": "ann@example.com"}] * 1001}]),
            ["personalizations"],
        ),
        (
            mail(personalizations=[TO, TO | {"substitutions": {"-a-": "x" * 9_993}}]),
            ["personalizations.1.substitutions"],
        ),
        (
            mail(personalizations=[TO | {"substitutions": {"-a-": 1}}]),
            ["personalizations.0.substitutions"],
        ),
    ],
)
async def test_what_sendgrid_refuses_is_refused_with_its_field(
    sandbox: Sandbox, body: Any, fields: list[str | None]
) -> None:
    assert await send(sandbox, body) == (400, fields)
    assert (await sandbox.get("/sandbox/summary"))["emails"]["accepted"] == 0


async def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {SANDBOX_SENDGRID_API_KEY}"}
    url = f"{sandbox.url}/v3/mail/send"
    async with sandbox.session.post(url, data=b"{", headers=headers) as answer:
        assert answer.status == 400


async def test_a_wrong_key_is_not_let_in(sandbox: Sandbox) -> None:
    assert await send(sandbox, mail(), key="SG.wrong") == (401, [None])


async def test_a_mail_to_several_people_is_a_mail_to_each(sandbox: Sandbox) -> None:
    people = [TO, {"to": [{"email": "bob@example.com"}], "subject": "For Bob"}]
    message_id = await send(sandbox, mail(personalizations=people, content=[TEXT, HTML]))
    kept = (await sandbox.get("/sandbox/emails"))["emails"]
    assert [(each["to"], each["subject"]) for each in kept] == [
        ("ann@example.com", "News"),
        ("bob@example.com", "For Bob"),
    ]
    assert {each["message_id"] for each in kept} == {message_id}
    assert kept[0]["html"] == "<p>Hello</p>"


async def test_tags_are_replaced_by_each_persons_own(sandbox: Sandbox) -> None:
    people = [
        {"to": [{"email": "ann@example.com"}], "substitutions": {"-name-": "Ann -x-", "-x-": "y"}},
        {"to": [{"email": "bob@example.com"}], "substitutions": {"-name-": "Bob"}},
        {"to": [{"email": "eve@example.com"}]},
    ]
    whole = mail(
        personalizations=people,
        subject="Hi -name-",
        content=[
            {"type": "text/plain", "value": "-name-, -name-"},
            {"type": "text/html", "value": "<p title='-name-'>"},
        ],
    )
    await send(sandbox, whole)
    kept = (await sandbox.get("/sandbox/emails"))["emails"]
    assert [(each["subject"], each["text"], each["html"]) for each in kept] == [
        ("Hi Ann y", "Ann y, Ann y", "<p title='Ann y'>"),
        ("Hi Bob", "Bob, Bob", "<p title='Bob'>"),
        ("Hi -name-", "-name-, -name-", "<p title='-name-'>"),
    ]


def outgoing(**changes: Any) -> OutgoingMessage:
    options: dict[str, Any] = {
        "message_id": uuid4(),
        "attempt": 4,
        "channel": Channel.EMAIL,
        "to": "ann@example.com",
        "subject": "News",
        "body": "Hello",
        "html": "<p>Hello</p>",
        "headers": {"List-Unsubscribe": "<https://clarion.example/u/t>"},
    }
    return OutgoingMessage(**(options | changes))


async def test_our_mail_has_text_before_html_our_ids_and_our_headers(
    sandbox: Sandbox, make_sendgrid: MakeSendGrid
) -> None:
    message = outgoing()
    result = await (await make_sendgrid()).send(message)
    assert isinstance(result, Accepted)
    (kept,) = (await sandbox.get("/sandbox/emails"))["emails"]
    assert result.provider_id == f"{kept['message_id']}:{message.message_id}"
    assert (kept["from"], kept["from_name"]) == ("news@example.com", "News")
    assert (kept["text"], kept["html"]) == ("Hello", "<p>Hello</p>")
    assert kept["headers"] == {"List-Unsubscribe": "<https://clarion.example/u/t>"}
    assert kept["custom_args"] == {
        "clarion_message_id": str(message.message_id),
        "clarion_attempt": "4",
    }


async def test_a_mail_without_html_or_without_text_is_sent(make_sendgrid: MakeSendGrid) -> None:
    provider = await make_sendgrid()
    assert isinstance(await provider.send(outgoing(html=None)), Accepted)
    assert isinstance(await provider.send(outgoing(body="")), Accepted)


async def test_a_mail_without_a_subject_is_rejected_in_sendgrids_words(
    make_sendgrid: MakeSendGrid,
) -> None:
    result = await (await make_sendgrid()).send(outgoing(subject=None))
    assert result == Rejected(code="sendgrid_400", detail="The subject is required.")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "", Uncertain),
        (202, "", Uncertain),
        (302, "", Uncertain),
        (400, "<html>", Rejected),
        (400, '{"errors": null}', Rejected),
        (403, '{"errors": [{"message": "no"}]}', Rejected),
        (408, "", Uncertain),
        (413, "[]", Rejected),
        (500, "", Uncertain),
    ],
)
async def test_no_answer_of_the_vendor_raises(
    make_sendgrid: MakeSendGrid,
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
    status: int,
    body: str,
    expected: type,
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/v3/mail/send", answer)
    async with serving(app) as url:
        assert isinstance(await (await make_sendgrid(api_base=url)).send(outgoing()), expected)


async def test_events_come_as_arrays(
    sandbox: Sandbox, receiver: Receiver, make_sendgrid: MakeSendGrid
) -> None:
    # One worker waits for the batch while the others fill it.
    await sandbox.set(sendgrid_event_url=receiver.url, sendgrid_batch_ms=100)
    provider = await make_sendgrid()
    for each in range(20):
        await provider.send(outgoing(to=f"person{each}@example.com"))

    def events(requests: list[Any]) -> int:
        return sum(len(provider.read_callback(each)) for each in requests)

    requests = await receiver.until(lambda all_: events(all_) == 40)
    assert len(requests) < 20


@pytest.mark.parametrize("word", ["spamreport", "unsubscribe"])
async def test_a_complaint_on_demand_is_an_opt_out(
    sandbox: Sandbox, receiver: Receiver, make_sendgrid: MakeSendGrid, word: str
) -> None:
    provider = await make_sendgrid()
    message = outgoing()
    result = await provider.send(message)
    assert isinstance(result, Accepted)
    await sandbox.set(sendgrid_event_url=receiver.url)
    told = {"message_id": result.provider_id, "event": word}
    assert await sandbox.post("/sandbox/email-events", told) == 202

    def opt_outs(requests: list[Any]) -> list[Any]:
        events = [event for each in requests for event in provider.read_callback(each)]
        return [event for event in events if event.kind is EventKind.OPT_OUT]

    requests = await receiver.until(lambda all_: bool(opt_outs(all_)))
    (event,) = opt_outs(requests)
    assert (event.address, event.message_id) == ("ann@example.com", message.message_id)
    assert event.error_code == word


async def test_an_event_on_demand_needs_a_mail_and_a_word_of_sendgrid(sandbox: Sandbox) -> None:
    message_id = await send(sandbox, mail())
    url = "/sandbox/email-events"
    assert await sandbox.post(url, {"message_id": message_id, "event": "sung"}) == 400
    assert await sandbox.post(url, {"message_id": "none", "event": "open"}) == 404


async def test_a_mail_that_was_deferred_is_still_queued(
    sandbox: Sandbox, receiver: Receiver, make_sendgrid: MakeSendGrid
) -> None:
    message_id = await send(sandbox, mail())
    await sandbox.set(sendgrid_event_url=receiver.url)
    told = {"message_id": message_id, "event": "deferred"}
    assert await sandbox.post("/sandbox/email-events", told) == 202
    provider = await make_sendgrid()

    def deferred(requests: list[Any]) -> list[Any]:
        events = [event for each in requests for event in provider.read_callback(each)]
        return [event for event in events if event.status is ProviderStatus.QUEUED]

    await receiver.until(lambda all_: bool(deferred(all_)))


@pytest.mark.parametrize("changes", [{"api_key": ""}, {"sender": ""}, {"public_key": "x"}])
async def test_parts_that_are_missing_are_misconfigured(
    make_sendgrid: MakeSendGrid, changes: dict[str, str]
) -> None:
    with pytest.raises(Misconfigured):
        await make_sendgrid(**changes)
