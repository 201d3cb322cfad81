"""What of an order can be amended: each value as text, by the name of its field, and what it is
called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from config.kernel.typed import written
from orders.forms.parts import rows
from orders.lifecycle.drafts import ADDRESS
from orders.lifecycle.schedules import parts_of
from orders.models import Order

ADDRESS_LABELS = {
    "ship_to_name": _("Name"),
    "ship_to_line1": _("Street"),
    "ship_to_line2": _("Addition"),
    "ship_to_postal_code": _("Postal code"),
    "ship_to_city": _("City"),
    "ship_to_region": _("Region"),
    "ship_to_country": _("Country code"),
}
LABELS = {
    "requested_on": _("Wanted by"),
    "terms": _("Payment terms"),
    "fill_policy": _("If stock is short"),
    "po_number": _("Customer’s PO number"),
    "note": _("Internal note"),
    "carrier": _("Delivery"),
    "shipping": _("Delivery charge"),
    "order_discount": _("Order discount"),
    **ADDRESS_LABELS,
}
OF_LINES = {
    "quantity": gettext_noop("%(sku)s, quantity"),
    "price": gettext_noop("%(sku)s, unit price"),
    "discount": gettext_noop("%(sku)s, discount in percent"),
    "warehouse": gettext_noop("%(sku)s, warehouse"),
    "day": gettext_noop("%(sku)s, wanted by"),
    "parts": gettext_noop("%(sku)s, deliver in parts"),
}


def shown(order: Order, sites: Mapping[int, str]) -> dict[str, str]:
    """Every value of an order that can be amended, by the name of its field."""
    found, parts = {}, parts_of(line.pk for line in order.facts.lines)
    for line in order.facts.lines:
        found[f"warehouse-{line.pk}"] = sites.get(line.warehouse_id or 0, "")
        found[f"quantity-{line.pk}"] = str(line.ordered - line.cancelled)
        found[f"price-{line.pk}"] = written(line.unit_price)
        found[f"discount-{line.pk}"] = written(line.discount_percent)
        found[f"day-{line.pk}"] = line.requested_on.isoformat() if line.requested_on else ""
        found[f"parts-{line.pk}"] = rows(parts.get(line.pk, []))
    found["requested_on"] = order.requested_on.isoformat() if order.requested_on else ""
    found["terms"] = order.terms_code
    found["fill_policy"] = order.fill_policy
    found["po_number"] = as_text(order.po_number)
    found["note"] = as_text(order.note)
    found["carrier"] = order.shipping_method
    found["shipping"] = written(order.shipping_total)
    found["order_discount"] = written(order.order_discount)
    return found | {f"ship_to_{part}": getattr(order, f"ship_to_{part}") for part in ADDRESS}


def as_text(value: object) -> str:
    """What was typed, written as ``shown`` writes it."""
    if isinstance(value, Decimal):
        return written(value)
    if isinstance(value, list):
        return rows(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def called(order: Order, name: str) -> str:
    """What a value is called."""
    kind, _apart, pk = name.partition("-")
    sku = next((x.sku for x in order.facts.lines if str(x.pk) == pk), "")
    return gettext(OF_LINES[kind]) % {"sku": sku} if sku else str(LABELS[name])
