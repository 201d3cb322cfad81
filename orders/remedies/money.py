"""Ways out of findings about money: credit, prices, terms."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from django.urls import reverse

from config.kernel.money import ZERO, text, unit
from finance.models import Invoice
from finance.services import payments
from orders.models import CreditStanding, Order, OrderLine
from orders.remedies.cases import Bar, Case, Fact, Remedy, Situation


def credit(case: Case) -> Situation:
    """The customer's limit is too small for the order: pay, raise, or order less."""
    order, standing = case.order, case.order.facts.credit
    if standing is None:
        return Situation(case.row, "")
    own = order.outstanding if order.status == "in_review" else ZERO
    over = standing.exposure + own - standing.credit_limit
    data = case.row.data
    facts = [
        Fact("Limit", _of(standing.credit_limit, order), _was(data, "limit", order)),
        Fact("Used already", _of(standing.exposure, order), _was(data, "exposure", order)),
        Fact("This order", _of(order.outstanding, order), _was(data, "amount", order)),
    ]
    facts += _next_due(order)
    fits = max(ZERO, standing.credit_limit - standing.exposure) if own else ZERO
    used = max(ZERO, standing.exposure)
    return Situation(
        case.row,
        "",
        facts=facts,
        remedies=list(_credit_remedies(case, standing, over)),
        bar=Bar(standing.credit_limit, used, fits, over),
    )


def _credit_remedies(case: Case, standing: CreditStanding, over: Decimal) -> Iterable[Remedy]:
    order = case.order
    goes_on = "The order then goes on by itself"
    yield Remedy(
        "pay",
        f"Record a payment of {_of(over, order)}",
        f"{goes_on}; the money counts towards this order.",
        reverse("orders:payment", args=[order.number]),
        "finance.record_payment",
        over,
    )
    limit = standing.credit_limit + over
    yield Remedy(
        "raise_limit",
        f"Raise the credit limit by {_of(over, order)} to {_of(limit, order)}",
        f"{goes_on}; the limit holds for later orders too.",
        reverse("admin:finance_creditaccount_change", args=[standing.pk]),
        "finance.change_creditaccount",
        limit,
    )
    if units := units_worth(order, over):
        lines = {line.pk: line for line in order.facts.lines}
        words = ", ".join(f"{number} × {lines[pk].sku}" for pk, number in units.items())
        worth = sum((_worth(order, lines[pk], number) for pk, number in units.items()), ZERO)
        yield Remedy(
            "cancel",
            f"Cancel {words}",
            f"That takes {_of(worth, order)} off the order; the rest of it goes on by itself.",
            case.cancel_url,
            "orders.cancel_order",
            worth,
            sum(units.values()),
            units,
        )


def units_worth(order: Order, amount: Decimal) -> dict[int, int]:
    """Units by line that are worth at least so much: of one line if one is enough, else of several.

    Empty when nothing of the order would be left.
    """
    free = [line for line in order.facts.lines if line.open > line.picked]
    single = [(_worth(order, x, n), x.pk, n) for x in free if (n := _enough(order, x, amount))]
    chosen: dict[int, int] = {}
    if single:
        _, pk, number = min(single)
        chosen[pk] = number
    else:
        by_value = sorted(free, key=lambda line: (-line.outstanding(order.minor_units), line.pk))
        for line in by_value:
            number = _enough(order, line, amount) or line.open - line.picked
            chosen[line.pk] = number
            amount -= _worth(order, line, number)
            if amount <= 0:
                break
    left = sum(line.open for line in order.facts.lines) - sum(chosen.values())
    return chosen if left > 0 and (single or amount <= 0) else {}


def _enough(order: Order, line: OrderLine, amount: Decimal) -> int:
    """The fewest units of the line that are worth the amount; 0 when all are not."""
    most = line.open - line.picked
    number = 1 + bisect_left(range(1, most + 1), amount, key=lambda n: _worth(order, line, n))
    return number if number <= most else 0


def _worth(order: Order, line: OrderLine, number: int) -> Decimal:
    return line.amounts(number, order.minor_units).total


def _next_due(order: Order) -> Iterable[Fact]:
    """The customer's invoice that is due next: its payment would make room."""
    invoice = (
        Invoice.objects.open()
        .filter(customer=order.customer_id, currency=order.currency_id)
        .order_by("due_on", "pk")
        .first()
    )
    if invoice is not None:
        owed = payments.open_amounts([invoice.pk])[invoice.pk]
        yield Fact("Due next", f"{_of(owed, order)} on {invoice.due_on:%a %d %b}, {invoice.number}")


