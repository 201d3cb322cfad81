"""The master data that drafts name: read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finance.models import PaymentTerms
from finance.services import prices
from fulfillment.models import Carrier, ShippingRate
from inventory.models import Product
from orders.lifecycle.drafts import OrderDraft
from orders.models import Address, Channel, Currency, Customer, EntryKey, Order, RuleSet


@dataclass(slots=True)
class Catalogue:
    """The master data that a set of drafts names, read in one go."""

    customers: dict[str, Customer]
    products: dict[str, Product]
    channels: dict[str, Channel]
    currencies: dict[str, Currency]
    terms: dict[str, PaymentTerms]
    addresses: dict[int, Address]
    tariff: prices.Tariff
    carriers: dict[str, Carrier]
    rates: dict[tuple[str, str], ShippingRate]  # by carrier and currency, codes
    taken: set[tuple[str, str]]
    entered: dict[str, int]  # order by entry key
    rules_version: int


def read(drafts: Sequence[OrderDraft]) -> Catalogue:
    """Read what the drafts name, in a constant number of statements."""
    skus = {line.sku for draft in drafts for line in draft.lines}
    customers = {
        c.code: c for c in Customer.objects.filter(code__in={draft.customer for draft in drafts})
    }
    products = {p.sku: p for p in Product.objects.filter(sku__in=skus)}
    keys = [customer.pk for customer in customers.values()]
    external = {draft.external_id for draft in drafts if draft.external_id}
    taken = Order.objects.filter(external_id__in=external).values_list(
        "channel__code", "external_id"
    )
    addresses = Address.objects.filter(customer__in=keys, is_default=True)
    return Catalogue(
        customers=customers,
        products=products,
        channels={channel.code: channel for channel in Channel.objects.all()},
        currencies=Currency.objects.in_bulk(),
        terms={terms.code: terms for terms in PaymentTerms.objects.all()},
        addresses={address.customer_id: address for address in addresses},
        tariff=prices.tariff(keys, [product.pk for product in products.values()]),
        carriers={each.code: each for each in Carrier.objects.filter(is_active=True)},
        rates={
            (rate.carrier.code, rate.currency_id): rate
            for rate in ShippingRate.objects.select_related("carrier")
        },
        taken={(channel, str(external)) for channel, external in taken},
        entered=_entered(drafts),
        rules_version=RuleSet.objects.published().values_list("version", flat=True)[0],
    )


def _entered(drafts: Sequence[OrderDraft]) -> dict[str, int]:
    keys = [draft.entry_key for draft in drafts if draft.entry_key]
    if not keys:
        return {}
    return dict(EntryKey.objects.filter(key__in=keys).values_list("key", "order"))
