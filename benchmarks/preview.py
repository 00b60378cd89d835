"""How long after a key is pressed the preview shows it, in real Chromium; prints a line of
docs/benchmarks.md.

    script/demo                                   # in another terminal
    .venv/bin/python benchmarks/preview.py "the sign-in link that it prints"

On a machine with nothing else to do: the browser, the API and PostgreSQL share its cores.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEYS = 60

#: From the last input event to the first frame that holds the word.
WATCH = """() => {
  window.took = []; window.wanted = ''; window.pressed = 0;
  document.addEventListener('input', () => { window.pressed = performance.now(); }, true);
  const look = () => {
    const bubbles = [...document.querySelectorAll('[class*=bubble], [class*=Bubble]')];
    if (window.wanted && bubbles.some((each) => each.textContent.includes(window.wanted))) {
      window.took.push(performance.now() - window.pressed);
      window.wanted = '';
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def typed(page: Page) -> list[float]:
    """Milliseconds, each of the last key of a word of its own."""
    message = page.get_by_role("textbox", name="Message")
    message.fill('Hello {{ first_name | default: "there" }} ')
    time.sleep(2)
    page.evaluate(WATCH)
    message.focus()
    page.keyboard.press("End")
    for number in range(KEYS):
        word = f"x{number:02}z"
        page.keyboard.type(word[:-1])
        time.sleep(0.25)
        page.evaluate(f"window.wanted = '{word}'")
        page.keyboard.type(word[-1])
        ends = time.monotonic() + 10
        while page.evaluate("window.wanted"):
            if time.monotonic() > ends:
                raise TimeoutError("the preview never showed it")
            time.sleep(0.05)
    took: list[float] = page.evaluate("window.took")
    return took


def main() -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(sys.argv[1])
        page.wait_for_url("**/broadcasts**")
        page.get_by_role("button", name=re.compile("New broadcast")).first.click()
        page.wait_for_url("**/type")
        page.goto(page.url.replace("/type", "/compose"))
        took = sorted(typed(page))
    p95 = took[int(len(took) * 0.95)]
    print("| figure | wanted | measured | against | ratio |")
    print("|---|---|---|---|---|")
    print(
        f"| preview of an SMS on screen, from the last key | under 100 ms |"
        f" median {statistics.median(took):.0f} ms, p95 {p95:.0f} ms | | |"
    )


if __name__ == "__main__":
    main()
