"""The demo company: the same seed gives the same numbers, and every rule holds on it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from orders.models import Order

pytestmark = pytest.mark.django_db


def company(seed: int) -> list[tuple[object, ...]]:
    """The orders that a seed gives; undone afterwards."""
    with transaction.atomic():
        call_command("seed_demo", orders=60, seed=seed)
        rows = Order.objects.order_by("pk").values_list(
            "customer__code", "status", "payment_status", "grand_total", "po_number"
        )
        found = list(rows)
        transaction.set_rollback(True)
    return found


def test_the_same_seed_gives_the_same_company() -> None:
    first = company(3)

    assert company(3) == first
    assert company(4) != first


def test_every_rule_holds_on_the_demo_company(sound: None) -> None:
    call_command("seed_demo", orders=120, seed=1)

    statuses = set(Order.objects.values_list("status", flat=True))
    assert {"draft", "completed", "fulfilling", "shipped", "cancelled"} <= statuses


def test_the_demo_company_is_not_poured_over_real_orders() -> None:
    call_command("seed_demo", orders=5, seed=1)

    with pytest.raises(CommandError, match="empty database"):
        call_command("seed_demo", orders=5, seed=1)
