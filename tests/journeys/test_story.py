"""One order over the pages alone, each step by whoever takes it: from the first line to closed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from fulfillment.models import Package, Shipment
from inventory.models import StockLevel
from orders.models import Order
from orders.tasks import work
from tests import builders as b

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    user = User.objects.create(username=role)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def test_an_order_is_entered_picked_packed_sent_delivered_paid_and_completed(sound: None) -> None:
    thing, buyer = b.product(price="10.00"), b.customer()
    level = b.stocked(10, of=thing)
    sales, floor, support = signed_in("Sales rep"), signed_in("Warehouse"), signed_in("Support")
    manager, finance = signed_in("Sales manager"), signed_in("Finance")
    typed = {
        "customer": buyer.code,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": thing.sku,
        "lines-0-quantity": "4",
        "place": "1",
    }
    sales.post(reverse("orders:new"), typed)
    order = Order.objects.get()
    work("validation")
    work("processing")

    def step(client: Client, name: str, words: str, **data: str) -> Order:
        """The order after the step was posted on its page, which answers in these words."""
        url = reverse("orders:step", args=[order.number, name])
        assert client.get(url).status_code == 200
        page = client.post(url, data, follow=True)
        assert page.redirect_chain[-1][0] == order.get_absolute_url()
        assert f"{order} {words}" in page.content.decode()
        return b.order(order.pk)

    assert step(floor, "pick", "is picked.").status == "fulfilling"
    step(floor, "pack", "is packed.")
    assert Shipment.objects.get().status == "packed"
    sent = step(floor, "dispatch", "is on its way.", tracking_number="TRACK-1")
    assert (sent.status, sent.fulfillment_status) == ("shipped", "full")
    assert Package.objects.get().tracking_number == "TRACK-1"
    assert step(support, "deliver", "is delivered.").status == "delivered"
    finance.post(
        reverse("orders:payment", args=[order.number]), {"amount": "40.00", "reference": "bank-1"}
    )
    closed = step(manager, "complete", "is completed.")

    assert (closed.status, closed.payment_status) == ("completed", "paid")
    assert StockLevel.objects.get(pk=level.pk).on_hand == 6
    kinds = list(closed.events.order_by("seq").values_list("type", flat=True))
    assert kinds[0] == "order.created"
    assert kinds[-1] == "order.completed"
