"""Who may call what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
import psycopg
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import WebSocketRoute

from clarion.api import identity
from clarion.api.app import make_app
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.clock import utc_now
from clarion.wiring.settings import Settings
from support.pictures import picture
from support.serving import client_of, count, serving

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

    from clarion.wiring.clarion import Clarion

PUBLIC = {
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/docs"),
    ("GET", "/health"),
    ("GET", "/ready"),
    # By its own token, or from this machine: test_api_operation.
    ("GET", "/metrics"),
    # Mails show them to people who never sign in: test_api_images.
    ("GET", "/images/{image_id}"),
    # By the token of a message: test_api_message_pages.
    ("GET", "/m/{token}/unsubscribe"),
    ("POST", "/m/{token}/unsubscribe"),
    ("GET", "/m/{token}/preferences"),
    ("POST", "/m/{token}/preferences"),
    ("GET", "/m/{token}/view"),
    ("GET", "/m/{token}/open.gif"),
    ("GET", "/m/{token}/to/{number}"),
    # The same for all tests, and of no effect: test_api_step_tests.
    ("GET", "/m/test/{which}"),
    ("POST", "/m/test/{which}"),
    # Proven by a signature instead: test_api_callbacks, test_outside_queue.
    ("POST", "/api/v1/callbacks/twilio/status"),
    ("POST", "/api/v1/callbacks/twilio/inbound"),
    ("POST", "/api/v1/callbacks/sendgrid/events"),
    ("POST", "/api/v1/queue-services/callbacks"),
    # The web app, and what says that there is nothing at an address.
    ("GET", "/{path:path}"),
    *((method, path) for path in ("/api", "/api/{path:path}") for method in (
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    )),
}  # fmt: skip


def _routes() -> list[tuple[str, str]]:
    """Every method and path that the application answers, WebSockets (test_api_live) aside."""
    found = []
    for route in iter_route_contexts(make_app(Settings(database_url="not asked")).routes):
        if isinstance(route.original_route, WebSocketRoute) or not route.methods:
            continue
        found += [(method, str(route.path)) for method in route.methods]
    return sorted(found)


ROUTES = _routes()
CLOSED = [each for each in ROUTES if each not in PUBLIC and each[0] != "HEAD"]
OF_A_THING = [each for each in CLOSED if "{" in each[1]]


def test_the_public_routes_are_among_all_routes() -> None:
    assert set(ROUTES) >= PUBLIC
    assert len(CLOSED) >= 24


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_nobody_is_told_to_sign_in(nobody: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await nobody.request(method, _with_ids(path), json=_body(method, path))
    assert answer.status_code == 401
    assert answer.json()["title"] == "Not signed in"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), OF_A_THING)
async def test_what_another_workspace_has_is_not_there(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, dsn: str, method: str, path: str
) -> None:
    broadcast = (await ana.post("/api/v1/broadcasts", json={"name": "Mine"})).json()
    job = (await ana.post("/api/v1/queue-services/jobs", json=LATER)).json()
    template = (await ana.post("/api/v1/templates", json={"name": "Mine", "body": "Hi"})).json()
    kept = {"name": "Mine", "broadcast_id": broadcast["id"]}
    sequence = (await ana.post("/api/v1/sequence-templates", json=kept)).json()
    hours = {"name": "hours", "text": "9 to 5"}
    snippet = (await ana.post("/api/v1/snippets", json=hours)).json()
    everybody = {"match": "all", "conditions": []}
    segment = (
        await ana.post("/api/v1/segments", json={"name": "Mine", "filter": everybody})
    ).json()
    export = (await ana.post("/api/v1/exports", json={"filter": everybody})).json()
    image = (await ana.post("/api/v1/images", files={"file": ("a.png", picture())})).json()
    step_id = broadcast["steps"][0]["id"]
    files = f"/api/v1/broadcasts/{broadcast['id']}/steps/{step_id}/files"
    file = (await ana.post(files, params={"name": "a.txt"}, content=b"a")).json()
    ids = {
        "file_id": file["id"],
        "image_id": image["id"],
        "export_id": export["id"],
        "template_id": template["id"],
        "sequence_id": sequence["id"],
        "snippet_id": snippet["id"],
        "segment_id": segment["id"],
        "broadcast_id": broadcast["id"],
        "step_id": step_id,
        "job_id": job["id"],
        "version": "1",
    }
    if "{message_id}" in path:
        ids["message_id"] = _message_of(dsn, ids)
    if "{test_id}" in path:
        ids["test_id"] = _test_of(dsn, ids)
    body = _body(method, path)
    mine = await ana.request(method, path.format(**ids), json=body)
    assert mine.status_code != 404
    # The only step of a broadcast stays; what it had attached goes when its steps are replaced.
    gone = method == "DELETE" and not path.endswith("{step_id}")
    gone = gone or (method == "PUT" and path.endswith("/steps"))
    assert await _things(ana, ids) == 7 - gone
    foreign = await stranger.request(method, path.format(**ids), json=body)
    unknown = await stranger.request(method, _with_ids(path), json=body)
    no_id = await stranger.request(method, path.format(**dict.fromkeys(ids, "7")), json=body)
    assert foreign.status_code == 404
    assert foreign.json() == unknown.json() == no_id.json()
    assert await _things(ana, ids) == 7 - gone


def _message_of(dsn: str, ids: dict[str, str]) -> str:
    """A message of the step, as the ledger has it."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "insert into broadcast.messages"
            " (workspace_id, broadcast_id, step_id, channel, address)"
            " values (%s, %s, %s, 'sms', '+15125550101') returning id::text",
            [DEFAULT_WORKSPACE, ids["broadcast_id"], ids["step_id"]],
        ).fetchone()
    assert row is not None
    return str(row[0])


