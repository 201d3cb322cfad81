"""The strip of stages above an order: done, now, to come or never reached, in every state."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests import company
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db
STAGES = ["Created", "Validated", "Processing", "Fulfillment", "Delivery", "Completed"]
# state → how many stages are done, which one is now, and how many were entered
REACHED = {
    "draft": (0, "Created", 1),
    "submitted": (0, "Created", 1),
    "in_review": (1, "Validated", 2),
    "validated": (1, "Validated", 2),
    "held": (1, "Validated", 2),
    "processing": (2, "Processing", 3),
    "fulfilling": (3, "Fulfillment", 4),
    "shipped": (4, "Delivery", 5),
    "delivered": (4, "Delivery", 5),
    "completed": (6, "", 6),
    "cancelled": (2, "", 3),  # in processing, which it did not finish
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
        done, now, entered = REACHED[state]
        assert [unescape(step["name"]) for step in steps] == STAGES, state
        looks = ["done"] * done + ["part"] * bool(now)
        assert [step["look"] for step in steps] == (looks + [""] * 6)[:6], state
        assert [step["name"] for step in steps if step["now"]] == [now] * bool(now), state
        assert all(step["icon"] == LOOKS[step["look"]] for step in steps), state
        words = [step["words"] for step in steps]
        assert all(each.startswith("<time datetime=") for each in words[:entered]), (state, words)
        ahead = "not reached" if state == "cancelled" else "to come"
        assert words[entered:] == [ahead] * (6 - entered), state
