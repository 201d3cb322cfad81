"""Reading: a draft is checked against the master data and priced, or its problems are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, gettext_noop

from config.kernel.money import ZERO
from config.kernel.reading import number
from config.kernel.typed import written
from finance.models import PaymentTerms
from inventory.models import Product
from orders.lifecycle import limits
from orders.lifecycle.catalogue import Catalogue
from orders.lifecycle.drafts import ADDRESS, LARGEST_QUANTITY, LineDraft, OrderDraft, Problem
from orders.models import Currency, Customer
from orders.pricing import PricedLine, Totals, price


@dataclass(slots=True)
class ReadLine:
    """One line with its product, its price and what else the product costs elsewhere."""

    draft: LineDraft
    product: Product
    priced: PricedLine
    listed: Decimal | None
    agreed: Decimal | None
    floor: Decimal | None


@dataclass(slots=True)
class Reading:
    """A draft on its way to become an order."""

    index: int
    draft: OrderDraft
    customer: Customer
    currency: Currency
    ship_to: dict[str, str]
    terms: PaymentTerms | None
    lines: list[ReadLine] = field(default_factory=list)
    unread: list[dict[str, Any]] = field(default_factory=list)
    totals: Totals = field(default_factory=lambda: Totals(ZERO, ZERO, ZERO, ZERO, ZERO))

    @property
    def discount_percent(self) -> Decimal | None:
        """The share that the discount on the order takes off the goods."""
        goods = self.totals.subtotal
        return 100 * self.totals.discount_total / goods if goods else None


def read(drafts: Sequence[OrderDraft], catalogue: Catalogue) -> tuple[list[Reading], list[Problem]]:
    """Every draft that can be an order, priced; and what stands in the way of the others."""
    readings, problems = [], []
    for index, draft in enumerate(drafts):
        reading, found = _read(index, draft, catalogue)
        problems += found
        if reading:
            readings.append(reading)
    return readings, problems


def _read(
    index: int, draft: OrderDraft, catalogue: Catalogue
) -> tuple[Reading | None, list[Problem]]:
    found = list(_header_problems(index, draft, catalogue))
    lines, unread = _lines(index, draft, catalogue, found)
    if found:
        return None, found
    customer = catalogue.customers[draft.customer]
    granted = catalogue.tariff.terms.get(customer.pk)
    terms = granted.payment_terms if granted else None
    if draft.terms:
        terms = catalogue.terms[draft.terms]
    currency = catalogue.currencies[draft.currency or customer.currency_id]
    reading = Reading(index, draft, customer, currency, _ship_to(draft, catalogue), terms)
    reading.unread = [*draft.unread_rows, *unread]
    unpriced = list(_price(reading, lines, catalogue))
    if unpriced:
        return None, unpriced
    if draft.external_id:
        catalogue.taken.add((draft.channel, draft.external_id))
    return reading, []


def _lines(
    index: int, draft: OrderDraft, catalogue: Catalogue, problems: list[Problem]
) -> tuple[list[tuple[int, LineDraft]], list[dict[str, Any]]]:
    """The rows that can be lines, with their places; of a tentative draft, the others as text."""
    lines, unread = [], []
    for position, line in enumerate(draft.lines):
        wrong = list(line_problems(index, position, line, catalogue))
        if not wrong:
            lines.append((position, line))
        elif draft.is_tentative:
            unread.append(as_text(line))
        else:
            problems += wrong
    return lines, unread


def as_text(line: LineDraft) -> dict[str, Any]:
    """A row as it waits until it can be a line."""
    values = {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount_percent": line.discount_percent,
        "requested_on": line.requested_on,
        "parts": "\n".join(f"{day} {quantity}" for day, quantity in line.parts),
    }
    return {name: _as_typed(value) for name, value in values.items()}


def _as_typed(value: object) -> str:
    if value is None:
        return ""
    return written(value) if isinstance(value, Decimal) else str(value)


def _header_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    yield from _customer_problems(index, draft, catalogue)
    known = (
        ("channel", draft.channel, catalogue.channels),
        ("currency", draft.currency, catalogue.currencies),
        ("terms", draft.terms, catalogue.terms),
        ("shipping_method", draft.shipping_method, catalogue.carriers),
    )
    for name, value, table in known:
        if value and value not in table:
            words = gettext(UNKNOWN[name]) % {"value": value, "offered": ", ".join(sorted(table))}
            yield Problem(index, name, f"unknown_{name}", words)
    if draft.external_id and (draft.channel, draft.external_id) in catalogue.taken:
        words = gettext("%(channel)s has sent order %(number)s already; it is taken once.")
        words %= {"channel": draft.channel, "number": draft.external_id}
        yield Problem(index, "external_id", "repeated_external_id", words)
    yield from limits.of_lines(index, draft)
    yield from limits.of_texts(index, draft)
    yield from limits.of_amounts(index, draft)
    if (draft.shipping or ZERO) < 0 or draft.order_discount < 0:
        words = gettext("An amount cannot be negative.")
        yield Problem(index, "shipping", "negative_amount", words)


UNKNOWN = {
    "channel": gettext_noop("“%(value)s” is not a channel; use one of %(offered)s."),
    "currency": gettext_noop("“%(value)s” is not a currency we sell in; use one of %(offered)s."),
    "terms": gettext_noop("“%(value)s” is not a payment terms we grant; use one of %(offered)s."),
    "shipping_method": gettext_noop(
        "“%(value)s” is not a carrier we ship with; use one of %(offered)s."
    ),
}


def _customer_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    customer = catalogue.customers.get(draft.customer)
    if customer is None:
        words = gettext("There is no customer “%(customer)s”.") % {"customer": draft.customer}
        yield Problem(index, "customer", "unknown_customer", words)
    elif not customer.is_active:
        words = gettext("%(found)s is closed and takes no new orders.") % {"found": customer}
        yield Problem(index, "customer", "closed_customer", words)


def line_problems(
    index: int, position: int, line: LineDraft, catalogue: Catalogue
) -> Iterable[Problem]:
    """Why a row cannot be a line as it stands."""
    at, sku = f"lines.{position}", {"sku": line.sku}
    product = catalogue.products.get(line.sku)
    if product is None:
        words = gettext("There is no item “%(text)s”.") % {"text": line.sku}
        yield Problem(index, f"{at}.sku", "unknown_sku", words)
    elif not product.is_active:
        words = gettext("%(sku)s is no longer sold.") % sku
        yield Problem(index, f"{at}.sku", "inactive_sku", words)
    for code, words in quantity_problems(line, product):
        yield Problem(index, f"{at}.quantity", code, words)
    if line.unit_price is not None and line.unit_price < 0:
        words = gettext("%(sku)s: a price cannot be negative.") % sku
        yield Problem(index, f"{at}.unit_price", "bad_price", words)
    elif words := limits.of_line(line):
        yield Problem(index, f"{at}.unit_price", "too_large", words)
    if line.discount_percent is not None and not 0 <= line.discount_percent <= 100:
        words = gettext("%(sku)s: a discount is 0 to 100 %%.") % sku
        yield Problem(index, f"{at}.discount", "bad_discount", words)


def quantity_problems(line: LineDraft, product: Product | None) -> Iterable[tuple[str, str]]:
    """Why so many units cannot be wanted, each as code and sentence."""
    if not 1 <= line.quantity <= LARGEST_QUANTITY:
        words = gettext("%(sku)s: a quantity is between 1 and %(most)s, not %(units)s.")
        most, given = number(LARGEST_QUANTITY), number(line.quantity)
        yield "bad_quantity", words % {"sku": line.sku, "most": most, "units": given}
        return
    if product and (words := against_odd_packs(line.quantity, product)):
        yield "odd_multiple", words
    staged = sum(quantity for _, quantity in line.parts)
    if staged > line.quantity:
        words = gettext("%(sku)s: its parts add up to %(parts)s, and %(ordered)s are ordered.")
        parts, ordered = number(staged), number(line.quantity)
        yield "bad_parts", words % {"sku": line.sku, "parts": parts, "ordered": ordered}


def against_odd_packs(quantity: int, product: Product) -> str:
    """Why the product is not sold in this quantity, with the nearest that it is sold in; or ''."""
    if not quantity % product.order_multiple:
        return ""
    words = gettext("%(sku)s: it is sold in multiples of %(multiple)s. Use %(use)s.")
    use = gettext(" or ").join(number(each) for each in whole_packs(quantity, product))
    return words % {"sku": product.sku, "multiple": product.order_multiple, "use": use}


def whole_packs(quantity: int, product: Product) -> list[int]:
    """The quantities nearest to this one in which the product is sold."""
    below = quantity - quantity % product.order_multiple
    return [each for each in (below, below + product.order_multiple) if each]


def _ship_to(draft: OrderDraft, catalogue: Catalogue) -> dict[str, str]:
    if draft.ship_to is not None:
        return {part: draft.ship_to.get(part, "") for part in ADDRESS}
    address = catalogue.addresses.get(catalogue.customers[draft.customer].pk)
    return {part: str(getattr(address, part, "")) for part in ADDRESS}


def _price(
    reading: Reading, lines: Sequence[tuple[int, LineDraft]], catalogue: Catalogue
) -> Iterable[Problem]:
    """Give every line its price and work out the totals; a line without a price is a problem."""
    for position, line in lines:
        read_line = _priced(reading, line, catalogue)
        if read_line:
            reading.lines.append(read_line)
        elif reading.draft.is_tentative:
            reading.unread.append(as_text(line))
        else:
            words = gettext("%(sku)s has no price in %(currency)s; type one.")
            words %= {"sku": line.sku, "currency": reading.currency.code}
            yield Problem(reading.index, f"lines.{position}.unit_price", "no_price", words)
    reading.totals = price(
        [line.priced for line in reading.lines],
        order_discount=reading.draft.order_discount,
        shipping=_shipping(reading, catalogue) if reading.lines else ZERO,
        minor_units=reading.currency.minor_units,
    )
    if words := limits.of_total(max(reading.totals.subtotal, reading.totals.grand_total)):
        yield Problem(reading.index, "total", "too_large", words)


def _priced(reading: Reading, line: LineDraft, catalogue: Catalogue) -> ReadLine | None:
    """The line with its price: what was typed, else what was agreed; None without either."""
    tariff, customer, currency = catalogue.tariff, reading.customer.pk, reading.currency.code
    granted, product = tariff.terms.get(customer), catalogue.products[line.sku]
    agreed = tariff.agreed_price(customer, currency, product.pk)
    unit = line.unit_price if line.unit_price is not None else agreed and agreed[0]
    if unit is None:
        return None
    discount = line.discount_percent
    if discount is None:
        discount = granted.discount_percent if granted else ZERO
    rate = line.tax_rate
    if rate is None:
        rate = tariff.tax_rate(customer, reading.ship_to["country"], product.tax_category)
    listed = tariff.list_price(currency, product.pk)
    return ReadLine(
        draft=line,
        product=product,
        priced=PricedLine(line.quantity, unit, discount, rate),
        listed=listed[0] if listed else None,
        agreed=agreed[0] if agreed else None,
        floor=agreed[1] if agreed else None,
    )


def _shipping(reading: Reading, catalogue: Catalogue) -> Decimal:
    """What shipping costs: what was typed, else the carrier's rate in the order's currency."""
    draft = reading.draft
    if draft.shipping is not None:
        return draft.shipping
    rate = catalogue.rates.get((draft.shipping_method, reading.currency.code))
    return rate.amount if rate else ZERO
