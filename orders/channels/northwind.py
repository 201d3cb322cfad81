"""The Northwind profile: a trading company of the nineties, with its whole history.

Every order goes through every step with the dates it had. Goods shipped come from an opening
receipt of what was shipped plus what was still in stock; the orders that had not shipped stop in
processing. An invoice is paid on its due date, by a payment marked as imported.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NoReturn

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import IMPORT
from config.kernel.errors import DomainError
from config.kernel.steps import Outcomes
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
from orders.channels.northwind_files import (
    CHANNEL,
    COUNTRIES,
    CURRENCY,
    TERMS,
    History,
    Past,
    moment,
    text_of,
)
from orders.channels.parsed import Parsed
from orders.lifecycle import (
    allocation,
    capture,
    completion,
    delivery,
    dispatch,
    packing,
    payment,
    picking,
    processing,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.models import Address, Channel, Customer, Order, OrderException

COST_OF_LIST = Decimal("0.6")
DUE_AFTER = timedelta(days=30)
EVERY = 60  # days with business between two looks at the tables


class HistoryTaken(DomainError):
    """A history cannot be taken as a whole, so nothing of it is."""


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
    """Customers that are there keep what they have; whoever has no account in dollars gets one."""
    codes = {row["customerID"] for _, row in past.tables["customers"]}
    known = set(Customer.objects.filter(code__in=codes).values_list("code", flat=True))
    new = [row for _, row in past.tables["customers"] if row["customerID"] not in known]
    terms = PaymentTerms.objects.get(code=TERMS)
    customers = Customer.objects.bulk_create(
        Customer(
            code=row["customerID"],
            name=row["companyName"],
            phone=text_of(row, "phone"),
            currency_id=CURRENCY,
        )
        for row in new
    )
    Address.objects.bulk_create(
        Address(
            customer=customer,
            is_default=True,
            name=row["companyName"],
            line1=text_of(row, "address"),
            city=text_of(row, "city"),
            region=text_of(row, "region"),
            postal_code=text_of(row, "postalCode"),
            country=COUNTRIES[row["country"]],
        )
        for customer, row in zip(customers, new, strict=True)
    )
    CustomerTerms.objects.bulk_create(
        CustomerTerms(customer=c, payment_terms=terms) for c in customers
    )
    CreditAccount.objects.bulk_create(
        (
            CreditAccount(customer_id=pk, currency_id=CURRENCY, credit_limit=Decimal(1_000_000))
            for pk in Customer.objects.filter(code__in=codes).values_list("pk", flat=True)
        ),
        ignore_conflicts=True,
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
    first = min(moment(order["orderDate"]) for order in past.orders) - timedelta(days=1)
    ledger.open_periods(first.date(), first.date() + timedelta(days=800))
    allocation.receive(receipts, reference="Opening stock", by=IMPORT, at=first)


def shipped_units(past: Past) -> dict[str, int]:
    """Units of each product on orders that have shipped."""
    units: dict[str, int] = defaultdict(int)
    for order in past.orders:
        if text_of(order, "shippedDate"):
            for _, row in past.lines[order["orderID"]]:
                units[row["productID"]] += int(row["quantity"])
    return units


def settle(parsed: History) -> bool:
    """Make the company, so that its orders can be read; answer whether they are there already.

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
    try:
        with transaction.atomic():
            prepare(parsed.past)
    except (DataError, IntegrityError) as error:
        words = gettext("The company of these files cannot be made: %(why)s")
        raise HistoryTaken(words % {"why": str(error).partition("\n")[0]}) from error
    return bool(known)


def take(parsed: History) -> dict[int, int]:
    """Make the company and its history; of a history that is there already, nothing again."""
    if settle(parsed):
        return {}
    _, problems = capture.look(parsed.drafts)
    if problems:
        _give_up(parsed.drafts[problems[0].draft].external_id, problems[0].message)
    orders = replay(parsed.past, parsed)
    stopped = OrderException.objects.blocking().filter(order__in=list(orders.values()))
    if row := stopped.select_related("order").order_by("pk").first():
        _give_up(row.order.external_id, row.said)
    return orders


def _give_up(number: str | None, why: str) -> NoReturn:
    words = gettext("Order %(order)s cannot be taken, so nothing of the history is: %(why)s")
    raise HistoryTaken(words % {"order": number, "why": why})


def _went(outcomes: Outcomes) -> None:
    """A step that turned an order down ends the whole: it would not be the history any more."""
    for pk, why in (outcomes.refused | outcomes.failed).items():
        found = OrderException.objects.blocking().filter(order=pk).order_by("pk").first()
        _give_up(Order.objects.get(pk=pk).external_id, found.said if found else why)


def replay(past: Past, parsed: Parsed) -> dict[int, int]:
    """Take every order through its life, day by day; answer the order of each draft.

    The orders that never shipped come last: what was shipped had its goods.
    """
    orders: dict[int, int] = {}
    shipped = {i for i, order in enumerate(past.orders) if text_of(order, "shippedDate")}
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
        days[moment(past.orders[index][name])].append(index)
    return days


def _place(parsed: Parsed, indexes: list[int], day: datetime) -> dict[int, int]:
    """Enter, place, check and process the orders of a day; answer the order of each draft."""
    if not indexes:
        return {}
    captured = capture.create([parsed.drafts[index] for index in indexes], by=IMPORT, at=day)
    for problem in captured.problems:
        _give_up(parsed.drafts[indexes[problem.draft]].external_id, problem.message)
    ids = list(captured.orders.values())
    for step in (submission.submit, validation.validate, processing.process):
        _went(step(ids, by=IMPORT, at=day))
    return {indexes[position]: pk for position, pk in captured.orders.items()}


def _send(ids: list[int], carrier: int, day: datetime) -> None:
    _went(picking.pick(ids, by=IMPORT, at=day))
    _went(packing.pack(ids, by=IMPORT, at=day))
    _went(dispatch.dispatch(ids, by=IMPORT, carrier=carrier, at=day))
    _went(delivery.deliver(ids, by=IMPORT, at=day))


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
        ids = [invoice.order_id for invoice in due[day]]
        _went(completion.complete(ids, by=IMPORT, at=day))