def _test_of(dsn: str, ids: dict[str, str]) -> str:
    """A test that somebody has sent to themselves."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "insert into broadcast.test_messages"
            " (workspace_id, broadcast_id, step_id, channel, address, asked_by, created_at)"
            " values (%s, %s, %s, 'sms', '+15125550101', 'ana', now()) returning id::text",
            [DEFAULT_WORKSPACE, ids["broadcast_id"], ids["step_id"]],
        ).fetchone()
    assert row is not None
    return str(row[0])


async def _things(ana: httpx.AsyncClient, ids: dict[str, str]) -> int:
    broadcast = await ana.get(f"/api/v1/broadcasts/{ids['broadcast_id']}")
    job = await ana.get(f"/api/v1/queue-services/jobs/{ids['job_id']}")
    segment = await ana.get(f"/api/v1/segments/{ids['segment_id']}")
    # An export that is called off stays, as one that was.
    export = (await ana.get(f"/api/v1/exports/{ids['export_id']}")).json()
    image = await ana.get(f"/images/{ids['image_id']}")
    files = f"/api/v1/broadcasts/{ids['broadcast_id']}/steps/{ids['step_id']}/files"
    file = (await ana.get(files)).json()
    snippet = await ana.get(f"/api/v1/snippets/{ids['snippet_id']}")
    answers = [broadcast, job, segment, image, snippet]
    found = [answer.status_code for answer in answers].count(200)
    # Of a broadcast that is gone so are its files: that is one thing less.
    has_file = broadcast.status_code != 200 or len(file["files"]) == 1
    return found + bool(export["status"] == "waiting") + has_file


LATER = {
    "channel": "sms",
    "to": "+15125550101",
    "body": "Hi",
    "scheduled_at": (utc_now() + timedelta(days=1)).isoformat(),
}


def _with_ids(path: str) -> str:
    return path.format(
        broadcast_id=uuid4(),
        step_id=uuid4(),
        job_id=uuid4(),
        template_id=uuid4(),
        sequence_id=uuid4(),
        snippet_id=uuid4(),
        segment_id=uuid4(),
        export_id=uuid4(),
        image_id=uuid4(),
        file_id=uuid4(),
        test_id=uuid4(),
        message_id=uuid4(),
        version=1,
    )


def _body(method: str, path: str) -> dict[str, Any] | None:
    if method not in ("POST", "PATCH", "PUT"):
        return None
    everybody = {"match": "all", "conditions": []}
    bodies: dict[str, dict[str, Any]] = {
        "/api/v1/audience/count": {"filter": everybody},
        "/api/v1/audience/contacts": {"filter": everybody},
        "/api/v1/segments": {"name": "Everybody", "filter": everybody},
        "/api/v1/segments/{segment_id}": {"version": 1},
        "/api/v1/exports": {"filter": everybody},
        "/api/v1/broadcasts/{broadcast_id}/drift/contacts": {"kind": "joined"},
        "/api/v1/broadcasts/{broadcast_id}": {"version": 1},
        "/api/v1/broadcasts/{broadcast_id}/steps/{step_id}": {"version": 1},
        "/api/v1/broadcasts/{broadcast_id}/steps/order": {"version": 1, "order": [str(uuid4())]},
        "/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/effects": {"version": 1},
        "/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/duplicate": {"version": 1},
        "/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/test": {"channel": "sms"},
        "/api/v1/templates/{template_id}": {"version": 1},
        "/api/v1/snippets/{snippet_id}": {"version": 1},
        "/api/v1/sequence-templates/{sequence_id}": {"version": 1},
        "/api/v1/broadcasts/{broadcast_id}/steps": (
            {"version": 1, "from_library": "review"} if method == "PUT" else {"version": 1}
        ),
        "/api/v1/templates/{template_id}/restore": {"version": 1, "if_version": 1},
        "/api/v1/broadcasts/{broadcast_id}/launch": {"version": 1, "expected_recipients": 1},
        "/api/v1/broadcasts/{broadcast_id}/retry-failed": {"expected": 1},
        "/api/schedule-sms": {"phoneNumber": "+15125550101", "message": "Hi"},
        "/api/schedule-email": {"to": "a@example.com", "subject": "Hi", "html": "<p>Hi</p>"},
    }
    return bodies.get(path, {})


async def test_a_step_of_the_own_workspace_that_is_in_no_broadcast_is_not_there(
    ana: httpx.AsyncClient,
) -> None:
    broadcast = (await ana.post("/api/v1/broadcasts", json={})).json()
    path = f"/api/v1/broadcasts/{broadcast['id']}/steps/{uuid4()}"
    answer = await ana.patch(path, json={"version": 1, "body": "Hi"})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no such step."


async def test_a_bearer_token_says_who_calls(ana: httpx.AsyncClient) -> None:
    me = (await ana.get("/api/v1/me")).json()
    assert me["person"] == {"id": "ana", "name": "Ana", "role": "admin"}
    assert me["workspace"]["id"] == str(DEFAULT_WORKSPACE)
    assert me["sms"]["leaves_machine"] is False
    assert me["sms"]["price_per_segment"] == "0.007900"
    assert me["queue_service"] == "built_in"


async def test_a_one_time_link_signs_in_once(nobody: httpx.AsyncClient, link_token: str) -> None:
    first = await nobody.post("/api/v1/session", json={"token": link_token})
    assert first.status_code == 204
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await nobody.get("/api/v1/me")).json()["person"]["name"] == "Ana"
    nobody.cookies.clear()
    second = await nobody.post("/api/v1/session", json={"token": link_token})
    assert second.status_code == 401
    assert "was used or has expired" in second.json()["detail"]
    assert "set-cookie" not in second.headers


async def test_a_link_that_has_expired_signs_nobody_in(
    nobody: httpx.AsyncClient, clarion: Clarion, actor: Actor
) -> None:
    long_ago = utc_now() - identity.LINK_LASTS - timedelta(seconds=1)
    async with clarion.database.as_worker() as connection:
        token = await identity.make_link_token(connection, actor, now=long_ago)
    assert (await nobody.post("/api/v1/session", json={"token": token})).status_code == 401


async def test_a_link_is_kept_as_a_hash_only(dsn: str, link_token: str) -> None:
    assert count(dsn, "select count(*) from broadcast.sign_in_links") == 1
    kept = "select count(*) from broadcast.sign_in_links l where position(%s in l::text) > 0"
    assert count(dsn, kept, [link_token]) == 0


async def test_the_cookie_is_secure_where_the_address_is_https(
    settings: Settings, dsn: str, actor: Actor
) -> None:
    https = settings.model_copy(update={"public_url": "https://clarion.test"})
    async with serving(https) as app, client_of(app) as client:
        async with app.state.clarion.database.as_worker() as connection:
            token = await identity.make_link_token(connection, actor, now=utc_now())
        answer = await client.post("/api/v1/session", json={"token": token})
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_browser_must_show_that_the_page_is_ours_before_it_changes_anything(
    browser: httpx.AsyncClient, dsn: str
) -> None:
    made = "select count(*) from broadcast.broadcasts"
    refused = await browser.post("/api/v1/broadcasts", json={"name": "Forged"})
    assert refused.status_code == 403
    assert "X-Clarion" in refused.json()["detail"]
    assert count(dsn, made) == 0
    taken = await browser.post(
        "/api/v1/broadcasts", json={"name": "Real"}, headers={"x-clarion": "1"}
    )
    assert taken.status_code == 201
    assert count(dsn, made) == 1


async def test_a_browser_reads_without_that_header(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/v1/broadcasts")).status_code == 200


async def test_who_signs_out_is_nobody_again(browser: httpx.AsyncClient) -> None:
    assert (await browser.delete("/api/v1/session")).status_code == 204
    assert (await browser.get("/api/v1/me")).status_code == 401


def _claims(**changes: object) -> dict[str, Any]:
    now = utc_now()
    good: dict[str, Any] = {
        "aud": "clarion",
        "sub": "ana",
        "name": "Ana",
        "role": "admin",
        "workspace": str(DEFAULT_WORKSPACE),
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


WRONG_CLAIMS = {
    "expired": {"exp": utc_now() - timedelta(seconds=1)},
    "for another audience": {"aud": "supabase"},
    "without an end": {"exp": None},
    "without an audience": {"aud": None},
    "without a workspace": {"workspace": None},
    "with a workspace that is no id": {"workspace": "mine"},
    "with a workspace that is a number": {"workspace": 7},
    "with a role that there is not": {"role": "owner"},
}


@pytest.mark.parametrize("changes", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_token_that_is_not_good_is_refused(
    nobody: httpx.AsyncClient, settings: Settings, changes: dict[str, object]
) -> None:
    secret = settings.secret.get_secret_value()
    assert await _status(nobody, jwt.encode(_claims(), secret, algorithm="HS256")) == 200
    wrong = jwt.encode(_claims(**changes), secret, algorithm="HS256")
    assert await _status(nobody, wrong) == 401


async def test_a_token_of_another_secret_is_refused(nobody: httpx.AsyncClient) -> None:
    token = jwt.encode(_claims(), "another secret, as long as the right one is", algorithm="HS256")
    assert await _status(nobody, token) == 401


async def test_a_token_without_a_signature_is_refused(nobody: httpx.AsyncClient) -> None:
    assert await _status(nobody, jwt.encode(_claims(), "", algorithm="none")) == 401


async def test_a_token_with_another_algorithm_is_refused(
    nobody: httpx.AsyncClient, settings: Settings
) -> None:
    secret = settings.secret.get_secret_value() * 2
    assert await _status(nobody, jwt.encode(_claims(), secret, algorithm="HS512")) == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Basic"])
async def test_what_is_no_token_is_refused(nobody: httpx.AsyncClient, token: str) -> None:
    assert await _status(nobody, token) == 401


async def _status(client: httpx.AsyncClient, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return (await client.get("/api/v1/me", headers=headers)).status_code


async def test_a_token_of_a_workspace_that_is_gone_sees_nothing(
    app: FastAPI, settings: Settings
) -> None:
    actor = Actor(workspace_id=DEFAULT_WORKSPACE, id="x", name="X", role=Role.AGENT)
    token = identity.sign(
        actor, secret=settings.secret.get_secret_value(), now=utc_now(), lasts=timedelta(hours=1)
    )
    claims = jwt.decode(token, options={"verify_signature": False})
    claims["workspace"] = str(uuid4())
    foreign = jwt.encode(claims, settings.secret.get_secret_value(), algorithm="HS256")
    async with client_of(app, authorization=f"Bearer {foreign}") as client:
        assert (await client.get("/api/v1/broadcasts")).status_code == 404
