"""No line of the log shows an address in full, in whichever format and wherever it stood."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from clarion.api.request_id import REQUEST_ID
from clarion.cli.logs import LogFormat, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = "+15125550101"
EMAIL = "ann.lee@example.com"
FORMATS: list[LogFormat] = ["text", "json"]


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


log = logging.getLogger("clarion.test")


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one line that was written as JSON."""
    (written,) = capsys.readouterr().err.splitlines()
    told: dict[str, Any] = json.loads(written)
    return told


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("to +15125550101 now", "to +…01 now"),
        ("To=%2B15125550101&x", "To=%2B…01&x"),
        ("To=%2b15125550101&x", "To=%2b…01&x"),
        ("To=%252B15125550101&x", "To=%252B…01&x"),
        ("{'to': '+4915112345678'}", "{'to': '+…78'}"),
        ("'+1 (512) 555-0101' is none", "'+…01' is none"),
        ("To=%2B1%20512%20555%200101&x", "To=%2B…01&x"),
        ("ann.lee+news@example.com bounced", "a…@example.com bounced"),
        ("email=ann%40example.com&x", "email=a…%40example.com&x"),
        ("email=ann%2Bnews%40example.com&x", "email=a…%40example.com&x"),
        ("email=ann%2540example.com&x", "email=a…%2540example.com&x"),
        ("%3Cann%40example.com%3E", "…%40example.com%3E"),
        ("<Ann <ann@mail.example.co.uk>>", "<Ann <a…@mail.example.co.uk>>"),
        ("of o'neil@example.com", "of o…@example.com"),
        ("{'to': 'ann@example.com'}", "{'to': 'a…@example.com'}"),
        ("jürgen@müller.example", "j…@müller.example"),
        ("+15125550101,+15125550102", "+…01,+…02"),
        ("in +1234 s", "in +1234 s"),
        ("at 10:00:00+00:00", "at 10:00:00+00:00"),
        ("2026-11-23T10:00:00+0000 200 12.5", "2026-11-23T10:00:00+0000 200 12.5"),
        ("SM0123456789abcdef0123456789abcdef", "SM0123456789abcdef0123456789abcdef"),
    ],
)
def test_addresses_are_masked(capsys: pytest.CaptureFixture[str], written: str, shown: str) -> None:
    set_up_logging()
    log.info("%s", written)
    assert capsys.readouterr().err.rstrip().endswith(f"INFO clarion.test {shown}")
    set_up_logging("json")
    log.info("%s", written)
    assert line(capsys)["message"] == shown


@pytest.mark.parametrize("log_format", FORMATS)
def test_addresses_in_a_traceback_are_masked(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logging(log_format)
    try:
        raise ValueError("Key (address)=(+15125550101) of ann@example.com")  # noqa: TRY301
    except ValueError:
        log.exception("failed")
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "(+…01) of a…@example.com" in err
    # The source line of the traceback holds it too, and is masked as well.
    assert "5550101" not in err
    assert "ann@" not in err


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize(
    "value",
    [
        PHONE,
        EMAIL,
        [PHONE, EMAIL],
        {"to": {"addresses": [PHONE]}, EMAIL: PHONE},
        {PHONE},
        (EMAIL,),
        f"To={PHONE}".encode(),
        ValueError(f"no {EMAIL}"),
        "To=%2B15125550101&Email=ann.lee%40example.com",
    ],
    ids=str,
)
def test_addresses_in_what_is_given_with_an_event_are_masked(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat, value: object
) -> None:
    set_up_logging(log_format)
    log.info("sent", extra={"given": value})
    err = capsys.readouterr().err
    assert "given" in err
    assert "5550101" not in err
    assert "ann.lee" not in err
    assert "…" in err


def test_a_line_of_json_tells_when_what_and_with_what(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json", process="worker", worker="host:7")
    before = datetime.now(UTC)
    log.warning(
        "delivery.%s", "slow", extra={"lane": "a", "message_id": 7, "parts": [1.5, None, True]}
    )
    told = line(capsys)
    written_at = datetime.fromisoformat(told.pop("time"))
    assert before.replace(microsecond=0) <= written_at <= datetime.now(UTC)
    assert told == {
        "level": "WARNING",
        "logger": "clarion.test",
        "message": "delivery.slow",
        "process": "worker",
        "worker": "host:7",
        "lane": "a",
        "message_id": 7,
        "parts": [1.5, None, True],
    }


def test_a_line_of_json_stays_one_line_and_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json")
    itself: list[object] = []
    itself.append(itself)
    try:
        raise ValueError("two\nlines")  # noqa: TRY301
    except ValueError:
        log.exception("over\ntwo", extra={"itself": itself, "share": float("nan"), "what": object})
    told = line(capsys)
    assert told["message"] == "over\ntwo"
    assert told["exception"].endswith("ValueError: two\nlines")
    assert told["share"] == "nan"


def test_what_is_given_cannot_pass_for_the_event_itself(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json", worker="host:7")
    log.info("sent", extra={"level": "CRITICAL", "time": "never"})
    told = line(capsys)
    assert told["level"] == "INFO"
    assert told["time"] != "never"


def test_a_line_of_text_shows_what_was_given_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    log.info("sent", extra={"lane": "a", "words": "not now", "count": 3, "forged": "x\nlevel=1"})
    err = capsys.readouterr().err.rstrip()
    assert err.endswith(
        'INFO clarion.test sent lane=a words="not now" count=3 forged="x\\nlevel=1"'
    )


@pytest.mark.parametrize("log_format", FORMATS)
def test_lines_of_a_request_carry_its_id(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logging(log_format)
    kept = REQUEST_ID.set("r-17")
    log.info("asked")
    REQUEST_ID.reset(kept)
    asked = capsys.readouterr().err
    assert ("request_id=r-17" if log_format == "text" else '"request_id": "r-17"') in asked
    log.info("alone")
    assert "request_id" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["uvicorn.error", "procrastinate.worker", "py.warnings"])
def test_what_libraries_say_has_the_same_form(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    set_up_logging("json")
    logging.getLogger(name).warning("trouble with %s", PHONE, extra={"job": {"args": [EMAIL]}})
    told = line(capsys)
    assert (told["logger"], told["message"]) == (name, "trouble with +…01")
    assert told["job"] == {"args": ["a…@example.com"]}


def test_what_ends_the_process_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json")
    error = ValueError(f"Key (address)=({PHONE})")
    sys.excepthook(ValueError, error, None)
    told = line(capsys)
    assert told["level"] == "CRITICAL"
    assert told["exception"] == "ValueError: Key (address)=(+…01)"


def test_each_request_of_the_libraries_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    for name in ("httpx", "uvicorn.access", "procrastinate.worker", "twilio.http_client"):
        logging.getLogger(name).info("GET /")
    assert capsys.readouterr().err == ""
