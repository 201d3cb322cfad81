"""Order entry: customer, lines, availability, prices and totals; a mistake keeps what was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.kernel.errors import DomainError
from config.kernel.steps import single
from finance.models import CreditAccount
from finance.services import prices
from inventory import services as stock
from inventory.models import Product, Warehouse
from orders.forms.entry import LineForm, LineFormSet, OrderForm
from orders.lifecycle import capture, submission
from orders.lifecycle.drafts import LineDraft, Problem
from orders.models import Customer, Order
from orders.pricing import PricedLine, price
from orders.scope import visible
from orders.views.steps import actor

Lines = BaseFormSet[LineForm]


def new(request: HttpRequest) -> HttpResponse:
    """Type an order; keep it as a draft, or place it."""
    head = OrderForm(request.POST or None, user=request.user)
    lines: Lines = LineFormSet(request.POST or None, prefix="lines")
    if request.method == "POST" and "recount" not in request.POST:
        valid = head.is_valid() and lines.is_valid()
        if valid and (number := _save(request, head, lines)):
            return redirect("orders:order", number)
    context = {"head": head, "lines": lines, **_outlook(head, lines)}
    status = 422 if head.errors or any(lines.errors) or head.non_field_errors() else 200
    return render(request, "orders/new.html", context, status=status)


def outlook(request: HttpRequest) -> HttpResponse:
    """Prices, availability and totals of what is typed so far."""
    head, lines = (
        OrderForm(request.POST, user=request.user),
        LineFormSet(request.POST, prefix="lines"),
    )
    return render(request, "orders/_outlook.html", _outlook(head, lines))


def _save(request: HttpRequest, head: OrderForm, lines: Lines) -> str:
    """Capture the order and place it if that was asked; '' with errors on the forms if not."""
    typed = [(form, draft) for form in lines if (draft := form.draft())]
    if not typed and "place" in request.POST:
        head.add_error(None, "An order needs at least one line.")
        return ""
    captured = capture.create([head.draft([draft for _, draft in typed])], by=actor(request))
    if captured.problems:
        _show(captured.problems, head, [form for form, _ in typed])
        return ""
    order = Order.objects.get(pk=captured.orders[0])
    if "place" not in request.POST:
        messages.success(request, f"{order} is kept as a draft.")
        return order.number
    try:
        single(submission.submit, order.pk, by=actor(request))
    except DomainError as refusal:
        messages.warning(request, f"{order} is kept as a draft. {refusal}")
    else:
        messages.success(request, f"{order} is placed and is being checked.")
    return order.number


def _show(problems: Iterable[Problem], head: OrderForm, lines: list[LineForm]) -> None:
    """Put each problem on the field it is about."""
    for problem in problems:
        part, _, rest = problem.field.partition(".")
        if part == "lines":
            position, _, name = rest.partition(".")
            form = lines[int(position)]
            form.add_error(name if name in form.fields else "sku", problem.message)
        else:
            head.add_error(part if part in head.fields else None, problem.message)


def _outlook(head: OrderForm, lines: Lines) -> dict[str, Any]:
    """What the order would cost and when it could be served, as far as it can be told."""
    customer = None
    if head.is_bound:
        head.full_clean()
        customer = head.cleaned_data.get("customer")
    typed = []
    if lines.is_bound:
        lines.full_clean()
        typed = [
            draft
            for form in lines
            if not form.errors and (draft := form.draft()) and draft.quantity
        ]
    products = {
        product.sku: product
        for product in Product.objects.active().filter(sku__in={line.sku for line in typed})
    }
    found: dict[str, Any] = {"customer": customer, "rows": [], "totals": None}
    if customer:
        found["standing"] = CreditAccount.objects.filter(
            customer=customer, currency=customer.currency_id
        ).first()
        found["address"] = customer.addresses.filter(is_default=True).first()
    known = [line for line in typed if line.sku in products]
    if not known:
        return found
    return found | _priced(head, customer, known, products)


def _priced(
    head: OrderForm, customer: Customer | None, lines: list[LineDraft], products: dict[str, Product]
) -> dict[str, Any]:
    chosen = head.cleaned_data.get("currency")
    currency = chosen or (customer.currency if customer else None)
    keys = [product.pk for product in products.values()]
    tariff = prices.tariff([customer.pk] if customer else [], keys)
    free, incoming = _free(keys), stock.incoming(keys)
    rows, priced = [], []
    for line in lines:
        product = products[line.sku]
        agreed = None
        if currency:
            agreed = tariff.agreed_price(customer.pk if customer else 0, currency.code, product.pk)
        unit = line.unit_price if line.unit_price is not None else (agreed[0] if agreed else None)
        here = sum(units for _, units in free[product.pk])
        rows.append(
            {
                "product": product,
                "quantity": line.quantity,
                "unit": unit,
                "below_floor": bool(unit is not None and agreed and agreed[1] and unit < agreed[1]),
                "free": free[product.pk],
                "short": max(0, line.quantity - here),
                "incoming": incoming.get(product.pk, [])[:1],
            }
        )
        if unit is not None:
            priced.append(PricedLine(line.quantity, unit, line.discount_percent or Decimal(0)))
    totals = price(
        priced,
        order_discount=head.cleaned_data.get("order_discount") or Decimal(0),
        shipping=head.cleaned_data.get("shipping") or Decimal(0),
        minor_units=currency.minor_units if currency else 2,
    )
    return {"rows": rows, "totals": totals, "currency": currency}


def _free(products: list[int]) -> dict[int, list[tuple[str, int]]]:
    """What can be promised of each product, by warehouse."""
    codes = dict(Warehouse.objects.values_list("pk", "code"))
    free: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for level in stock.levels(products):
        if level.available > 0:
            free[level.product_id].append((codes[level.warehouse_id], level.available))
    return free


def customers(request: HttpRequest) -> HttpResponse:
    """The customers that match what is typed."""
    words = request.GET.get("q", "").strip()
    known = visible(Customer.objects.active(), request.user)
    matches = known.matching(words)[:8] if len(words) > 1 else []
    return render(request, "orders/_customers.html", {"customers": matches})


def items(request: HttpRequest) -> HttpResponse:
    """The items that match what is typed, with what is free of each."""
    words = request.GET.get("q", "").strip()
    matches = list(Product.objects.active().matching(words)[:8]) if len(words) > 1 else []
    free = _free([product.pk for product in matches])
    rows = [(product, sum(units for _, units in free[product.pk])) for product in matches]
    return render(request, "orders/_items.html", {"rows": rows})
