"""Catalogue: the master data that amendments name, read once for all orders of a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Self

from django.db.models import Q

from finance.models import PaymentTerms
from finance.services import prices
from fulfillment.models import Carrier, ShipmentStatus, ShippingRate
from fulfillment.services import shipping
from inventory import services as stock
from inventory.models import Product
from inventory.services.sourcing import Site
from orders.lifecycle.amendment.operations import Kind, Operation
from orders.lifecycle.schedules import parts_of
from orders.lifecycle.writing import Parts
from orders.models import Order

CARRIED = {Kind.SET_CARRIER, Kind.SET_SHIPPING}


@dataclass(slots=True)
class Catalogue:
    """Products, prices, terms, what stands packed, numbers for lines without an id, warehouses.

    Carriers with what they charge, and the parts of lines, are known where they are changed.
    """

    today: date
    by_pk: dict[int, Product]
    by_sku: dict[str, Product]
    tariff: prices.Tariff
    terms: dict[str, PaymentTerms]
    packed: dict[int, list[str]]  # numbers of packed shipments by order
    spare: Iterator[int]
    sites: dict[str, Site] = field(default_factory=dict)
    carriers: dict[str, Carrier] = field(default_factory=dict)
    rates: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # by carrier and currency
    parts: dict[int, Parts] = field(default_factory=dict)  # by line

    @classmethod
    def read(cls, orders: Sequence[Order], asked: Sequence[Operation], at: datetime) -> Self:
        """Read what these orders and what is asked of them need."""
        on_lines = {line.product_id for order in orders for line in order.facts.lines}
        products = list(
            Product.objects.filter(Q(pk__in=on_lines) | Q(sku__in={each.sku for each in asked}))
        )
        packed: dict[int, list[str]] = defaultdict(list)
        keys = [order.pk for order in orders]
        for shipment in shipping.of_orders(keys, [ShipmentStatus.PACKED]):
            packed[shipment.order_id].append(shipment.number)
        known = cls(
            at.date(),
            {product.pk: product for product in products},
            {product.sku: product for product in products},
            prices.tariff(
                {order.customer_id for order in orders}, [product.pk for product in products]
            ),
            {terms.code: terms for terms in PaymentTerms.objects.all()},
            packed,
            count(-1, -1),
            {site.code: site for site in stock.sites()},
        )
        known._look_up(asked)
        return known

    def _look_up(self, asked: Sequence[Operation]) -> None:
        if any(each.kind in CARRIED for each in asked):
            self.carriers = {each.code: each for each in Carrier.objects.all()}
            rates = ShippingRate.objects.values_list("carrier__code", "currency", "amount")
            self.rates = {(carrier, currency): amount for carrier, currency, amount in rates}
        if staged := [each.line for each in asked if each.kind == Kind.SET_PARTS]:
            self.parts = parts_of(staged)

    def code(self, warehouse: int | None) -> str:
        """The code of a warehouse; '' for none."""
        return next((code for code, site in self.sites.items() if site.pk == warehouse), "")

    def agreed(self, order: Order, product: Product) -> Decimal | None:
        """What the customer pays for an item today."""
        found = self.tariff.agreed_price(order.customer_id, order.currency_id, product.pk)
        return found[0] if found else None

    def listed(self, order: Order, product: Product) -> Decimal | None:
        """What the item costs on the list."""
        found = self.tariff.list_price(order.currency_id, product.pk)
        return found[0] if found else None

    def discount(self, order: Order) -> Decimal:
        """The customer's own discount in percent."""
        granted = self.tariff.terms.get(order.customer_id)
        return granted.discount_percent if granted else Decimal(0)

    def rate(self, order: Order, product: int) -> Decimal:
        """The tax rate of an item where the order goes."""
        category = self.by_pk[product].tax_category
        return self.tariff.tax_rate(order.customer_id, order.ship_to_country, category)
