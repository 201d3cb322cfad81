"""Ways out of findings about money: credit, prices, terms."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from config.kernel import reading
from config.kernel.money import ZERO
from finance.models import Invoice
from finance.services import payments
from orders.models import CreditStanding, Order, OrderLine
from orders.pricing import lowest_price
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
        Fact(gettext("Limit"), _of(standing.credit_limit, order), _was(data, "limit", order)),
        Fact(
            gettext("Used already"),
            _of(standing.exposure, order),
            _was(data, "exposure", order),
        ),
        Fact(gettext("This order"), _of(order.outstanding, order), _was(data, "amount", order)),
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
    yield Remedy(
        "pay",
        gettext("Record a payment of %(amount)s") % {"amount": _of(over, order)},
        gettext("The order then goes on by itself; the money counts towards this order."),
        _at(reverse("orders:payment", args=[order.number]), amount=over),
        "finance.record_payment",
        over,
    )
    limit = standing.credit_limit + over
    yield Remedy(
        "raise_limit",
        gettext("Raise the credit limit by %(over)s to %(limit)s")
        % {"over": _of(over, order), "limit": _of(limit, order)},
        gettext("The order then goes on by itself; the limit holds for later orders too."),
        _at(reverse("admin:finance_creditaccount_change", args=[standing.pk]), credit_limit=limit),
        "finance.change_creditaccount",
        limit,
    )
    if units := units_worth(order, over):
        lines = {line.pk: line for line in order.facts.lines}
        words = ", ".join(f"{number} × {lines[pk].sku}" for pk, number in units.items())
        worth = sum((_worth(order, lines[pk], number) for pk, number in units.items()), ZERO)
        yield Remedy(
            "cancel",
            gettext("Cancel %(units)s") % {"units": words},
            gettext("That takes %(amount)s off the order; the rest of it goes on by itself.")
            % {"amount": _of(worth, order)},
            case.cancelling(units, "credit"),
            "orders.cancel_order",
            worth,
            sum(units.values()),
            units,
        )


def _at(address: str, **values: Decimal) -> str:
    """The page with these figures filled in."""
    return f"{address}?{urlencode(values)}"


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
        words = gettext("%(amount)s on %(day)s, %(invoice)s") % {
            "amount": _of(owed, order),
            "day": reading.near_day(invoice.due_on),
            "invoice": invoice.number,
        }
        yield Fact(gettext("Due next"), words)


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
    net, (listed, floor) = line.net_price, agreed
    data = case.row.data
    facts = [
        Fact(gettext("Price entered"), _of(net, order), _was(data, "price", order)),
        Fact(gettext("Agreed price"), _of(listed, order), _was(data, "agreed", order)),
        Fact(
            pgettext("price", "Floor"),
            gettext("none") if floor is None else _of(floor, order),
            _was(data, "floor", order),
        ),
        Fact(gettext("Units"), reading.number(line.ordered - line.cancelled)),
    ]
    return Situation(case.row, "", facts=facts, remedies=list(_prices(case, line, listed, floor)))


def _prices(
    case: Case, line: OrderLine, listed: Decimal, floor: Decimal | None
) -> Iterable[Remedy]:
    allowed = Decimal(str(case.rule.parameters.get("deviation_percent", 25))) if case.rule else ZERO
    lowest = max(floor or ZERO, listed * (100 - allowed) / 100)
    order, cut = case.order, 1 - line.discount_percent / 100
    if line.order_discount_share and line.net_price < lowest <= line.unit_price * cut:
        title = gettext("Take off the order discount of %(amount)s") % {
            "amount": _of(order.order_discount, order)
        }
        asked = _without_order_discount(line)
        yield case.amend("no_order_discount", title, _passes(), order.order_discount, **asked)
    elif line.net_price < lowest:
        typed = lowest_price(lowest, line.discount_percent, order.minor_units)
        if typed is not None:
            yield _lowest(case, line, typed, at_floor=lowest == floor)
    if listed >= (floor or ZERO):
        yield _agreed(case, line, listed)


def _lowest(case: Case, line: OrderLine, typed: Decimal, *, at_floor: bool) -> Remedy:
    """The smallest price of the line that the check lets pass."""
    order = case.order
    title = (
        gettext("Set %(sku)s to the floor: %(price)s")
        if at_floor
        else gettext("Set %(sku)s to the lowest price that passes: %(price)s")
    ) % {"sku": line.sku, "price": _of(typed, order)}
    if line.discount_percent:
        title = gettext("%(title)s, before its discount of %(share)s") % {
            "title": title,
            "share": reading.percent(line.discount_percent),
        }
    without = _without_order_discount(line)
    if without:
        title = gettext("%(title)s, without the order discount") % {"title": title}
    kind, asked = "set_both" if without else "set_lowest", {f"price-{line.pk}": typed, **without}
    way = case.amend(kind, title, _dearer(order, line, typed), typed, **asked)
    return replace(way, units={line.pk: line.ordered - line.cancelled})


def _agreed(case: Case, line: OrderLine, listed: Decimal) -> Remedy:
    """The price the customer's list asks for, with nothing taken off."""
    title = (
        gettext(
            "Set %(sku)s to the agreed price of %(price)s and take off the discount of %(share)s"
        )
        if line.discount_percent
        else gettext("Set %(sku)s to the agreed price of %(price)s")
    ) % {
        "sku": line.sku,
        "price": _of(listed, case.order),
        "share": reading.percent(line.discount_percent),
    }
    asked = {f"price-{line.pk}": listed, **_without_order_discount(line)}
    if line.discount_percent:
        asked[f"discount-{line.pk}"] = ZERO
    return case.amend("set_agreed", title, _passes(), listed, **asked)


