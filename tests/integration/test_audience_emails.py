"""What an e-mail address is, and whom e-mail reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.audience.audience import REASONS, LeftOut
from clarion.compliance.suppression import Suppressed, suppress
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from support.database import new_database
from support.house import EVERYBODY, House

if TYPE_CHECKING:
    from clarion.audience.audience import Estimate
    from clarion.db.connection import Connection

_LABEL = "a" * 63
_LONG_DOMAIN = f"{_LABEL}.{_LABEL}.{_LABEL}"

ADDRESSES = [
    "ann@example.com",
    "a@b.co",
    "ann.lee@example.com",
    "ann+news@example.co.uk",
    "ann-lee@my-company.example",
    "ann_lee@example.com",
    "_@example.com",
    "-@example.com",
    "a.-b@example.com",
    "o'hara@example.ie",
    "!#$%&'*/=?^_`{|}~@example.com",
    "1@2.com",
    "a@1.2.3.example",
    "a@xn--bcher-kva.example",
    "a@a--b.example",
    "josé@example.com",
    "jörg@müller.de",
    "用户@例子.广告",
    "χρήστης@παράδειγμα.ελ",
    "дарья@почта.рф",
    "משתמש@דוגמה.קום",
    "उपयोगकर्ता@उदाहरण.भारत",
    "ユーザー@例え.テスト",
    "사용자@예시.한국",
    f"{'a' * 64}@example.com",
    f"a@{_LABEL}.com",
    f"{'a' * 54}@{_LONG_DOMAIN}.example",  # 254 characters
]

NO_ADDRESSES = [
    "ann",
    "@",
    "@example.com",
    "ann@",
    "ann@example",
    "ann@localhost",
    "ann@.com",
    "ann@example.",
    "ann@example..com",
    "ann@@example.com",
    "ann@lee@example.com",
    ".ann@example.com",
    "ann.@example.com",
    "ann..lee@example.com",
    "ann lee@example.com",
    "ann@exam ple.com",
    "ann\u00a0lee@example.com",
    "ann\tlee@example.com",
    "ann@example.com\nbcc:bob@example.com",
    "ann\x07@example.com",
    "ann\u200b@example.com",
    "ann@exa\u200bmple.com",
    "ann\u202e@example.com",
    "ann@-example.com",
    "ann@example-.com",
    "ann@example.-com",
    "ann@example.com-",
    "ann@exam_ple.com",
    "ann@exam!ple.com",
    "ann@127.0.0.1",
    "ann@[127.0.0.1]",
    "ann@example.123",
    "ann@example.c",
    '"ann lee"@example.com',
    '"ann"@example.com',
    "Ann Lee <ann@example.com>",
    "<ann@example.com>",
    "mailto:ann@example.com",
    "ann@example.com, bob@example.com",
    "ann@example.com;bob@example.com",
    "ann@example,com",
    "ann@example.com.",
    "ann(home)@example.com",
    "ann\\@example.com",
    "n/a",
    "ann@example\u3002com",
    "“ann”@example.com",
    "😀@example.com",
    f"{'a' * 65}@example.com",
    f"{'é' * 33}@example.com",  # 66 bytes
    f"a@{'a' * 64}.com",
    f"{'a' * 55}@{_LONG_DOMAIN}.example",  # 255 characters
]

_AROUND = [" ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2009", "\u0085", " \u202f\x1f "]


@pytest.fixture(scope="module")
def reader() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with new_database() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def read(connection: psycopg.Connection[tuple[Any, ...]], text: str | None) -> str | None:
    row = connection.execute("select broadcast.to_email(%s)", [text]).fetchone()
    assert row is not None
    found: str | None = row[0]
    return found


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_read_whatever_stands_around_it(
    reader: psycopg.Connection[tuple[Any, ...]], text: str
) -> None:
    assert read(reader, text) == text.lower()
    if text.isascii():
        assert read(reader, text.upper()) == text.lower()
    for space in _AROUND:
        assert read(reader, f"{space}{text}{space}") == text.lower()


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_no_mail_can_be_sent_to_is_no_address(
    reader: psycopg.Connection[tuple[Any, ...]], text: str
) -> None:
    assert read(reader, text) is None


@pytest.mark.parametrize("text", [None, "", " ", "\t\n", "\u00a0"])
def test_nothing_is_no_address(
    reader: psycopg.Connection[tuple[Any, ...]], text: str | None
) -> None:
    assert read(reader, text) is None


_PIECES = st.text(st.sampled_from("aZ9é例.@-_+ \n\"'\\,;<>\u200b%"), max_size=12)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(local=_PIECES, domain=_PIECES, end=st.sampled_from([".com", ".de", "", ".1", ".", "-"]))
def test_what_is_read_has_the_shape_of_an_address_and_is_read_as_itself(
    reader: psycopg.Connection[tuple[Any, ...]], local: str, domain: str, end: str
) -> None:
    text = f"{local}@{domain}{end}"
    found = read(reader, text)
    if found is None:
        return
    assert read(reader, found) == found
    assert found == text.strip().lower()
    name, _, host = found.partition("@")
    assert not set(found) & set(' \n"\\,;<>\u200b')
    assert "@" not in host
    assert all(name.split("."))
    labels = host.split(".")
    assert len(labels) > 1
    assert all(label and label[0] != "-" and label[-1] != "-" for label in labels)
    assert not labels[-1].isdigit()


# --- whom e-mail reaches


async def estimate(house: House) -> Estimate:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        return await house.audience.estimate(connection, house.workspace, compiled)


async def people(house: House, connection: Connection, **choice: Any) -> list[int]:
    compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
    page = await house.audience.page(
        connection, house.workspace, compiled, channel=Channel.EMAIL, **choice
    )
    return [int(contact.id[-12:]) for contact in page.contacts]


async def fill(house: House) -> None:
    for number, email in enumerate(
        [
            "ann@example.com",  # reached
            None,
            " \u00a0",
            "Ann@Example.COM ",  # the first one's address
            "bob@example.com",  # reached
            "bob",  # no address
            "cy@example.com",  # opted out
            " CY@example.com",  # the same person once more: opted out beats duplicate
            "ann@example.com\n",  # the first one's once more
            "dee@example.com",  # has opted out of SMS only: reached
        ]
    ):
        await house.add_contact(email=email, contact_id=f"00000000-0000-4000-9000-{number:012}")
    async with house.database.as_worker() as connection:
        for channel, address in (
            (Channel.EMAIL, "cy@example.com"),
            (Channel.SMS, "dee@example.com"),
        ):
            await suppress(
                connection,
                house.workspace.id,
                channel=channel,
                addresses=[address],
                reason=Suppressed.OPTED_OUT,
                source="test",
                now=house.clock.now,
            )


async def test_everybody_is_reached_by_mail_or_left_out_for_one_reason(house: House) -> None:
    await fill(house)
    found = await estimate(house)
    assert found.email.reachable == 3
    assert dict(found.email.left_out) == {
        LeftOut.NO_EMAIL: 2,
        LeftOut.INVALID_EMAIL: 1,
        LeftOut.OPTED_OUT: 2,
        LeftOut.DUPLICATE_EMAIL: 2,
    }
    assert found.email.matched == found.sms.matched == found.matched == found.total == 10
    assert dict(found.sms.left_out) == {LeftOut.NO_PHONE: 10}
    assert (found.freshness.source, found.freshness.as_of) == ("database", house.clock.now)


async def test_an_opt_out_that_was_taken_back_counts_no_more(house: House) -> None:
    await fill(house)
    await house.execute("update broadcast.suppressions set lifted_at = now()")
    found = await estimate(house)
    assert (found.email.reachable, LeftOut.OPTED_OUT in found.email.left_out) == (4, False)


async def test_the_lowest_id_keeps_an_address(house: House) -> None:
    await fill(house)
    async with house.database.as_workspace(house.workspace.id) as connection:
        shown = {
            reason: await people(house, connection, left_out=reason)
            for reason in REASONS[Channel.EMAIL]
        }
        assert shown == {
            LeftOut.NO_EMAIL: [1, 2],
            LeftOut.INVALID_EMAIL: [5],
            LeftOut.OPTED_OUT: [6, 7],
            LeftOut.DUPLICATE_EMAIL: [3, 8],
        }
        assert await people(house, connection, reachable=True) == [0, 4, 9]


async def test_a_reason_of_another_channel_is_refused(house: House) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(Invalid) as raised:
            await people(house, connection, left_out=LeftOut.NO_PHONE)
    assert [fault.pointer for fault in raised.value.faults] == ["/left_out"]
