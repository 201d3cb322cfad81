"""Somebody reads German: by preference, or a stranger by what the browser asks for."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.kernel.actors import WORKER
from orders.lifecycle import holds
from orders.models import Order, Staff
from tests import builders as b

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def reader(language: str, role: str = "Sales manager") -> Client:
    user = User.objects.create(username=f"reader-{language}", first_name="Rita")
    user.groups.add(Group.objects.get(name=role))
    Staff.objects.create(user=user, language=language)
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Anmelden"),
        ("fr,de;q=0.4", "de", "Anmelden"),
        ("en-US,en;q=0.8", "en-gb", "Sign in"),
        ("fr", "en-gb", "Sign in"),
        ("", "en-gb", "Sign in"),
    ],
)
def test_a_stranger_reads_what_the_browser_asks_for(asked: str, language: str, words: str) -> None:
    answer = Client().get(reverse("account_login"), headers={"accept-language": asked})

    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]
    assert f'<html lang="{language}"' in answer.text
    assert f"<h1>{words}</h1>" in answer.text


def test_a_preference_beats_the_browser_and_is_chosen_on_the_page() -> None:
    client = reader("en-gb")
    url = reverse("orders:preferences")
    page = client.get(url, headers={"accept-language": "de"})
    assert page["Content-Language"] == "en-gb"
    assert '<option value="de">Deutsch</option>' in page.text

    chosen = {"language": "de", "time_zone": "Europe/Berlin", "theme": "", "density": ""}
    answer = client.post(url, chosen | {"landing": ""}, follow=True)

    assert answer["Content-Language"] == "de"
    assert "Accept-Language" not in answer["Vary"]
    assert "Die Einstellungen sind gespeichert." in answer.text
    assert "Farbschema" in answer.text


def test_navigation_states_and_amounts_are_german() -> None:
    thing = b.product(price="1234.50")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 2))

    client = reader("de")
    page = client.get(b.order(pk).get_absolute_url()).text
    rows = client.get(reverse("orders:list")).text

    assert "Wiederkehrende Aufträge" in page
    assert "Reserviert" in page
    assert "2.469,00\N{NO-BREAK SPACE}€" in page
    assert "€2,469.00" not in re.sub(r"<ol class=\"timeline\".*", "", page, flags=re.DOTALL)
    assert "Neueste zuerst" in rows
    assert "2.469,00\N{NO-BREAK SPACE}€" in rows


def test_one_reader_after_the_other_gets_each_their_own_language() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    order = b.order(b.processed((thing, 2))[0])
    english, german = reader("en-gb"), reader("de")

    pages = [client.get(order.get_absolute_url()).text for client in (english, german, english)]

    assert ["Allocated" in page for page in pages] == [True, False, True]
    assert ["2</b>reserviert" in page for page in pages] == [False, True, False]


def test_an_order_is_typed_with_a_german_comma_and_placed() -> None:
    buyer, thing = b.customer(), b.product()
    b.stocked(50, of=thing)
    client = reader("de", "Sales rep")
    page = client.get(reverse("orders:new"))
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key

    data = {
        "key": key[1],
        "version": "",
        "customer": buyer.code,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": thing.sku,
        "lines-0-quantity": "4",
        "lines-0-unit_price": "12,50",
        "place": "1",
    }
    answer = client.post(reverse("orders:new"), data, follow=True)

    made = Order.objects.get()
    assert (made.status, made.grand_total) == ("submitted", 50)
    assert f"{made} ist erteilt und wird geprüft." in answer.text


def test_a_mistake_is_named_in_german() -> None:
    client = reader("de", "Sales rep")

    answer = client.get(reverse("orders:list"), {"entered_from": "gestern"})

    assert "Erfasst ab: „gestern“ ist kein Datum." in answer.text


def test_what_is_kept_of_a_german_step_stays_in_the_language_of_the_company() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 2))
    holds.place([pk], reason="Anruf", by=WORKER)

    with translation.override("de"):
        effects = holds.release([pk], reason="geklärt", by=WORKER).effects
        shown = b.order(pk).get_status_display()

    assert shown == "In Bearbeitung"
    assert [effect.what for effect in effects] == ["it goes on from “Processing”"]
