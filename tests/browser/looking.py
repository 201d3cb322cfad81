"""Looking at a screen: accessible, quiet, never too wide, and nothing on it jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

Theme = Literal["light", "dark"]
# Every screen is seen in both; what else its own tests open is seen in the dark where time allows.
THEMES = ["light", pytest.param("dark", marks=pytest.mark.slow)]
# Light is loaded wide and dark on a phone; then each is looked at in the other width as well.
WIDTHS: dict[Theme, tuple[int, int]] = {"light": (1440, 390), "dark": (390, 1440)}
JUMPS = 0.02  # how much of the window may move while a page loads

# What comes after the page itself comes late, as over a slow line, and is waited for.
WATCH = """
window.jumps = [];
window.watch = new PerformanceObserver((list) => window.jumps.push(...list.getEntries()));
window.watch.observe({ type: "layout-shift", buffered: true });
window.late = 0;
const later = (call) => new Promise((done) => { setTimeout(() => done(call()), 150); });
const { send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.send = function sendLate(...body) {
  window.late += 1;
  this.addEventListener("loadend", () => { window.late -= 1; });
  later(() => send.apply(this, body));
};
const { fetch } = window;
window.fetch = (...asked) => {
  window.late += 1;
  return later(() => fetch(...asked)).finally(() => { window.late -= 1; });
};
"""
JUMPED = """async () => {
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  do { await wait(30); await frame(); await frame(); } while (window.late);
  window.jumps.push(...window.watch.takeRecords());
  const jumps = window.jumps.filter((each) => !each.hadRecentInput);
  const named = ({ node }) => node && `${node.nodeName}.${node.className ?? ""}#${node.id ?? ""}`;
  const nodes = jumps.flatMap((each) => each.sources.map(named));
  return [jumps.reduce((sum, each) => sum + each.value, 0), [...new Set(nodes)]];
}"""


class Look:
    """Somebody who goes from screen to screen in one theme and notes what is wrong with each."""

    def __init__(self, page: Page, theme: Theme, home: str) -> None:
        self.page, self.theme, self.home = page, theme, home
        self.faults: dict[str, list[Any]] = {}
        self._said: list[str] = []
        page.emulate_media(color_scheme=theme)
        page.add_init_script(WATCH)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        """What breaks the policy of content is an error here; a page's own status is none."""
        own = message.location["url"] == self.page.url and "status of" in message.text
        if message.type == "error" and not own:
            self._said.append(message.text)

    def at(self, address: str, status: int = 200) -> None:
        """Load the screen of an address, and look at it."""
        self.by(lambda: self.page.goto(self.home + address), address, status)

    def by(self, load: Callable[[], object], name: str, status: int = 200) -> None:
        """Look at the screen that this loads."""
        here, other = WIDTHS[self.theme]
        self._resize(here)
        self._said.clear()
        with self.page.expect_navigation() as answer:
            load()
        found: list[Any] = []
        if answer.value.status != status:
            found.append(f"answers {answer.value.status}")
        moved, nodes = self.page.evaluate(JUMPED)
        if moved > JUMPS:
            found.append(f"jumps by {moved:.3f}: {nodes}")
        for width in (other, here):
            self._resize(width)
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"is too wide for {width}")
        found += self._said  # what axe says of styles while it looks is not the page's
        for width in (here, other):
            self._resize(width)
            bad = Axe().run(self.page).response["violations"]
            found += [(width, each["id"], each["nodes"][0]["html"][:120]) for each in bad]
        if found:
            self.faults[name] = found

    def _resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
