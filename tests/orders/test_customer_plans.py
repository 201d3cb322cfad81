"""The list of customers is read along indexes, however many there are and whatever it is asked."""

from __future__ import annotations

import os
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel import sets
from config.kernel.lists import SIZE
from orders.reports.customers import CHOICES, SORTS, choices
from orders.views.customers import Asked
from tests.crowd import gather
from tests.journeys.test_customers import signed_in

pytestmark = pytest.mark.django_db
CUSTOMERS, ORDERS = int(os.environ.get("CROWD", "20000")), 10_000
BOUND = CUSTOMERS // 5
FILL = """
INSERT INTO orders_customer (code, name, email, phone, "group", currency_id, fill_policy,
  needs_po_number, is_active, created_at)
SELECT 'BC-' || lpad(n::text, 6, '0'), 'Company ' || n, 'buyer' || n || '@company.example',
  '+49 341 ' || n, 'group-' || mod(n, 8), 'EUR', 'partial', false, true, now()
FROM generate_series(1, %(n)s) n;
INSERT INTO orders_address (customer_id, is_default, name, line1, line2, city, region,
  postal_code, country)
SELECT id, true, '', 'Street 1', '', 'City', '', lpad(id::text, 6, '0'), 'DE'
FROM orders_customer WHERE code LIKE 'BC-%%';
INSERT INTO finance_customerterms (customer_id, payment_terms_id, discount_percent, is_tax_exempt)
SELECT id, (SELECT min(id) FROM finance_paymentterms), 0, false
FROM orders_customer WHERE code LIKE 'BC-%%';
INSERT INTO finance_creditaccount (customer_id, currency_id, credit_limit, committed, receivable,
  unapplied)
SELECT id, 'EUR', 1000, CASE WHEN mod(id, 3) = 0 THEN id ELSE 0 END, 0, 0
FROM orders_customer WHERE code LIKE 'BC-%%';
INSERT INTO finance_paymentterms (code, name, days, is_prepaid) VALUES ('ODD', 'Odd', 7, false);
UPDATE finance_customerterms SET payment_terms_id = (SELECT id FROM finance_paymentterms
  WHERE code = 'ODD') WHERE customer_id = (SELECT id FROM orders_customer WHERE code = 'BC-000007');
UPDATE orders_customer SET "group" = 'odd', sales_rep_id = %(rep)s WHERE code = 'BC-000007';
SELECT gin_clean_pending_list('customer_by_words_of_phone');
SELECT gin_clean_pending_list('customer_by_words_of_name');
SELECT gin_clean_pending_list('customer_by_words_of_email');
"""


QUERIES = (
    "",
    "after=BC-010000~500",
    "sort=name",
    "sort=newest",
    "view=mine",
    "view=late",
    "view=late&sort=overdue",
    "view=late&sort=name",
    "group=odd",
    "group=group-3",
    "group=nobody",
    "terms=ODD",
    "terms=ODD&sort=newest",
    "rep={rep}",
    "rep={rep}&sort=name",
    "q=company 777",
    "q=341 777",
    "q=000777",
    "q=zzzzzz",
)


def gathered() -> User:
    """A crowd of customers, one of the first of which differs from all others; its sales rep."""
    gather(ORDERS)
    rep = User.objects.get(username="odd")
    odd = {"rep": rep.pk, "n": CUSTOMERS}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                named = {key: value for key, value in odd.items() if f"%({key})s" in statement}
                cursor.execute(statement, named or None)
    sets.survey()
    return rep


@pytest.mark.unsound("a crowd is put in by hand")
def test_no_question_of_the_list_reads_all_customers() -> None:
    rep, bad = gathered(), {}
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("reader")

    for query in QUERIES:
        request.GET = QueryDict(query.format(rep=rep.pk))
        asked = Asked.of(request)
        rows = SORTS[asked.sort].ordered(asked.rows, backwards=False)[: SIZE + 1]
        read = rows.values("pk").explain(analyze=True, timing=False)
        passed = sum(int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", read))
        if re.search(r"Seq Scan on orders_(customer|address)\b", read) or passed > BOUND:
            bad[query] = read

    assert bad == {}


@pytest.mark.unsound("a crowd is put in by hand")
def test_what_a_customer_field_offers_is_read_along_indexes() -> None:
    gathered()
    client, bad = signed_in(), {}

    for words in ("BC-00", "company 777", "341 777", "zzzzzz"):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("orders:customers"), {"q": words})
        for statement in (each["sql"] for each in asked if "orders_customer" in each["sql"]):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ANALYZE {statement}")
                read = "\n".join(row for (row,) in cursor.fetchall())
            whole = re.findall(r"Seq Scan on orders_order\b", read)
            passed = sum(int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", read))
            if whole or passed > BOUND:
                bad[words] = read

    assert bad == {}


@pytest.mark.unsound("a crowd is put in by hand")
def test_the_choices_of_the_filters_are_found_by_steps_along_their_indexes() -> None:
    rep = gathered()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {CHOICES}")
        read = "\n".join(row for (row,) in cursor.fetchall())

    assert "Seq Scan on orders_customer" not in read
    offered = choices()
    assert [value for value, _ in offered["group"]] == [*(f"group-{n}" for n in range(8)), "odd"]
    assert ("ODD", "Odd") in offered["terms"]
    assert (str(rep.pk), "odd") in offered["rep"]
