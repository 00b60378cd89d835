"""How much a request may bring, what every answer carries, and what lies at other addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from clarion.api.limits import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

JSON = {"content-type": "application/json"}
COUNT = "/api/v1/audience/count"

#: A count of everybody, padded to a length.
_START, _END = b'{"filter": {"match": "all", "conditions": []}', b"}"


def _body(length: int) -> bytes:
    return _START + b" " * (length - len(_START) - len(_END)) + _END


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_a_body_of_the_largest_size_is_read(ana: httpx.AsyncClient) -> None:
    answer = await ana.post(COUNT, content=_body(MAX_BODY), headers=JSON)
    assert answer.status_code == 200


async def test_a_body_that_declares_to_be_too_large_is_refused(ana: httpx.AsyncClient) -> None:
    answer = await ana.post(COUNT, content=_body(MAX_BODY + 1), headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "A request may have 8 MB at most."


async def test_a_body_that_is_too_large_without_saying_so_is_refused(
    ana: httpx.AsyncClient,
) -> None:
    content = _in_pieces(_body(MAX_BODY + 1))
    answer = await ana.post(COUNT, content=content, headers=JSON)
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413


async def test_a_body_in_pieces_is_read(ana: httpx.AsyncClient) -> None:
    content = _in_pieces(_body(1_000_000))
    assert (await ana.post(COUNT, content=content, headers=JSON)).status_code == 200


async def test_a_callback_that_is_too_large_is_refused(nobody: httpx.AsyncClient) -> None:
    for path in ("twilio/status", "twilio/inbound", "sendgrid/events"):
        content = _in_pieces(b"x" * (MAX_BODY + 1))
        answer = await nobody.post(f"/api/v1/callbacks/{path}", content=content)
        assert answer.status_code == 413


async def test_a_length_that_is_no_number_is_refused(ana: httpx.AsyncClient) -> None:
    answer = await ana.post(COUNT, content=b"{}", headers={**JSON, "content-length": "many"})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing", "/api/v2/broadcasts"])
async def test_an_unknown_address_of_the_api_is_a_problem_and_no_page(
    ana: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await ana.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is nothing at this address."


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/api/v1/me"), ("GET", COUNT), ("PUT", "/api/v1/broadcasts/7")],
)
async def test_another_method_at_a_known_address_is_told_so(
    ana: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await ana.request(method, path)
    assert answer.status_code == 405
    assert answer.json()["title"] == "Method Not Allowed"


async def test_every_other_address_shows_the_app(nobody: httpx.AsyncClient) -> None:
    pages = [await nobody.get(path) for path in ("/", "/broadcasts/7/tracking", "/sign-in?token=x")]
    assert {page.status_code for page in pages} <= {200, 404}
    assert len({page.text for page in pages}) == 1
    if pages[0].status_code == 200:
        assert pages[0].headers["content-type"].startswith("text/html")
        assert pages[0].headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/" + "x" * 300, "/%00", "/..%2f..%2fpyproject.toml", "/%2e%2e/x", "/a\\b"]
)
async def test_a_strange_address_shows_the_app_too(nobody: httpx.AsyncClient, path: str) -> None:
    answer = await nobody.get(path)
    assert answer.status_code == (await nobody.get("/")).status_code
    assert "[project]" not in answer.text


async def test_the_page_of_the_docs_loads_nothing_from_elsewhere(
    nobody: httpx.AsyncClient,
) -> None:
    page = await nobody.get("/api/v1/docs")
    assert page.status_code in (200, 404)
    if page.status_code == 404:
        assert page.json()["detail"] == "The web app is not built: run script/build-web."
        return
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text
    # The policy allows no script in the page itself.
    assert "<script>" not in page.text


async def test_the_policy_lets_no_other_site_in(nobody: httpx.AsyncClient) -> None:
    policy = (await nobody.get("/health")).headers["content-security-policy"].split("; ")
    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert not any("script-src" in each and "unsafe" in each for each in policy)


async def test_the_process_says_that_it_is_alive_and_ready(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/health")).json() == {"status": "ok"}
    assert (await nobody.get("/ready")).json() == {"status": "ready"}


async def test_a_bug_is_a_problem_like_any_other(ana: httpx.AsyncClient, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("drop table broadcast.queue_jobs cascade")
    answer = await ana.get("/api/v1/queue-services/jobs")
    assert answer.status_code == 500
    # Nothing of the inside is told: it stands in the log.
    assert "queue_jobs" not in answer.text


STRANGE = {
    "a nul": "a\0b",
    "half a surrogate pair": "\\ud800",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
async def test_text_that_cannot_be_stored_is_refused(ana: httpx.AsyncClient, text: str) -> None:
    written = text if text.startswith("\\") else json.dumps(text)[1:-1]
    broadcast = (await ana.post("/api/v1/broadcasts", json={})).json()
    path = f"/api/v1/broadcasts/{broadcast['id']}"
    sms = '{"channel": "sms", "to": "+15125550101", "body": "Hi"}'
    requests = [
        ("POST", "/api/v1/broadcasts", f'{{"name": "{written}"}}'),
        ("PATCH", path, f'{{"version": 1, "name": "{written}"}}'),
        (
            "PATCH",
            f"{path}/steps/{broadcast['steps'][0]['id']}",
            f'{{"version": 1, "body": "{written}"}}',
        ),
        (
            "POST",
            "/api/v1/queue-services/jobs",
            f'{{"channel": "sms", "to": "+15125550101", "body": "{written}"}}',
        ),
        *(
            ("POST", "/api/v1/queue-services/jobs", sms.replace("}", f", {more}}}"))
            for more in (f'"metadata": {{"note": "{written}"}}', f'"idempotency_key": "{written}"')
        ),
    ]
    for method, where, content in requests:
        answer = await ana.request(method, where, content=content, headers=JSON)
        assert answer.status_code == 422, (where, content, answer.text)


async def test_a_search_for_a_nul_is_refused(ana: httpx.AsyncClient) -> None:
    for path in ("/api/v1/broadcasts", "/api/v1/audience/values?field=first_name"):
        answer = await ana.get(path, params={"search": "a\0", "field": "first_name"})
        assert answer.status_code == 422, path
