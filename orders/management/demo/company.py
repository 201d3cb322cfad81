"""What the demo company sells, from where, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from random import Random

from django.contrib.auth.models import User

from finance.models import CreditAccount, CustomerTerms, PaymentTerms, Price, PriceList, TaxRate
from fulfillment.models import Carrier
from inventory.models import Bin, Product, Warehouse
from orders.models import Address, Customer

PRODUCTS, CUSTOMERS, SHELVES = 400, 300, 40
WAREHOUSES = (
    ("LEI", "Leicester", "GB", "52.63", "-1.13", 2),
    ("ROT", "Rotterdam", "NL", "51.92", "4.48", 1),
    ("HAM", "Hamburg", "DE", "53.55", "9.99", 1),
    ("MUC", "Munich", "DE", "48.14", "11.58", 0),
)
RATES = (("GB", "0.20"), ("DE", "0.19"), ("NL", "0.21"), ("FR", "0.20"), ("IE", "0.23"))
CARRIERS = (("DPD", "DPD"), ("DHL", "DHL Express"), ("RM24", "Royal Mail 24"))
FACTOR = {"EUR": Decimal("1.00"), "GBP": Decimal("0.86"), "USD": Decimal("1.08")}

KINDS = (
    ("GLV", "Nitrile gloves", "box of 100", 14),
    ("GWN", "Isolation gown", "pack of 10", 38),
    ("RSP", "FFP3 respirator", "box of 20", 27),
    ("BTS", "Safety boot S3", "pair", 65),
    ("VST", "Hi-vis vest", "piece", 9),
    ("HLM", "Safety helmet", "piece", 24),
    ("GGL", "Safety goggles", "piece", 12),
    ("EAR", "Ear defenders", "piece", 18),
    ("SNZ", "Hand sanitiser gel", "5 L", 22),
    ("WPS", "Surface wipes", "tub of 200", 8),
    ("TRQ", "Work trousers", "piece", 44),
    ("JKT", "Softshell jacket", "piece", 79),
    ("APR", "Cut-resistant apron", "piece", 31),
    ("KNE", "Knee pads", "pair", 16),
    ("HRN", "Fall-arrest harness", "piece", 142),
    ("LMP", "Head torch", "piece", 29),
)
COLOURS = ("black", "navy", "white", "orange", "yellow")
SIZES = ("S", "M", "L", "XL", "XXL")

FIRST = (
    "Brightwell", "Nordhavn", "Kestrel", "Pemberton", "Osprey", "Greyfriars", "Marlow", "Fernhill",
    "Lumen", "Tidewater", "Cobalt", "Harrow Lane", "Aldgate", "Redgate", "Silverbirch", "Westport",
    "Hollins", "Castleford", "Van Dijk", "Lindqvist", "Meridian", "Blackthorn", "Ashdown",
    "Eastmoor", "Rheinfeld", "Steinbach", "Oakhurst", "Larkfield", "Duval", "Moreau",
)  # fmt: skip
SECOND = (
    "Hospitals", "Byg", "Outdoor", "Schools", "Marine", "Brewing", "Print Works", "Farms",
    "Electrical", "Boatyard", "Logistics", "Surgery", "Facilities", "Foods", "Engineering",
)  # fmt: skip
# country, currency, legal form, streets, (city, region, postal code)
PLACES = (
    ("GB", "GBP", "Ltd", ("High Street", "Mill Lane", "Station Road"),
     (("Leicester", "", "LE1 5WW"), ("Leeds", "", "LS1 4AP"), ("Bristol", "", "BS1 5TR"))),
    ("DE", "EUR", "GmbH", ("Hafenstraße", "Industrieweg", "Lindenallee"),
     (("Leipzig", "", "04103"), ("Köln", "", "50667"), ("Nürnberg", "", "90402"))),
    ("NL", "EUR", "BV", ("Havenweg", "Dorpsstraat", "Kerkplein"),
     (("Rotterdam", "", "3011 AA"), ("Utrecht", "", "3511 BP"), ("Breda", "", "4811 DJ"))),
    ("FR", "EUR", "SARL", ("Rue du Port", "Avenue de la Gare", "Rue des Lilas"),
     (("Lyon", "", "69002"), ("Lille", "", "59000"), ("Nantes", "", "44000"))),
    ("US", "USD", "Inc.", ("Main Street", "Harbor Road", "Elm Avenue"),
     (("Portland", "OR", "97205"), ("Austin", "TX", "78701"), ("Boston", "MA", "02108"))),
)  # fmt: skip
TERMS = ("NET14", "NET30", "NET30", "NET30", "NET60", "PREPAID")


@dataclass(slots=True)
class Company:
    """What trade needs to know of the company."""

    warehouses: list[Warehouse]
    products: list[Product]
    customers: list[Customer]
    shelves: dict[int, list[int]]
    costs: dict[int, Decimal]
    carriers: list[int]


def found(random: Random) -> Company:
    """Set the company up: warehouses and bins, products and prices, customers and terms."""
    warehouses, shelves = _warehouses()
    products, costs = _products(random)
    _prices(random, products, costs)
    Carrier.objects.bulk_create(
        [Carrier(code=code, name=name) for code, name in CARRIERS], ignore_conflicts=True
    )
    TaxRate.objects.bulk_create(
        [TaxRate(country=country, rate=Decimal(rate)) for country, rate in RATES],
        ignore_conflicts=True,
    )
    return Company(
        warehouses,
        products,
        _customers(random),
        shelves,
        costs,
        list(Carrier.objects.order_by("pk").values_list("pk", flat=True)),
    )


def _warehouses() -> tuple[list[Warehouse], dict[int, list[int]]]:
    made = Warehouse.objects.bulk_create(
        Warehouse(
            code=code,
            name=city,
            city=city,
            country=country,
            latitude=Decimal(north),
            longitude=Decimal(east),
            priority=priority,
        )
        for code, city, country, north, east, priority in WAREHOUSES
    )
    bins = Bin.objects.bulk_create(
        Bin(
            warehouse=place,
            code=f"{aisle}-{number // 10 + 1:02}-{number % 10 + 1:02}",
            walk_sequence=number + 1,
        )
        for place in made
        for number, aisle in enumerate("AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD")
    )
    Bin.objects.bulk_create(
        Bin(warehouse=place, code="STAGING", kind=Bin.Kind.STAGING) for place in made
    )
    shelves: dict[int, list[int]] = {place.pk: [] for place in made}
    for shelf in bins:
        shelves[shelf.warehouse_id].append(shelf.pk)
    return made, shelves


def _products(random: Random) -> tuple[list[Product], dict[int, Decimal]]:
    variants = [(kind, colour, size) for kind in KINDS for colour in COLOURS for size in SIZES]
    made = Product.objects.bulk_create(
        Product(
            sku=f"{code}-{colour[:3].upper()}-{size}",
            name=f"{name}, {colour}, {size}",
            unit=unit,
            gtin=f"40{number:011}",
            weight_g=100 + 10 * random.randrange(200),
            lead_time_days=random.choice((7, 14, 14, 21)),
            can_backorder=random.random() > 0.03,
        )
        for number, ((code, name, unit, _), colour, size) in enumerate(variants[:PRODUCTS])
    )
    costs = {
        product.pk: Decimal(variant[0][3]) * Decimal(random.randrange(50, 66)) / 100
        for product, variant in zip(made, variants, strict=False)
    }
    return made, costs


def _prices(random: Random, products: list[Product], costs: dict[int, Decimal]) -> None:
    """A list price in each currency, and a cheaper list for good customers."""
    cent = Decimal("0.01")
    for code, factor in FACTOR.items():
        usual = PriceList.objects.create(
            code=f"LIST-{code}", name=f"List {code}", currency_id=code, is_default=True
        )
        trade = PriceList.objects.create(
            code=f"TRADE-{code}", name=f"Trade {code}", currency_id=code
        )
        rows = []
        for product in products:
            unit = (costs[product.pk] * factor * Decimal("1.7")).quantize(cent)
            floor = (costs[product.pk] * factor * Decimal("1.15")).quantize(cent)
            rows.append(Price(price_list=usual, product=product, unit_price=unit, floor=floor))
            if random.random() < 0.6:
                less = (unit * Decimal("0.92")).quantize(cent)
                rows.append(Price(price_list=trade, product=product, unit_price=less, floor=floor))
        Price.objects.bulk_create(rows)


def _customers(random: Random) -> list[Customer]:
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    random.shuffle(names)
    made = [_customer(random, number, name) for number, name in enumerate(names[:CUSTOMERS], 1)]
    reps = User.objects.filter(groups__name__startswith="Sales").order_by("pk")
    for rep, (customer, _) in zip(cycle(reps), made, strict=False):
        customer.sales_rep = rep
    customers = Customer.objects.bulk_create(customer for customer, _ in made)
    Address.objects.bulk_create(address for _, address in made)
    _grant(random, customers)
    return customers


def _customer(random: Random, number: int, name: str) -> tuple[Customer, Address]:
    country, currency, form, streets, towns = PLACES[random.choice((0, 0, 1, 1, 2, 2, 3, 4))]
    city, region, postal = random.choice(towns)
    customer = Customer(
        code=f"C-{number:04}",
        name=f"{name} {form}",
        email=f"orders@{name.lower().replace(' ', '')}.example",
        phone=f"+44 116 496 {number:04}",
        currency_id=currency,
        fill_policy=random.choice(("partial",) * 7 + ("line_complete", "ship_complete")),
    )
    address = Address(
        customer=customer,
        is_default=True,
        name=customer.name,
        line1=f"{random.choice(streets)} {random.randrange(1, 180)}",
        city=city,
        region=region,
        postal_code=postal,
        country=country,
    )
    return customer, address


def _grant(random: Random, customers: list[Customer]) -> None:
    """Terms of payment, a price list and a credit limit for each."""
    granted = {row.code: row for row in PaymentTerms.objects.all()}
    trade = {row.currency_id: row for row in PriceList.objects.filter(is_default=False)}
    terms, accounts = [], []
    for customer in customers:
        chosen = random.choice(TERMS)
        terms.append(
            CustomerTerms(
                customer=customer,
                payment_terms=granted[chosen],
                price_list=trade[customer.currency_id] if random.random() < 0.5 else None,
                discount_percent=random.choice((0, 0, 0, 2, 5)),
            )
        )
        limit = 0 if chosen == "PREPAID" else random.choice((2_000, 10_000, 25_000, 60_000))
        accounts.append(
            CreditAccount(
                customer=customer, currency_id=customer.currency_id, credit_limit=Decimal(limit)
            )
        )
    CustomerTerms.objects.bulk_create(terms)
    CreditAccount.objects.bulk_create(accounts)
