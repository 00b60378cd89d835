"""A step sent to oneself: what it says, that it leaves once at most, and that it counts nowhere."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.files.file import read_file
from clarion.broadcasts.files.service import add_file
from clarion.compliance.suppression import Suppressed, suppress
from clarion.delivery.step_tests.addresses import keep_address
from clarion.delivery.step_tests.service import SEND_TEST
from clarion.delivery.step_tests.step_test import KEPT_FOR, LOST_AFTER, WAITS_AT_MOST
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Invalid
from clarion.kernel.mail import filled
from clarion.providers.events import EventKind, ProviderEvent, ProviderStatus
from clarion.providers.sending import Rejected, SendResult, Throttled, Uncertain
from clarion.providers.smtp import Security, SmtpEmail, SmtpServer
from clarion.tracking.apply import store_events
from support.house import ANA, House, number_of
from support.sequences import MAIL, draft_of, launched

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.delivery.step_tests.step_test import StepTest
    from clarion.providers.sending import OutgoingMessage

EMAIL, SMS = Channel.EMAIL, Channel.SMS
BOTH = {"body": "Hi {{ first_name }}", **MAIL}


async def draft(house: House) -> Broadcast:
    await house.add_contact(first_name="Zoë", phone=number_of(100), email="zoe@a.example")
    await house.follow()
    return await draft_of(house, BroadcastType.SMS_EMAIL, BOTH)


async def ask(
    house: House,
    broadcast: Broadcast,
    channel: Channel = EMAIL,
    to: str | None = "Ana@Clarion.example",
    contact_id: str | None = None,
) -> StepTest:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.step_tests.ask(
            connection,
            ANA,
            house.workspace,
            broadcast.id,
            broadcast.first_step.id,
            channel=channel,
            to=to,
            contact_id=contact_id,
            now=house.clock.now,
        )


async def send(house: House) -> None:
    """What the queue asks for, as its workers would run it."""
    await house.run_jobs()
    asked = [each for each in house.engine.asked if each.task == SEND_TEST]
    house.engine.forget()
    for each in asked:
        await house.step_test_sender.send(UUID(each.arguments["test_id"]))


async def row(house: House) -> dict[str, Any]:
    (found,) = await house.rows("select * from broadcast.test_messages")
    return found


async def job_status(house: House) -> tuple[str, str | None]:
    (found,) = await house.rows("select status, error from broadcast.queue_jobs")
    return found["status"], found["error"]


async def test_an_email_comes_as_the_first_of_the_audience_gets_it(house: House) -> None:
    broadcast = await draft(house)
    asked = await ask(house, broadcast)
    assert house.mail_provider.sent == []
    assert (asked.address, asked.status) == ("ana@clarion.example", "queued")
    await send(house)
    (sent,) = house.mail_provider.sent
    assert sent.mail is not None
    assert (sent.to, sent.message_id, sent.attempt) == ("ana@clarion.example", asked.id, 1)
    assert filled(sent.mail.subject, sent.values) == "[Test] Hello Zoë"
    html = filled(sent.mail.html or (), sent.values)
    assert "Dear Zoë," in html
    # Clicks are not counted, so links lead where they lead; those that change something do not.
    assert "https://shop.example/new" in html
    assert "https://clarion.example/m/test/unsubscribe" in html
    assert "open.gif" not in html
    assert sent.headers["List-Unsubscribe"] == "<https://clarion.example/m/test/unsubscribe>"
    kept = await row(house)
    assert (kept["status"], kept["provider"]) == ("sent", "fake")
    assert kept["sent_at"] == house.clock.now
    assert await job_status(house) == ("completed", None)


async def test_an_sms_shows_the_contact_that_was_chosen(house: House) -> None:
    broadcast = await draft(house)
    ben = await house.add_contact(first_name="Ben", phone=number_of(101))
    await ask(house, broadcast, SMS, "(512) 555-0177", ben)
    await send(house)
    (sent,) = house.provider.sent
    assert (sent.to, sent.body, sent.sender) == ("+15125550177", "Hi Ben", "+15125550000")
    with pytest.raises(Invalid, match="no such contact"):
        await ask(house, broadcast, SMS, None, "00000000-0000-4000-8000-00000000dead")


async def test_without_anybody_it_names_what_is_missing(house: House) -> None:
    broadcast = await draft_of(house, BroadcastType.SMS_EMAIL, BOTH)
    await ask(house, broadcast, SMS, number_of(177))
    await send(house)
    assert house.provider.sent[0].body == "Hi [first name?]"


async def test_nothing_written_is_said_at_once(house: House) -> None:
    broadcast = await draft_of(house, BroadcastType.SMS_EMAIL, {"body": "{{ first"})
    with pytest.raises(Invalid, match="Nothing is written in the email"):
        await ask(house, broadcast, EMAIL)
    with pytest.raises(Invalid) as unreadable:
        await ask(house, broadcast, SMS, number_of(177))
    assert unreadable.value.faults
    sms_only = await draft_of(house, BroadcastType.SMS, {"body": "Hi"})
    with pytest.raises(Invalid) as refused:
        await ask(house, sms_only, EMAIL)
    assert refused.value.faults[0].pointer == "/channel"
    assert await house.value("select count(*) from broadcast.test_messages") == 0


async def test_an_address_is_kept_and_no_other_is_written_to(house: House) -> None:
    broadcast = await draft(house)
    with pytest.raises(Invalid, match="Enter your mobile number first"):
        await ask(house, broadcast, SMS, None)
    with pytest.raises(Invalid, match="no phone number"):
        await ask(house, broadcast, SMS, "12")
    await ask(house, broadcast, SMS, number_of(177))
    assert (await ask(house, broadcast, SMS, None)).address == number_of(177)
    with pytest.raises(Invalid, match=f"yours goes to \\{number_of(177)}"):
        await ask(house, broadcast, SMS, number_of(178))
    await ask(house, broadcast, EMAIL, "ana@clarion.example")
    with pytest.raises(Invalid, match="A test goes to yourself or to a member"):
        await ask(house, broadcast, EMAIL, "boss@clarion.example")
    await house.execute(
        "insert into broadcast.test_addresses (workspace_id, person_id, person_name, email,"
        " updated_at) values (%s, 'bo', 'Bo', 'boss@clarion.example', now())",
        house.workspace.id,
    )
    assert (await ask(house, broadcast, EMAIL, "Boss@clarion.example")).address == (
        "boss@clarion.example"
    )


async def test_a_suppressed_address_is_refused_in_words(house: House) -> None:
    broadcast = await draft(house)
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=SMS,
            addresses=[number_of(177)],
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )
    with pytest.raises(Conflict, match=f"\\{number_of(177)} has opted out"):
        await ask(house, broadcast, SMS, number_of(177))
    # Nothing of it is kept: the request was undone as a whole.
    assert await house.value("select count(*) from broadcast.test_addresses") == 0


async def test_twenty_an_hour_and_no_more_whoever_asks_at_once(house: House) -> None:
    broadcast = await draft(house)
    async with house.database.as_workspace(house.workspace.id) as connection:
        await keep_address(
            connection,
            ANA,
            house.workspace,
            SMS,
            number_of(177),
            pointer="",
            now=house.clock.now,
        )
    answers = await asyncio.gather(
        *(ask(house, broadcast, SMS, None) for _ in range(22)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, BaseException)]
    assert len(refused) == 2
    assert all(isinstance(each, Conflict) for each in refused)
    assert await house.value("select count(*) from broadcast.test_messages") == 20
    house.clock.forward(timedelta(minutes=61))
    await ask(house, broadcast, SMS, None)


class WorkerDiedError(BaseException):
    """The process is gone: nothing more is written."""


async def test_a_worker_that_dies_on_the_way_leaves_it_unknown_and_not_sent_twice(
    house: House,
) -> None:
    broadcast = await draft(house)
    asked = await ask(house, broadcast)

    async def die(message: OutgoingMessage) -> SendResult:
        raise WorkerDiedError

    house.mail_provider.answer = die
    with pytest.raises(WorkerDiedError):
        await send(house)
    assert (await row(house))["status"] == "sending"
    # The queue finds the task of the dead worker and runs it anew.
    await house.step_test_sender.send(asked.id)
    kept = await row(house)
    assert kept["status"] == "unknown"
    assert "not sent again" in kept["error_detail"]
    assert len(house.mail_provider.sent) == 1
    assert (await job_status(house))[0] == "failed"


async def test_a_worker_that_dies_before_the_wire_is_found_by_the_sweep(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broadcast = await draft(house)
    await ask(house, broadcast)

    async def die(*_: object) -> bool:
        raise WorkerDiedError

    monkeypatch.setattr(house.step_test_sender, "_wait_for", die)
    with pytest.raises(WorkerDiedError):
        await send(house)
    await house.step_test_sender.find_lost()
    assert (await row(house))["status"] == "sending"
    house.clock.forward(LOST_AFTER + timedelta(seconds=1))
    await house.step_test_sender.find_lost()
    assert (await row(house))["status"] == "unknown"
    assert (await job_status(house))[0] == "failed"
    assert house.mail_provider.sent == []


async def test_a_test_that_nobody_begins_has_failed_and_never_leaves(house: House) -> None:
    broadcast = await draft(house)
    asked = await ask(house, broadcast)
    house.clock.forward(WAITS_AT_MOST)
    await house.step_test_sender.find_lost()
    assert (await row(house))["status"] == "queued"
    house.clock.forward(LOST_AFTER + timedelta(seconds=1))
    await house.step_test_sender.find_lost()
    assert (await row(house))["status"] == "failed"
    await house.step_test_sender.send(asked.id)
    assert house.mail_provider.sent == []


async def test_a_test_that_was_sent_is_not_sent_by_a_task_that_runs_twice(house: House) -> None:
    broadcast = await draft(house)
    asked = await ask(house, broadcast)
    await send(house)
    await house.step_test_sender.send(asked.id)
    assert len(house.mail_provider.sent) == 1


async def test_what_the_provider_says_is_told_in_words(house: House) -> None:
    broadcast = await draft(house)
    house.provider.answers(Rejected(code="21211", detail="The 'To' number is not valid."))
    await ask(house, broadcast, SMS, number_of(177))
    await send(house)
    kept = await row(house)
    assert (kept["status"], kept["error_code"]) == ("failed", "21211")
    assert kept["error_detail"].endswith("The 'To' number is not valid.")
    assert kept["failed_at"] == house.clock.now


async def test_no_answer_is_unknown_until_the_provider_reports(house: House) -> None:
    broadcast = await draft(house)
    house.mail_provider.answers(Uncertain(detail="timeout"))
    asked = await ask(house, broadcast)
    await send(house)
    assert (await row(house))["status"] == "unknown"
    await report(house, asked, ProviderStatus.DELIVERED)
    kept = await row(house)
    assert (kept["status"], kept["error_detail"]) == ("sent", None)
    assert kept["delivered_at"] is not None


async def report(house: House, test: StepTest, status: ProviderStatus, **more: Any) -> None:
    event = ProviderEvent(
        key=f"{test.id}:{status}",
        kind=EventKind.STATUS,
        provider="fake",
        channel=test.channel,
        message_id=test.id,
        attempt=1,
        provider_id=f"X{test.id}",
        status=status,
        occurred_at=house.clock.now,
        **more,
    )
    async with house.database.as_worker() as connection:
        await store_events(connection, [event], received_at=house.clock.now)
    assert await house.applier.apply_batch() == 1


async def test_reports_move_the_test_and_nobodys_numbers(house: House) -> None:
    broadcast = await launched(house, await draft(house))
    counted = await house.counts()
    asked = await ask(house, broadcast, SMS, number_of(177))
    await send(house)
    await report(house, asked, ProviderStatus.FAILED, error_code="30003")
    kept = await row(house)
    assert (kept["status"], kept["error_code"]) == ("failed", "30003")
    assert kept["error_detail"]
    # A receipt that comes after a failure shows that it arrived all the same, and a late one of a
    # former state changes nothing.
    await report(house, asked, ProviderStatus.DELIVERED)
    await report(house, asked, ProviderStatus.SENT)
    kept = await row(house)
    assert (kept["status"], kept["error_code"], kept["failed_at"]) == ("sent", None, None)
    assert await house.counts() == counted
    events = await house.rows("select outcome, workspace_id from broadcast.message_events")
    assert {each["outcome"] for each in events} == {"applied"}
    assert {each["workspace_id"] for each in events} == {house.workspace.id}
    assert await house.value("select count(*) from broadcast.engagements") == 0
    assert await house.value("select count(*) from broadcast.suppressions") == 0


async def test_a_busy_sender_makes_it_wait_and_too_fast_slows_the_lane(house: House) -> None:
    broadcast = await draft(house)
    await ask(house, broadcast, SMS, number_of(177))
    async with house.database.as_worker() as connection:
        await house.lanes.of(connection, SMS)
    busy = "update broadcast.lanes set next_free_at = %s where channel = 'sms'"
    await house.execute(busy, house.clock.now + timedelta(seconds=30))
    await house.run_jobs()
    (first,) = [each for each in house.engine.asked if each.task == SEND_TEST]
    assert first.alone == first.once
    await send(house)
    assert house.provider.sent == []
    assert (await row(house))["status"] == "queued"
    house.clock.forward(timedelta(seconds=31))
    house.provider.answers(Throttled(code="20429", retry_after=timedelta(seconds=20)))
    await house.step_test_sender.send((await row(house))["id"])
    assert (await row(house))["status"] == "queued"
    again = house.engine.asked[-1]
    assert (again.task, again.at) == (SEND_TEST, house.clock.now + timedelta(seconds=20))
    lane = await house.rows("select * from broadcast.lanes where channel = 'sms'")
    assert lane[0]["next_free_at"] >= house.clock.now + timedelta(seconds=20)
    assert lane[0]["handed_over"] == 1
    house.clock.forward(timedelta(minutes=11))
    await house.step_test_sender.send((await row(house))["id"])
    assert (await row(house))["error_detail"] == "It waited too long for a free sender."
    assert len(house.provider.sent) == 1


async def test_tests_go_away_after_a_month(house: House) -> None:
    broadcast = await draft(house)
    await ask(house, broadcast)
    house.clock.forward(KEPT_FOR - timedelta(minutes=1))
    await ask(house, broadcast)
    await house.step_test_sender.forget_old()
    assert await house.value("select count(*) from broadcast.test_messages") == 2
    house.clock.forward(timedelta(minutes=2))
    await house.step_test_sender.forget_old()
    assert await house.value("select count(*) from broadcast.test_messages") == 1


class _Mailbox:
    """What a real mail server was handed."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        assert isinstance(envelope.content, bytes)
        self.contents.append(envelope.content)
        return "250 Taken"


