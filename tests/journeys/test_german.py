"""Somebody reads German: by preference, or a stranger by what the browser asks for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from config.kernel.actors import WORKER, Actor
from config.kernel.reading import day
from inventory.models import Supply
from orders import people, remedies
from orders.lifecycle import cancellation, dispatch, holds, quotes, validation
from orders.models import Order, OrderException, RoleGrant, Staff
from orders.permissions import right
from orders.reports import integrity
from tests import builders as b

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


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


ENGLISH = re.compile(r"\b(the|is|are|of|for|with|units?|waits?|since|nothing)\b", re.IGNORECASE)


def told(client: Client, pk: int) -> list[str]:
    """What the page of an order says of where it is; nothing of that is English."""
    answer = client.get(b.order(pk).get_absolute_url())
    said = [sentence.words for sentence in answer.context["sentences"]]
    assert [words for words in said if ENGLISH.search(words)] == []
    return said


def german(moment: object) -> str:
    with translation.override("de"):
        return day(moment)  # type: ignore[arg-type]


def short_order() -> int:
    """Two of five units are there, three are coming."""
    thing, due = b.product(), timezone.localdate() + timedelta(days=8)
    b.stocked(2, of=thing)
    Supply.objects.create(
        product=thing, warehouse=b.warehouse(), quantity=9, expected_on=due, reference="PO-77"
    )
    return b.processed((thing, 5))[0]


def over_the_limit() -> OrderException:
    buyer = b.customer("20")
    [pk] = b.submitted((b.product("ONE"), 5), buyer=buyer)
    validation.validate([pk], by=WORKER)
    return OrderException.objects.blocking().get(order=pk)


def test_a_backordered_order_says_in_german_what_it_waits_for() -> None:
    client, pk = reader("de"), short_order()

    due = german(Supply.objects.get().expected_on)

    assert told(client, pk) == [
        f"2 von 5 Einheiten sind in LEI reserviert; 3 warten auf Zugang PO-77 (fällig {due}).",
        "In LEI zu kommissionieren: 1 Griff, noch auf keiner Liste.",
    ]
    assert "40 % reserviert, 3 im Rückstand" in client.get(reverse("orders:list")).text


def test_a_held_order_says_in_german_since_when_and_how_it_goes_on() -> None:
    client = reader("de")
    [pk] = b.submitted((b.product(), 1))
    holds.place([pk], reason="Adresse klären", by=WORKER)

    assert told(client, pk) == [
        f"Gesperrt seit {german(timezone.now())}: Adresse klären. Weiter geht es, sobald die "
        "Sperre aufgehoben ist."
    ]


def test_an_order_that_was_sent_in_part_says_in_german_what_has_left() -> None:
    thing, client = b.product(), reader("de")
    b.stocked(2, of=thing)
    [pk] = b.packed((thing, 3))
    parcel = b.order(pk).shipments.get()
    packed = f"{parcel} ist in LEI mit 2 Einheiten gepackt und wartet auf den Versand."
    assert packed in told(client, pk)

    dispatch.dispatch([pk], by=WORKER, tracking_number="JD01")

    said = told(client, pk)
    today = german(timezone.now())
    assert said[0] == (
        f"{parcel} mit 2 Einheiten ist seit {today} unterwegs (Sendungsnummer JD01)."
    )
    assert said[1].startswith("Von 1 Einheit ist keine reserviert; 1 wartet auf Bestand, der noch")


def test_drafts_and_what_is_over_are_told_in_german() -> None:
    thing, client = b.product(price="40.00"), reader("de")
    b.stocked(9, of=thing)
    [draft], [dropped], [there] = (
        b.drafted((thing, 1)),
        b.submitted((thing, 1)),
        b.delivered((thing, 3)),
    )
    cancellation.cancel([dropped], reason="customer_request", by=WORKER)

    assert told(client, draft) == ["Vollständig und noch nicht erteilt."]
    assert told(client, dropped)[0].endswith(": Kundenwunsch. Nichts ist dafür reserviert.")
    [words] = told(client, there)
    assert words.startswith("Zugestellt; wird binnen einer Minute von selbst abgeschlossen: ")
    assert "(120,00\N{NO-BREAK SPACE}€, fällig " in words


def test_a_review_is_german_from_the_reason_to_the_ways_out() -> None:
    row, client = over_the_limit(), reader("de", "Finance")
    order, since = row.order, german(row.opened_at)

    page = client.get(order.get_absolute_url()).text
    finding = client.get(reverse("orders:finding", args=[row.pk])).text

    assert f"Wartet seit {since} auf Finanzen: " in page
    assert "Zahlung über 30,00 EUR erfassen" in finding
    assert "Kreditlimit um 30,00 EUR auf 50,00 EUR erhöhen" in finding
    assert "Schon genutzt" in finding
    assert "Beim Befund" in finding
    with translation.override("de"):
        [situation] = remedies.review(b.order(order.pk)).situations
    ways = [words for way in situation.remedies for words in (way.title, way.then)]
    assert [words for words in ways if ENGLISH.search(words)] == []


def test_the_inbox_counts_time_in_german_and_today_leads_there() -> None:
    row, client = over_the_limit(), reader("de", "Finance")
    now = timezone.now()
    OrderException.objects.filter(pk=row.pk).update(
        opened_at=now - timedelta(hours=50), due_at=now - timedelta(hours=2, minutes=10)
    )

    inbox = client.get(reverse("orders:review")).text
    today = client.get(reverse("orders:today")).text

    assert "2 T. 2 Std.<span" in inbox
    assert "wartet, 2 Std. 10 Min. über dem Ziel" in inbox
    assert "1 in Klärung" in today
    assert "Anstehende Entscheidungen" in today


@pytest.mark.parametrize("tab", ["money", "ledger", "allocation", "versions"])
def test_every_tab_of_an_order_tells_where_it_is_in_german(tab: str) -> None:
    order = b.order(short_order())

    page = reader("de").get(reverse(f"orders:{tab}", args=[order.number])).text

    assert "2 von 5 Einheiten sind in LEI reserviert; 3 warten auf Zugang PO-77" in page


def test_the_activity_names_in_german_what_each_step_did() -> None:
    page = reader("de").get(b.order(short_order()).get_absolute_url()).text

    assert "reserviert: 2 " in page
    assert "in Rückstand: 3 " in page


def test_what_a_role_may_do_is_said_in_one_form() -> None:
    ours = Permission.objects.filter(content_type__app_label__in=["orders", "finance"])
    with translation.override("de"):
        names = [right(name) for name in ours.values_list("name", flat=True)]

    assert "Aufträge kennzeichnen" in names
    assert [name for name in names if name.startswith("Kann ")] == []


def test_a_scope_that_a_german_sets_is_recorded_in_the_language_of_the_company() -> None:
    boss, rep = User.objects.create(username="boss"), User.objects.create(username="rep")

    with translation.override("de"):
        people.set_scope(rep, people.Scope(["DE"]), by=Actor.of(boss), reason="Nur DE")

    assert RoleGrant.objects.get().reason == "Countries: DE. Nur DE"


def test_quotes_groups_of_the_inbox_and_integrity_are_in_german() -> None:
    client, thing = reader("de", "Admin"), b.product(price="50.00")
    User.objects.update(is_superuser=True)
    [pk] = b.drafted((thing, 1))
    quotes.send([pk], expires_on=timezone.localdate(), message="", by=WORKER)
    order = b.order(pk)
    Order.objects.filter(pk=pk).update(version=order.version + 1)
    validation.validate(b.submitted((thing, 1), buyer=b.customer("10")), by=WORKER)

    tabs = client.get(reverse("orders:quotes")).text
    quote = client.get(reverse("orders:quote", args=[order.number])).text
    inbox = client.get(reverse("orders:review"), {"group": "team"}).text
    rules = client.get(reverse("orders:integrity")).text

    assert all(f">{state} <" in tabs for state in ("Offen", "Abgelaufen", "Angenommen"))
    assert "Seither geändert" in quote
    assert ">Finanzen<" in re.sub(r"<option.*?</option>", "", inbox)
    assert "Bezahlt heißt auf den Cent beglichen" in rules
    assert "hat ein Angebot gesendet" in client.get(order.get_absolute_url()).text
    assert {rule.said for rule in integrity.rules()} == {rule.title for rule in integrity.rules()}
    with translation.override("de"):
        assert [rule.code for rule in integrity.rules() if rule.said == rule.title] == []
