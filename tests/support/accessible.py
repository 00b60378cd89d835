"""What axe finds wrong with a page as it stands: names, roles, contrast, landmarks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """
() => axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})
"""


@cache
def _source() -> str:
    return _AXE.read_text("utf-8")


def no_fault(page: Page) -> None:
    """Nothing that axe would complain of, and nothing to be scrolled sideways."""
    # Numbers that are being asked for are dimmed.
    expect(page.locator("[data-stale]")).to_have_count(0)
    page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(_RUN)
    faults = [
        (each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]
    ]
    assert faults == [], faults
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
