"""The outlook of an order that is being typed: prices, availability, promises, credit, totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q
from django.forms import BaseFormSet
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.money import ZERO
from config.kernel.typed import written
from finance.models import CreditAccount, Invoice
from finance.services import payments
from inventory.models import Product
from orders.forms.entry import LineForm, OrderForm
from orders.forms.numbers import UNREADABLE
from orders.lifecycle import catalogue, reading
from orders.lifecycle.drafts import LineDraft
from orders.lifecycle.estimates import Estimate, estimate
from orders.lifecycle.reading import Reading, ReadLine
from orders.lifecycle.stages import Stage, judged
from orders.lifecycle.writing import staged
from orders.models import Address, Customer
from orders.pricing import lowest_price
from orders.reports import habits
from orders.scope import visible

Lines = BaseFormSet[LineForm]
MOST_SEARCHED = 20  # rows that are looked for by name in one go


@dataclass(slots=True)
class Row:
    """One row of the grid as it could be served, or what is wrong with it."""

    prefix: str
    line: ReadLine | None = None
    read: Reading | None = None  # the order that it is a line of
    estimate: Estimate | None = None
    sku: str = ""  # what the text in the field turned out to be
    problems: list[str] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)  # that would do instead
    stages: list[Stage] = field(
        default_factory=list
    )  # its parts, and what could be promised of them

    @property
    def below_floor(self) -> bool:
        """Whether a manager has to agree to the price."""
        line = self.line
        if line is None or line.floor is None:
            return False
        return line.priced.net_price < line.floor

    @property
    def lowest(self) -> str:
        """The price with which nobody has to agree, as it is typed; '' where there is none."""
        line, read = self.line, self.read
        if line is None or line.floor is None or read is None:
            return ""
        others = (each.priced for each in read.lines if each is not line)
        found = lowest_price(
            line.floor,
            line.priced.discount_percent,
            read.currency.minor_units,
            quantity=line.priced.quantity,
            order_discount=read.draft.order_discount,
            others=sum((each.gross - each.own_discount for each in others), ZERO),
        )
        return "" if found is None else written(found)

    @property
    def agreed(self) -> str:
        """The agreed price as it is typed, to stand where none was; '' where none is agreed."""
        line = self.line
        return "" if line is None or line.agreed is None else written(line.agreed)


def resolve(drafts: Iterable[LineDraft]) -> None:
    """Give each row the SKU that its text means: by SKU, GTIN, or a name that only one item has."""
    drafts = list(drafts)
    texts = {draft.sku for draft in drafts}
    found = Product.objects.filter(
        Q(sku__in=texts | {text.upper() for text in texts}) | Q(gtin__in=texts - {""})
    ).values_list("sku", "gtin")
    known = {sku: sku for sku, _ in found}
    known |= {gtin: sku for sku, gtin in found if gtin and gtin not in known}
    left = MOST_SEARCHED
    for draft in drafts:
        sku = known.get(draft.sku) or known.get(draft.sku.upper())
        if sku is None and left:
            left -= 1
            matches = Product.matching(draft.sku, limit=2)
            sku = matches[0].sku if len(matches) == 1 else None
        draft.sku = sku or draft.sku


def outlook(head: OrderForm, lines: Lines) -> dict[str, Any]:
    """What the order would cost and when it could be there, as far as it can be told."""
    if not head.is_bound:
        return {"rows": [], "customer": None}
    head.full_clean()
    lines.full_clean()
    typed = {form.prefix: draft for form in lines if (draft := _draft(form))}
    resolve(typed.values())
    customer = head.cleaned_data.get("customer")
    rows = {form.prefix: Row(str(form.prefix), problems=_unreadable(form)) for form in lines}
    found: dict[str, Any] = {"rows": list(rows.values()), "customer": customer}
    if customer is None:
        return found
    order = head.draft(list(typed.values()), is_tentative=True)
    known = catalogue.read([order])
    readings, _ = reading.read([order], known)
    read = readings[0] if readings else None
    _explain(rows, typed, read, known)
    if read is None:
        return found
    _serve(rows, read)
    found |= _money(customer, read, known) | _promise(rows)
    return found | {"last": habits.last_order(customer, head.user)} | _unpaid(customer, head.user)


def _draft(form: LineForm) -> LineDraft | None:
    """The row as far as it can be read; one with a mistake waits for its correction."""
    if form.errors and set(form.errors) != {"quantity"}:
        return None
    return form.draft()


def _unreadable(form: LineForm) -> list[str]:
    """The sentences on numbers that cannot be read."""
    wrong = (error for errors in form.errors.as_data().values() for error in errors)
    return [str(error.message) for error in wrong if error.code == UNREADABLE]


def _explain(
    rows: dict[Any, Row],
    typed: dict[Any, LineDraft],
    read: Reading | None,
    known: catalogue.Catalogue,
) -> None:
    """Put each line on its row, and on the others what stands in their way."""
    lines = {id(line.draft): line for line in read.lines} if read else {}
    for prefix, draft in typed.items():
        row = rows[prefix]
        row.sku, row.line, row.read = draft.sku, lines.get(id(draft)), read
        product = known.products.get(draft.sku)
        if row.line is None and draft.quantity:
            wrong = reading.line_problems(0, 0, draft, known)
            row.problems = [problem.message for problem in wrong]
        if row.line is None and product and draft.quantity and not row.problems:
            row.problems = [
                gettext("%(sku)s has no price in this currency; type one.") % {"sku": draft.sku}
            ]
        if product and draft.quantity % product.order_multiple:
            row.quantities = reading.whole_packs(draft.quantity, product)


def _serve(rows: dict[Any, Row], read: Reading) -> None:
    """Estimate where each line comes from and by when it is there."""
    served = [row for row in rows.values() if row.line]
    items = [(row.line.product, row.line.priced.quantity) for row in served if row.line]
    today = timezone.localdate()
    found = estimate(items, country=read.ship_to["country"], today=today)
    for row, each in zip(served, found, strict=True):
        row.estimate = each
        if row.line:
            row.stages = judged(
                staged(row.line.draft, read), each.arrivals(row.line.priced.quantity)
            )


def _promise(rows: dict[Any, Row]) -> dict[str, Any]:
    days = [row.estimate.last_on for row in rows.values() if row.estimate and row.estimate.last_on]
    return {"promised_on": max(days, default=None)}


def _money(customer: Customer, read: Reading, known: catalogue.Catalogue) -> dict[str, Any]:
    """Totals, and the credit that is left after this order."""
    account = CreditAccount.objects.filter(customer=customer, currency=read.currency.code).first()
    total = read.totals.grand_total
    return {
        "reading": read,
        "granted": known.tariff.terms.get(customer.pk),
        "currency": read.currency.code,
        "units": sum(line.priced.quantity for line in read.lines),
        "totals": read.totals,
        "account": account,
        "left": account.available - total if account else None,
        "bar": _bar(account, total) if account else [],
        "usual": habits.usual(customer),
        "addresses": Address.objects.filter(customer=customer),
    }


def _unpaid(customer: Customer, user: User | AnonymousUser) -> dict[str, Any]:
    """The invoice that has waited longest for its money, and what is open of it."""
    waiting = visible(Invoice.objects.open().filter(customer=customer), user)
    oldest = waiting.order_by("due_on", "pk").first()
    if oldest is None:
        return {}
    today = timezone.localdate()
    return {
        "oldest": oldest,
        "oldest_left": payments.open_amounts([oldest.pk])[oldest.pk],
        "days_late": (today - oldest.due_on).days,
    }


def _bar(account: CreditAccount, total: Decimal) -> list[tuple[str, str, str]]:
    """The parts of the limit: unpaid, committed, this order; as class, start and width."""
    whole = max(account.credit_limit, account.exposure + total, Decimal(1))
    unpaid = max(account.receivable - account.unapplied, Decimal(0))
    x, parts = Decimal(0), []
    for css, amount in (("delivered", unpaid), ("reserved", account.committed), ("picked", total)):
        width = 100 * amount / whole
        parts.append((css, f"{x:.2f}", f"{width:.2f}"))
        x += width
    return parts
