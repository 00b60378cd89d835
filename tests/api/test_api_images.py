"""Pictures for mails: uploaded, listed, shown to everybody, deleted when nothing shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.content.images.image import MAX_BYTES
from support.pictures import CAMERA, from_a_camera, picture
from support.serving import count

if TYPE_CHECKING:
    import httpx

IMAGES = "/api/v1/images"


async def _upload(
    client: httpx.AsyncClient, content: bytes, name: str = "logo.png"
) -> httpx.Response:
    return await client.post(IMAGES, files={"file": (name, content, "image/png")})


async def _uploaded(client: httpx.AsyncClient, content: bytes, name: str = "logo.png") -> Any:
    answer = await _upload(client, content, name)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_picture_is_uploaded_and_shown_to_everybody(
    ana: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    made = await _uploaded(ana, from_a_camera("JPEG"), "van.jpg")
    assert made["url"] == f"/images/{made['id']}"
    assert (made["name"], made["content_type"]) == ("van.jpg", "image/jpeg")
    assert (made["width"], made["height"], made["uploaded_by"]) == (24, 16, "Ana")
    shown = await nobody.get(made["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"] == "inline"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "immutable" in shown.headers["cache-control"]
    assert "set-cookie" not in shown.headers
    assert len(shown.content) == made["bytes"]
    assert shown.content.startswith(b"\xff\xd8")
    assert CAMERA.encode() not in shown.content


async def test_the_same_picture_twice_is_one_image_in_each_workspace(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, dsn: str
) -> None:
    first = await _uploaded(ana, picture(), "first.png")
    again = await _uploaded(ana, picture(), "again.png")
    assert again == first
    elsewhere = await _uploaded(stranger, picture(), "theirs.png")
    assert elsewhere["id"] != first["id"]
    assert count(dsn, "select count(*) from broadcast.images") == 2
    assert [each["id"] for each in (await stranger.get(IMAGES)).json()["images"]] == [
        elsewhere["id"]
    ]


async def test_images_are_listed_page_by_page_the_newest_first(ana: httpx.AsyncClient) -> None:
    colors = ["red", "green", "blue", "white", "black"]
    made = [await _uploaded(ana, picture(color=color), f"{color}.png") for color in colors]
    pages = []
    after: str | None = ""
    while after is not None:
        page = (await ana.get(IMAGES, params={"limit": 2, "after": after})).json()
        pages.append([each["name"] for each in page["images"]])
        after = page["next"]
    assert pages == [["black.png", "white.png"], ["blue.png", "green.png"], ["red.png"]]
    everything = (await ana.get(IMAGES)).json()
    assert everything == {"images": made[::-1], "next": None}


async def test_a_page_after_no_image_is_refused(ana: httpx.AsyncClient) -> None:
    answer = await ana.get(IMAGES, params={"after": "last"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/after"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Choose a PNG"),
        (b"", "empty"),
        (b"\0" * (MAX_BYTES + 1), "5 MB is the most"),
    ],
    ids=["svg", "empty", "large"],
)
async def test_what_is_no_good_picture_is_refused_at_the_file(
    ana: httpx.AsyncClient, dsn: str, content: bytes, words: str
) -> None:
    answer = await _upload(ana, content)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/file"
    assert words in error["detail"]
    assert count(dsn, "select count(*) from broadcast.images") == 0


@pytest.mark.parametrize("sent", [{"data": {"file": "text"}}, {"json": {}}, {"content": b"x"}])
async def test_a_request_without_a_file_is_told_what_is_missing(
    ana: httpx.AsyncClient, sent: dict[str, Any]
) -> None:
    answer = await ana.post(IMAGES, **sent)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/file"]


@pytest.mark.parametrize("image", ["607331f1-ee67-4326-9513-c236d93d9701", "7", "x" * 300, "%00"])
async def test_an_image_that_is_not_there_is_not_found(
    nobody: httpx.AsyncClient, image: str
) -> None:
    answer = await nobody.get(f"/images/{image}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no such image."
    assert "cache-control" not in answer.headers


async def test_an_image_that_nothing_shows_is_deleted(
    ana: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    made = await _uploaded(ana, picture())
    assert (await ana.delete(f"{IMAGES}/{made['id']}")).status_code == 204
    assert (await nobody.get(made["url"])).status_code == 404
    assert (await ana.delete(f"{IMAGES}/{made['id']}")).status_code == 404
    assert (await ana.get(IMAGES)).json()["images"] == []


async def test_an_image_that_a_step_or_a_template_shows_stays_and_the_places_are_named(
    ana: httpx.AsyncClient, nobody: httpx.AsyncClient, dsn: str
) -> None:
    made = await _uploaded(ana, picture(), "van.png")
    broadcast = (await ana.post("/api/v1/broadcasts", json={"name": "Spring offer"})).json()
    document = {
        "kind": "blocks",
        "blocks": [{"id": "a", "type": "image", "src": made["url"], "alt": "A van"}],
    }
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update broadcast.broadcast_steps set email = %s where broadcast_id = %s",
            [psycopg.types.json.Jsonb(document), broadcast["id"]],
        )
    mail = {
        "name": "Welcome",
        "channel": "email",
        "subject": "Hi",
        "body": f'<img src="{made["url"].upper()}" alt="">',
    }
    await ana.post("/api/v1/templates", json=mail)
    refused = await ana.delete(f"{IMAGES}/{made['id']}")
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "“van.png” is shown by step 1 of the broadcast “Spring offer” and the template “Welcome”. "
        "Take it out there first."
    )
    assert (await nobody.get(made["url"])).status_code == 200

    await ana.delete(f"/api/v1/broadcasts/{broadcast['id']}")
    with psycopg.connect(dsn) as connection:
        connection.execute("delete from broadcast.templates")
    assert (await ana.delete(f"{IMAGES}/{made['id']}")).status_code == 204


async def test_what_can_be_begun_or_brought_back_shows_it_too(ana: httpx.AsyncClient) -> None:
    made = await _uploaded(ana, picture(), "van.png")
    told = {"name": "Van", "body": f"See {made['url']}"}
    template = (await ana.post("/api/v1/templates", json=told)).json()
    path = f"/api/v1/templates/{template['id']}"
    await ana.patch(path, json={"version": 1, "body": "See nothing"})
    only_version = await ana.delete(f"{IMAGES}/{made['id']}")
    assert only_version.json()["detail"] == (
        "“van.png” is shown by version 1 of the template “Van”. "
        "It stays, for these can be brought back."
    )
    draft = (await ana.post("/api/v1/broadcasts", json={"name": "Draft"})).json()
    step = f"/api/v1/broadcasts/{draft['id']}/steps/{draft['steps'][0]['id']}"
    await ana.patch(step, json={"version": draft["version"], "body": told["body"]})
    kept = {"name": "Vans", "broadcast_id": draft["id"]}
    assert (await ana.post("/api/v1/sequence-templates", json=kept)).status_code == 201
    await ana.delete(f"/api/v1/broadcasts/{draft['id']}")
    refused = await ana.delete(f"{IMAGES}/{made['id']}")
    assert refused.json()["detail"] == (
        "“van.png” is shown by version 1 of the template “Van” and the sequence “Vans”. "
        "Take it out there first."
    )


async def test_of_many_places_some_are_named(ana: httpx.AsyncClient) -> None:
    made = await _uploaded(ana, picture(), "van.png")
    for number in range(7):
        text = {"name": f"Text {number}", "body": f"See {made['url']}"}
        await ana.post("/api/v1/templates", json=text)
    refused = (await ana.delete(f"{IMAGES}/{made['id']}")).json()
    assert refused["detail"].endswith(
        "the template “Text 4” and more places. Take it out there first."
    )
    assert len(refused["errors"]) == 6


async def test_a_place_in_another_workspace_does_not_count(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _uploaded(ana, picture())
    await stranger.post("/api/v1/templates", json={"name": "Theirs", "body": made["url"]})
    assert (await ana.delete(f"{IMAGES}/{made['id']}")).status_code == 204
