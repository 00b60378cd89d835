"""Files that go along with the email of a step: uploaded, listed, removed, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.broadcasts.files.file import MOST_BYTES, MOST_FILES
from support.serving import count

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

PDF = b"%PDF-1.7 " + b"x" * 500


async def _broadcast(client: httpx.AsyncClient) -> Any:
    return (await client.post("/api/v1/broadcasts", json={"broadcast_type": "email"})).json()


def _files(broadcast: Any, place: int = 0) -> str:
    return f"/api/v1/broadcasts/{broadcast['id']}/steps/{broadcast['steps'][place]['id']}/files"


async def _upload(
    client: httpx.AsyncClient,
    files: str,
    name: str = "Angebot für Zoë.pdf",
    content: bytes = PDF,
) -> httpx.Response:
    headers = {"content-type": "application/pdf"}
    return await client.post(files, params={"name": name}, content=content, headers=headers)


async def test_files_are_added_listed_and_removed(ana: httpx.AsyncClient) -> None:
    files = _files(await _broadcast(ana))
    empty = (await ana.get(files)).json()
    assert empty == {
        "files": [],
        "bytes": 0,
        "most_bytes": MOST_BYTES,
        "most_files": MOST_FILES,
    }
    first = await _upload(ana, files)
    assert first.status_code == 201
    made = first.json()
    assert (made["name"], made["content_type"]) == ("Angebot für Zoë.pdf", "application/pdf")
    assert made["bytes"] == len(PDF)
    # What was tried again because its answer was lost adds nothing; other content is another file.
    assert (await _upload(ana, files)).json() == made
    other = (await _upload(ana, files, content=PDF + b"2")).json()
    listed = (await ana.get(files)).json()
    assert [each["id"] for each in listed["files"]] == [made["id"], other["id"]]
    assert listed["bytes"] == 2 * len(PDF) + 1
    assert (await ana.delete(f"{files}/{made['id']}")).status_code == 204
    assert (await ana.delete(f"{files}/{made['id']}")).status_code == 404
    assert [each["id"] for each in (await ana.get(files)).json()["files"]] == [other["id"]]


@pytest.mark.parametrize(
    ("name", "content", "pointer", "words"),
    [
        ("setup.exe", PDF, "/name", ".exe files"),
        ("offer.pdf", b"MZ" + PDF, "/file", "is a program"),
        ("offer.pdf", b"", "/file", "is empty"),
        ("", PDF, "/name", "Give the file a name"),
        ("offer.pdf", b"x" * (MOST_BYTES + 1), "/file", "“offer.pdf” is larger than 5.1 MB"),
    ],
)
async def test_what_mailboxes_refuse_is_refused(
    ana: httpx.AsyncClient, dsn: str, name: str, content: bytes, pointer: str, words: str
) -> None:
    answer = await _upload(ana, _files(await _broadcast(ana)), name, content)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert words in error["detail"]
    assert count(dsn, "select count(*) from broadcast.step_files") == 0


async def test_an_upload_without_end_is_cut_off_at_the_limit(ana: httpx.AsyncClient) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 60 * MOST_BYTES:
            given += 1 << 20
            yield b"x" * (1 << 20)

    files = _files(await _broadcast(ana))
    answer = await ana.post(files, params={"name": "a.pdf"}, content=endless())
    assert answer.status_code in (413, 422)
    assert given < 3 * MOST_BYTES


async def test_a_sixth_file_is_one_too_many(ana: httpx.AsyncClient) -> None:
    files = _files(await _broadcast(ana))
    for number in range(MOST_FILES):
        assert (await _upload(ana, files, f"{number}.pdf")).status_code == 201
    refused = await _upload(ana, files, "sixth.pdf")
    assert refused.status_code == 422
    assert "5 files at most" in refused.json()["detail"]


async def test_files_stay_with_a_copy_of_the_step_and_of_the_broadcast(
    ana: httpx.AsyncClient,
) -> None:
    broadcast = await _broadcast(ana)
    await _upload(ana, _files(broadcast))
    path = f"/api/v1/broadcasts/{broadcast['id']}"
    step = broadcast["steps"][0]["id"]
    two = (
        await ana.post(f"{path}/steps/{step}/duplicate", json={"version": broadcast["version"]})
    ).json()
    copied = (await ana.post(f"{path}/duplicate", json={})).json()
    for files in (_files(two, 1), _files(copied, 0), _files(copied, 1)):
        assert [each["name"] for each in (await ana.get(files)).json()["files"]] == [
            "Angebot für Zoë.pdf"
        ]


async def test_a_step_that_has_begun_keeps_its_files(ana: httpx.AsyncClient, dsn: str) -> None:
    broadcast = await _broadcast(ana)
    files = _files(broadcast)
    made = (await _upload(ana, files)).json()
    with psycopg.connect(dsn) as connection:
        connection.execute("update broadcast.broadcasts set status = 'sending'")
        connection.execute("update broadcast.broadcast_steps set status = 'sending'")
    for answer in (
        await _upload(ana, files, "late.pdf"),
        await ana.delete(f"{files}/{made['id']}"),
    ):
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("This step has begun")
    assert len((await ana.get(files)).json()["files"]) == 1
