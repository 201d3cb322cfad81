"""What of a draft is agreed anyway: left out of its form, it follows the item and the customer.

A draft keeps every price as a number. In its form only those stand that somebody typed otherwise;
what is as agreed stands there as what is offered, so that another customer or item brings its own.
"""

from __future__ import annotations

from decimal import Decimal

from config.kernel import typed
from config.kernel.money import ZERO
from finance.services import prices
from fulfillment.models import ShippingRate
from inventory.models import Product
from orders.forms.sheets import Sheet, code_of
from orders.models import Address, Customer


def left_out(sheet: Sheet) -> Sheet:
    """The sheet without what would be taken anyway; saved as it is, it says the same."""
    customer = Customer.objects.filter(code=code_of(sheet)).first()
    if customer is None:
        return sheet
    own = Address.objects.filter(customer=customer, is_default=True)
    usual = {
        "currency": customer.currency_id,
        "fill_policy": customer.fill_policy,
        "address": str(own.values_list("pk", flat=True).first()),
    }
    head = {name: "" if text == usual.get(name) else text for name, text in sheet.head.items()}
    currency = head["currency"] or customer.currency_id
    if _read(head["shipping"]) == _rate(head["shipping_method"], currency):
        head["shipping"] = ""
    return Sheet(head, _rows(sheet, customer, currency))


def _rows(sheet: Sheet, customer: Customer, currency: str) -> list[dict[str, str]]:
    """The rows with the prices and discounts that differ from those agreed."""
    named = Product.objects.filter(sku__in={row.get("sku", "") for row in sheet.rows})
    products = dict(named.values_list("sku", "pk"))
    tariff = prices.tariff([customer.pk], products.values())
    granted = tariff.terms.get(customer.pk)
    rows = []
    for row in sheet.rows:
        key = products.get(row.get("sku", ""), 0)
        agreed = tariff.agreed_price(customer.pk, currency, key)
        usual = {
            "unit_price": agreed[0] if agreed else None,
            "discount_percent": granted.discount_percent if granted else ZERO,
        }
        same = {name for name, value in usual.items() if value == _read(row.get(name, ""))}
        rows.append({name: "" if name in same else text for name, text in row.items()})
    return rows


def _rate(carrier: str, currency: str) -> Decimal:
    """What the carrier's delivery costs."""
    rates = ShippingRate.objects.filter(carrier__code=carrier, currency=currency)
    return rates.values_list("amount", flat=True).first() or ZERO


def _read(text: str) -> Decimal | None:
    try:
        return typed.decimal(text) if text.strip() else None
    except typed.Unreadable:
        return None