async def test_files_arrive_by_a_mail_server_with_the_test_and_with_the_broadcast(
    house: House,
) -> None:
    broadcast = await draft(house)
    files = {"Angebot für Zoë.pdf": b"%PDF-1.7" + bytes(range(256)) * 300, "提案.txt": b".\r\nhi"}
    async with house.database.as_workspace(house.workspace.id) as connection:
        for name, content in files.items():
            await add_file(
                connection,
                house.workspace.id,
                broadcast.id,
                broadcast.first_step.id,
                read_file(name, "", content),
                now=house.clock.now,
            )
    mailbox = _Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="mail.example"), "127.0.0.1", 0
    )
    smtp = SmtpEmail(
        SmtpServer(
            host="127.0.0.1",
            port=server.sockets[0].getsockname()[1],
            called="crm.example",
            security=Security.NONE,
        ),
        sender="hello@clarion.example",
    )
    house.mail_provider.answer = smtp.send
    try:
        await ask(house, broadcast)
        await send(house)
        await launched(house, await house.read(broadcast))
    finally:
        await smtp.aclose()
        server.close()
    subjects = []
    for content in mailbox.contents:
        letter = message_from_bytes(content, policy=default)
        subjects.append(letter["Subject"])
        found = {each.get_filename(): each.get_content() for each in letter.iter_attachments()}
        assert found.keys() == files.keys()
        assert found["Angebot für Zoë.pdf"] == files["Angebot für Zoë.pdf"]
        assert found["提案.txt"].encode() == files["提案.txt"]
    assert subjects == ["[Test] Hello Zoë", "Hello Zoë"]
