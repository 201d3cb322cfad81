"""The form of an amendment: what was there when it was opened, and what was typed since.

What was there travels with the form, so that only what somebody changed becomes an operation, and
what others changed meanwhile is noticed and never overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import Q
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.typed import written
from finance.models import PaymentTerms
from fulfillment.models import Carrier
from inventory import services as stock
from orders.forms.amendable import ADDRESS_LABELS, LABELS, as_text, called, shown
from orders.forms.numbers import AmountField, WholeField
from orders.forms.parts import PartsField
from orders.lifecycle.amendment import REASONS, Operation
from orders.lifecycle.amendment.operations import is_frozen, locked
from orders.lifecycle.drafts import ADDRESS, LARGEST_QUANTITY
from orders.models import FieldGroup, FillPolicy, Order, OrderLine

LONGEST = {"ship_to_country": 2, "ship_to_postal_code": 20, "ship_to_line1": 200}
CELLS = ("quantity", "price", "discount")  # of each line


# Facts of the order itself: the operation that each field is for, and what it calls the value.
HEADER = {
    "requested_on": ("set_requested_on", "day"),
    "terms": ("set_terms", "terms"),
    "fill_policy": ("set_fill_policy", "fill_policy"),
    "carrier": ("set_carrier", "carrier"),
    "shipping": ("set_shipping", "amount"),
    "order_discount": ("set_order_discount", "amount"),
    "po_number": ("set_po_number", "text"),
    "note": ("set_note", "text"),
}


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _charge(label: StrOrPromise) -> AmountField:
    return AmountField(required=False, min_value=0, max_digits=12, decimal_places=2, label=label)


def _carriers(order: Order) -> list[tuple[str, StrOrPromise]]:
    """The carriers to choose from, the present one among them."""
    offered = Carrier.objects.filter(Q(is_active=True) | Q(code=order.shipping_method))
    return [("", _("Any carrier")), *((each.code, each.name) for each in offered)]


def _cell(label: str, look: str = "") -> forms.TextInput:
    css = f"input num qty {look}".strip()
    return forms.TextInput(attrs={"class": css, "aria-label": label})


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value that others changed, or that was typed, since the form was opened."""

    name: str
    label: str
    base: str
    theirs: str
    yours: str

    @property
    def keeps_yours(self) -> bool:
        """Whether only this form changed it."""
        return self.base == self.theirs


