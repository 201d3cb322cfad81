"""Rows read and made in sets are what Django would have read and made."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import models

from config.kernel import sets
from fulfillment.models import PickTask
from orders.models import Allocation, Hold, Order, OrderException, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fields(row: models.Model) -> dict[str, object]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


@pytest.mark.parametrize("model", [Allocation, Hold, OrderException, OrderLine, PickTask])
def test_a_new_row_starts_like_one_that_its_model_makes(model: type[models.Model]) -> None:
    made, usual = sets.new(model), model()

    assert fields(made) == fields(usual)
    assert made._state.adding
    assert made._state.db is None


def test_new_rows_share_nothing_that_one_of_them_may_change() -> None:
    one, other = sets.new(OrderException, rule="price"), sets.new(OrderException)

    one.data["line"] = 1

    assert (one.rule, other.data) == ("price", {})


@pytest.mark.parametrize("model", [Order, OrderLine])
def test_rows_read_in_a_set_are_those_that_a_queryset_reads(model: type[models.Model]) -> None:
    b.submitted((b.product(price="0.3333"), 7), times=2)

    read = sets.read(model, "WHERE id > %s ORDER BY id", 0)

    assert [fields(row) for row in read] == [fields(row) for row in model.objects.order_by("pk")]
    assert len(read) == 2


def test_amounts_keep_their_digits() -> None:
    [pk] = b.submitted((b.product(price="12.3000"), 1))

    [line] = sets.read(OrderLine, "WHERE order_id = %s", pk)

    assert repr(line.unit_price) == repr(Decimal("12.3000"))
    assert not line._state.adding


def test_json_keeps_what_is_named_by_a_number() -> None:
    [pk] = b.submitted((b.product(), 1))
    columns = ["order", "rule", "severity", "fingerprint", "message", "data", "status", "team"]
    row = (pk, "price", "review", "x", "x", {7: ["Ö", 1, None]}, "open", "", False, "", NOW)

    sets.insert(OrderException, [*columns, "four_eyes", "permission", "opened_at"], [row])

    [found] = sets.read(OrderException, "WHERE order_id = %s", pk)
    assert found.data == {"7": ["Ö", 1, None]} == OrderException.objects.get().data