def _without_order_discount(line: OrderLine) -> dict[str, Decimal]:
    return {"order_discount": ZERO} if line.order_discount_share else {}


def _passes() -> str:
    return gettext("The check then passes; the order goes on if nothing else is open.")


def _dearer(order: Order, line: OrderLine, typed: Decimal) -> str:
    more = (typed - line.unit_price) * (line.ordered - line.cancelled)
    return gettext(
        "Before discounts the line becomes %(amount)s dearer; the check then passes."
    ) % {"amount": _of(more, order)}


def terms(case: Case) -> Situation:
    """Terms or currency are not those that the customer was granted."""
    order, granted = case.order, case.known.tariff.terms.get(case.order.customer_id)
    if case.row.fingerprint.startswith("currency:"):
        facts = [Fact(gettext("Currency of the order"), order.currency_id)]
        facts.append(Fact(gettext("Currency of the customer"), order.customer.currency_id))
        then = gettext("Prices are then those of the customer's own currency.")
        title = gettext("Enter it again in %(currency)s and cancel this one") % {
            "currency": order.customer.currency_id
        }
        cancel = Remedy("reenter", title, then, case.cancel_url, "orders.cancel_order")
        return Situation(case.row, "", facts=facts, remedies=[cancel])
    if granted is None:
        return Situation(case.row, "")
    allowed = granted.payment_terms
    facts = [
        Fact(gettext("On the order"), _terms(order.terms_code, order.terms_days)),
        Fact(gettext("Granted"), _terms(str(allowed), allowed.days)),
    ]
    change = case.amend(
        "set_terms",
        gettext("Set the terms to %(terms)s, as the customer was granted")
        % {"terms": allowed.code},
        gettext("The invoice is then due after %(days)s days.") % {"days": allowed.days},
        terms=allowed.code,
    )
    grant = Remedy(
        "grant_terms",
        gettext("Grant %(customer)s %(terms)s")
        % {"customer": order.customer, "terms": order.terms_code},
        gettext("Every later order gets these terms too."),
        reverse("admin:finance_customerterms_change", args=[order.customer_id]),
        "finance.change_customerterms",
    )
    return Situation(case.row, "", facts=facts, remedies=[change, grant])


def _terms(terms: str, days: int) -> str:
    return gettext("%(terms)s, %(days)s days") % {"terms": terms, "days": days}


def _of(amount: Decimal, order: Order) -> str:
    return reading.amount(amount, order.currency_id, order.minor_units)


def _was(data: dict[str, str], name: str, order: Order) -> str:
    """A figure as it was when the finding was last written down."""
    return _of(Decimal(data[name]), order) if name in data else ""
