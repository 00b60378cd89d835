"""Templates with versions, an archive and a library, as a caller sees them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    import httpx

TEMPLATES = "/api/v1/templates"
JOBS = "/api/v1/queue-services/jobs"
MAIL: dict[str, Any] = {
    "name": "News",
    "channel": "email",
    "category": "newsletter",
    "subject": "News",
    "preheader": "In short",
    "email": {"kind": "blocks", "blocks": [{"id": "a", "type": "heading", "text": "Hello"}]},
}


async def make(client: httpx.AsyncClient, name: str = "Greeting", **more: Any) -> dict[str, Any]:
    answer = await client.post(TEMPLATES, json={"name": name, "body": "Hi", **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def change(client: httpx.AsyncClient, template: dict[str, Any], **what: Any) -> Any:
    answer = await client.patch(
        f"{TEMPLATES}/{template['id']}", json={"version": template["version"], **what}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def names(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get(TEMPLATES, params=asked)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["templates"]]


def pointers(answer: httpx.Response, status: int = 422) -> list[str]:
    assert answer.status_code == status, answer.text
    return [each["pointer"] for each in answer.json()["errors"]]


# --- saving


async def test_an_email_of_blocks_is_kept_as_it_is_given(ana: httpx.AsyncClient) -> None:
    made = (await ana.post(TEMPLATES, json=MAIL)).json()
    assert {key: made[key] for key in MAIL} == MAIL
    assert (made["version"], made["body"], made["archived_at"]) == (1, "", None)
    assert (await ana.get(f"{TEMPLATES}/{made['id']}")).json() == made


@pytest.mark.parametrize(
    ("what", "pointer"),
    [
        ({"email": {"kind": "pdf"}}, "/email/kind"),
        ({"email": {}}, "/email/kind"),
        ({"email": None}, "/body"),
        ({"subject": "two\nlines"}, "/subject"),
        ({"preheader": "two\nlines"}, "/preheader"),
        ({"preheader": "{{ first_name"}, "/preheader"),
        ({"body": "{% if %}"}, "/body"),
        ({"channel": "sms", "subject": None, "preheader": "", "body": "Hi"}, "/email"),
        ({"channel": "sms", "subject": None, "email": None, "body": "Hi"}, "/preheader"),
        ({"category": "spam"}, "/category"),
    ],
)
async def test_what_cannot_be_sent_is_refused_at_its_place(
    ana: httpx.AsyncClient, what: dict[str, Any], pointer: str
) -> None:
    assert pointers(await ana.post(TEMPLATES, json={**MAIL, **what})) == [pointer]
    assert await names(ana) == []


async def test_an_email_that_is_too_large_is_refused(ana: httpx.AsyncClient) -> None:
    email = {"kind": "html", "html": "x" * 500_001}
    assert pointers(await ana.post(TEMPLATES, json={**MAIL, "email": email})) == ["/email/html"]


async def test_each_save_of_the_content_makes_a_version(ana: httpx.AsyncClient) -> None:
    one = await make(ana)
    two = await change(ana, one, body="Hi there", note="Friendlier")
    assert (two["version"], two["body"]) == (2, "Hi there")
    # The same content, a name and a category are no news of what the template says.
    same = await change(ana, two, body="Hi there", name="Hello", category="welcome")
    assert (same["version"], same["name"], same["category"]) == (2, "Hello", "welcome")
    versions = (await ana.get(f"{TEMPLATES}/{one['id']}/versions")).json()
    assert [(each["version"], each["note"]) for each in versions["versions"]] == [
        (2, "Friendlier"),
        (1, ""),
    ]
    former = (await ana.get(f"{TEMPLATES}/{one['id']}/versions/1")).json()
    assert (former["body"], former["created_by"]) == ("Hi", one["created_by"])


async def test_the_versions_come_in_pages(ana: httpx.AsyncClient) -> None:
    template = await make(ana)
    for number in range(4):
        template = await change(ana, template, body=f"Hi {number}")
    address = f"{TEMPLATES}/{template['id']}/versions"
    first = (await ana.get(address, params={"limit": 3})).json()
    rest = (await ana.get(address, params={"limit": 3, "before": first["next"]})).json()
    seen = [each["version"] for page in (first, rest) for each in page["versions"]]
    assert (seen, rest["next"]) == ([5, 4, 3, 2, 1], None)


async def test_who_has_read_an_older_version_is_told_who_saved(ana: httpx.AsyncClient) -> None:
    one = await make(ana)
    two = await change(ana, one, body="Theirs")
    mine = await ana.patch(f"{TEMPLATES}/{one['id']}", json={"version": 1, "body": "Mine"})
    assert pointers(mine, 409) == ["/version"]
    assert two["updated_by"] in mine.json()["detail"]
    assert (await ana.get(f"{TEMPLATES}/{one['id']}")).json() == two


async def test_of_two_who_save_at_once_one_is_told(ana: httpx.AsyncClient) -> None:
    one = await make(ana)
    answers = await asyncio.gather(
        *(
            ana.patch(f"{TEMPLATES}/{one['id']}", json={"version": 1, "body": text})
            for text in ("Mine", "Theirs")
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    assert (await ana.get(f"{TEMPLATES}/{one['id']}")).json()["version"] == 2


async def test_a_name_that_is_taken_is_refused_also_in_a_change(ana: httpx.AsyncClient) -> None:
    await make(ana, "Greeting")
    other = await make(ana, "Other")
    answer = await ana.patch(f"{TEMPLATES}/{other['id']}", json={"version": 1, "name": "GREETING"})
    assert pointers(answer, 409) == ["/name"]
    # Its own name in another case is free.
    assert (await change(ana, other, name="OTHER"))["name"] == "OTHER"


async def test_a_wrong_text_is_refused_and_makes_no_version(ana: httpx.AsyncClient) -> None:
    one = await make(ana)
    answer = await ana.patch(
        f"{TEMPLATES}/{one['id']}", json={"version": 1, "body": "{{ x", "name": "Other"}
    )
    assert pointers(answer) == ["/body"]
    assert (await ana.get(f"{TEMPLATES}/{one['id']}")).json() == one


# --- bringing back


async def test_restoring_makes_a_new_version_and_loses_none(ana: httpx.AsyncClient) -> None:
    one = await make(ana)
    two = await change(ana, one, body="Changed")
    address = f"{TEMPLATES}/{one['id']}"
    restored = await ana.post(f"{address}/restore", json={"version": 1, "if_version": 2})
    assert restored.status_code == 200
    assert (restored.json()["version"], restored.json()["body"]) == (3, "Hi")
    kept = [(await ana.get(f"{address}/versions/{n}")).json()["body"] for n in (1, 2, 3)]
    assert kept == ["Hi", two["body"], "Hi"]
    notes = (await ana.get(f"{address}/versions")).json()["versions"]
    assert notes[0]["note"] == "Restored from version 1"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"version": 1, "if_version": 1}, 409),
        ({"version": 2, "if_version": 2}, 409),
        ({"version": 9, "if_version": 2}, 404),
    ],
)
async def test_what_cannot_be_restored_changes_nothing(
    ana: httpx.AsyncClient, asked: dict[str, int], status: int
) -> None:
    one = await make(ana)
    two = await change(ana, one, body="Changed")
    answer = await ana.post(f"{TEMPLATES}/{one['id']}/restore", json=asked)
    assert answer.status_code == status
    assert (await ana.get(f"{TEMPLATES}/{one['id']}")).json() == two


async def test_the_difference_of_two_versions_is_told_in_parts(ana: httpx.AsyncClient) -> None:
    one = (await ana.post(TEMPLATES, json=MAIL)).json()
    blocks = [{"id": "a", "type": "heading", "text": "Good morning"}]
    await change(ana, one, subject="News of May", email={"kind": "blocks", "blocks": blocks})
    address = f"{TEMPLATES}/{one['id']}/versions"
    found = (await ana.get(f"{address}/1/difference")).json()
    assert (found["before"], found["after"]) == (1, 2)
    assert found["fields"] == [
        {
            "field": "subject",
            "parts": [{"kind": "same", "text": "News"}, {"kind": "added", "text": " of May"}],
        }
    ]
    (block,) = found["blocks"]
    assert (block["change"], block["id"], block["type"]) == ("changed", "a", "heading")
    back = (await ana.get(f"{address}/2/difference", params={"to": 1})).json()
    assert back["fields"][0]["parts"][1] == {"kind": "removed", "text": " of May"}
    assert (await ana.get(f"{address}/1/difference", params={"to": 7})).status_code == 404


@pytest.mark.parametrize("role", ["clarion_app", "clarion_worker"])
@pytest.mark.parametrize("change", ["update {} set body = ''", "delete from {}", "truncate {}"])
def test_a_version_can_be_neither_changed_nor_taken_away(dsn: str, role: str, change: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("select set_config('role', %s, true)", [role])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change.format("broadcast.template_versions").encode())


# --- copies, archive, library


async def test_a_copy_is_a_template_of_its_own(ana: httpx.AsyncClient) -> None:
    one = (await ana.post(TEMPLATES, json=MAIL)).json()
    copies = [
        (await ana.post(f"{TEMPLATES}/{one['id']}/duplicate", json={})).json() for _ in range(2)
    ]
    assert [each["name"] for each in copies] == ["Copy of News", "Copy of News 2"]
    assert copies[0]["email"] == one["email"]
    assert copies[0]["category"] == "newsletter"
    await change(ana, copies[0], subject="Other")
    assert (await ana.get(f"{TEMPLATES}/{one['id']}")).json()["subject"] == "News"
    taken = await ana.post(f"{TEMPLATES}/{one['id']}/duplicate", json={"name": "news"})
    assert pointers(taken, 409) == ["/name"]


async def test_the_archive_is_out_of_the_list_and_jobs_still_get_their_text(
    ana: httpx.AsyncClient,
) -> None:
    one, _ = await make(ana, "Old"), await make(ana, "Current")
    address = f"{TEMPLATES}/{one['id']}"
    archived = (await ana.post(f"{address}/archive")).json()
    assert archived["archived_at"] is not None
    assert (await ana.post(f"{address}/archive")).json() == archived
    assert await names(ana) == ["Current"]
    assert await names(ana, archived=True) == ["Old"]
    job = await ana.post(JOBS, json={"to": "+15125550101", "template_id": one["id"]})
    assert job.status_code == 201, job.text
    assert (await ana.post(f"{address}/unarchive")).json()["archived_at"] is None
    assert await names(ana, sort="name") == ["Current", "Old"]


async def test_the_library_is_read_and_saved_as_ones_own(ana: httpx.AsyncClient) -> None:
    library = (await ana.get("/api/v1/template-library")).json()["templates"]
    assert {each["channel"] for each in library} == {"sms", "email"}
    for entry in library:
        made = (await ana.post(TEMPLATES, json={"from_library": entry["key"]})).json()
        parts = ("name", "channel", "category", "subject", "preheader", "body", "email")
        assert {key: made[key] for key in parts} == {key: entry[key] for key in parts}
        assert made["from_library"] == entry["key"]
    again = (await ana.post(TEMPLATES, json={"from_library": library[0]["key"]})).json()
    assert again["name"] == f"{library[0]['name']} 2"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"from_library": "nothing"}, ["/from_library"]),
        ({"from_library": "sms-welcome", "body": "Mine", "note": "x"}, ["/body", "/note"]),
        ({"from_library": "sms-welcome", "name": " "}, ["/name"]),
        ({"body": "Hi"}, ["/name"]),
    ],
)
async def test_what_is_no_template_of_the_library_is_refused(
    ana: httpx.AsyncClient, asked: dict[str, Any], expected: list[str]
) -> None:
    assert pointers(await ana.post(TEMPLATES, json=asked)) == expected


async def test_a_job_cannot_name_an_email_of_blocks(ana: httpx.AsyncClient) -> None:
    template = (await ana.post(TEMPLATES, json=MAIL)).json()
    job = {"to": "ann@example.com", "template_id": template["id"]}
    assert pointers(await ana.post(JOBS, json=job)) == ["/template_id"]


# --- finding


async def test_templates_are_found_by_words_channel_and_category(ana: httpx.AsyncClient) -> None:
    await make(ana, "Reminder", body="Your visit is tomorrow", category="reminder")
    await make(ana, "Offer", body="Half the price", category="promotion")
    await ana.post(TEMPLATES, json={**MAIL, "subject": "Half a year"})
    assert await names(ana, search="TOMORROW") == ["Reminder"]
    assert await names(ana, search="half", sort="name") == ["News", "Offer"]
    assert await names(ana, search="half", channel="email") == ["News"]
    assert await names(ana, category="promotion") == ["Offer"]
    assert await names(ana, search="nothing") == []


async def test_each_order_is_read_page_by_page(ana: httpx.AsyncClient) -> None:
    made = [await make(ana, name) for name in ("b", "D", "a", "C", "e")]
    await change(ana, made[1], body="Saved last")
    orders = {
        "name": ["a", "b", "C", "D", "e"],
        "created": ["e", "C", "a", "D", "b"],
        "updated": ["D", "e", "C", "a", "b"],
    }
    for sort, wanted in orders.items():
        seen: list[str] = []
        after: str | None = None
        while True:
            asked: dict[str, str | int] = {"sort": sort, "limit": 2}
            if after is not None:
                asked["after"] = after
            page = (await ana.get(TEMPLATES, params=asked)).json()
            seen += [each["name"] for each in page["templates"]]
            after = page["next"]
            if after is None:
                break
        assert seen == wanted, sort


async def test_a_mark_of_another_list_is_refused(ana: httpx.AsyncClient) -> None:
    for name in ("a", "b"):
        await make(ana, name)
    mark = (await ana.get(TEMPLATES, params={"limit": 1})).json()["next"]
    for after, sort in ((mark, "name"), ("nothing", "updated"), (str(uuid4()), "created")):
        answer = await ana.get(TEMPLATES, params={"after": after, "sort": sort})
        assert pointers(answer) == ["/after"]


async def test_another_workspace_sees_and_changes_nothing(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    one = await make(ana)
    address = f"{TEMPLATES}/{one['id']}"
    assert await names(stranger) == []
    answers = [
        await stranger.patch(address, json={"version": 1, "body": "Theirs"}),
        await stranger.post(f"{address}/duplicate", json={}),
        await stranger.post(f"{address}/archive"),
        await stranger.post(f"{address}/restore", json={"version": 1, "if_version": 1}),
        await stranger.get(f"{address}/versions"),
        await stranger.get(f"{address}/versions/1"),
        await stranger.get(f"{address}/versions/1/difference"),
    ]
    assert {each.status_code for each in answers} == {404}
    assert (await ana.get(address)).json() == one
