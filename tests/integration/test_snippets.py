"""Snippets in what is sent: kept at the launch, changed for drafts, and never taken away in use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from clarion.broadcasts.broadcast import BroadcastType, Status
from clarion.content.saved_templates import render, save_template
from clarion.content.snippets import store
from clarion.content.template_content import Content
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Invalid
from clarion.kernel.mail import filled
from support.house import ANA, House
from support.sequences import add_step, change_step, draft_of, launched, run

if TYPE_CHECKING:
    from clarion.content.snippets.snippet import Snippet

HOURS = "{% render 'hours' %}"
#: As an editor of HTML keeps it.
MAIL = {
    "subject": "{% render 'hours' %}",
    "email": {"kind": "html", "html": "<p>{% render &quot;bye&quot; %}</p>"},
}


@pytest.fixture(autouse=True)
async def _early(house: House) -> None:
    house.clock.now = house.clock.now.replace(hour=12, minute=30, second=0)
    await house.execute("update broadcast.workspaces set postal_address = '1 Main St'")


async def add(house: House, name: str, text: str) -> Snippet:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await store.add_snippet(connection, ANA, name=name, text=text, now=house.clock.now)


async def change(house: House, snippet: Snippet, **given: str) -> Snippet:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await store.change_snippet(
            connection,
            ANA,
            snippet.id,
            version=snippet.version,
            name=given.get("name"),
            text=given.get("text"),
            now=house.clock.now,
        )


async def delete(house: House, snippet: Snippet) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await store.delete_snippet(connection, house.workspace.id, snippet.id)


async def uses(house: House) -> dict[str, int]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        found = await store.list_snippets(connection, house.workspace.id)
    return {each.name: each.uses for each in found}


async def places(house: House, snippet_id: UUID) -> list[tuple[str, str]]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        _, found = await store.get_snippet(connection, house.workspace.id, snippet_id)
    return [(place.kind.value, place.name) for place in found]


async def test_what_was_launched_says_what_it_said_then(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    hours = await add(house, "hours", "9 to 5, {{ first_name }}")
    await add(house, "other", "Nobody names it")
    draft = await draft_of(house, BroadcastType.SMS, {"body": HOURS}, {"body": f"Two: {HOURS}"})
    assert (await house.outlook(draft)).measured.longest > len("Two: 9 to 5, ")
    broadcast = await launched(house, draft)
    said = [message.body for message in house.provider.sent]
    assert all(each.startswith("9 to 5, ") for each in said)
    kept = await house.rows("select snippets from broadcast.broadcast_steps")
    assert [row["snippets"] for row in kept] == [{"hours": "9 to 5, {{ first_name }}"}] * 2
    # Nothing that runs needs it any more: neither a change nor its end is seen there.
    hours = await change(house, hours, text="Closed")
    await delete(house, hours)
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    later = sorted(message.body for message in house.provider.sent[2:])
    assert later == [f"Two: {each}" for each in sorted(said)]
    assert (await house.read(broadcast)).status is Status.COMPLETED


async def test_a_draft_says_what_the_snippet_says_now(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    hours = await add(house, "hours", "9 to 5")
    draft = await draft_of(house, BroadcastType.SMS, {"body": HOURS})
    assert (await house.outlook(draft)).measured.longest == len("9 to 5")
    await change(house, hours, text="Closed today")
    assert (await house.outlook(draft)).measured.longest == len("Closed today")
    await launched(house, draft)
    assert [message.body for message in house.provider.sent] == ["Closed today"]


async def test_a_change_after_the_launch_takes_the_snippets_as_they_are_then(house: House) -> None:
    await house.add_people(1)
    hours = await add(house, "hours", "Old")
    broadcast = await launched(
        house, await draft_of(house, BroadcastType.SMS, {"body": "One"}, {"body": HOURS})
    )
    await change(house, hours, text="New")
    moved = await change_step(house, broadcast, 1, name="Later")
    assert moved.steps[1].snippets == {"hours": "Old"}
    with pytest.raises(Invalid) as raised:
        await change_step(house, moved, 1, body="{% render 'none' %}")
    assert [(each.pointer, each.detail) for each in raised.value.faults] == [
        ("/body", 'There is no snippet "none".')
    ]
    changed = await change_step(house, moved, 1, body=f"Now {HOURS}")
    assert changed.steps[1].snippets == {"hours": "New"}
    added = await change_step(house, await add_step(house, changed), 2, body=f"Third {HOURS}")
    await change(house, await _again(house, hours), text="Newest")
    for _ in range(2):
        house.clock.forward(timedelta(days=2))
        await run(house, added)
    assert [message.body for message in house.provider.sent] == ["One", "Now New", "Third New"]


async def _again(house: House, snippet: Snippet) -> Snippet:
    async with house.database.as_workspace(house.workspace.id) as connection:
        found, _ = await store.get_snippet(connection, house.workspace.id, snippet.id)
    return found


async def test_an_email_has_it_as_text_and_keeps_it(house: House) -> None:
    await house.add_people(1)
    await house.execute("update public.contacts set email = 'ann@example.com'")
    await add(house, "hours", "9 to 5")
    bye = await add(house, "bye", "Bo & Co\nAustin")
    draft = await draft_of(house, BroadcastType.EMAIL, MAIL, {**MAIL, "subject": "Two"})
    broadcast = await launched(house, draft)
    await change(house, bye, text="Somebody else")
    house.clock.forward(timedelta(days=2))
    await run(house, broadcast)
    mails = house.mail_provider.sent
    said = [filled(each.mail.subject, each.values) for each in mails if each.mail]
    assert said == ["9 to 5", "Two"]
    pages = [filled(each.mail.html or (), each.values) for each in mails if each.mail]
    assert ["<p>Bo &amp; Co<br>\nAustin</p>" in page for page in pages] == [True, True]


async def test_a_launch_is_refused_where_a_snippet_is_not_known(house: House) -> None:
    await house.add_people(1)
    draft = await draft_of(house, BroadcastType.SMS, {"body": "Hi {% render 'gone' %}"})
    found = [(each.pointer, each.detail) for each in (await house.outlook(draft)).problems]
    detail = (
        'Line 1, column 4: There is no snippet "gone". Make it under Templates, Snippets, or take '
        "it out of the text."
    )
    assert ("/body", detail) in found
    with pytest.raises(Invalid):
        await house.launch(draft)


async def test_one_in_use_is_neither_deleted_nor_renamed(house: House) -> None:
    hours, bye = await add(house, "hours", "9 to 5"), await add(house, "bye", "Bye")
    await draft_of(house, BroadcastType.EMAIL, MAIL, MAIL)
    async with house.database.as_workspace(house.workspace.id) as connection:
        await save_template(
            connection,
            ANA,
            name="Reminder",
            content=Content(channel=Channel.SMS, body=HOURS),
            now=house.clock.now,
        )
    assert await uses(house) == {"bye": 1, "hours": 2}
    assert await places(house, hours.id) == [("template", "Reminder"), ("broadcast", "Spring")]
    assert await places(house, bye.id) == [("broadcast", "Spring")]
    with pytest.raises(Conflict) as raised:
        await delete(house, hours)
    assert raised.value.detail == (
        "“hours” is used by the template “Reminder” and the broadcast “Spring”. "
        "Take it out there first."
    )
    with pytest.raises(Conflict) as raised:
        await change(house, bye, name="goodbye")
    assert raised.value.faults[0].pointer == "/name"
    assert (await change(house, await add(house, "free", "x"), name="freed")).name == "freed"


async def test_a_template_is_saved_with_snippets_that_there_are_and_a_job_says_them(
    house: House,
) -> None:
    await add(house, "bye", "Bo & Co\n{{ first_name }}")
    async with house.database.as_workspace(house.workspace.id) as connection:
        given: dict[str, Any] = {"name": "T", "now": house.clock.now}
        unknown = Content(channel=Channel.SMS, body="{% render 'no' %}")
        with pytest.raises(Invalid):
            await save_template(connection, ANA, content=unknown, **given)
        mail = Content(
            channel=Channel.EMAIL, subject="{% render 'bye' %}", body="<p>{% render 'bye' %}</p>"
        )
        saved = await save_template(connection, ANA, content=mail, **given)
        texts = await store.snippet_texts(connection, house.workspace.id)
    made = render(saved, {"first_name": "<i>"}, texts)
    assert made.subject == "Bo & Co <i>"
    assert made.body == "<p>Bo &amp; Co<br>\n&lt;i&gt;</p>"
