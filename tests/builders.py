"""Builders: every order a test starts from has come there through the lifecycle itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

from config.kernel.actors import WORKER
from config.kernel.steps import Outcomes, Step
from finance.models import CreditAccount, CustomerTerms, PaymentTerms, Price, PriceList
from inventory.models import Bin, Product, StockLevel, Warehouse
from orders.lifecycle import (
    allocation,
    capture,
    delivery,
    dispatch,
    packing,
    picking,
    processing,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Address, Currency, Customer, Order, RuleSet
from orders.policies import versions

serial = count(1)
# What takes an order from placed to out of the house.
SENDING: tuple[Step, ...] = (
    validation.validate,
    processing.process,
    picking.pick,
    packing.pack,
    dispatch.dispatch,
)

LEIPZIG = {
    "name": "Goods in",
    "line1": "Hafenstraße 1",
    "city": "Leipzig",
    "postal_code": "04103",
    "country": "DE",
}


def warehouse(code: str = "LEI", country: str = "DE", **more: Any) -> Warehouse:
    """A warehouse with one shelf and its staging bin."""
    found, created = Warehouse.objects.get_or_create(
        code=code,
        defaults={"name": code, "country": country, "latitude": 51, "longitude": 10, **more},
    )
    if created:
        Bin.objects.create(warehouse=found, code=f"{code}-A1", walk_sequence=1)
        Bin.objects.create(warehouse=found, code="STAGING", kind=Bin.Kind.STAGING)
    return found


def product(sku: str = "", price: str | None = "10.00", **more: Any) -> Product:
    """A product with a list price in euro."""
    made = Product.objects.create(sku=sku or f"SKU-{next(serial)}", name="A thing", **more)
    prices, _ = PriceList.objects.get_or_create(
        code="LIST-EUR",
        defaults={"name": "List", "currency": Currency.objects.get(pk="EUR"), "is_default": True},
    )
    if price is not None:
        Price.objects.create(price_list=prices, product=made, unit_price=Decimal(price))
    return made


def customer(limit: str = "1000000", code: str = "", **more: Any) -> Customer:
    """A customer with an address in Leipzig, 30 days' terms and a credit limit in euro."""
    made = Customer.objects.create(
        code=code or f"C-{next(serial)}", name="Nordhavn Byg", currency_id="EUR", **more
    )
    Address.objects.create(customer=made, is_default=True, **LEIPZIG)
    CustomerTerms.objects.create(
        customer=made, payment_terms=PaymentTerms.objects.get(code="NET30")
    )
    CreditAccount.objects.create(customer=made, currency_id="EUR", credit_limit=Decimal(limit))
    return made


def stocked(
    quantity: int, at: Warehouse | None = None, of: Product | None = None, cost: str = "6.00"
) -> StockLevel:
    """A stock level with so many units on its shelf, received at this cost each."""
    place, thing = at or warehouse(), of or product()
    shelf = Bin.objects.get(warehouse=place, kind=Bin.Kind.SHELF)
    allocation.receive(
        [Receipt(thing.pk, place.pk, quantity, Decimal(cost), shelf.pk)],
        reference="opening",
        by=WORKER,
    )
    return StockLevel.objects.get(product=thing, warehouse=place)


def drafted(
    *lines: tuple[Product, int], buyer: Customer | None = None, times: int = 1, **more: Any
) -> list[int]:
    """Draft orders of these lines, each with a PO number of its own."""
    who = buyer or customer()
    drafts = [
        OrderDraft(
            customer=who.code,
            lines=[LineDraft(thing.sku, quantity) for thing, quantity in lines],
            po_number=f"PO-{next(serial)}",
            **more,
        )
        for _ in range(times)
    ]
    captured = capture.create(drafts, by=WORKER)
    assert not captured.problems, captured.problems
    return list(captured.orders.values())


def submitted(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders that wait for validation."""
    return done(submission.submit(drafted(*lines, **more), by=WORKER))


def validated(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders that passed every check."""
    return done(validation.validate(submitted(*lines, **more), by=WORKER))


def processed(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders with their stock allocated."""
    return done(processing.process(validated(*lines, **more), by=WORKER))


def picked(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders with everything picked that is allocated."""
    return done(picking.pick(processed(*lines, **more), by=WORKER))


def packed(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders with a packed shipment."""
    return done(packing.pack(picked(*lines, **more), by=WORKER))


def dispatched(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders of which everything allocated has left."""
    return done(dispatch.dispatch(packed(*lines, **more), by=WORKER))


def delivered(*lines: tuple[Product, int], **more: Any) -> list[int]:
    """Orders whose shipments have arrived."""
    return done(delivery.deliver(dispatched(*lines, **more), by=WORKER))


def rules(change: Callable[[RuleSet], object]) -> RuleSet:
    """A newer version of the rules, published with this change of its draft."""
    draft = versions.start(by=WORKER)
    with versions.changing(by=WORKER):
        change(draft)
    return versions.publish(note="For a test", by=WORKER)


def edge(source: str, target: str, **values: Any) -> RuleSet:
    """A newer version of the rules that says otherwise of one step."""
    return rules(
        lambda draft: draft.transitions.filter(from_state=source, to_state=target).update(**values)
    )


def done(outcomes: Outcomes) -> list[int]:
    """The orders that a step took; none may have been refused."""
    assert not outcomes.refused, outcomes.refused
    assert not outcomes.failed, outcomes.failed
    return outcomes.done


def order(pk: int) -> Order:
    """An order as the database has it now."""
    return Order.objects.get(pk=pk)
