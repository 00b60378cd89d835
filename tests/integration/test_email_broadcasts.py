"""Emails and both channels: who gets what by which way, links, opens, clicks, wishes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from clarion.broadcasts.broadcast import BroadcastType, Status
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, NotFound
from clarion.kernel.mail import filled
from clarion.providers.sending import Rejected
from clarion.tracking.apply import store_events
from clarion.tracking.message_links import MessageLinkReader, clicked, opened, wishes
from support.house import SIGNER, House, number_of
from support.sequences import MAIL, draft_of, launched, rows_of, run

if TYPE_CHECKING:
    from clarion.providers.events import ProviderEvent

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


async def people(house: House) -> None:
    """Ann has both, Ben a number only, Cat an address only, Dan neither."""
    await house.add_contact(first_name="Ann", phone=number_of(100), email="ann@a.example")
    await house.add_contact(first_name="Ben", phone=number_of(101))
    await house.add_contact(first_name="Cat", email="cat@a.example")
    await house.add_contact(first_name="Dan")


async def tell(house: House, *events: ProviderEvent) -> None:
    async with house.database.as_worker() as connection:
        await store_events(connection, list(events), received_at=house.clock.now)
    while await house.applier.apply_batch():
        pass


def sent_to(house: House) -> dict[str, list[str]]:
    return {
        "sms": sorted(m.to for m in house.provider.sent),
        "email": sorted(m.to for m in house.mail_provider.sent),
    }


async def test_an_email_is_made_for_each_and_can_be_left_with_one_click(house: House) -> None:
    await people(house)
    broadcast = await launched(house, await draft_of(house, BroadcastType.EMAIL, MAIL))
    assert sent_to(house) == {"sms": [], "email": ["ann@a.example", "cat@a.example"]}
    for message in house.mail_provider.sent:
        assert message.mail is not None
        name = message.to[:3].title()
        assert filled(message.mail.subject, message.values) == f"Hello {name}"
        assert f"Dear {name}," in filled(message.mail.html or (), message.values)
        links = SIGNER.links(message.message_id)
        assert message.headers["List-Unsubscribe"] == f"<{links.unsubscribe}>"
        assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert links.pixel in filled(message.mail.html or (), message.values)
        assert "https://shop.example" not in filled(message.mail.html or (), message.values)
    # All of a step share one mail, so that a provider can take them together.
    assert len({id(message.mail) for message in house.mail_provider.sent}) == 1
    kept = {row["address"]: row["subject"] for row in await house.messages()}
    assert kept == {"ann@a.example": "Hello Ann", "cat@a.example": "Hello Cat"}
    found = await house.rows(
        "select email_left_out from broadcast.broadcast_recipients order by id"
    )
    assert sorted(row["email_left_out"] or "" for row in found) == ["", "", "no_email", "no_email"]
    assert (await house.read(broadcast)).status is Status.COMPLETED


async def test_an_email_without_an_address_or_with_a_dead_link_is_not_launched(
    house: House,
) -> None:
    await people(house)
    dead = {"kind": "html", "html": '<p>Dear all, <a href="">look</a></p>'}
    draft = await draft_of(house, BroadcastType.EMAIL, {**MAIL, "email": dead})
    house.workspace = replace(house.workspace, postal_address="")
    problems = (await house.outlook(draft)).problems
    assert [(each.step.value, each.pointer, each.of_step) for each in problems] == [
        ("compose", "/email", draft.first_step.id),
        ("compose", "/email/html", draft.first_step.id),
    ]
    assert "postal address" in problems[0].detail
    assert '"look" leads nowhere' in problems[1].detail
    with pytest.raises(Invalid) as refused:
        await house.launch(draft)
    assert [fault.detail for fault in refused.value.faults] == [each.detail for each in problems]
    assert (await house.read(draft)).status is Status.DRAFT


@pytest.mark.parametrize(
    ("how", "first", "sms", "email"),
    [
        ("both", "email", ["Ann", "Ben"], ["Ann", "Cat"]),
        ("preferred", "email", ["Ben"], ["Ann", "Cat"]),
        ("preferred", "sms", ["Ann", "Ben"], ["Cat"]),
        ("second_if_needed", "sms", ["Ann", "Ben"], ["Cat"]),
    ],
)
async def test_each_person_is_reached_as_it_was_chosen(
    house: House, how: str, first: str, sms: list[str], email: list[str]
) -> None:
    await people(house)
    draft = await draft_of(
        house,
        BroadcastType.SMS_EMAIL,
        {"body": "Hi", "both_how": how, "first_channel": first, **MAIL},
    )
    await house.follow()
    outlook = await house.outlook(draft)
    await launched(house, draft)
    named = {number_of(100): "Ann", number_of(101): "Ben", "ann@a.example": "Ann"}
    named["cat@a.example"] = "Cat"
    got = {way: sorted(named[to] for to in who) for way, who in sent_to(house).items()}
    assert got == {"sms": sms, "email": email}
    assert (outlook.will_send, outlook.matched) == (3, 4)


async def test_a_preference_of_the_person_counts_more(house: House) -> None:
    await house.add_contact(
        phone=number_of(100), email="ann@a.example", metadata={"preferred_channel": "Text"}
    )
    draft = await draft_of(
        house, BroadcastType.SMS_EMAIL, {"body": "Hi", "both_how": "preferred", **MAIL}
    )
    await launched(house, draft)
    assert sent_to(house) == {"sms": [number_of(100)], "email": []}


async def test_the_second_channel_goes_when_the_first_has_failed_or_was_not_read(
    house: House,
) -> None:
    for number, name in ((100, "ann"), (101, "ben"), (102, "cat")):
        await house.add_contact(first_name=name, phone=number_of(number), email=f"{name}@a.example")
    draft = await draft_of(
        house,
        BroadcastType.SMS_EMAIL,
        {
            "body": "Hi",
            "both_how": "second_if_needed",
            "first_channel": "email",
            "second_after_hours": 24,
            **MAIL,
        },
    )

    async def answer(message: object) -> object:
        from clarion.providers.sending import Accepted  # noqa: PLC0415

        if message.to == "ann@a.example":  # type: ignore[attr-defined]
            return Rejected(code="sendgrid_400", detail="No such mailbox.")
        return Accepted(provider_id=str(message.message_id))  # type: ignore[attr-defined]

    house.mail_provider.answer = answer  # type: ignore[assignment]
    broadcast = await launched(house, draft)
    assert sent_to(house)["sms"] == []
    assert (await house.read(broadcast)).status is Status.SENDING
    await house.second_channel.look()
    await run(house, broadcast)
    assert sent_to(house)["sms"] == [number_of(100)]
    ben = next(m for m in house.mail_provider.sent if m.to == "ben@a.example")
    await tell(house, opened(ben.message_id, user_agent=_BROWSER, now=house.clock.now))
    house.clock.forward(timedelta(hours=23))
    await house.second_channel.look()
    await run(house, broadcast)
    assert sent_to(house)["sms"] == [number_of(100)]
    house.clock.forward(timedelta(hours=2))
    await house.second_channel.look()
    await run(house, broadcast)
    assert sent_to(house)["sms"] == [number_of(100), number_of(102)]
    assert (await house.read(broadcast)).status is Status.COMPLETED


async def test_opens_and_clicks_are_counted_once_and_machines_apart(house: House) -> None:
    await people(house)
    broadcast = await launched(house, await draft_of(house, BroadcastType.EMAIL, MAIL))
    one, other = (m.message_id for m in house.mail_provider.sent)
    now = house.clock.now
    await tell(house, opened(one, user_agent=_BROWSER, now=now))
    await tell(house, opened(one, user_agent=_BROWSER, now=now))
    await tell(house, opened(other, user_agent="Mozilla/5.0", now=now))
    first = clicked(one, 0, "https://shop.example/new", user_agent=_BROWSER, now=now)
    again = clicked(
        one, 0, "https://shop.example/new", user_agent=_BROWSER, now=now + timedelta(seconds=5)
    )
    scanner = clicked(other, 0, "https://shop.example/new", user_agent="LinkScanner", now=now)
    await tell(house, first, again, scanner)
    (counted,) = await house.rows("select * from broadcast.engagement_counts")
    assert {name: counted[name] for name in ("opened", "machine_opened", "clicked", "replied")} == {
        "opened": 1,
        "machine_opened": 1,
        "clicked": 1,
        "replied": 0,
    }
    (link,) = await house.rows("select link, clicks, people from broadcast.link_clicks")
    assert (link["link"], link["clicks"], link["people"]) == (0, 2, 1)
    assert await house.value("select sum(opens)::int from broadcast.engagements") == 1
    assert (await house.read(broadcast)).id == broadcast.id


async def test_a_link_leads_where_the_mail_says_and_nowhere_else(house: House) -> None:
    await people(house)
    await launched(house, await draft_of(house, BroadcastType.EMAIL, MAIL))
    message = house.mail_provider.sent[0]
    reader = MessageLinkReader(SIGNER)
    token = SIGNER.token(message.message_id)
    async with house.database.as_worker() as connection:
        known = await reader.message(connection, token)
        assert await reader.target(connection, known, 0) == "https://shop.example/new"
        for number in (-1, 1, 99):
            with pytest.raises(NotFound):
                await reader.target(connection, known, number)
        assert f"Dear {known.contact['first_name']}," in await reader.html(connection, known)
        for wrong in (token[:-2] + "AA", token[2:], "", "x" * 38, "é"):
            with pytest.raises(NotFound):
                await reader.message(connection, wrong)


async def test_a_wish_holds_for_what_waits_and_can_be_taken_back(house: House) -> None:
    await people(house)
    draft = await draft_of(
        house, BroadcastType.SMS_EMAIL, {"body": "Hi", **MAIL}, {"body": "2", **MAIL}
    )
    broadcast = await launched(house, draft)
    ann = next(m for m in house.mail_provider.sent if m.to == "ann@a.example")
    reader = MessageLinkReader(SIGNER)

    async def ask() -> frozenset[Channel]:
        async with house.database.as_worker() as connection:
            message = await reader.message(connection, SIGNER.token(ann.message_id))
        return message.allowed

    assert await ask() == {Channel.SMS, Channel.EMAIL}
    async with house.database.as_worker() as connection:
        message = await reader.message(connection, SIGNER.token(ann.message_id))
    house.clock.forward(timedelta(minutes=1))
    await tell(house, *wishes(message, {Channel.SMS}, now=house.clock.now))
    assert await ask() == {Channel.SMS}
    async with house.database.as_worker() as connection:
        message = await reader.message(connection, SIGNER.token(ann.message_id))
    house.clock.forward(timedelta(minutes=1))
    await tell(house, *wishes(message, set(Channel), now=house.clock.now))
    assert await ask() == {Channel.SMS, Channel.EMAIL}
    # Who has opted out has left the sequence, whatever they wish afterwards.
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    assert ("email", "skipped", "opted_out") in await rows_of(house, broadcast.steps[1])
