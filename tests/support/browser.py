"""The system's Chromium, driven by Playwright; it downloads nothing and asks nobody outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

#: As root there is no sandbox for the browser; the rest keeps it from calling home.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]


def browser_path() -> str:
    for name in (os.environ.get("CLARION_TEST_BROWSER", ""), *_NAMES):
        found = shutil.which(name) if name else None
        if found is not None:
            return found
    for app in _APPS:
        if Path(app).is_file():
            return app
    raise AssertionError("No Chromium or Chrome: run script/install-browser.")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
