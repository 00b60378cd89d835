"""No line of the log shows an address in full."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from clarion.cli.logs import set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("to +15125550101 now", "to +…01 now"),
        ("To=%2B15125550101&x", "To=%2B…01&x"),
        ("{'to': '+4915112345678'}", "{'to': '+…78'}"),
        ("ann.lee+news@example.com bounced", "a…@example.com bounced"),
        ("email=ann%40example.com&x", "email=a…%40example.com&x"),
        ("<Ann <ann@mail.example.co.uk>>", "<Ann <a…@mail.example.co.uk>>"),
        ("in +1234 s", "in +1234 s"),
        ("at 10:00:00+00:00", "at 10:00:00+00:00"),
    ],
)
def test_addresses_are_masked(capsys: pytest.CaptureFixture[str], written: str, shown: str) -> None:
    set_up_logging()
    logging.getLogger("clarion.test").info("%s", written)
    assert capsys.readouterr().err.rstrip().endswith(f"INFO clarion.test {shown}")


def test_addresses_in_a_traceback_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    try:
        raise ValueError("Key (address)=(+15125550101) of ann@example.com")  # noqa: TRY301
    except ValueError:
        logging.getLogger("clarion.test").exception("failed")
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "(+…01) of a…@example.com" in err
    assert "5550101)" not in err.rsplit("ValueError", 1)[1]


def test_each_request_of_the_libraries_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    for name in ("httpx", "uvicorn.access", "procrastinate.worker", "twilio.http_client"):
        logging.getLogger(name).info("GET /")
    assert capsys.readouterr().err == ""
