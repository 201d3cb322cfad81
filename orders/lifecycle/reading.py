"""Reading: a draft is checked against the master data and priced, or its problems are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.kernel.money import ZERO
from finance.models import PaymentTerms
from inventory.models import Product
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
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _header_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    yield from _customer_problems(index, draft, catalogue)
    known = (
        ("channel", draft.channel, catalogue.channels, "channel"),
        ("currency", draft.currency, catalogue.currencies, "currency we sell in"),
        ("terms", draft.terms, catalogue.terms, "payment terms we grant"),
        ("shipping_method", draft.shipping_method, catalogue.carriers, "carrier we ship with"),
    )
    for name, value, table, what in known:
        if value and value not in table:
            offered = ", ".join(sorted(table))
            words = f"“{value}” is not a {what}; use one of {offered}."
            yield Problem(index, name, f"unknown_{name}", words)
    if draft.external_id and (draft.channel, draft.external_id) in catalogue.taken:
        words = f"{draft.channel} has sent order {draft.external_id} already; it is taken once."
        yield Problem(index, "external_id", "repeated_external_id", words)
    if (draft.shipping or ZERO) < 0 or draft.order_discount < 0:
        yield Problem(index, "shipping", "negative_amount", "An amount cannot be negative.")


def _customer_problems(index: int, draft: OrderDraft, catalogue: Catalogue) -> Iterable[Problem]:
    customer = catalogue.customers.get(draft.customer)
    if customer is None:
        words = f"There is no customer “{draft.customer}”."
        yield Problem(index, "customer", "unknown_customer", words)
    elif not customer.is_active:
        words = f"{customer} is closed and takes no new orders."
        yield Problem(index, "customer", "closed_customer", words)


def line_problems(
    index: int, position: int, line: LineDraft, catalogue: Catalogue
) -> Iterable[Problem]:
    """Why a row cannot be a line as it stands."""
    at = f"lines.{position}"
    product = catalogue.products.get(line.sku)
    if product is None:
        yield Problem(index, f"{at}.sku", "unknown_sku", f"There is no item “{line.sku}”.")
    elif not product.is_active:
        yield Problem(index, f"{at}.sku", "inactive_sku", f"{line.sku} is no longer sold.")
    for code, words in _quantity_problems(line, product):
        yield Problem(index, f"{at}.quantity", code, f"{line.sku}: {words}")
    if line.unit_price is not None and line.unit_price < 0:
        yield Problem(
            index, f"{at}.unit_price", "bad_price", f"{line.sku}: a price cannot be negative."
        )
    if line.discount_percent is not None and not 0 <= line.discount_percent <= 100:
        yield Problem(
            index, f"{at}.discount", "bad_discount", f"{line.sku}: a discount is 0 to 100 %."
        )


def _quantity_problems(line: LineDraft, product: Product | None) -> Iterable[tuple[str, str]]:
    if not 1 <= line.quantity <= LARGEST_QUANTITY:
        yield (
            "bad_quantity",
            f"a quantity is between 1 and {LARGEST_QUANTITY:,}, not {line.quantity:,}.",
        )
        return
    if product and line.quantity % product.order_multiple:
        use = " or ".join(f"{each:,}" for each in whole_packs(line.quantity, product))
        yield "odd_multiple", f"it is sold in multiples of {product.order_multiple}. Use {use}."
    staged = sum(quantity for _, quantity in line.parts)
    if staged > line.quantity:
        yield "bad_parts", f"its parts add up to {staged:,}, and {line.quantity:,} are ordered."


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
            words = f"{line.sku} has no price in {reading.currency.code}; type one."
            yield Problem(reading.index, f"lines.{position}.unit_price", "no_price", words)
    reading.totals = price(
        [line.priced for line in reading.lines],
        order_discount=reading.draft.order_discount,
        shipping=_shipping(reading, catalogue) if reading.lines else ZERO,
        minor_units=reading.currency.minor_units,
    )


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
