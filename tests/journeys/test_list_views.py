"""Saved views of the list, and how each person likes its rows: kept, shared, given up."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from orders.models import BulkItem, BulkJob, Order, SavedView, Staff
from tests import builders as b
from tests.journeys.test_list import listed, person, shown

pytestmark = pytest.mark.django_db


def save(client: Client, name: str, query: str, **more: str) -> HttpResponse:
    data = {"name": name, "query": query, **more}
    return client.post(reverse("orders:save_view"), data)  # type: ignore[return-value]


def test_a_view_is_saved_shown_left_replaced_renamed_and_deleted() -> None:
    [pk] = b.drafted((b.product(), 1))
    client, user = person("amara")

    save(client, "My drafts", "status=draft&sort=oldest")
    view = SavedView.objects.get()
    assert (view.owner, view.query, view.sort) == (user, "status=draft", "oldest")
    here = listed(client, f"status=draft&view={view.pk}&sort=oldest")
    assert [tab.label for tab in here.tabs if tab.is_current] == ["My drafts"]
    assert [row.order.pk for row in here.rows] == [pk]
    left = listed(client, f"status=draft&channel=manual&view={view.pk}")
    assert left.is_left
    assert left.can_be_saved
    assert [tab.label for tab in left.tabs if tab.is_current] == []

    replaced = reverse("orders:replace_view", args=[view.pk])
    client.post(replaced, {"query": f"status=draft&channel=manual&view={view.pk}"})
    change = reverse("orders:change_view", args=[view.pk])
    client.post(change, {"name": "Typed drafts", "query": ""})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Typed drafts", "status=draft&channel=manual")

    client.post(reverse("orders:delete_view", args=[view.pk]))
    assert not SavedView.objects.exists()
    assert Order.objects.count() == 1


def test_a_name_is_given_once_by_each_person_and_the_mistake_is_named() -> None:
    client, _ = person("amara")
    save(client, "Open", "status=draft")

    answer = save(client, "Open", "status=submitted")

    assert answer.status_code == 422
    assert "You have a view “Open” already." in answer.content.decode()
    assert SavedView.objects.get().query == "status=draft"
    other, _ = person("bo")
    assert save(other, "Open", "status=draft").status_code == 302


def test_sharing_takes_a_manager_and_a_shared_view_is_changed_by_its_owner_alone() -> None:
    rep, _ = person("amara")
    manager, _ = person("priya", "Sales manager")

    assert save(rep, "For all", "status=draft", is_shared="on").status_code == 403
    assert not SavedView.objects.exists()
    save(manager, "For all", "status=draft", is_shared="on")
    save(manager, "Mine alone", "late=true")
    shared = SavedView.objects.get(is_shared=True)

    assert [tab.label for tab in listed(rep).tabs if tab.view] == ["For all"]
    for name in ("change_view", "replace_view", "delete_view"):
        answer = rep.post(reverse(f"orders:{name}", args=[shared.pk]), {"name": "x", "query": ""})
        assert answer.status_code == 404, name
    shared.refresh_from_db()
    assert shared.name == "For all"


def test_saved_views_are_counted_beside_the_list() -> None:
    b.drafted((b.product(), 1), times=3)
    client, _ = person("amara")
    save(client, "Drafts typed", "status=draft&channel=manual")

    part = {"HX-Request": "true"}
    page = client.get(reverse("orders:view_counts"), headers=part).content.decode()

    assert f'id="view-count-{SavedView.objects.get().pk}"' in page
    assert ">3<" in page
    assert "<html" not in page


def test_without_a_script_a_link_leads_to_how_many_there_are() -> None:
    b.drafted((b.product("GLV-1"), 1), times=30)
    client, _ = person("amara")
    save(client, "Drafts typed", "status=draft&channel=manual")
    page = client.get(reverse("orders:list"), {"sku": "GLV-1"}).content.decode()
    [link] = re.findall(r'<noscript><a href="([^"]+)">Count them</a></noscript>', page)

    counted = client.get(unescape(link)).content.decode()

    rows = re.findall(r'<a href="/orders/\?([^"]*)">([^<]+)</a></span><span[^>]*>([^<]+)<', counted)
    view = f"status=draft&channel=manual&view={SavedView.objects.get().pk}"
    assert [(unescape(query), *more) for query, *more in rows] == [
        ("sku=GLV-1&sort=newest", "Back to the list", "30"),
        (view, "Drafts typed", "30"),
    ]


def test_a_list_that_says_all_has_nothing_left_to_count() -> None:
    b.drafted((b.product(), 1))
    client, _ = person("amara")

    assert "Count them" not in client.get(reverse("orders:list")).content.decode()


def test_columns_sort_and_density_are_remembered_for_each_person() -> None:
    ids = b.drafted((b.product(), 1), times=2)
    client, user = person("amara")
    other, _ = person("bo")
    data = {"columns": ["po_number", "total"], "sort": "oldest", "density": "compact", "query": ""}

    client.post(reverse("orders:display"), data)

    here = listed(client)
    assert [column.name for column in here.columns] == ["number", "po_number", "total"]
    assert shown(client) == ids
    assert 'data-density="compact"' in client.get(reverse("orders:list")).content.decode()
    assert shown(other) == ids[::-1]
    assert "promised_on" in [column.name for column in listed(other).columns]

    client.post(reverse("orders:display"), {"reset": "1", "query": "view=nonsense"})
    staff = Staff.objects.get(user=user)
    assert (staff.list_columns, staff.list_sort, staff.density) == ([], "", "")


def test_a_view_keeps_its_own_columns() -> None:
    client, user = person("amara")
    save(client, "Short", "status=draft")
    view = SavedView.objects.get()
    place = {"query": f"status=draft&view={view.pk}"}

    client.post(reverse("orders:display"), {"columns": ["hold"], "sort": "oldest", **place})

    here = listed(client, f"status=draft&view={view.pk}")
    assert [column.name for column in here.columns] == ["number", "hold"]
    assert not Staff.objects.filter(user=user).exists()


def test_a_view_of_a_colleague_keeps_its_columns_and_mine_stay_as_they_are() -> None:
    client, _ = person("amara")
    other, reader = person("bo")
    save(client, "Short", "status=draft")
    SavedView.objects.update(is_shared=True)
    place = f"status=draft&view={SavedView.objects.get().pk}"

    answer = other.post(
        reverse("orders:display"), {"columns": ["hold"], "query": place}, follow=True
    )

    assert "and keeps its own columns. Save it as a view of your own" in answer.text
    assert not Staff.objects.filter(user=reader).exclude(list_columns=[]).exists()


def test_every_optional_column_shows_its_value() -> None:
    rep = User.objects.create(username="olga", first_name="Olga", last_name="Berg")
    b.drafted((b.product(), 7), buyer=b.customer(sales_rep=rep))
    client, _ = person("amara")
    names = ["rep", "channel", "lines", "ordered", "terms", "payment"]
    client.post(reverse("orders:display"), {"columns": names, "query": ""})

    page = client.get(reverse("orders:list")).content.decode()

    for words in ("Olga Berg", "Entered by staff", ">1<", ">7<", "NET30", "Unpaid"):
        assert words in page, words


def test_saving_takes_the_right_to_see_orders() -> None:
    user = User.objects.create(username="nobody")
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")

    assert save(client, "x", "").status_code == 403
    assert client.post(reverse("orders:display"), {}).status_code == 403
    assert client.get(reverse("orders:view_counts")).status_code == 403
    assert client.get(reverse("orders:save_view")).status_code in {403, 405}


def test_what_is_ticked_in_the_list_is_what_the_bulk_action_is_about() -> None:
    ids = b.submitted((b.product(), 1), times=2)
    client, _ = person("amara")
    page = client.get(reverse("orders:list")).content.decode()
    ticked = re.findall(r'name="o" value="([^"]+)"', page)

    answer = client.post(reverse("orders:bulk"), {"action": "hold", "o": ticked})

    assert sorted(map(int, ticked)) == ids
    assert answer["Location"] == BulkJob.objects.get().get_absolute_url()
    assert sorted(BulkItem.objects.values_list("order", flat=True)) == ids
