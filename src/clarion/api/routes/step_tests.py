"""A step sent to oneself, and the pages behind the links of such a test."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from clarion.api.bodies import step_tests as bodies
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.api.routes.message_pages import page
from clarion.delivery.step_tests.addresses import keep_address, read_addresses
from clarion.delivery.step_tests.step_test import StepTest
from clarion.kernel.channel import Channel

router = APIRouter(tags=["tests"])

_STEP = "/broadcasts/{broadcast_id}/steps/{step_id}"

#: Open to everybody, and the same for everybody.
pages = APIRouter(prefix="/m/test", include_in_schema=False)

_Page = Literal["unsubscribe", "preferences", "view"]

_WOULD = {
    "unsubscribe": "people stop getting these messages",
    "preferences": "people choose what they get",
    "view": "people see the email in their browser",
}


@router.post(f"{_STEP}/test", status_code=202)
async def send_step_test(
    broadcast_id: str,
    step_id: str,
    body: bodies.AskStepTest,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.StepTest:
    """What the step says as it stands now, to one's own address or by email to a member's. It
    leaves once at most, at any hour, and counts nowhere. 20 an hour for each person."""
    asked = await clarion.step_tests.ask(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        channel=Channel(body.channel),
        to=body.to,
        contact_id=body.contact_id,
        now=now,
    )
    return _body(asked)


@router.get(f"{_STEP}/tests")
async def list_step_tests(
    broadcast_id: str,
    step_id: str,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.StepTests:
    """One's own latest five, the newest first. They are kept for 30 days."""
    found = await clarion.step_tests.of_person(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
    )
    return bodies.StepTests(tests=[_body(each) for each in found])


@router.get(f"{_STEP}/tests/{{test_id}}")
async def get_step_test(
    broadcast_id: str,
    step_id: str,
    test_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.StepTest:
    found = await clarion.step_tests.get(
        connection,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        uuid_of(test_id, "test"),
    )
    return _body(found)


@router.get("/me/test-addresses")
async def get_test_addresses(actor: Caller, connection: Transaction) -> bodies.TestAddresses:
    found = await read_addresses(connection, actor)
    return bodies.TestAddresses(
        email=found.email,
        phone=found.phone,
        members=[bodies.TestMember(name=each.name, email=each.email) for each in found.members],
    )


@router.patch("/me/test-addresses")
async def change_test_addresses(
    body: bodies.TestAddressesChange,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.TestAddresses:
    """What is not given stays as it is."""
    for channel, given, pointer in (
        (Channel.EMAIL, body.email, "/email"),
        (Channel.SMS, body.phone, "/phone"),
    ):
        if given is not None:
            await keep_address(
                connection, actor, workspace, channel, given, pointer=pointer, now=now
            )
    return await get_test_addresses(actor, connection)


@pages.get("/{which}")
@pages.post("/{which}")
async def show_test_page(which: _Page) -> HTMLResponse:
    """Says what the link does in the real message, and does nothing."""
    return page(
        "A test",
        "<h1>This was a test</h1>"
        f"<p>In the real message {_WOULD[which]} here. In a test this link changes nothing.</p>",
    )


def _body(test: StepTest) -> bodies.StepTest:
    return bodies.StepTest(
        id=str(test.id),
        channel=test.channel.value,
        address=test.address,
        contact_id=test.contact_id,
        status=test.status.value,
        words=test.error_detail,
        error_code=test.error_code,
        created_at=test.created_at,
        sent_at=test.sent_at,
        delivered_at=test.delivered_at,
        failed_at=test.failed_at,
    )
