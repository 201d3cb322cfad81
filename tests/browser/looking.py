"""Looking at a screen: accessible, quiet, never too wide, and nothing on it jumps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import User
from django.test import Client
from django.utils.text import slugify
from playwright.sync_api import ConsoleMessage, Page

from tests.architecture.test_permissions import BACKEND

Theme = Literal["light", "dark"]
# Every screen is seen in both; what else its own tests open is seen in the dark where time allows.
THEMES = ["light", pytest.param("dark", marks=pytest.mark.slow)]
# Light is loaded wide and dark on a phone; then each is looked at in the other width as well.
WIDTHS: dict[Theme, tuple[int, int]] = {"light": (1440, 390), "dark": (390, 1440)}
DESK, PHONE = 1440, 390
PASSWORD = "a long word for tests"  # noqa: S105
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of what is looked at
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

TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
# What moves on the page has come to rest first: half way its colours are nobody's.
AXE = """async () => {
  const moving = document.getAnimations().filter(
    (each) => each.effect.getComputedTiming().endTime !== Infinity);
  await Promise.all(moving.map((each) => each.finished.catch(() => null)));
  return axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.map(
  ({ id, nodes }) => [id, nodes[0].html.slice(0, 120)]));
}"""


def let_in(page: Page, home: str, user: User) -> Client:
    """Whoever it is, in the browser and beside it."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": home}])
    return client


def resize(page: Page, width: int) -> None:
    """The same page in a window of this width."""
    page.set_viewport_size({"width": width, "height": 900})


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds on the page as it stands: the rule, and the first thing that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [(rule, html) for rule, html in page.evaluate(AXE)]


def walk(page: Page, addresses: Iterable[str], *, theme: str = "light") -> dict[str, list[Any]]:
    """What is wrong with each of these pages, loaded on a desk and on a phone."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    faults: dict[str, list[Any]] = {}
    for address in addresses:
        found: list[Any] = []
        for width in (DESK, PHONE):
            resize(page, width)
            page.goto(address)
            if SHOTS:
                name = f"{slugify(address.split('/', 3)[3])}-{theme}-{width}.png"
                page.screenshot(path=Path(SHOTS) / name, full_page=True)
            if page.evaluate(TOO_WIDE):
                found.append(f"is too wide for {width}")
            found += [(width, *each) for each in violations(page)]
        if found:
            faults[address] = found
    return faults


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
        resize(self.page, here)
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
            resize(self.page, width)
            if self.page.evaluate(TOO_WIDE):
                found.append(f"is too wide for {width}")
        found += self._said  # what axe says of styles while it looks is not the page's
        for width in (here, other):
            resize(self.page, width)
            found += [(width, *each) for each in violations(self.page)]
        if found:
            self.faults[name] = found
