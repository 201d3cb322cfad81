"""Prices and taxes as finance keeps them, read for many customers and products at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from config.kernel import pipeline, sets
from config.kernel.money import ZERO
from finance.models import CustomerTerms, PaymentTerms, Price, PriceList, TaxRate

# The customer's own list comes before the default one of the currency.
AGREED = """
SELECT DISTINCT ON (p.product_id) p.product_id, p.unit_price FROM finance_price p
JOIN finance_pricelist l ON l.id = p.price_list_id
LEFT JOIN finance_customerterms t ON t.customer_id = %s AND t.price_list_id = l.id
WHERE p.product_id = ANY(%s) AND l.currency_id = %s
 AND (l.is_default OR t.price_list_id IS NOT NULL)
ORDER BY p.product_id, t.price_list_id NULLS LAST
"""
Listed = tuple[Decimal, Decimal | None]  # unit price, floor


@dataclass(slots=True)
class Tariff:
    """What finance knows of the prices, terms and taxes that a set of orders may use."""

    terms: dict[int, CustomerTerms] = field(default_factory=dict)  # by customer
    default_list: dict[str, int] = field(default_factory=dict)  # by currency
    prices: dict[tuple[int, int], Listed] = field(default_factory=dict)  # by list and product
    currency_of: dict[int, str] = field(default_factory=dict)  # by list
    rates: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # by country and category

    def list_price(self, currency: str, product: int) -> Listed | None:
        """The price that everybody pays in this currency."""
        return self.prices.get((self.default_list.get(currency, 0), product))

    def agreed_price(self, customer: int, currency: str, product: int) -> Listed | None:
        """The customer's own price where one was negotiated, else the list price."""
        terms = self.terms.get(customer)
        own = terms.price_list_id if terms else None
        if own and self.currency_of.get(own) == currency and (own, product) in self.prices:
            return self.prices[own, product]
        return self.list_price(currency, product)

    def tax_rate(self, customer: int, country: str, category: str) -> Decimal:
        """The rate for goods of a category sent to a country; 0 for an exempt customer."""
        terms = self.terms.get(customer)
        if terms and terms.is_tax_exempt:
            return ZERO
        return self.rates.get((country, category), ZERO)


LISTS = "WHERE is_default OR id = ANY(%s::bigint[]) ORDER BY id"
PRICES = """
JOIN finance_pricelist l ON l.id = t.price_list_id AND (l.is_default OR l.id = ANY(%s::bigint[]))
WHERE t.product_id = ANY(%s)
"""


def tariff(customers: Iterable[int], products: Iterable[int]) -> Tariff:
    """Read the price lists, terms and taxes of these customers and products."""
    with sets.together() as ask:
        terms = ask(CustomerTerms, sets.keyed(CustomerTerms), list(set(customers)))
        rates = ask(TaxRate, "")
    own = sorted({row.price_list_id for row in terms if row.price_list_id}) or [0]
    with sets.together() as ask:
        granted = ask(
            PaymentTerms, sets.keyed(PaymentTerms), list({row.payment_terms_id for row in terms})
        )
        lists = ask(PriceList, LISTS, own)
        prices = ask(Price, PRICES, own, list(set(products)))
    by_key = sets.indexed(granted)
    for row in terms:
        row.payment_terms = by_key[row.payment_terms_id]
    return Tariff(
        terms=sets.indexed(terms),
        default_list={row.currency_id: row.pk for row in lists if row.is_default},
        prices={(row.price_list_id, row.product_id): (row.unit_price, row.floor) for row in prices},
        currency_of={row.pk: row.currency_id for row in lists},
        rates={(row.country, row.category): row.rate for row in rates},
    )


def agreed(customer: int, currency: str, products: Sequence[int]) -> dict[int, Decimal]:
    """What one customer pays for each of some products, in one statement."""
    with pipeline.cursor() as cursor:
        cursor.execute(AGREED, [customer, list(products), currency])
        return dict(cursor.fetchall())
