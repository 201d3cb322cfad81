"""Capture: typed, sent or imported, an order becomes a draft with its own copy of everything.

Product, price, tax, terms and address are copied as they are now, so that later changes of master
data never alter an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.money import ZERO
from finance.models import PaymentTerms
from finance.services import credit, prices
from inventory.models import Product
from orders import history
from orders.lifecycle import searching
from orders.lifecycle.drafts import (
    ADDRESS,
    LARGEST_QUANTITY,
    Captured,
    LineDraft,
    OrderDraft,
    Problem,
)
from orders.lifecycle.loading import ALWAYS
from orders.models import (
    Address,
    Channel,
    Currency,
    Customer,
    Order,
    OrderLine,
    RuleSet,
)
from orders.pricing import PricedLine, Totals, price


@dataclass(slots=True)
class Catalogue:
    """The master data that a set of drafts names, read in one go."""

    customers: dict[str, Customer]
    products: dict[str, Product]
    channels: dict[str, Channel]
    currencies: dict[str, Currency]
    terms: dict[str, PaymentTerms]
    addresses: dict[int, Address]
    tariff: prices.Tariff
    taken: set[tuple[str, str]]
    rules_version: int


@dataclass(slots=True)
class Reading:
    """A draft on its way to become an order."""

    index: int
    draft: OrderDraft
    customer: Customer
    currency: Currency
    ship_to: dict[str, str]
    terms: PaymentTerms | None
    lines: list[tuple[LineDraft, Product, PricedLine, Decimal | None]] = field(default_factory=list)
    totals: Totals = field(default_factory=lambda: Totals(ZERO, ZERO, ZERO, ZERO, ZERO))


def create(drafts: Sequence[OrderDraft], *, by: Actor, at: datetime | None = None) -> Captured:
    """Make an order of every draft that can be one; answer the others with their problems.

    A draft is taken whole or not at all. (channel, external id) is taken once.
    """
    at = at or timezone.now()
    captured = Captured()
    with transaction.atomic():
        catalogue = _catalogue(drafts)
        readings = []
        for index, draft in enumerate(drafts):
            reading = _read(index, draft, catalogue, captured.problems)
            if reading:
                readings.append(reading)
        _write(readings, catalogue, captured, by, at)
    return captured


def _catalogue(drafts: Sequence[OrderDraft]) -> Catalogue:
    skus = {line.sku for draft in drafts for line in draft.lines}
    customers = {
        c.code: c for c in Customer.objects.filter(code__in={draft.customer for draft in drafts})
    }
    products = {p.sku: p for p in Product.objects.filter(sku__in=skus)}
    keys = [customer.pk for customer in customers.values()]
    external = {draft.external_id for draft in drafts if draft.external_id}
    taken = Order.objects.filter(external_id__in=external).values_list(
        "channel__code", "external_id"
    )
    addresses = Address.objects.filter(customer__in=keys, is_default=True)
    return Catalogue(
        customers=customers,
        products=products,
        channels={channel.code: channel for channel in Channel.objects.all()},
        currencies=Currency.objects.in_bulk(),
        terms={terms.code: terms for terms in PaymentTerms.objects.all()},
        addresses={address.customer_id: address for address in addresses},
        tariff=prices.tariff(keys, [product.pk for product in products.values()]),
        taken={(channel, str(external)) for channel, external in taken},
        rules_version=RuleSet.objects.order_by("-version").values_list("version", flat=True)[0],
    )


def _read(
    index: int, draft: OrderDraft, catalogue: Catalogue, problems: list[Problem]
) -> Reading | None:
    """Check a draft against the catalogue and price it; None with problems when it cannot be."""
    found = list(_header_problems(index, draft, catalogue))
    for position, line in enumerate(draft.lines):
        found += _line_problems(index, position, line, catalogue)
    if found:
        problems += found
        return None
    customer = catalogue.customers[draft.customer]
    granted = catalogue.tariff.terms.get(customer.pk)
    terms = granted.payment_terms if granted else None
    if draft.terms:
        terms = catalogue.terms[draft.terms]
    currency = catalogue.currencies[draft.currency or customer.currency_id]
    reading = Reading(index, draft, customer, currency, _ship_to(draft, catalogue), terms)
    unpriced = list(_price(reading, catalogue))
    if unpriced:
        problems += unpriced
        return None
    if draft.external_id:
        catalogue.taken.add((draft.channel, draft.external_id))
    return reading


def _header_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    yield from _customer_problems(index, draft, catalogue)
    known = (
        ("channel", draft.channel, catalogue.channels, "channel"),
        ("currency", draft.currency, catalogue.currencies, "currency we sell in"),
        ("terms", draft.terms, catalogue.terms, "payment terms we grant"),
    )
    for name, value, table, what in known:
        if value and value not in table:
            offered = ", ".join(sorted(table))
            words = f"“{value}” is not a {what}; use one of {offered}."
            yield Problem(index, name, f"unknown_{name}", words)
    if draft.external_id and (draft.channel, draft.external_id) in catalogue.taken:
        words = f"{draft.channel} has sent order {draft.external_id} already; it is taken once."
        yield Problem(index, "external_id", "repeated_external_id", words)
    if draft.shipping < 0 or draft.order_discount < 0:
        yield Problem(index, "shipping", "negative_amount", "An amount cannot be negative.")


def _customer_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    customer = catalogue.customers.get(draft.customer)
    if customer is None:
        words = f"There is no customer “{draft.customer}”."
        yield Problem(index, "customer", "unknown_customer", words)
    elif not customer.is_active:
        words = f"{customer} is closed and takes no new orders."
        yield Problem(index, "customer", "closed_customer", words)


def _line_problems(
    index: int, position: int, line: LineDraft, catalogue: Catalogue
) -> Iterable[Problem]:
    at = f"lines.{position}"
    product = catalogue.products.get(line.sku)
    if product is None:
        yield Problem(index, f"{at}.sku", "unknown_sku", f"There is no item “{line.sku}”.")
    elif not product.is_active:
        yield Problem(index, f"{at}.sku", "inactive_sku", f"{line.sku} is no longer sold.")
    if not 1 <= line.quantity <= LARGEST_QUANTITY:
        yield Problem(
            index,
            f"{at}.quantity",
            "bad_quantity",
            f"{line.sku}: a quantity is between 1 and {LARGEST_QUANTITY:,}, not {line.quantity:,}.",
        )
    if line.unit_price is not None and line.unit_price < 0:
        yield Problem(
            index, f"{at}.unit_price", "bad_price", f"{line.sku}: a price cannot be negative."
        )
    if line.discount_percent is not None and not 0 <= line.discount_percent <= 100:
        yield Problem(
            index, f"{at}.discount", "bad_discount", f"{line.sku}: a discount is 0 to 100 %."
        )


def _ship_to(draft: OrderDraft, catalogue: Catalogue) -> dict[str, str]:
    if draft.ship_to is not None:
        return {part: draft.ship_to.get(part, "") for part in ADDRESS}
    address = catalogue.addresses.get(catalogue.customers[draft.customer].pk)
    return {part: str(getattr(address, part, "")) for part in ADDRESS}


def _price(reading: Reading, catalogue: Catalogue) -> Iterable[Problem]:
    """Give every line its price and work out the totals; a line without a price is a problem."""
    tariff, customer, currency = catalogue.tariff, reading.customer.pk, reading.currency.code
    granted = tariff.terms.get(customer)
    for position, line in enumerate(reading.draft.lines):
        product = catalogue.products[line.sku]
        agreed = tariff.agreed_price(customer, currency, product.pk)
        if line.unit_price is None and agreed is None:
            yield Problem(
                reading.index,
                f"lines.{position}.unit_price",
                "no_price",
                f"{line.sku} has no price in {currency}; type one.",
            )
            continue
        unit = line.unit_price if line.unit_price is not None else agreed[0]  # type: ignore[index]
        discount = line.discount_percent
        if discount is None:
            discount = granted.discount_percent if granted else ZERO
        rate = line.tax_rate
        if rate is None:
            rate = tariff.tax_rate(customer, reading.ship_to["country"], product.tax_category)
        listed = tariff.list_price(currency, product.pk)
        priced = PricedLine(line.quantity, unit, discount, rate)
        reading.lines.append((line, product, priced, listed[0] if listed else None))
    reading.totals = price(
        [priced for _, _, priced, _ in reading.lines],
        order_discount=reading.draft.order_discount,
        shipping=reading.draft.shipping if reading.lines else ZERO,
        minor_units=reading.currency.minor_units,
    )


def _write(
    readings: Sequence[Reading], catalogue: Catalogue, captured: Captured, by: Actor, at: datetime
) -> None:
    """Write all orders, their lines, search words and first events, one statement each."""
    if not readings:
        return
    credit.open_accounts((r.customer.pk, r.currency.code) for r in readings)
    numbers = _numbers(len(readings))
    rows = [
        _order_row(reading, number, catalogue, by, at)
        for reading, number in zip(readings, numbers, strict=True)
    ]
    ids = [
        pk for (pk,) in sets.insert(Order, list(rows[0]), [list(r.values()) for r in rows], "id")
    ]
    lines = [
        line
        for pk, reading in zip(ids, readings, strict=True)
        for line in _line_rows(pk, reading, at)
    ]
    if lines:
        sets.insert(OrderLine, list(lines[0]), [list(line.values()) for line in lines])
    searching.write_words(ids)
    _record(ids, readings, by, at)
    captured.orders = {reading.index: pk for pk, reading in zip(ids, readings, strict=True)}


def _numbers(count: int) -> list[str]:
    """The next order numbers; gaps are allowed, repeats are not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number') FROM generate_series(1, %s)", [count])
        return [f"SO-{value:06}" for (value,) in cursor.fetchall()]


