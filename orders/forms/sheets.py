"""A sheet: an order as text, field by field and row by row, as the form of entry shows it.

Two people may type the same draft; their sheets are compared with the one both started from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, gettext_noop

from config.kernel import typed
from orders.forms.entry import MOST_ROWS, OrderForm, address_parts
from orders.models import Address, Customer, LineSchedule, Order, OrderLine, Status

HEAD = tuple(OrderForm.base_fields)
CELLS = ("sku", "quantity", "unit_price", "discount_percent", "requested_on", "parts")
OPEN_ENDED = {"currency", "fill_policy", "address", "shipping"}  # left out, they are as agreed
NO_ITEM = gettext_noop("without an item")  # what a row is kept by that names none
NUMBERS = {"unit_price", "discount_percent", "shipping", "order_discount", "quantity"}


@dataclass(slots=True)
class Sheet:
    """The head of an order and its rows, all as text."""

    head: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)

    def data(self, *, spare: int = 0) -> dict[str, str]:
        """The sheet as a form sends it, with so many empty rows after it."""
        rows = [*self.rows, *({} for _ in range(spare))]
        sent = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
        for number, row in enumerate(rows):
            sent |= {f"lines-{number}-{name}": row.get(name, "") for name in CELLS}
        return self.head | sent

    def plain(self) -> dict[str, Any]:
        """The sheet as JSON."""
        return {"head": self.head, "rows": self.rows}


def sent(data: Mapping[str, Any]) -> Sheet:
    """What a form sent, rows without any text left out."""
    head = {name: str(data.get(name, "")) for name in HEAD}
    try:
        total = min(int(data.get("lines-TOTAL_FORMS", 0)), MOST_ROWS)
    except ValueError:
        total = 0
    rows = [{name: str(data.get(f"lines-{n}-{name}", "")) for name in CELLS} for n in range(total)]
    return Sheet(head, [row for row in rows if any(text.strip() for text in row.values())])


def of_order(order: Order) -> Sheet:
    """What a draft says in full, what was agreed for it too."""
    lines = list(order.lines.all())
    head = dict.fromkeys(HEAD, "")
    head |= {
        "customer": named(order.customer),
        "po_number": order.po_number,
        "requested_on": _text(order.requested_on),
        "fill_policy": order.fill_policy,
        "currency": order.currency_id,
        "shipping_method": order.shipping_method,
        "shipping": _text(order.shipping_total if lines else None),
        "order_discount": _text(order.order_discount or None),
        "note": order.note,
        **_address(order),
    }
    parts: dict[int, list[str]] = {}
    for part in LineSchedule.objects.filter(line__order=order):
        parts.setdefault(part.line_id, []).append(f"{part.due_on} {part.quantity}")
    rows = [_row(line, parts.get(line.pk, [])) for line in lines]
    waiting = [{name: str(row.get(name, "")) for name in CELLS} for row in order.unread_rows]
    return Sheet(head, rows + waiting)


def named(customer: Customer) -> str:
    """A customer as its field shows it."""
    return f"{customer.code} · {customer.name}"


def again(order: Order) -> Sheet:
    """An order like this one: the same customer and items, at what is agreed today.

    What was given up since is not wanted again, unless the whole order was cancelled.
    """
    whole = order.status == Status.CANCELLED
    wanted = [
        (line.sku, line.ordered if whole else line.ordered - line.cancelled)
        for line in order.lines.filter(parent_line=None)
    ]
    rows = [{"sku": sku, "quantity": str(units)} for sku, units in wanted if units]
    return Sheet({"customer": named(order.customer)}, rows)


def _row(line: OrderLine, parts: list[str]) -> dict[str, str]:
    return {
        "sku": line.sku,
        "quantity": str(line.ordered),
        "unit_price": _text(line.unit_price),
        "discount_percent": _text(line.discount_percent),
        "requested_on": _text(line.requested_on),
        "parts": "\n".join(parts),
    }


def _address(order: Order) -> dict[str, str]:
    """The address of the customer that the order goes to, or the lines of another one."""
    own = {name: getattr(order, f"ship_to_{name}") for name in address_parts(Address())}
    if not any(own.values()):
        return {}
    for address in Address.objects.filter(customer=order.customer_id):
        if address_parts(address) == own:
            return {"address": str(address.pk)}
    return {f"ship_to_{name}": text for name, text in own.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return typed.written(value) if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or line that two people see differently, and what both started from."""

    key: str
    label: str
    base: str
    theirs: str
    mine: str

    @property
    def keeps(self) -> str:
        """Who changed it: mine, unless only they did."""
        return "theirs" if self.mine == self.base else "mine"


