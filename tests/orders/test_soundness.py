"""What every test is held against notices what is broken, and tells rest from work."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from finance.models import CreditAccount
from tests import builders as b
from tests import soundness
from tests.orders.test_bulk import manager, started

__all__ = ["manager"]
pytestmark = pytest.mark.django_db


@pytest.mark.unsound("a figure is changed by hand")
def test_a_broken_rule_is_named_with_what_breaks_it() -> None:
    buyer = b.customer()
    b.submitted((b.product(), 1), buyer=buyer)
    assert soundness.broken(at_rest=False) == []

    CreditAccount.objects.filter(customer=buyer).update(committed=80)

    [(code, title, samples)] = soundness.broken(at_rest=False)
    assert (code, title) == ("X5", "the running figures of each credit account equal the ledger")
    assert "80.0000" in samples[0]


def test_work_that_waits_breaks_only_the_rules_of_a_system_at_rest(manager: User) -> None:
    started("hold", b.submitted((b.product(), 1)), manager, reason="Audit")

    assert soundness.broken(at_rest=False) == []
    assert "B3" in {code for code, _, _ in soundness.broken(at_rest=True)}
