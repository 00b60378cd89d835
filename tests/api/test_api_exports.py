"""Exports over HTTP: ask, follow, take the file."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from support.serving import Person, add_people, count, until
from support.whole import whole

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

PATH = "/api/v1/exports"
EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}
TEXAS: dict[str, Any] = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}
PEOPLE = [
    Person(first_name="Ann", phone_number="+15125550101", metadata={"state": "TX"}),
    Person(first_name="=1+1", metadata={"state": "TX"}),
    Person(first_name="Zoë", metadata={"state": "NY"}),
]


async def _ask(ana: httpx.AsyncClient, **body: object) -> Any:
    answer = await ana.post(PATH, json={"filter": EVERYBODY, **body})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def _written(ana: httpx.AsyncClient, clarion: Clarion, **body: object) -> Any:
    asked = await _ask(ana, **body)
    await clarion.export_writer.write(UUID(asked["id"]))
    return (await ana.get(f"{PATH}/{asked['id']}")).json()


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


async def test_an_export_from_the_asking_to_the_file(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    await add_people(clarion, PEOPLE)
    asked = await _ask(ana, filter=TEXAS, columns=["first_name", "metadata.state"])
    assert (asked["status"], asked["total"], asked["done"]) == ("waiting", None, 0)
    assert (asked["asked_by"], asked["problem"], asked["expires_at"]) == ("Ana", None, None)
    early = await ana.get(f"{PATH}/{asked['id']}/file")
    assert early.status_code == 409
    assert "has not begun" in early.json()["detail"]

    await clarion.export_writer.write(UUID(asked["id"]))
    done = (await ana.get(f"{PATH}/{asked['id']}")).json()
    assert (done["status"], done["total"], done["done"]) == ("done", 2, 2)
    assert done["finished_at"] < done["expires_at"]

    answer = await ana.get(f"{PATH}/{asked['id']}/file", headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content) == done["bytes"]
    assert re.fullmatch(
        r'attachment; filename="contacts-\d{4}-\d\d-\d\d-\d{4}\.csv"',
        answer.headers["content-disposition"],
    )
    header, *rows = _cells(answer.text)
    assert header == ["First name", "State"]
    assert sorted(rows) == [["'=1+1", "TX"], ["Ann", "TX"]]


async def test_the_file_travels_compressed_to_whom_takes_it(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    await add_people(clarion, PEOPLE)
    export = await _written(ana, clarion, columns=["first_name"], excel=True)
    path = f"{PATH}/{export['id']}/file"
    plain = await ana.get(path, headers={"accept-encoding": "identity"})
    async with ana.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(raw)
    assert gzip.decompress(raw) == plain.content
    assert plain.content.startswith(b"\xef\xbb\xbfFirst name\r\n")
    assert (await ana.get(path)).content == plain.content
    assert "Zoë" in plain.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"columns": ["metadata.nothing"]}, "/columns/0"),
        ({"columns": ["@segment"]}, "/columns/0"),
        ({"columns": []}, "/columns"),
        ({"columns": "id"}, "/columns"),
        ({"filter": TEXAS}, "/filter/conditions/0/field"),
        ({"excel": "maybe"}, "/excel"),
        ({"fields": []}, "/fields"),
    ],
)
async def test_what_cannot_be_exported_is_refused(
    ana: httpx.AsyncClient, dsn: str, body: dict[str, object], pointer: str
) -> None:
    answer = await ana.post(PATH, json={"filter": EVERYBODY, **body})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert count(dsn, "select count(*) from broadcast.exports") == 0


async def test_an_export_is_called_off(ana: httpx.AsyncClient, clarion: Clarion) -> None:
    asked = await _ask(ana)
    for _ in range(2):
        answer = await ana.delete(f"{PATH}/{asked['id']}")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    await clarion.export_writer.write(UUID(asked["id"]))
    assert (await ana.get(f"{PATH}/{asked['id']}")).json()["status"] == "cancelled"
    assert (await ana.get(f"{PATH}/{asked['id']}/file")).status_code == 409
    done = await _written(ana, clarion)
    assert (await ana.delete(f"{PATH}/{done['id']}")).status_code == 409


async def test_what_was_kept_long_enough_is_told_to_be_gone(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    export = await _written(ana, clarion)
    async with clarion.database.as_worker() as connection:
        await connection.execute(
            "update broadcast.exports set expires_at = expires_at - %s", [timedelta(days=1)]
        )
    assert (await ana.get(f"{PATH}/{export['id']}")).json()["status"] == "expired"
    gone = await ana.get(f"{PATH}/{export['id']}/file")
    assert gone.status_code == 409
    assert "kept for 24 hours" in gone.json()["detail"]


async def test_a_worker_writes_it(settings: Settings) -> None:
    async with whole(settings) as house, house.working():
        await add_people(house.clarion, PEOPLE)
        asked = (await house.client.post(PATH, json={"filter": EVERYBODY})).json()

        async def read() -> Any:
            return (await house.client.get(f"{PATH}/{asked['id']}")).json()

        done = await until(read, lambda each: each["status"] not in ("waiting", "running"))
        assert (done["status"], done["done"]) == ("done", 3)
        answer = await house.client.get(f"{PATH}/{asked['id']}/file")
    assert len(_cells(answer.text)) == 4