def differences(base: Sheet, theirs: Sheet, mine: Sheet) -> list[Difference]:
    """What stands against each other, in the order of the form."""
    found = []
    for name in HEAD:
        texts = [_same(name, sheet.head.get(name, "")) for sheet in (base, theirs, mine)]
        if texts[1] != texts[2]:
            label = str(OrderForm.base_fields[name].label)
            found.append(Difference(f"head.{name}", label, *texts))
    bases, others, mines = (dict(keyed(sheet)) for sheet in (base, theirs, mine))
    for key in dict.fromkeys([*others, *mines]):
        texts = [_told(each.get(key)) for each in (bases, others, mines)]
        if texts[1] != texts[2]:
            label = gettext("Line %(key)s") % {"key": key.replace(NO_ITEM, gettext(NO_ITEM))}
            found.append(Difference(f"row.{key}", label, *texts))
    return found


def merged(theirs: Sheet, mine: Sheet, keeps: Mapping[str, str]) -> Sheet:
    """Their sheet with what was decided for mine."""
    head = {
        name: (mine if keeps.get(f"head.{name}") == "mine" else theirs).head.get(name, "")
        for name in HEAD
    }
    others, mines = dict(keyed(theirs)), dict(keyed(mine))
    rows = []
    for key in dict.fromkeys([*others, *mines]):
        row = (mines if keeps.get(f"row.{key}") == "mine" else others).get(key)
        if row:
            rows.append(row)
    return Sheet(head, rows)


def filled(mine: Sheet, base: Sheet, shown: Sheet) -> Sheet:
    """My sheet with what I left to what was agreed, as it was saved for me.

    ``shown`` is the base as its form showed it: what stood there and was taken out is not put back,
    and nothing is of another customer.
    """
    if code_of(mine) != code_of(base):
        return mine
    bases, forms = dict(keyed(base)), dict(keyed(shown))
    rows = [
        _filled(row, bases.get(key, {}), forms.get(key, {}), NUMBERS) for key, row in keyed(mine)
    ]
    return Sheet(_filled(mine.head, base.head, shown.head, OPEN_ENDED), rows)


def _filled(
    mine: Mapping[str, str], base: Mapping[str, str], shown: Mapping[str, str], open_ended: set[str]
) -> dict[str, str]:
    left = {name for name in open_ended if not mine.get(name) and not shown.get(name)}
    return {name: base.get(name, "") if name in left else text for name, text in mine.items()}


def code_of(sheet: Sheet) -> str:
    """The code of the customer that a sheet names."""
    return sheet.head.get("customer", "").partition(" · ")[0]


def keyed(sheet: Sheet) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows by item; the second row of an item has its number."""
    seen: dict[str, int] = {}
    for row in sheet.rows:
        sku = row.get("sku", "").strip() or NO_ITEM
        seen[sku] = seen.get(sku, 0) + 1
        yield sku if seen[sku] == 1 else f"{sku} ({seen[sku]})", row


def _told(row: Mapping[str, str] | None) -> str:
    """A row in a few words."""
    if row is None:
        return ""
    texts = {name: _same(name, row.get(name, "")) for name in CELLS}
    words = [texts["quantity"] or gettext("no quantity")]
    if texts["unit_price"]:
        words.append(gettext("at %(unit_price)s") % {"unit_price": texts["unit_price"]})
    if texts["discount_percent"] not in {"", "0"}:
        words.append(
            gettext("less %(discount_percent)s %%")
            % {"discount_percent": texts["discount_percent"]}
        )
    if texts["requested_on"]:
        words.append(gettext("by %(requested_on)s") % {"requested_on": texts["requested_on"]})
    if texts["parts"]:
        words.append(
            gettext("in parts: %(names)s") % {"names": ", ".join(texts["parts"].split(chr(10)))}
        )
    return " ".join(words)


def _same(name: str, text: str) -> str:
    """A text in the one way it is compared."""
    text = text.strip().replace("\r\n", "\n")
    if name not in NUMBERS or not text:
        return text
    try:
        found = typed.decimal(text)
    except typed.Unreadable:
        return text
    return typed.written(found if found % 1 else int(found))