class AmendForm(forms.Form):
    """What may be amended of one order now; what may not is no field at all.

    It opens with what is there, and with what an address proposes to change (``named``).
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    base = forms.JSONField(widget=forms.HiddenInput)
    plan_hash = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        choices=[("", _("Choose a reason")), *REASONS.items()], required=False, label=_("Reason")
    )
    words = forms.CharField(
        max_length=400,
        required=False,
        label=_("Note"),
        help_text=_("Shown in the order's history; a decision to let a finding pass needs one."),
    )
    tell = forms.BooleanField(required=False, label=_("Tell the customer"))

    def __init__(
        self,
        data: Any,
        *,
        order: Order,
        locks: Mapping[str, str],
        key: str,
        named: Mapping[str, str],
        asks_reason: bool = False,
    ) -> None:
        sites = {site.pk: site.code for site in stock.sites() if site.is_sellable}
        now = shown(order, sites)
        head = {"version": order.version, "key": key, "base": now}
        super().__init__(data, initial={**now, **head})
        self.order, self.now = order, now
        self.fields["reason"].required = asks_reason
        if not order.customer.email:
            del self.fields["tell"]
        for line in order.facts.lines:
            self._add_line_fields(line, locks)
            self._add_warehouse(line, locks, list(sites.values()))
            self._add_days(line, locks)
        self._add_order_fields(order, locks)
        self.proposed = {
            name: self._opening(name, value) for name, value in named.items() if name in now
        }
        self.initial.update(self.proposed)

    def _add_order_fields(self, order: Order, locks: Mapping[str, str]) -> None:
        billed = any(line.invoiced for line in order.facts.lines)
        if not locks[FieldGroup.DATES]:
            self.fields["requested_on"] = forms.DateField(
                required=False, label=LABELS["requested_on"], widget=_day()
            )
        if not locks[FieldGroup.TERMS] and not billed:
            terms = [(row.code, str(row)) for row in PaymentTerms.objects.all()]
            self.fields["terms"] = forms.ChoiceField(choices=terms, label=LABELS["terms"])
        if not locks[FieldGroup.FILLING]:
            self.fields["fill_policy"] = forms.ChoiceField(
                choices=FillPolicy.choices,
                label=LABELS["fill_policy"],
                required=self._sent("fill_policy"),
            )
        if not locks[FieldGroup.SHIPPING]:
            self.fields["carrier"] = forms.ChoiceField(
                choices=_carriers(order), label=LABELS["carrier"], required=False
            )
        if not locks[FieldGroup.PRICE] and not billed:
            self.fields["shipping"] = _charge(LABELS["shipping"])
            self.fields["shipping"].help_text = gettext("Empty: what the carrier charges.")
            self.fields["order_discount"] = _charge(LABELS["order_discount"])
        if not locks[FieldGroup.NOTES]:
            self._add_notes()
        self._add_address(locks)

    def _add_notes(self) -> None:
        self.fields["po_number"] = forms.CharField(
            required=False, max_length=60, label=LABELS["po_number"]
        )
        self.fields["note"] = forms.CharField(
            required=False, label=LABELS["note"], widget=forms.Textarea(attrs={"rows": 2})
        )

    def _add_address(self, locks: Mapping[str, str]) -> None:
        if not locks[FieldGroup.ADDRESS]:
            for name, label in ADDRESS_LABELS.items():
                longest = LONGEST.get(name, 100)
                self.fields[name] = forms.CharField(required=False, label=label, max_length=longest)

    def _add_line_fields(self, line: OrderLine, locks: Mapping[str, str]) -> None:
        least, wanted = locked(self.order, line), line.ordered - line.cancelled
        if line.parent_line_id:
            return
        if not locks[FieldGroup.QUANTITY] and wanted:
            stay = gettext("%(sku)s: at least %(limit_value)s stay.")
            self.fields[f"quantity-{line.pk}"] = WholeField(
                required=self._sent(f"quantity-{line.pk}"),
                label=called(self.order, f"quantity-{line.pk}"),
                min_value=max(least, 1),
                max_value=LARGEST_QUANTITY,
                widget=_cell(gettext("Quantity of %(sku)s") % {"sku": line.sku}),
                error_messages={"min_value": stay.replace("%(sku)s", line.sku)},
            )
        if not locks[FieldGroup.PRICE] and wanted and not is_frozen(line):
            self.fields[f"price-{line.pk}"] = AmountField(
                required=self._sent(f"price-{line.pk}"),
                label=called(self.order, f"price-{line.pk}"),
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=4,
                widget=_cell(gettext("Price of %(sku)s") % {"sku": line.sku}),
            )
            self.fields[f"discount-{line.pk}"] = AmountField(
                required=self._sent(f"discount-{line.pk}"),
                label=called(self.order, f"discount-{line.pk}"),
                min_value=0,
                max_value=100,
                max_digits=6,
                decimal_places=3,
                widget=_cell(
                    gettext("Discount of %(sku)s in percent") % {"sku": line.sku}, "narrow"
                ),
            )
        if not locks[FieldGroup.LINES] and line.open and not least:
            self.fields[f"remove-{line.pk}"] = forms.BooleanField(
                required=False, label=gettext("Remove %(sku)s") % {"sku": line.sku}
            )

    def _add_warehouse(
        self, line: OrderLine, locks: Mapping[str, str], codes: Sequence[str]
    ) -> None:
        movable = line.is_stocked and not line.parent_line_id and line.open > line.picked
        if locks[FieldGroup.WAREHOUSE] or not movable:
            return
        label = called(self.order, f"warehouse-{line.pk}")
        self.fields[f"warehouse-{line.pk}"] = forms.ChoiceField(
            choices=[("", gettext("Where it is best")), *((code, code) for code in codes)],
            label=label,
            required=False,
            widget=forms.Select(attrs={"class": "select", "aria-label": label}),
        )

    def _add_days(self, line: OrderLine, locks: Mapping[str, str]) -> None:
        if locks[FieldGroup.DATES] or line.parent_line_id or not line.open:
            return
        self.fields[f"day-{line.pk}"] = forms.DateField(
            required=False, label=called(self.order, f"day-{line.pk}"), widget=_day()
        )
        self.fields[f"parts-{line.pk}"] = PartsField(
            required=False,
            max_length=600,
            label=called(self.order, f"parts-{line.pk}"),
            widget=forms.Textarea(attrs={"rows": 2, "placeholder": "2026-12-01 60"}),
        )

    def _opening(self, name: str, value: str) -> str:
        """A value of an address as the field shows it; addresses write numbers in one way."""
        if not name.startswith(CELLS):
            return value
        try:
            return written(Decimal(value) if name.partition("-")[0] != "quantity" else int(value))
        except (InvalidOperation, ValueError):
            return self.now[name]

    def _sent(self, name: str) -> bool:
        """Whether the form that was sent knew this field; a line may have come since."""
        return not self.is_bound or name in self.data

    def bound_or_none(self, name: str) -> forms.BoundField | None:
        """A field of this form, where the order lets it be changed."""
        return self[name] if name in self.fields else None

    def typed(self, name: str) -> str:
        """What was typed, written as ``shown`` writes it."""
        return as_text(self.cleaned_data.get(name))

    def _changed(self, name: str) -> bool:
        base: dict[str, str] = self.cleaned_data.get("base") or {}
        if name not in self.fields or not self._sent(name):
            return False
        return self.typed(name) != base.get(name, self.now.get(name, ""))

    def operations(self) -> list[Operation]:
        """What was typed, as operations: of each value only what differs from what was there."""
        found = []
        for line in self.order.facts.lines:
            if self.cleaned_data.get(f"remove-{line.pk}"):
                found.append(Operation("remove_line", line=line.pk))
                continue
            quantity, price, discount = (f"{name}-{line.pk}" for name in CELLS)
            found += self._day_operations(line)
            if self._changed(f"warehouse-{line.pk}"):
                code = self.cleaned_data[f"warehouse-{line.pk}"]
                found.append(Operation("set_warehouse", line=line.pk, warehouse=code))
            if self._changed(quantity):
                units = self.cleaned_data[quantity]
                found.append(Operation("set_quantity", line=line.pk, quantity=units))
            if self._changed(price):
                unit = self.cleaned_data[price]
                found.append(Operation("set_price", line=line.pk, unit_price=unit))
            if self._changed(discount):
                share = self.cleaned_data[discount]
                found.append(Operation("set_discount", line=line.pk, discount_percent=share))
        return found + self._header_operations()

    def _day_operations(self, line: OrderLine) -> list[Operation]:
        found, (day, parts) = [], (f"day-{line.pk}", f"parts-{line.pk}")
        if self._changed(day):
            found.append(Operation("set_line_day", line=line.pk, day=self.cleaned_data[day]))
        if self._changed(parts):
            rows = tuple(self.cleaned_data[parts])
            found.append(Operation("set_parts", line=line.pk, parts=rows))
        return found

    def _header_operations(self) -> list[Operation]:
        given, found = self.cleaned_data, []
        for name, (kind, fact) in HEADER.items():
            if self._changed(name):
                value: dict[str, Any] = {
                    fact: as_text(given[name]) if fact == "text" else given[name]
                }
                found.append(Operation(kind, **value))
        if any(self._changed(f"ship_to_{part}") for part in ADDRESS):
            address = {part: given[f"ship_to_{part}"] for part in ADDRESS}
            address["country"] = address["country"].upper()
            found.append(Operation("set_ship_to", ship_to=address))
        return found

    def conflicts(self) -> list[Conflict]:
        """What others changed since the form was opened, with what was typed here; none: []."""
        base: dict[str, str] = self.cleaned_data.get("base") or {}
        names = [name for name in self.now if base.get(name, "") != self.now[name]]
        if not names:
            return []
        names += [name for name in self.now if name not in names and self._changed(name)]
        return [
            Conflict(
                name,
                called(self.order, name),
                base.get(name, ""),
                self.now[name],
                self.typed(name) if name in self.fields and self._sent(name) else "",
            )
            for name in names
        ]

    def rebased(self) -> dict[str, str]:
        """What a form opened now would carry: its version and what is there."""
        return {"version": str(self.order.version), "base": json.dumps(self.now)}


class AddedForm(forms.Form):
    """An item to be added; without a price the agreed one is taken."""

    sku = forms.CharField(max_length=64, required=False)
    quantity = WholeField(required=False, min_value=1, max_value=LARGEST_QUANTITY)
    unit_price = AmountField(required=False, min_value=0, max_digits=14, decimal_places=4)

    def clean(self) -> dict[str, Any]:
        """An item needs a quantity."""
        given = super().clean() or {}
        if given.get("sku") and not given.get("quantity") and "quantity" not in self.errors:
            words = gettext("%(sku)s: how many?") % {"sku": given["sku"]}
            self.add_error("quantity", words)
        return given

    def operation(self) -> Operation | None:
        """The item as an operation; None for an empty row."""
        given = self.cleaned_data
        if not given.get("sku"):
            return None
        return Operation(
            "add_line",
            sku=given["sku"].strip(),
            quantity=given["quantity"],
            unit_price=given.get("unit_price"),
        )


Added = BaseFormSet[AddedForm]
AddedFormSet = formset_factory(AddedForm, extra=1)

__all__ = ["Added", "AddedFormSet", "AmendForm", "Conflict", "shown"]