def _order_row(
    reading: Reading, number: str, catalogue: Catalogue, by: Actor, at: datetime
) -> dict[str, Any]:
    draft, totals, terms = reading.draft, reading.totals, reading.terms
    return {
        "number": number,
        "customer": reading.customer.pk,
        "channel": catalogue.channels[draft.channel].pk,
        "external_id": draft.external_id or None,
        "po_number": draft.po_number,
        "priority": draft.priority,
        "status": "draft",
        "fulfillment_status": "none",
        "payment_status": "none",
        "return_status": "none",
        "currency": reading.currency.code,
        "fill_policy": draft.fill_policy or reading.customer.fill_policy,
        "invoice_policy": "dispatch",
        "rules_version": catalogue.rules_version,
        "version": 0,
        "last_seq": 0,
        "last_event_at": at,
        **{f"ship_to_{part}": reading.ship_to[part] for part in ADDRESS},
        "terms_code": terms.code if terms else "",
        "terms_days": terms.days if terms else 0,
        "terms_prepaid": bool(terms and terms.is_prepaid),
        "requested_on": draft.requested_on,
        "note": draft.note,
        "unread_rows": draft.unread_rows,
        "subtotal": totals.subtotal,
        "order_discount": totals.order_discount,
        "discount_total": totals.discount_total,
        "shipping_total": totals.shipping_total,
        "tax_total": totals.tax_total,
        "grand_total": totals.grand_total,
        "created_by": by.user_id,
        "created_at": at,
    }


