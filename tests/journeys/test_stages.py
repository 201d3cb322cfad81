"""The strip of stages above an order: done, now, to come or never reached, in every state."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests import company
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db
STAGES = ["Created", "Validated", "Processing", "Fulfillment", "Delivery", "Completed"]
# state → how many stages are done, and which one is now
REACHED = {
    "draft": (0, "Created"),
    "submitted": (0, "Created"),
    "in_review": (1, "Validated"),
    "validated": (1, "Validated"),
    "held": (1, "Validated"),
    "processing": (2, "Processing"),
    "fulfilling": (3, "Fulfillment"),
    "shipped": (4, "Delivery"),
    "delivered": (4, "Delivery"),
    "completed": (6, ""),
    "cancelled": (2, ""),
}
STEP = re.compile(
    r'<li class="(?P<look>\w*)"(?P<now> aria-current="step")?><svg[^>]* aria-hidden="true".*?'
    r'#st-(?P<icon>\w+)".*?<b>(?P<name>.*?)</b><span class="sub">(?P<words>.*?)</span></li>'
)
LOOKS = {"done": "done", "part": "q2", "": "open"}


def test_every_stage_says_by_word_glyph_and_mark_whether_it_is_done_now_or_to_come() -> None:
    client = signed_in("Finance")

    for state, order in company.orders().items():
        page = client.get(order.get_absolute_url()).content.decode()
        strip = page[page.index('aria-label="Order progress"') :].partition("</ol>")[0]
        steps = list(STEP.finditer(strip))
        done, now = REACHED[state]
        assert [unescape(step["name"]) for step in steps] == STAGES, state
        looks = ["done"] * done + ["part"] * bool(now)
        assert [step["look"] for step in steps] == (looks + [""] * 6)[:6], state
        assert [step["name"] for step in steps if step["now"]] == [now] * bool(now), state
        assert all(step["icon"] == LOOKS[step["look"]] for step in steps), state
        ahead = "not reached" if state == "cancelled" else "to come"
        assert [step["words"] for step in steps][len(looks) :] == [ahead] * (6 - len(looks)), state
        entered = [step["words"] for step in steps][: len(looks)]
        assert all(re.search(r"\d\d:\d\d", words) for words in entered), (state, entered)
