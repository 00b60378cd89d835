"""The sandbox speaks Twilio's Messages API: its refusals, its list, its changes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox import SANDBOX_ACCOUNT_SID, SANDBOX_SERVICE_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.conftest import Sandbox

TO, FROM = "+15551230001", "+15005550006"
SERVICE = "MG" + "a" * 32
GOOD = {"To": TO, "From": FROM, "Body": "Hello"}


async def until(sandbox: Sandbox, path: str, holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(10):
        while True:
            answer = await sandbox.get(path)
            if holds(answer):
                return answer
            await asyncio.sleep(0.005)


async def test_an_accepted_message_has_twilios_fields_and_types(sandbox: Sandbox) -> None:
    await sandbox.set(callback_delay_ms=60_000)
    status, body = await sandbox.create(**GOOD)
    assert status == 201
    assert body["sid"].startswith("SM")
    assert len(body["sid"]) == 34
    path = f"/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages/{body['sid']}"
    assert body == {
        "account_sid": SANDBOX_ACCOUNT_SID,
        "api_version": "2010-04-01",
        "body": "Hello",
        "date_created": body["date_created"],
        "date_sent": None,
        "date_updated": body["date_created"],
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": FROM,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": body["sid"],
        "status": "queued",
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": TO,
        "uri": f"{path}.json",
    }
    assert body["date_created"].endswith(" +0000")
    assert await sandbox.messages(f"/{body['sid']}.json") == body


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21604),
        ({"From": FROM, "Body": "x"}, 21604),
        ({"To": "", "From": FROM, "Body": "x"}, 21604),
        ({"To": TO, "Body": "x"}, 21603),
        ({"To": TO, "From": FROM}, 21602),
        ({"To": TO, "From": FROM, "Body": ""}, 21602),
        ({**GOOD, "Body": "x" * 1601}, 21617),
        ({**GOOD, "To": "555"}, 21211),
        ({**GOOD, "To": "15551230001"}, 21211),
        ({**GOOD, "To": "+1 555 123 0001"}, 21211),
        ({**GOOD, "From": "+12"}, 21212),
        ({**GOOD, "StatusCallback": "nowhere"}, 21609),
        ({**GOOD, "StatusCallback": "ftp://host/x"}, 21609),
        ({**GOOD, "StatusCallback": "https://a_b.example/x"}, 21609),
        ({**GOOD, "StatusCallback": "https://host:port/x"}, 21609),
        ({**GOOD, "ValidityPeriod": "36001"}, 30012),
        ({"To": TO, "MessagingServiceSid": "MG1", "Body": "x"}, 21701),
        (
            {
                "To": TO,
                "MessagingServiceSid": SERVICE,
                "Body": "x",
                "ScheduleType": "fixed",
                "SendAt": "soon",
            },
            35114,
        ),
        # Twilio's magic numbers
        ({**GOOD, "From": "+15005550001"}, 21212),
        ({**GOOD, "From": "+15005550007"}, 21606),
        ({**GOOD, "From": "+15005550008"}, 21611),
        ({**GOOD, "To": "+15005550001"}, 21211),
        ({**GOOD, "To": "+15005550002"}, 21612),
        ({**GOOD, "To": "+15005550003"}, 21408),
        ({**GOOD, "To": "+15005550004"}, 21610),
        ({**GOOD, "To": "+15005550009"}, 21614),
    ],
)
async def test_what_twilio_refuses_is_refused_with_its_code(
    sandbox: Sandbox, form: dict[str, str], code: int
) -> None:
    status, body = await sandbox.create(**form)
    assert status == 400
    assert body.pop("message")
    assert body == {
        "code": code,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": 400,
    }
    assert (await sandbox.get("/sandbox/summary"))["accepted"] == 0


@pytest.mark.parametrize(
    "form",
    [
        {**GOOD, "Body": "x" * 1600},
        {**GOOD, "From": "Clarion"},
        {**GOOD, "From": "12345"},
        {**GOOD, "StatusCallback": "http://127.0.0.1:9/x?m=1&a=1"},
        {**GOOD, "ValidityPeriod": "36000"},
        {"To": TO, "From": FROM, "MediaUrl": "https://example.com/a.png"},
        {**GOOD, "Body": "ü & = + 😀"},
    ],
)
async def test_what_twilio_takes_is_taken(sandbox: Sandbox, form: dict[str, str]) -> None:
    status, body = await sandbox.create(**form)
    assert status == 201
    assert body["body"] == form.get("Body", "")


async def test_without_the_right_credentials_nothing_is_answered(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages.json"
    for headers in ({}, {"Authorization": "Basic AAAA"}):
        async with sandbox.session.post(url, data=GOOD, headers=headers) as answer:
            assert answer.status == 401
            assert (await answer.json())["code"] == 20003


async def test_another_account_and_another_message_are_not_found(sandbox: Sandbox) -> None:
    assert (await sandbox.messages(f"/SM{'0' * 32}.json"))["code"] == 20404


async def filled(sandbox: Sandbox, count: int) -> list[str]:
    sids = []
    for each in range(count):
        _, body = await sandbox.create(
            To=f"+1555123000{each % 2}",
            From=f"+1500555000{6 + 3 * (each % 3 == 0)}",
            Body=str(each),
        )
        sids.append(body["sid"])
    return sids


async def test_the_list_has_pages_newest_first(sandbox: Sandbox) -> None:
    sids = await filled(sandbox, 7)
    seen, pages, path, query = [], 0, ".json", {"PageSize": "3"}
    while True:
        page = await sandbox.messages(path, **query)
        seen += [each["sid"] for each in page["messages"]]
        assert page["page"] == pages
        assert page["page_size"] == 3
        pages += 1
        if pages == 1:
            # What arrives between two pages does not move them.
            await sandbox.create(**GOOD)
        if page["next_page_uri"] is None:
            break
        path, query = page["next_page_uri"].partition("/Messages")[2], {}
    assert pages == 3
    assert seen == sids[::-1]


async def test_the_list_is_filtered_by_number(sandbox: Sandbox) -> None:
    sids = await filled(sandbox, 6)
    to = await sandbox.messages(To="+15551230001")
    assert [each["sid"] for each in to["messages"]] == [sids[5], sids[3], sids[1]]
    sender = await sandbox.messages(From="+15005550009")
    assert [each["sid"] for each in sender["messages"]] == [sids[3], sids[0]]
    both = await sandbox.messages(To="+15551230001", From="+15005550009", PageSize="1")
    assert [each["sid"] for each in both["messages"]] == [sids[3]]
    assert both["next_page_uri"] is None
    assert (await sandbox.messages(To="+15559999999"))["messages"] == []


async def test_the_list_is_filtered_by_the_date_of_sending(sandbox: Sandbox) -> None:
    await sandbox.create(**GOOD)
    await until(sandbox, "/sandbox/summary", lambda one: one["statuses"] == {"delivered": 1})
    today = utc_now()
    days = [f"{today + timedelta(days=each):%Y-%m-%d}" for each in (-2, 0, 2)]

    async def count(**query: str) -> int:
        return len((await sandbox.messages(**query))["messages"])

    assert [await count(**{"DateSent>": day}) for day in days] == [1, 1, 0]
    assert [await count(**{"DateSent<": day}) for day in days] == [0, 1, 1]
    assert [await count(DateSent=day) for day in days] == [0, 1, 0]
    hour = timedelta(hours=1)
    assert await count(**{"DateSent>": (today - hour).strftime("%Y-%m-%dT%H:%M:%SZ")}) == 1
    assert await count(**{"DateSent<": (today - hour).strftime("%Y-%m-%d %H:%M:%S.000")}) == 0


async def test_a_message_that_was_not_sent_has_no_date_to_be_found_by(sandbox: Sandbox) -> None:
    await sandbox.set(callback_delay_ms=60_000)
    await sandbox.create(**GOOD)
    assert len((await sandbox.messages())["messages"]) == 1
    assert (await sandbox.messages(**{"DateSent>": "2020-01-01"}))["messages"] == []


@pytest.mark.parametrize("token", ["PAx", "nonsense"])
async def test_a_page_token_that_is_none_begins_anew(sandbox: Sandbox, token: str) -> None:
    await sandbox.create(**GOOD)
    assert len((await sandbox.messages(PageToken=token))["messages"]) == 1


async def change(sandbox: Sandbox, sid: str, **form: str) -> tuple[int, Any]:
    url = f"{sandbox.url}/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages/{sid}.json"
    async with sandbox.session.post(url, data=form, headers=sandbox.account) as answer:
        return answer.status, await answer.json()


async def test_a_scheduled_message_can_be_canceled(sandbox: Sandbox) -> None:
    at = utc_now() + timedelta(minutes=20)
    schedule = {"ScheduleType": "fixed", "SendAt": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    _, body = await sandbox.create(To=TO, MessagingServiceSid=SERVICE, Body="x", **schedule)
    assert (body["status"], body["from"], body["num_segments"]) == ("scheduled", None, "0")
    status, body = await change(sandbox, body["sid"], Status="canceled")
    assert (status, body["status"]) == (200, "canceled")


async def test_a_schedule_without_a_messaging_service_is_ignored(sandbox: Sandbox) -> None:
    _, body = await sandbox.create(**GOOD, ScheduleType="fixed", SendAt="soon")
    assert body["status"] == "queued"


async def test_a_message_that_is_on_its_way_cannot_be_canceled(sandbox: Sandbox) -> None:
    _, body = await sandbox.create(**GOOD)
    status, _ = await change(sandbox, body["sid"], Status="canceled")
    assert status == 409


async def test_a_message_can_be_redacted_and_deleted(sandbox: Sandbox) -> None:
    _, body = await sandbox.create(**GOOD)
    _, redacted = await change(sandbox, body["sid"], Body="")
    assert redacted["body"] == ""
    url = sandbox.url + body["uri"]
    async with sandbox.session.delete(url, headers=sandbox.account) as answer:
        assert answer.status == 204
    assert (await sandbox.messages(f"/{body['sid']}.json"))["code"] == 20404
    assert (await sandbox.messages())["messages"] == []


async def test_after_stop_the_person_gets_nothing_from_that_number_until_start(
    sandbox: Sandbox,
) -> None:
    async def says(text: str) -> None:
        assert await sandbox.post("/sandbox/inbound", {"from": TO, "to": FROM, "body": text}) == 202

    await says("stop please")
    assert (await sandbox.create(**GOOD))[0] == 201
    await says(" Stop ")
    status, body = await sandbox.create(**GOOD)
    assert (status, body["code"]) == (400, 21610)
    assert (await sandbox.create(**{**GOOD, "From": "+15005550010"}))[0] == 201
    assert (await sandbox.create(**{**GOOD, "To": "+15551230002"}))[0] == 201
    assert FROM == SANDBOX_SERVICE_NUMBER
    service = {"To": TO, "MessagingServiceSid": SERVICE, "Body": "x"}
    assert (await sandbox.create(**service))[1]["code"] == 21610
    await says("START")
    assert (await sandbox.create(**GOOD))[0] == 201


async def test_the_same_seed_gives_the_same_people_the_same_fate(sandbox: Sandbox) -> None:
    await sandbox.set(failure_rate=0.4)

    def ended(summary: Any) -> bool:
        statuses = summary["statuses"]
        return bool(statuses.get("delivered", 0) + statuses.get("undelivered", 0) == 40)

    async def fates() -> dict[str, int | None]:
        async with sandbox.session.delete(f"{sandbox.url}/sandbox/messages") as answer:
            assert answer.status == 204
        for each in range(40):
            await sandbox.create(**{**GOOD, "To": f"+1555123{each:04}"})
        await until(
            sandbox,
            "/sandbox/summary",
            lambda one: (
                sum(one["statuses"].get(end, 0) for end in ("delivered", "undelivered")) == 40
            ),
        )
        kept = (await sandbox.get("/sandbox/messages"))["messages"]
        return {each["to"]: each["error_code"] for each in kept}

    first = await fates()
    assert 5 < sum(code is not None for code in first.values()) < 35
    assert await fates() == first
    await sandbox.set(seed=2)
    assert await fates() != first
