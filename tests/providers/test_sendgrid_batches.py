"""Many messages of one mail in a request of SendGrid: each person gets what is theirs."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import ref

import pytest
from aiohttp import web

from clarion.kernel.channel import Channel
from clarion.kernel.mail import Attachment, Mail, filled
from clarion.providers.events import EventKind, ProviderStatus
from clarion.providers.sendgrid import requests as limits
from clarion.providers.sending import (
    Accepted,
    OutgoingMessage,
    Rejected,
    Throttled,
    Unavailable,
    Uncertain,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from providers.conftest import MakeSendGrid, Receiver, Sandbox

MAIL = Mail(
    subject=("Hi ", 0, "!"),
    text=("Dear ", 1, ",\r\nyour link: ", 2, "\n"),
    html=("<p title='~0~'>Dear ", 3, ' <a href="', 2, '">this</a></p>'),
    from_name="Ann",
    reply_to="reply@crm.example",
)


def to_person(number: int, mail: Mail | None = MAIL, **changes: Any) -> OutgoingMessage:
    name = f'Zoë "{number}" & {{{{ x }}}} 🎉'
    options: dict[str, Any] = {
        "message_id": uuid4(),
        "attempt": 1,
        "channel": Channel.EMAIL,
        "to": f"person{number}@example.com",
        "body": "",
        "mail": mail,
        "values": (name, name, f"https://crm.example/m/{number}", f"<b>{number}</b>"),
        "headers": {"List-Unsubscribe": f"<https://crm.example/m/{number}/unsubscribe>"},
    }
    return OutgoingMessage(**(options | changes))


@dataclass
class Vendor:
    """Keeps what was posted, and answers as it is told: 202 else."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], web.Response] | None = None

    async def take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.bodies.append(body)
        if self.answer is not None:
            return self.answer(body)
        return web.Response(status=202, headers={"X-Message-Id": f"R{len(self.bodies)}"})

    @property
    def people(self) -> list[list[str]]:
        """Whom each request was for."""
        return [
            [person["to"][0]["email"] for person in body["personalizations"]]
            for body in self.bodies
        ]


@pytest.fixture
async def vendor(
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
) -> AsyncIterator[Vendor]:
    made = Vendor()
    app = web.Application(client_max_size=40_000_000)
    app.router.add_post("/v3/mail/send", made.take)
    async with serving(app) as url:
        made.url = url
        yield made


