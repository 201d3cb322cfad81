"""The search behind the palette: orders first, then customers, items, and where one can go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from config.context import SETTINGS, places
from fulfillment.models import Package
from inventory.models import Product
from orders.axes import NUMBER
from orders.lifecycle.searching import known_under
from orders.models import Customer, Order, OrderSearch, Staff
from orders.reports.customers import UNDER_WAY
from orders.scope import customers_meant, visible

ORDERS, NAMES, SHORTEST = 6, 4, 3  # rows of each kind; fewer letters are a number or nothing
SERVED = 2  # customers for whom something can be done at once


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to go to."""

    url: str
    icon: str
    title: str
    sub: str = ""
    state: str = ""
    mono: bool = False


def search(request: HttpRequest) -> HttpResponse:
    """What matches the words typed; after “>” commands alone."""
    typed = request.GET.get("q", "").strip()[:100]
    only_commands = typed.startswith(">") or not typed
    words = typed.lstrip("> ")
    groups: list[tuple[str, list[Hit]]] = []
    wanted: list[Hit] = []
    if not only_commands:
        groups.append((gettext("Orders"), _orders(words, request.user)))
    if not only_commands and len(words) > 1:
        buyers = customers_meant(words, request.user, limit=NAMES, known=True)
        things = Product.matching(words, limit=NAMES)
        groups.append((gettext("Customers"), [_customer(buyer) for buyer in buyers]))
        groups.append((gettext("Items"), [_item(thing) for thing in things]))
        wanted = _wanted(buyers[:SERVED], request.user)
    groups.append((gettext("Commands"), wanted + _commands(words, request.user)))
    shown = [(title, hits) for title, hits in groups if hits]
    context = {"groups": shown, "words": words}
    return HttpResponse(render_to_string("orders/_palette.html", context))


def _orders(words: str, user: User | AnonymousUser) -> list[Hit]:
    """Orders by number, PO, customer, e-mail, phone and SKU (words), and by tracking number."""
    number = f"SO-{int(exact[1]):06}" if (exact := NUMBER.fullmatch(words)) else ""
    if not number and len(words) < SHORTEST:
        return []
    visible_orders = Order.objects.visible_to(user)
    rows = visible_orders.filter(pk__in=_matching(words, number)).select_related("customer")
    found = sorted(rows, key=lambda order: (order.number != number, -order.pk))
    return [
        Hit(
            order.get_absolute_url(),
            "orders",
            f"{order.number} {order.customer}",
            gettext("PO %(po_number)s") % {"po_number": order.po_number} if order.po_number else "",
            order.status,
        )
        for order in found[:ORDERS]
    ]


def _matching(words: str, number: str) -> QuerySet[Order, int]:
    """The keys of the latest orders that match, each source by its own index."""
    by_words = OrderSearch.objects.filter(known_under(words)).order_by("-order_id")
    tracked = Package.objects.filter(tracking_number__startswith=words).order_by("-pk")
    return by_words.values_list(
        "order_id", flat=True
    )[
        :ORDERS
    ].union(  # type: ignore[return-value]
        tracked.values_list("shipment__order_id", flat=True)[:ORDERS],
        Order.objects.filter(number=number).values_list("pk", flat=True)[:1],
    )


def _customer(buyer: Customer) -> Hit:
    sub = f"{buyer.code} · {buyer.email}" if buyer.email else buyer.code
    return Hit(buyer.get_absolute_url(), "building", buyer.name, sub)


def _wanted(buyers: Sequence[Customer], user: User | AnonymousUser) -> list[Hit]:
    """What is done most for the customers that were found."""
    served = {buyer.pk for buyer in buyers if buyer.is_active}
    if served and Staff.of(user).is_scoped:
        mine = visible(Customer.objects.filter(pk__in=served), user)
        served = set(mine.values_list("pk", flat=True))
    if not user.has_perm("orders.add_order"):
        served = set()
    return [hit for buyer in buyers for hit in _for(buyer, user, sells=buyer.pk in served)]


def _for(buyer: Customer, user: User | AnonymousUser, *, sells: bool) -> list[Hit]:
    """A new order for one of them, and those that are under way."""
    named, query = {"customer": buyer}, urlencode({"customer": buyer.code})
    hits = []
    if sells:
        title = gettext("New order for %(customer)s") % named
        hits.append(Hit(f"{reverse('orders:new')}?{query}", "plus", title, buyer.code))
    if user.has_perm("orders.view_order"):
        query = urlencode({"customer": buyer.code, "status": UNDER_WAY}, doseq=True)
        title = gettext("Open orders of %(customer)s") % named
        hits.append(Hit(f"{reverse('orders:list')}?{query}", "orders", title, buyer.code))
    return hits


def _item(thing: Product) -> Hit:
    url = f"{reverse('orders:list')}?{urlencode({'q': thing.sku})}"
    words = {"name": thing.name, "unit": thing.unit}
    sub = gettext("%(name)s, %(unit)s: orders with it") % words
    return Hit(url, "tag", thing.sku, sub, mono=True)


def _commands(words: str, user: User | AnonymousUser) -> list[Hit]:
    """The places and commands of this person whose names hold every word."""
    hits = []
    if user.has_perm("orders.add_order"):
        hits.append(Hit(reverse("orders:new"), "plus", gettext("New order")))
    if user.has_perm("orders.import_order"):
        hits.append(Hit(reverse("orders:import_new"), "upload", gettext("Import orders")))
        hits.append(Hit(reverse("orders:imports"), "import", gettext("Imports")))
    hits += [
        Hit(reverse(item.url_name), item.icon, str(item.label))
        for _, items in (*places(user), *places(user, SETTINGS))
        for item in items
    ]
    hits.append(Hit(reverse("orders:notices"), "bell", gettext("Notifications")))
    wanted = words.lower().split()
    return [hit for hit in hits if all(word in hit.title.lower() for word in wanted)]