def _line_rows(order: int, reading: Reading, at: datetime) -> Iterable[dict[str, Any]]:
    for number, (line, product, priced, listed) in enumerate(reading.lines, 1):
        yield {
            "order": order,
            "line_no": number,
            "product": product.pk,
            "sku": product.sku,
            "name": product.name,
            "unit": product.unit,
            "snapshot_at": max(at, product.sku_since),
            "is_stocked": product.is_stocked,
            "requested_on": line.requested_on,
            "unit_price": priced.unit_price,
            "list_price": listed,
            "gross_amount": priced.gross,
            "discount_percent": priced.discount_percent,
            "discount_amount": priced.discount,
            "order_discount_share": priced.order_discount_share,
            "shipping_amount": priced.shipping,
            "tax_rate": priced.tax_rate,
            "tax_amount": priced.tax,
            "line_total": priced.total,
            "cancelled_amount": ZERO,
            "ordered": priced.quantity,
            **dict.fromkeys(_COUNTERS, 0),
        }


_COUNTERS = (
    "cancelled",
    "backordered",
    "allocated",
    "picked",
    "shipped",
    "delivered",
    "return_requested",
    "returned",
    "invoiced",
    "credited",
)


def _record(ids: Sequence[int], readings: Sequence[Reading], by: Actor, at: datetime) -> None:
    """The first event of every order, and its counters of history."""
    orders = []
    for pk, reading in zip(ids, readings, strict=True):
        order = Order(pk=pk, last_seq=0, version=0, last_event_at=at)
        orders.append(
            history.Happening(
                order,
                "order.created",
                to_state="draft",
                data={
                    "channel": history.changed(None, reading.draft.channel),
                    "lines": history.changed(None, len(reading.lines)),
                    "grand_total": history.changed(None, reading.totals.grand_total),
                },
            )
        )
    history.record(orders, by=by, at=at)
    sets.update(Order, [name for name in ALWAYS if name != "status"], [h.order for h in orders])
