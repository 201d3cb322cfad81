"""The Northwind profile: a trading company of the nineties, with its whole history.

Every order goes through every step with the dates it had. Goods shipped come from an opening
receipt of what was shipped plus what was still in stock; the orders that had not shipped stop in
processing. An invoice is paid on its due date, by a payment marked as imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext, pgettext

from config.kernel import sets
from config.kernel.actors import IMPORT
from config.kernel.errors import DomainError
from finance.models import (
    CreditAccount,
    CustomerTerms,
    Invoice,
    PaymentTerms,
    Price,
    PriceList,
)
from finance.services import ledger
from finance.services.payments import Received
from fulfillment.models import Carrier
from inventory.models import Bin, Product, Warehouse
from orders.channels.parsed import Parsed, SourceRow
from orders.channels.reading import Row, UnreadableFile, rows
from orders.lifecycle import (
    allocation,
    capture,
    completion,
    delivery,
    dispatch,
    payment,
    picking,
    processing,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Address, Channel, Customer, Order

CHANNEL, CURRENCY, TERMS = "northwind", "USD", "NET30"
FILES = ("customers", "products", "orders", "order_details", "shippers")
COUNTRIES = {
    "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Denmark": "DK", "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE",
    "Italy": "IT", "Mexico": "MX", "Norway": "NO", "Poland": "PL", "Portugal": "PT",
    "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "UK": "GB", "USA": "US",
    "Venezuela": "VE",
}  # fmt: skip
COST_OF_LIST = Decimal("0.6")
DUE_AFTER = timedelta(days=30)
EVERY = 60  # days with business between two looks at the tables


class HistoryTaken(DomainError):
    """Part of a history was taken before, so the rest of it cannot be."""


@dataclass(slots=True)
class Past:
    """The files of the folder, and what was made of them."""

    tables: dict[str, list[tuple[int, Row]]]
    lines: dict[str, list[tuple[int, Row]]]
    orders: list[Row]


def read(folder: Path) -> Past:
    """Read the folder; a missing file is named."""
    missing = [name for name in FILES if not (folder / f"{name}.csv").is_file()]
    if missing:
        no = pgettext("between files that are missing", ", no ")
        files = no.join(f"{name}.csv" for name in missing)
        raise UnreadableFile(gettext("The folder has no %(files)s.") % {"files": files})
    tables = {name: rows(folder / f"{name}.csv") for name in FILES}
    lines: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in tables["order_details"]:
        lines[row["orderID"]].append((number, row))
    return Past(tables, lines, [row for _, row in tables["orders"]])


def _text(row: Row, name: str) -> str:
    """A cell; the word NULL stands for an empty one."""
    return "" if row[name] == "NULL" else row[name]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text[:10]).replace(hour=9, tzinfo=UTC)


def parse(past: Past) -> Parsed:
    """A draft for every order, one row of the file for each of its lines."""
    parsed = Parsed()
    for index, order in enumerate(past.orders):
        parsed.drafts.append(_draft(order, past.lines[order["orderID"]]))
        parsed.rows += [
            SourceRow(number, row, index, line)
            for line, (number, row) in enumerate(past.lines[order["orderID"]])
        ]
    return parsed


def _draft(order: Row, lines: Iterable[tuple[int, Row]]) -> OrderDraft:
    return OrderDraft(
        customer=order["customerID"],
        channel=CHANNEL,
        external_id=order["orderID"],
        currency=CURRENCY,
        terms=TERMS,
        shipping=Decimal(order["freight"]),
        requested_on=_moment(order["requiredDate"]).date(),
        ship_to={
            "name": _text(order, "shipName"),
            "line1": _text(order, "shipAddress"),
            "city": _text(order, "shipCity"),
            "region": _text(order, "shipRegion"),
            "postal_code": _text(order, "shipPostalCode"),
            "country": COUNTRIES[order["shipCountry"]],
        },
        lines=[
            LineDraft(
                f"NW-{row['productID']}",
                int(row["quantity"]),
                Decimal(row["unitPrice"]),
                Decimal(row["discount"]) * 100,
                Decimal(0),
            )
            for _, row in lines
        ],
    )


def prepare(past: Past) -> None:
    """Make the company: warehouse, products, customers and the opening stock; safe to repeat."""
    Channel.objects.get_or_create(
        code=CHANNEL, defaults={"name": "Northwind history", "is_historic": True}
    )
    place, created = Warehouse.objects.get_or_create(
        code="NW",
        defaults={
            "name": "Northwind Seattle",
            "city": "Seattle",
            "country": "US",
            "latitude": Decimal("47.61"),
            "longitude": Decimal("-122.33"),
        },
    )
    if created:
        Bin.objects.create(warehouse=place, code="STAGING", kind=Bin.Kind.STAGING)
    Carrier.objects.bulk_create(
        [
            Carrier(code=f"NW-{row['shipperID']}", name=row["companyName"])
            for _, row in past.tables["shippers"]
        ],
        ignore_conflicts=True,
    )
    _customers(past)
    if not Product.objects.filter(sku__startswith="NW-").exists():
        _products(past, place)


def _customers(past: Past) -> None:
    known = set(Customer.objects.values_list("code", flat=True))
    new = [row for _, row in past.tables["customers"] if row["customerID"] not in known]
    terms = PaymentTerms.objects.get(code=TERMS)
    customers = Customer.objects.bulk_create(
        Customer(
            code=row["customerID"],
            name=row["companyName"],
            phone=_text(row, "phone"),
            currency_id=CURRENCY,
        )
        for row in new
    )
    Address.objects.bulk_create(
        Address(
            customer=customer,
            is_default=True,
            name=row["companyName"],
            line1=_text(row, "address"),
            city=_text(row, "city"),
            region=_text(row, "region"),
            postal_code=_text(row, "postalCode"),
            country=COUNTRIES[row["country"]],
        )
        for customer, row in zip(customers, new, strict=True)
    )
    CustomerTerms.objects.bulk_create(
        CustomerTerms(customer=c, payment_terms=terms) for c in customers
    )
    CreditAccount.objects.bulk_create(
        CreditAccount(customer=customer, currency_id=CURRENCY, credit_limit=Decimal(1_000_000))
        for customer in customers
    )


def _products(past: Past, place: Warehouse) -> None:
    """Products with list prices, and the opening receipt, dated before the first order."""
    table = [row for _, row in past.tables["products"]]
    products = Product.objects.bulk_create(
        Product(
            sku=f"NW-{row['productID']}", name=row["productName"], unit=row["quantityPerUnit"][:20]
        )
        for row in table
    )
    prices, _ = PriceList.objects.get_or_create(
        currency_id=CURRENCY,
        is_default=True,
        defaults={"code": "NORTHWIND", "name": "Northwind list"},
    )
    Price.objects.bulk_create(
        Price(price_list=prices, product=product, unit_price=Decimal(row["unitPrice"]))
        for product, row in zip(products, table, strict=True)
    )
    shelves = Bin.objects.bulk_create(
        Bin(warehouse=place, code=f"S-{number:02}", walk_sequence=number)
        for number, _ in enumerate(table, 1)
    )
    units = shipped_units(past)
    receipts = [
        Receipt(
            product.pk,
            place.pk,
            units[row["productID"]] + int(row["unitsInStock"]),
            (Decimal(row["unitPrice"]) * COST_OF_LIST).quantize(Decimal("0.0001")),
            shelf.pk,
        )
        for product, row, shelf in zip(products, table, shelves, strict=True)
        if units[row["productID"]] + int(row["unitsInStock"])
    ]
    first = min(_moment(order["orderDate"]) for order in past.orders) - timedelta(days=1)
    ledger.open_periods(first.date(), first.date() + timedelta(days=800))
    allocation.receive(receipts, reference="Opening stock", by=IMPORT, at=first)


def shipped_units(past: Past) -> dict[str, int]:
    """Units of each product on orders that have shipped."""
    units: dict[str, int] = defaultdict(int)
    for order in past.orders:
        if _text(order, "shippedDate"):
            for _, row in past.lines[order["orderID"]]:
                units[row["productID"]] += int(row["quantity"])
    return units


def take(past: Past, parsed: Parsed) -> dict[int, int]:
    """Make the company and its history; of a history that is there already, nothing again.

    The opening stock is that of all orders together, so no order can be added to it later.
    """
    numbers = {draft.external_id for draft in parsed.drafts}
    there = Order.objects.filter(channel__code=CHANNEL).values_list("external_id", flat=True)
    known = set(there)
    if known and (new := sorted(str(number) for number in numbers - known)):
        words = gettext(
            "The history of this company was taken without order %(order)s; it is taken as a "
            "whole, into a system that has none of it."
        )
        raise HistoryTaken(words % {"order": new[0]})
    prepare(past)
    return {} if known else replay(past, parsed)


def replay(past: Past, parsed: Parsed) -> dict[int, int]:
    """Take every order through its life, day by day; answer the order of each draft.

    The orders that never shipped come last: what was shipped had its goods.
    """
    orders: dict[int, int] = {}
    shipped = {i for i, order in enumerate(past.orders) if _text(order, "shippedDate")}
    placed = _by_day(past, "orderDate", shipped)
    sent = _by_day(past, "shippedDate", shipped)
    carriers = dict(Carrier.objects.values_list("code", "pk"))
    for turn, day in enumerate(sorted({*placed, *sent})):
        if turn % EVERY == 0:
            sets.survey()
        orders |= _place(parsed, placed[day], day)
        parcels: dict[str, list[int]] = defaultdict(list)
        for index in sent[day]:
            parcels[past.orders[index]["shipVia"]].append(orders[index])
        for carrier, ids in parcels.items():
            _send(ids, carriers[f"NW-{carrier}"], day)
    _collect(sorted(orders.values()))
    waiting = _by_day(past, "orderDate", set(range(len(past.orders))) - shipped)
    for day in sorted(waiting):
        orders |= _place(parsed, waiting[day], day)
    return orders


def _by_day(past: Past, name: str, indexes: set[int]) -> dict[datetime, list[int]]:
    """These orders by the day in one of their columns."""
    days: dict[datetime, list[int]] = defaultdict(list)
    for index in sorted(indexes):
        days[_moment(past.orders[index][name])].append(index)
    return days


def _place(parsed: Parsed, indexes: list[int], day: datetime) -> dict[int, int]:
    """Enter, place, check and process the orders of a day; answer the order of each draft."""
    if not indexes:
        return {}
    captured = capture.create([parsed.drafts[index] for index in indexes], by=IMPORT, at=day)
    for row in parsed.rows:
        for problem in captured.of(indexes.index(row.draft)) if row.draft in indexes else ():
            row.reject(problem.code, problem.message)
    ids = list(captured.orders.values())
    for step in (submission.submit, validation.validate, processing.process):
        step(ids, by=IMPORT, at=day)
    return {indexes[position]: pk for position, pk in captured.orders.items()}


def _send(ids: list[int], carrier: int, day: datetime) -> None:
    picking.pick(ids, by=IMPORT, at=day)
    dispatch.pack(ids, by=IMPORT, at=day)
    dispatch.dispatch(ids, by=IMPORT, carrier=carrier, at=day)
    delivery.deliver(ids, by=IMPORT, at=day)


def _collect(ids: list[int]) -> None:
    """Each invoice is paid on its due date, and its order closed."""
    due: dict[datetime, list[Invoice]] = defaultdict(list)
    for invoice in Invoice.objects.open().filter(order__in=ids).order_by("pk"):
        due[
            datetime(invoice.due_on.year, invoice.due_on.month, invoice.due_on.day, 9, tzinfo=UTC)
        ].append(invoice)
    for day in sorted(due):
        payment.receive(
            [
                Received(
                    i.customer_id,
                    CURRENCY,
                    i.total,
                    f"northwind-{i.number}",
                    i.order_id,
                    "imported",
                )
                for i in due[day]
            ],
            by=IMPORT,
            at=day,
        )
        completion.complete([invoice.order_id for invoice in due[day]], by=IMPORT, at=day)
