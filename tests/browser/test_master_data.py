"""The master data looks like the rest: its colours are our tokens, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page

from tests import builders as b
from tests.browser.looking import Look
from tests.browser.test_every_screen import boss, look, signed_in

__all__ = ["boss", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# what is looked at → its property → the token that it shows
LIST = {
    "body": {"background-color": "--canvas", "color": "--text"},
    "#header": {"background-color": "--canvas", "color": "--text-2"},
    "#site-name a": {"color": "--text"},
    "#result_list thead th": {"color": "--text-2"},
    "#result_list tbody tr": {"background-color": "--surface"},
    "#result_list tbody th a": {"color": "--text"},
    "#searchbar": {"background-color": "--surface", "border-color": "--line-ctl"},
    ".object-tools .addlink": {"background-color": "--ink", "color": "--on-ink"},
    "#changelist-filter .selected a": {"color": "--accent", "background-color": "--accent-bg"},
}
FORM = {
    "#id_name": {"background-color": "--surface", "border-color": "--line-ctl", "color": "--text"},
    ".submit-row [name=_save]": {"background-color": "--ink", "color": "--on-ink"},
    ".breadcrumbs a": {"color": "--text-2"},
}
COLOURS = """(names) => Object.fromEntries(names.map((name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return [name, color];
}))"""
SHOWN = """(asked) => Object.entries(asked).flatMap(([selector, properties]) => {
  const style = getComputedStyle(document.querySelector(selector));
  return Object.keys(properties).map((name) => [selector, name, style.getPropertyValue(name)]);
})"""


def wrong(page: Page, asked: dict[str, dict[str, str]], tokens: dict[str, str]) -> list[Any]:
    """What does not have the colour of its token."""
    found = page.evaluate(SHOWN, asked)
    return [each for each in found if each[2] != tokens[asked[each[0]][each[1]]]]


def test_the_master_data_has_the_colours_of_our_tokens(look: Look, boss: User) -> None:
    buyer, page = b.customer(), look.page
    signed_in(look, boss)
    page.goto(look.home + reverse("orders:preferences"))
    names = {token for part in (LIST, FORM) for each in part.values() for token in each.values()}
    tokens = page.evaluate(COLOURS, sorted(names))
    assert len(set(tokens.values())) == len(names)

    look.at(reverse("admin:orders_customer_changelist"))
    assert wrong(page, LIST, tokens) == []
    look.at(reverse("admin:orders_customer_change", args=[buyer.pk]))
    assert wrong(page, FORM, tokens) == []

    assert look.faults == {}