def price(case: Case) -> Situation:
    """A price is too low, or too far from the agreed one."""
    order = case.order
    line = next((x for x in order.facts.lines if x.line_no == case.line()), None)
    if line is None:
        return Situation(case.row, "")
    tariff = case.known.tariff
    agreed = tariff.agreed_price(order.customer_id, order.currency_id, line.product_id)
    if agreed is None:
        return Situation(case.row, "")
    net, (listed, floor) = line.unit_price * (1 - line.discount_percent / 100), agreed
    data = case.row.data
    facts = [
        Fact("Price entered", _of(net, order), _was(data, "price", order)),
        Fact("Agreed price", _of(listed, order), _was(data, "agreed", order)),
        Fact(
            "Floor", _of(floor, order) if floor is not None else "none", _was(data, "floor", order)
        ),
        Fact("Units", f"{line.ordered - line.cancelled:,}"),
    ]
    return Situation(case.row, "", facts=facts, remedies=list(_prices(case, line, listed, floor)))


def _prices(
    case: Case, line: OrderLine, listed: Decimal, floor: Decimal | None
) -> Iterable[Remedy]:
    allowed = Decimal(str(case.rule.parameters.get("deviation_percent", 25))) if case.rule else ZERO
    lowest = max(floor or ZERO, listed * (100 - allowed) / 100)
    order, cut = case.order, 1 - line.discount_percent / 100
    net = line.unit_price * cut
    if net < lowest and cut:
        typed = (lowest / cut).quantize(unit(order.minor_units), ROUND_CEILING)
        what = "the floor" if lowest == floor else "the lowest price that passes"
        before = f", before its discount of {_share(line)}" if cut < 1 else ""
        yield case.amend(
            "set_lowest",
            f"Set {line.sku} to {what}: {_of(typed, order)}{before}",
            _dearer(order, line, typed),
            typed,
        )
    if listed >= (floor or ZERO):
        rest = f" and take off the discount of {_share(line)}" if cut < 1 else ""
        yield case.amend(
            "set_agreed",
            f"Set {line.sku} to the agreed price of {_of(listed, order)}{rest}",
            "The check then passes; the order goes on if nothing else is open.",
            listed,
        )


def _share(line: OrderLine) -> str:
    return f"{line.discount_percent.normalize():f} %"


def _dearer(order: Order, line: OrderLine, typed: Decimal) -> str:
    more = (typed - line.unit_price) * (line.ordered - line.cancelled)
    return f"Before discounts the line becomes {_of(more, order)} dearer; the check then passes."


def terms(case: Case) -> Situation:
    """Terms or currency are not those that the customer was granted."""
    order, granted = case.order, case.known.tariff.terms.get(case.order.customer_id)
    if case.row.fingerprint.startswith("currency:"):
        facts = [Fact("Currency of the order", order.currency_id)]
        facts.append(Fact("Currency of the customer", order.customer.currency_id))
        then = "Prices are then those of the customer's own currency."
        title = f"Enter it again in {order.customer.currency_id} and cancel this one"
        cancel = Remedy("reenter", title, then, case.cancel_url, "orders.cancel_order")
        return Situation(case.row, "", facts=facts, remedies=[cancel])
    if granted is None:
        return Situation(case.row, "")
    allowed = granted.payment_terms
    facts = [Fact("On the order", f"{order.terms_code}, {order.terms_days} days")]
    facts.append(Fact("Granted", f"{allowed}, {allowed.days} days"))
    title = f"Set the terms to {allowed.code}, as the customer was granted"
    change = case.amend("set_terms", title, f"The invoice is then due after {allowed.days} days.")
    grant = Remedy(
        "grant_terms",
        f"Grant {order.customer} {order.terms_code}",
        "Every later order gets these terms too.",
        reverse("admin:finance_customerterms_change", args=[order.customer_id]),
        "finance.change_customerterms",
    )
    return Situation(case.row, "", facts=facts, remedies=[change, grant])


def _of(amount: Decimal, order: Order) -> str:
    return f"{text(amount, order.minor_units)} {order.currency_id}"


def _was(data: dict[str, str], name: str, order: Order) -> str:
    """A figure as it was when the finding was last written down."""
    return _of(Decimal(data[name]), order) if name in data else ""
