"""Who sets things up reads German too: the master data, the labels, roles and steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from config.kernel.actors import WORKER
from finance.models import PaymentTerms
from orders.lifecycle import labels
from orders.models import RuleSet, SubStatus
from tests import builders as b
from tests.journeys.test_german import reader

pytestmark = pytest.mark.django_db
# What is called the same in both languages.
SAME = {"GTIN", "Name", "Region", "SKU", "Status", "Version", "ISO 4217"}


def called(kind: Any, office: Any, names: Iterable[str]) -> Iterator[str]:
    """What a kind of record is called in the master data, its fields, and what is said of them."""
    yield kind._meta.app_config.verbose_name
    yield kind._meta.verbose_name
    yield kind._meta.verbose_name_plural
    for name in names:
        yield label_for_field(name, kind, office)
        try:
            yield kind._meta.get_field(name).help_text
        except FieldDoesNotExist:
            continue


def master_data(request: HttpRequest) -> list[str]:
    """Every name that the master data show, in the language of the moment."""
    names: list[str] = []
    for kind, office in admin.site._registry.items():
        form = flatten_fieldsets(office.get_fieldsets(request, kind()))
        form = [
            name for name in form if not name.startswith("password") and name != "usable_password"
        ]
        names += called(kind, office, [*office.get_list_display(request), *form])
        for inline in office.get_inline_instances(request):
            rows = flatten_fieldsets(inline.get_fieldsets(request))
            names += called(inline.model, inline, rows)
    return [capfirst(str(name)) for name in names if name]


def test_the_master_data_are_german_from_their_columns_to_their_permissions() -> None:
    client = reader("de", "Admin")
    User.objects.update(is_superuser=True)
    request = RequestFactory().get("/")
    request.user = boss = User.objects.get()

    english = master_data(request)
    with translation.override("de"):
        german = master_data(request)
    page = client.get(reverse("admin:auth_user_change", args=[boss.pk])).text
    scripts = client.get(reverse("admin:jsi18n")).text

    assert len(english) > 200
    assert {a for a, b in zip(english, german, strict=True) if a == b} == SAME
    assert ">Lagerleitung</option>" in page
    assert ">Passwort setzen</a>" in page
    assert "Alle %s auswählen" in scripts.encode().decode("unicode_escape")
    assert ">Aufträge: Kunden ändern</option>" in page
    assert ">Aufträge: Aufträge kennzeichnen</option>" in page


def test_a_label_that_came_with_the_rules_is_said_in_german_and_a_typed_one_as_typed() -> None:
    [pk], client = b.processed((b.product(), 1)), reader("de")
    b.done(labels.put([pk], code="waiting-for-goods", by=WORKER))
    order = b.order(pk)

    page = client.get(order.get_absolute_url()).text
    form = client.get(reverse("orders:step", args=[order.number, "label"])).text
    rules = client.get(reverse("orders:policy_labels")).text
    narrowed = client.get(reverse("orders:list"), {"sub_status": "waiting-for-goods"}).text

    assert '<span class="tag">Wartet auf Ware</span>' in page
    assert [text.count("Waiting for") for text in (page, form, rules, narrowed)] == [0] * 4
    assert all("Wartet auf Ware" in text for text in (form, rules, narrowed))
    with translation.override("de"):
        typed = (
            SubStatus(status="processing", label="Delivered"),
            PaymentTerms(code="NET30", name="Delivered"),
        )
        assert [str(row) for row in typed] == ["Delivered", "Delivered"]
        assert str(PaymentTerms.objects.get(code="NET30")) == "30 Tage"
        assert RuleSet.objects.get().news == "Wie ausgeliefert"


def test_roles_and_steps_are_chosen_by_german_names() -> None:
    client = reader("de", "Admin")

    people = client.get(reverse("orders:people"), {"role": "Warehouse lead"}).text
    steps = unescape(client.get(reverse("orders:policies")).text)

    assert '<option value="Warehouse lead" selected>Lagerleitung</option>' in people
    assert 'aria-label="Wer darf: „In Klärung“ nach „Geprüft“"' in steps
    assert not re.search(r'aria-label="[^"]*[a-z]_[a-z]', steps)
