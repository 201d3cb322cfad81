"""Returns over HTTP: from the refusal of a cancellation to a decision by somebody else."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.actors import WORKER, Actor
from orders.models import Order, OrderLine, Staff
from orders.permissions import ROLES
from returns import lifecycle as returns
from returns import policy
from returns.models import Return
from tests import builders as b

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


def person(role: str, name: str = "") -> User:
    user = User.objects.create(username=name or role.replace(" ", "."))
    user.groups.add(Group.objects.get(name=role))
    return user


def client_of(user: User, language: str = "") -> Client:
    client = Client(headers={"accept-language": language} if language else {})
    client.force_login(user, backend=BACKEND)
    return client


def sent(units: int, ordered: int = 0) -> Order:
    """An order of which so many units have arrived, or have left while more are wanted."""
    thing = b.product("GLV-NIT-L")
    b.stocked(units, of=thing)
    [pk] = (b.dispatched if ordered else b.delivered)((thing, ordered or units))
    return b.order(pk)


def at(order: Order) -> str:
    return reverse("returns:request", args=[order.number])


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def choice(order: Order, units: int, **more: object) -> dict[str, object]:
    """The form of a return as it is sent."""
    [item] = policy.sent([order.pk])[order.pk]
    version = Order.objects.values_list("version", flat=True).get(pk=order.pk)
    chosen = {f"parcel-{item.line.pk}": units, "version": version}
    return chosen | {"reason": "damaged", "words": "Wet", "confirm": "1"} | more


def of(each: Return, step: str) -> str:
    return reverse(f"returns:{step}", args=[each.number])


def test_a_return_is_asked_for_by_one_and_authorized_by_another() -> None:
    order = sent(5)
    rep, boss = client_of(person("Sales rep", "rep")), client_of(person("Sales manager", "boss"))

    before = page(rep, order.get_absolute_url())
    shown = page(rep, at(order))
    asking = choice(order, 2)
    del asking["confirm"]
    seen = rep.post(at(order), asking | {"preview": "1"})
    answer = rep.post(at(order), choice(order, 2))
    mine, other = page(rep, order.get_absolute_url()), page(boss, order.get_absolute_url())

    assert f'href="{at(order)}"' in before
    assert "Returns</h2>" not in before
    assert "5 of 5 shipped units can be asked back." in shown
    assert "Choose units, and what is asked for stands here." in shown
    assert "To come back: GLV-NIT-L" in seen.content.decode()
    assert (answer.status_code, answer["Location"]) == (302, order.get_absolute_url())
    each = Return.objects.get()
    assert (each.status, OrderLine.objects.get().return_requested) == ("requested", 2)
    for text in (mine, other):
        assert f"{each} asks for 2 units to come back and waits to be authorized." in text
        assert "2 × A thing (GLV-NIT-L), sent with SH-" in text
        assert "rep asked for a return" in text
        assert "It arrived damaged. “Wet”" in text
        assert "Return open" in text
    assert (of(each, "withdraw") in mine, of(each, "authorize") in mine) == (True, False)
    assert (of(each, "authorize") in other, of(each, "reject") in other) == (True, True)

    assert rep.post(of(each, "authorize")).status_code == 403
    asked = page(boss, of(each, "authorize"))
    boss.post(of(each, "authorize"), {"words": "Send a label"})
    after = page(boss, order.get_absolute_url())

    assert "Nothing is booked in and nothing is credited by this" in asked
    assert Return.objects.get().status == "authorized"
    assert f"{each} is authorized: 2 units may come back." in after
    assert "boss authorized a return" in after
    assert "Delivered; it completes when what comes back is settled." in after
    assert "completes by itself" not in after


def test_nobody_decides_on_a_return_of_their_own() -> None:
    order = sent(5)
    boss = client_of(person("Sales manager", "boss"))
    boss.post(at(order), choice(order, 1))
    each = Return.objects.get()
    words = f"You asked for {each} yourself, so somebody else decides on it."

    shown, form = page(boss, order.get_absolute_url()), page(boss, of(each, "authorize"))
    tried = boss.post(of(each, "authorize"), {"words": ""}, follow=True).content.decode()
    rejected = boss.post(of(each, "reject"), {"words": "No"}, follow=True).content.decode()

    assert words in shown
    assert f'href="{of(each, "authorize")}"' not in shown
    assert words in form
    assert 'type="submit" data-submit' not in form
    assert words in tried
    assert words in rejected
    assert Return.objects.get().status == "requested"


def test_a_rejection_says_why_and_the_units_are_free_again() -> None:
    order = sent(5)
    by = Actor.of(person("Support", "sue"))
    returns.request([order.pk], reason="damaged", by=by)
    each = Return.objects.get()
    lead = client_of(person("Warehouse lead", "lee"))

    mute = lead.post(of(each, "reject"), {"words": " "})
    lead.post(of(each, "reject"), {"words": "It was used"})
    text = page(lead, order.get_absolute_url())

    assert (mute.status_code, "Reason is required." in mute.content.decode()) == (422, True)
    assert Return.objects.get().status == "rejected"
    assert OrderLine.objects.get().return_requested == 0
    assert "lee rejected a return" in text
    assert "“It was used”" in text
    assert "Return open" not in text


@pytest.mark.parametrize("ordered", [0, 8])
def test_a_refused_cancellation_offers_the_return_of_exactly_those_units(ordered: int) -> None:
    order = sent(5, ordered)
    line = OrderLine.objects.get()
    returns.request([order.pk], reason="damaged", quantities={line.pk: 2}, by=WORKER)
    client = client_of(person("Support"))

    text = page(client, reverse("orders:cancel", args=[order.number]))
    [link] = re.findall(r'href="(/orders/[^"]+/return/[^"]*)"', text)
    opened = page(client, link)

    assert link == f"{at(order)}?line-{line.pk}=3"
    assert "Ask for a return of 3 shipped units" in text
    assert ("5 units have already shipped; raise a return instead." in text) == (not ordered)
    assert re.search(r'name="parcel-\d+" value="3"', opened)
    assert "To come back: GLV-NIT-L" in opened
    assert "3 of 5 shipped units can be asked back. 2 are on other returns." in opened


def test_an_order_of_which_nothing_has_shipped_offers_no_return() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 5))
    order, client = b.order(pk), client_of(person("Support"))

    cancel = page(client, reverse("orders:cancel", args=[order.number]))
    shown = page(client, at(order))

    assert at(order) not in cancel + page(client, order.get_absolute_url())
    assert "not possible to ask for a return of it from there" in shown
    assert 'name="confirm"' not in shown


def test_what_is_mistyped_or_out_of_date_asks_for_nothing() -> None:
    order = sent(5)
    client = client_of(person("Support"))
    data = choice(order, 2)

    over = client.post(at(order), choice(order, 6))
    text = client.post(at(order), choice(order, "two"))
    none = client.post(at(order), choice(order, 0))
    mute = client.post(at(order), data | {"reason": ""})
    returns.request([order.pk], reason="damaged", by=WORKER, quantities={_line(order): 1})
    stale = client.post(at(order), data)

    assert (over.status_code, text.status_code, mute.status_code) == (422, 422, 422)
    assert "GLV-NIT-L: at most 5 can still come back." in over.content.decode()
    assert "Choose the units of" in none.content.decode()
    assert (stale.status_code, "was changed after you opened it" in stale.content.decode()) == (
        409,
        True,
    )
    assert Return.objects.count() == 1


def _line(order: Order) -> int:
    return OrderLine.objects.get(order=order).pk


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_offered_what_the_table_gives_it(role: str) -> None:
    order = sent(5)
    returns.request([order.pk], reason="damaged", by=WORKER, quantities={_line(order): 1})
    each, client = Return.objects.get(), client_of(person(role))

    text = page(client, order.get_absolute_url())

    asks, decides = (f"returns.{verb}_return" in ROLES[role] for verb in ("request", "authorize"))
    assert (f'href="{of(each, "withdraw")}"' in text) == asks
    assert (f'href="{of(each, "authorize")}"' in text) == decides
    assert (client.get(at(order)).status_code == 200) == asks
    assert (client.get(of(each, "reject")).status_code == 200) == decides


def test_returns_outside_the_scope_are_not_there() -> None:
    order = sent(5)
    returns.request([order.pk], reason="damaged", by=WORKER)
    boss = person("Sales manager")
    Staff.objects.update_or_create(user=boss, defaults={"countries": ["GB"]})
    client, each = client_of(boss), Return.objects.get()

    answers = [client.post(of(each, step), {"words": "No"}) for step in ("authorize", "reject")]
    answers += [client.post(of(each, "withdraw")), client.get(at(order))]

    assert {answer.status_code for answer in answers} == {404}
    assert Return.objects.get().status == "requested"


def test_the_list_says_which_orders_wait_for_a_return() -> None:
    order = sent(5)
    other = sent_other()
    returns.request([order.pk], reason="damaged", by=WORKER)

    text = page(client_of(person("Support")), reverse("orders:list"))

    rows = {number: "Return open" in row for number, row in _rows(text)}
    assert rows == {order.number: True, other.number: False}


def sent_other() -> Order:
    thing = b.product()
    b.stocked(1, of=thing)
    [pk] = b.delivered((thing, 1))
    return b.order(pk)


def _rows(text: str) -> list[tuple[str, str]]:
    return [
        (found[1], row)
        for row in text.split("<tr>")
        if (found := re.search(r'class="rowlink"[^>]*>(SO-\d+)<', row))
    ]


def test_a_return_speaks_the_language_of_its_reader() -> None:
    order = sent(5)
    returns.request([order.pk], reason="damaged", by=WORKER)
    each, boss = Return.objects.get(), person("Sales manager")
    Staff.objects.update_or_create(user=boss, defaults={"language": "de"})
    client = client_of(boss)

    texts = [
        page(client, order.get_absolute_url()),
        page(client, of(each, "authorize")),
        page(client, at(order)),
    ]

    assert f"{each} über 5 Einheiten wartet auf Freigabe." in texts[0]
    assert "Es kam beschädigt an" in texts[0]
    assert "Freigeben…" in texts[0]
    assert "nichts gutgeschrieben" in texts[1]
    assert "Für alles Versendete ist schon eine Retoure angemeldet." in texts[2]


def test_an_order_with_many_returns_takes_few_statements() -> None:
    order, line = sent(30), OrderLine.objects.get()
    client = client_of(person("Sales manager"))

    def statements() -> int:
        returns.request([order.pk], reason="damaged", by=WORKER, quantities={line.pk: 1})
        page(client, order.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            page(client, order.get_absolute_url())
        return len(queries)

    few = statements()
    for _ in range(5):
        many = statements()

    assert few == many <= 25