async def test_each_person_gets_the_mail_with_their_own_values(
    sandbox: Sandbox, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    messages = [to_person(each) for each in range(30)]
    results = await provider.send_batch(messages)
    kept = (await sandbox.get("/sandbox/emails"))["emails"]
    assert len({each["message_id"] for each in kept}) == 1
    for message, result, mail in zip(messages, results, kept, strict=True):
        assert MAIL.html is not None
        assert mail["to"] == message.to
        assert mail["subject"] == filled(MAIL.subject, message.values)
        assert mail["text"] == filled(MAIL.text, message.values)
        assert mail["html"] == filled(MAIL.html, message.values)
        assert mail["headers"] == message.headers
        assert (mail["from"], mail["from_name"]) == ("news@example.com", "Ann")
        assert mail["reply_to"] == "reply@crm.example"
        assert mail["custom_args"] == {
            "clarion_message_id": str(message.message_id),
            "clarion_attempt": "1",
        }
        told = f"{mail['message_id']}:{message.message_id}"
        assert result == Accepted(provider_id=told)


async def test_a_message_alone_gets_the_same_as_in_company(
    sandbox: Sandbox, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    message = to_person(1)
    await provider.send(message)
    await provider.send_batch([message])
    await provider.send_batch([message, to_person(2)])
    first, second, third, _ = (await sandbox.get("/sandbox/emails"))["emails"]
    for name in ("subject", "text", "html", "headers", "from", "from_name", "reply_to"):
        assert first[name] == second[name] == third[name]


async def test_events_of_a_batch_name_the_message_and_the_id_that_the_ledger_has(
    sandbox: Sandbox, receiver: Receiver, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    await sandbox.set(sendgrid_event_url=receiver.url)
    messages = [to_person(each) for each in range(5)]
    results = await provider.send_batch(messages)

    def delivered(requests: list[Any]) -> dict[Any, str | None]:
        events = [event for each in requests for event in provider.read_callback(each)]
        return {
            event.message_id: event.provider_id
            for event in events
            if event.status is ProviderStatus.DELIVERED
        }

    requests = await receiver.until(lambda all_: len(delivered(all_)) == 5)
    assert delivered(requests) == {
        message.message_id: result.provider_id
        for message, result in zip(messages, results, strict=True)
        if isinstance(result, Accepted)
    }


async def test_a_mail_is_told_of_once_and_clarion_does_the_counting(
    vendor: Vendor, make_sendgrid: MakeSendGrid
) -> None:
    file = Attachment(name="a\r\nb.pdf", content_type="application/pdf", content=b"\x00\xff" * 50)
    mail = replace(MAIL, attachments=(file,))
    provider = await make_sendgrid(api_base=vendor.url)
    await provider.send_batch([to_person(each, mail) for each in range(3)])
    (body,) = vendor.bodies
    assert len(body["content"]) == 2
    (sent,) = body["attachments"]
    assert base64.b64decode(sent["content"]) == file.content
    assert sent["filename"] == "a b.pdf"
    tracking = body["tracking_settings"]
    assert {name: setting["enable"] for name, setting in tracking.items()} == {
        "click_tracking": False,
        "open_tracking": False,
        "subscription_tracking": False,
    }
    tags = [set(person["substitutions"]) for person in body["personalizations"]]
    assert len(tags[0]) == 4
    assert tags[0] == tags[1] == tags[2]
    told = body["subject"] + "".join(part["value"] for part in body["content"])
    assert all(tag in told for tag in tags[0])
    assert not any(one in other for one in tags[0] for other in tags[0] if one != other)


async def test_requests_of_a_mail_share_one_copy_of_its_files(
    vendor: Vendor, make_sendgrid: MakeSendGrid
) -> None:
    # Longer than one bit of what is handed over at once.
    content = bytes(range(256)) * 1_000
    file = Attachment(name="提案.pdf", content_type="application/pdf", content=content)
    mail = replace(MAIL, attachments=(file, replace(file, name="b.pdf")))
    provider = await make_sendgrid(api_base=vendor.url)
    await provider.send(to_person(0, mail))
    await provider.send_batch([to_person(each, mail) for each in range(1, 4)])
    for body in vendor.bodies:
        assert [each["filename"] for each in body["attachments"]] == ["提案.pdf", "b.pdf"]
        assert all(base64.b64decode(each["content"]) == content for each in body["attachments"])
    files = limits.files_of(mail)
    sender = {"email": "news@crm.example"}
    shared = limits.SharedMail(mail, sender=sender, files=files)
    requests = list(shared.requests([to_person(each, mail) for each in range(2_500)]))
    assert len(requests) == 3
    alone = limits.request_for_one(to_person(0, mail), sender=sender, files=files)
    assert all(body[1] is files for body in (alone, *(each.body for each in requests)))
    assert sum(len(body) for body in requests[0].body) <= limits.BODY_MAX


async def test_no_line_break_gets_into_a_header(
    vendor: Vendor, make_sendgrid: MakeSendGrid
) -> None:
    evil = "x\r\nBcc: all@example.com"
    mail = replace(MAIL, subject=(f"{evil} ", 0), from_name=evil)
    people = [
        to_person(each, mail, values=(evil, evil, "", ""), headers={"List-Unsubscribe": evil})
        for each in range(2)
    ]
    provider = await make_sendgrid(api_base=vendor.url)
    await provider.send(people[0])
    await provider.send_batch(people)
    alone, both = vendor.bodies
    for body in (alone, both):
        assert "\n" not in body["subject"] + body["from"]["name"]
        for person in body["personalizations"]:
            assert "\n" not in person["headers"]["List-Unsubscribe"]
    assert alone["subject"] == "x Bcc: all@example.com x Bcc: all@example.com"
    for person in both["personalizations"]:
        assert sorted(each.count("\n") for each in person["substitutions"].values()) == [0, 0, 0, 1]


async def test_more_than_a_request_takes_goes_in_several(
    vendor: Vendor, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid(api_base=vendor.url)
    assert provider.batch_size == 1_000
    messages = [to_person(each) for each in range(2_001)]
    results = await provider.send_batch(messages)
    assert sorted(map(len, vendor.people)) == [1, 1_000, 1_000]
    assert sorted(chain.from_iterable(vendor.people)) == sorted(each.to for each in messages)
    ids = [each.provider_id for each in results if isinstance(each, Accepted)]
    assert [each.partition(":")[2] for each in ids] == [str(each.message_id) for each in messages]


async def test_a_request_is_no_larger_than_it_may_be(
    vendor: Vendor, make_sendgrid: MakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_MAX", 20_000)
    provider = await make_sendgrid(api_base=vendor.url)
    values = ("a", "b", "c", "x" * 4_000)
    messages = [to_person(each, values=values) for each in range(9)]
    results = await provider.send_batch(messages)
    assert all(isinstance(each, Accepted) for each in results)
    assert sorted(map(len, vendor.people)) == [1, 4, 4]
    sizes = [len(json.dumps(each, separators=(",", ":"))) for each in vendor.bodies]
    assert max(sizes) <= 20_000


async def test_who_has_too_much_of_their_own_goes_alone_and_filled_in(
    sandbox: Sandbox, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    long = ("a", "é" * 5_000, "b", "c")
    messages = [to_person(1), to_person(2, values=long), to_person(3)]
    results = await provider.send_batch(messages)
    kept = {each["to"]: each for each in (await sandbox.get("/sandbox/emails"))["emails"]}
    for message, result in zip(messages, results, strict=True):
        mail = kept[message.to]
        assert mail["text"] == filled(MAIL.text, message.values)
        assert result == Accepted(provider_id=f"{mail['message_id']}:{message.message_id}")
    ids = {each.to: kept[each.to]["message_id"] for each in messages}
    assert ids[messages[0].to] == ids[messages[2].to] != ids[messages[1].to]


async def test_a_bad_address_keeps_nobody_else_from_getting_the_mail(
    sandbox: Sandbox, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    messages = [
        replace(to_person(each), to="nowhere") if each in (0, 3, 9) else to_person(each)
        for each in range(10)
    ]
    results = await provider.send_batch(messages)
    for message, result in zip(messages, results, strict=True):
        if message.to == "nowhere":
            assert result == Rejected(
                code="sendgrid_400", detail="Does not contain a valid address."
            )
        else:
            assert isinstance(result, Accepted)
    kept = (await sandbox.get("/sandbox/emails"))["emails"]
    assert [each["to"] for each in kept] == [each.to for each in messages if each.to != "nowhere"]


@pytest.mark.parametrize(
    ("status", "field_", "kind"),
    [
        (400, "content", Rejected),
        (400, "personalizations.77.to", Rejected),
        (400, "personalizations", Rejected),
        (413, None, Rejected),
        (401, None, Rejected),
        (429, None, Throttled),
        (500, "personalizations.0.to", Uncertain),
        (202, None, Uncertain),
    ],
)
async def test_the_outcome_of_a_request_is_that_of_each_of_its_messages(
    vendor: Vendor, make_sendgrid: MakeSendGrid, status: int, field_: str | None, kind: type
) -> None:
    errors = {"errors": [{"message": "No.", "field": field_}]}
    vendor.answer = lambda _: web.json_response(errors, status=status)
    provider = await make_sendgrid(api_base=vendor.url)
    results = await provider.send_batch([to_person(each) for each in range(4)])
    assert [type(each) for each in results] == [kind] * 4
    assert len(vendor.bodies) == 1


async def test_a_vendor_that_is_away_has_nothing(make_sendgrid: MakeSendGrid) -> None:
    provider = await make_sendgrid(api_base="http://host.invalid")
    results = await provider.send_batch([to_person(each) for each in range(3)])
    assert [type(each) for each in results] == [Unavailable] * 3


async def test_messages_without_a_common_mail_go_one_by_one(
    vendor: Vendor, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid(api_base=vendor.url)
    people = [to_person(each, None, values=(), subject="Hi", body=f"{each}") for each in range(3)]
    assert all(isinstance(each, Accepted) for each in await provider.send_batch(people))
    assert sorted(body["content"][0]["value"] for body in vendor.bodies) == ["0", "1", "2"]


async def test_what_was_worked_out_for_a_mail_goes_with_it(make_sendgrid: MakeSendGrid) -> None:
    provider = await make_sendgrid()
    mail = replace(MAIL)
    await provider.send_batch([to_person(each, mail) for each in range(2)])
    kept = ref(mail)
    del mail
    gc.collect()
    assert kept() is None


async def test_people_open_and_click_as_the_sandbox_is_told(
    sandbox: Sandbox, receiver: Receiver, make_sendgrid: MakeSendGrid
) -> None:
    provider = await make_sendgrid()
    await sandbox.set(
        sendgrid_event_url=receiver.url, open_rate=0.5, click_rate=0.2, machine_open_rate=0.5
    )
    await provider.send_batch([to_person(each) for each in range(200)])

    def events(requests: list[Any]) -> list[Any]:
        return [event for each in requests for event in provider.read_callback(each)]

    def all_ended(requests: list[Any]) -> bool:
        told = events(requests)
        opened = {each.message_id for each in told if each.kind is EventKind.OPEN}
        clicked = {each.message_id for each in told if each.kind is EventKind.CLICK}
        delivered = [each for each in told if each.status is ProviderStatus.DELIVERED]
        return len(delivered) == 200 and len(opened) >= 90 and clicked <= opened

    await receiver.until(all_ended)
    async with asyncio.timeout(10):
        while (await sandbox.get("/sandbox/summary"))["callbacks"]["waiting"]:
            """Each look gives the others their turn."""
    told = events(receiver.requests)
    opens = [each for each in told if each.kind is EventKind.OPEN]
    clicks = [each for each in told if each.kind is EventKind.CLICK]
    machines = {each.message_id for each in opens if each.machine}
    assert 90 <= len(opens) <= 150
    assert 25 <= len(clicks) <= 55
    assert 20 <= len(machines) <= 60
    assert {each.message_id for each in clicks} <= {each.message_id for each in opens}
    assert not machines & {each.message_id for each in clicks}
    assert {each.text.rpartition("/")[0] for each in clicks} == {"https://crm.example/m"}
    summary = await sandbox.get("/sandbox/summary")
    assert summary["emails"]["statuses"] == {"delivered": 200}
