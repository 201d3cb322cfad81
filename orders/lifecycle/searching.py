"""Search words: what an order is found by, written anew from the facts whenever one changes.

Whatever adds a tracking number, changes lines or renames a customer calls this for its orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from operator import and_

from django.db import transaction
from django.db.models import Q

from config.kernel import pipeline
from orders.models import Order

# Numbers, customer, items and tracking numbers; a space at either end, so that a whole word can
# be asked for. The telephone number stands there as typed and as digits alone.
WORDS = """
INSERT INTO orders_ordersearch (order_id, words, likeness)
SELECT o.id, lower(concat_ws(' ', '', o.number, o.external_id, nullif(o.po_number, ''), c.code,
  c.name, nullif(c.email, ''), nullif(c.phone, ''),
  nullif(regexp_replace(c.phone, '[^0-9]', '', 'g'), ''), l.skus, p.tracking, '')),
  order_likeness(o.customer_id, o.currency_id, o.grand_total, o.po_number)
FROM orders_order o
JOIN orders_customer c ON c.id = o.customer_id
LEFT JOIN LATERAL (SELECT string_agg(DISTINCT sku, ' ') AS skus FROM orders_orderline
  WHERE order_id = o.id) l ON true
LEFT JOIN LATERAL (SELECT string_agg(DISTINCT tracking_number, ' ') AS tracking
  FROM fulfillment_package WHERE shipment_id IN
    (SELECT id FROM fulfillment_shipment WHERE order_id = o.id)) p ON true
WHERE o.id = ANY(%s) ORDER BY o.id
ON CONFLICT (order_id) DO UPDATE SET words = excluded.words
  WHERE orders_ordersearch.words <> excluded.words
"""
AT_ONCE = 500
MOST_WORDS = 5
# A telephone number as it is typed: from a plus, a bracket or a zero on, in groups.
TELEPHONE = re.compile(r"(?<!\S)(?:[+(][\d()]|0)[\d()/.+\s-]{5,}(?!\S)")
# The country codes of the numbering plan (ITU-T E.164): of one, two or else three digits.
COUNTRY_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d")
FEWEST_DIGITS = 6


def known_under(text: str) -> Q:
    """What narrows the search words to an order that all the words of a text are found for.

    A telephone number is one word, found however it was typed, there and here: by its digits
    after country code and zeros. Groups of digits may as well be words of their own.
    """
    text = text.lower()
    found = _all_of(text.split()[:MOST_WORDS])
    if dialled := TELEPHONE.search(text):
        digits = _national(dialled[0])
        if len(digits) >= FEWEST_DIGITS:
            others = f"{text[: dialled.start()]} {text[dialled.end() :]}".split()
            found |= _all_of([digits, *others[: MOST_WORDS - 1]])
    return found


def _all_of(words: Iterable[str]) -> Q:
    return reduce(and_, (Q(words__contains=word) for word in words), Q())


def _national(number: str) -> str:
    """The digits of a telephone number that it has wherever it is dialled from."""
    digits = re.sub(r"\D", "", number)
    if number.startswith("+") or digits.startswith("00"):
        digits = COUNTRY_CODE.sub("", digits.lstrip("0"), count=1)
    return digits.lstrip("0")


def write_words(ids: Iterable[int]) -> None:
    """Write what these orders are found by; the caller made or locked them.

    One statement for any number of orders; words that have not changed are not written.
    """
    keys = list(ids)
    if keys:
        with pipeline.cursor() as cursor:
            cursor.execute(WORDS, [keys])


def follow_customer(customer: int) -> None:
    """A customer is called otherwise now, and the orders are found by the new words."""
    last = 0
    while keys := _orders_of(customer, last):
        with transaction.atomic():
            Order.locked(keys)
            write_words(keys)
        last = keys[-1]


def _orders_of(customer: int, last: int) -> list[int]:
    """The next orders of a customer, by id."""
    rows = Order.objects.filter(customer=customer, pk__gt=last).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])
