"""The policies over HTTP: a draft is written page by page, and a second person publishes it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from orders.lifecycle import cancellation, validation
from orders.models import BulkJob, OrderException, RuleSet, TransitionRule
from orders.policies import report, versions
from tests import builders as b
from tests.architecture.test_permissions import BACKEND

pytestmark = pytest.mark.django_db
PAGES = ("policies", "policy_checks", "policy_matrix", "policy_labels", "policy_versions")
MOST = 24


def signed_in(role: str) -> Client:
    user = User.objects.create(username=role.replace(" ", "."), first_name=role)
    user.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def answered(draft: RuleSet, **changed: dict[str, str | None]) -> dict[str, str]:
    """The form of the steps as it stands, with these rows otherwise; None leaves a box empty."""
    data: dict[str, str] = {}
    for row in draft.transitions.exclude(from_state=None):
        values: dict[str, str | None] = {
            "is_enabled": "on" if row.is_enabled else None,
            "is_automatic": "on" if row.is_automatic else None,
            "reason_required": "on" if row.reason_required else None,
            "permission": row.permission,
            "extra_check": row.extra_check,
        } | changed.get(f"{row.from_state}__{row.to_state}", {})
        data |= {f"t{row.pk}-{k}": v for k, v in values.items() if v is not None}
    return data


def text(client: Client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"orders:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_draft_is_written_and_a_second_person_publishes_it() -> None:
    boss, admin = signed_in("Sales manager"), signed_in("Admin")
    [old] = b.submitted((b.product(), 1))
    assert "Version 1, in force" in text(boss, "policies")

    boss.post(reverse("orders:policy_draft"))
    draft = RuleSet.objects.get(version=2)
    change = {"processing__cancelled": {"permission": "orders.waive_exception"}}
    boss.post(reverse("orders:policies"), answered(draft, **change))
    words = "Cancelling from “Processing” now needs the permission to waive findings."
    assert words in text(boss, "policies")
    own = boss.post(reverse("orders:policy_publish"), {"note": "Managers cancel"})
    assert own.status_code == 422
    assert "somebody else has to publish it" in own.content.decode()
    assert "Publish version 2" in text(admin, "policy_versions")
    done = admin.post(reverse("orders:policy_publish"), {"note": "Managers cancel"}, follow=True)

    assert "Version 2 is in force for new orders." in done.content.decode()
    assert words in text(admin, "policy_versions", query="?of=2")
    [new] = b.submitted((b.product(), 1))
    assert (b.order(old).rules_version, b.order(new).rules_version) == (1, 2)
    assert f"{reverse('orders:list')}?status=submitted&amp;rules_version=1" in text(
        admin, "policy_versions"
    )
    listed = boss.get(f"{reverse('orders:list')}?status=submitted&rules_version=1")
    assert str(b.order(old)) in listed.content.decode()
    assert str(b.order(new)) not in listed.content.decode()


def test_rules_that_leave_a_state_without_a_way_out_are_drawn_and_cannot_be_published() -> None:
    boss, admin = signed_in("Sales manager"), signed_in("Admin")
    boss.post(reverse("orders:policy_draft"))
    draft = RuleSet.objects.get(version=2)
    off = {"fulfilling__shipped": {"is_enabled": None}}
    boss.post(reverse("orders:policies"), answered(draft, **off))

    page = text(boss, "policies")
    assert 'href="/settings/policies/#t-fulfilling-shipped"' in page
    assert "“Fulfilling” can no longer reach “In transit”" in page
    assert "dead end" in page
    assert "Removed: Fulfilling to In transit." in page
    assert 'class="e del"' in page
    assert "dead end" not in text(boss, "policies", query="?show=before")
    assert "disabled" in text(admin, "policy_versions").split("Publish version 2")[0][-200:]
    refused = admin.post(reverse("orders:policy_publish"), {"note": "Off"})

    assert refused.status_code == 422
    assert RuleSet.objects.get(version=2).is_draft


def test_what_goes_by_itself_cannot_ask_for_a_person() -> None:
    boss = signed_in("Sales manager")
    boss.post(reverse("orders:policy_draft"))
    draft = RuleSet.objects.get(version=2)
    asks = {"validated__processing": {"permission": "orders.waive_exception"}}
    refused = boss.post(reverse("orders:policies"), answered(draft, **asks))

    assert refused.status_code == 422
    assert "What happens by itself can ask nobody" in refused.content.decode()
    assert not TransitionRule.objects.exclude(permission="").exists()
    asks["validated__processing"]["is_automatic"] = None
    assert boss.post(reverse("orders:policies"), answered(draft, **asks)).status_code == 302


def test_a_tab_that_is_out_of_date_does_not_undo_what_somebody_else_changed() -> None:
    boss, admin = signed_in("Sales manager"), signed_in("Admin")
    boss.post(reverse("orders:policy_draft"))
    draft, page = RuleSet.objects.get(version=2), reverse("orders:policies")
    [state] = re.findall(r'name="state" value="([^"]+)"', boss.get(page).text)
    mine = answered(draft, draft__submitted={"extra_check": "note"}) | {"state": state}
    theirs = answered(draft, validated__processing={"is_automatic": None})
    admin.post(page, {**theirs, "state": state})

    late = boss.post(page, mine)

    assert late.status_code == 409
    assert "Somebody else has changed the draft" in late.text
    edge = draft.transitions.get(from_state="validated", to_state="processing")
    assert not edge.is_automatic
    assert not draft.transitions.exclude(extra_check="").exists()
    [state] = re.findall(r'name="state" value="([^"]+)"', late.text)
    assert boss.post(page, mine | {"state": state}).status_code == 302


def test_a_check_is_changed_and_counts_otherwise_for_a_group() -> None:
    boss = signed_in("Sales manager")
    b.customer(group="retail")
    boss.post(reverse("orders:policy_draft"))
    row = RuleSet.objects.get(version=2).validations.get(code="price")
    page = reverse("orders:policy_check", args=[row.pk])
    values = {"severity": "block", "team": "Finance", "target_hours": 2, "is_active": "on"}

    bad = boss.post(page, values | {"deviation_percent": 120})
    assert bad.status_code == 422
    boss.post(page, values | {"deviation_percent": 10, "permission": "orders.waive_credit"})
    row.refresh_from_db()
    assert (row.severity, row.parameters, row.four_eyes, row.permission) == (
        "block",
        {"deviation_percent": 10},
        False,
        "orders.waive_credit",
    )
    right = "Letting “Price” pass now needs the permission to decide on credit and terms."
    assert right in text(boss, "policy_checks")
    assert "Price: deviation percent 10 instead of 25." in text(boss, "policy_checks")
    boss.post(page, {"do": "scope", "customer_group": "retail"})
    again = boss.post(page, {"do": "scope", "customer_group": "retail"})
    assert again.status_code == 422
    assert "Price (group retail) is new." in text(boss, "policy_checks")

    scoped = RuleSet.objects.get(version=2).validations.get(customer_group="retail")
    boss.post(reverse("orders:policy_check", args=[scoped.pk]), {"do": "remove"})
    assert not RuleSet.objects.get(version=2).validations.filter(code="price")[1:].exists()


@pytest.mark.parametrize("weaker", [{"severity": "warn"}, {"is_active": ""}])
def test_the_credit_check_runs_in_every_version_and_stops(weaker: dict[str, str]) -> None:
    boss = signed_in("Sales manager")
    boss.post(reverse("orders:policy_draft"))
    row = RuleSet.objects.get(version=2).validations.get(code="credit")
    data = {"severity": "review", "is_active": "on", "target_hours": "24", "team": "Finance"}

    said = boss.post(reverse("orders:policy_check", args=[row.pk]), data | weaker)

    assert said.status_code == 422
    assert "The credit check always runs and stops the order" in said.content.decode()
    row.refresh_from_db()
    assert (row.severity != "warn", row.is_active) == (True, True)


def test_the_report_counts_open_orders_by_version_and_state() -> None:
    boss = signed_in("Sales manager")
    b.drafted((b.product(), 1))
    ids = b.submitted((b.product(), 1), times=3)
    cancellation.cancel(ids[:1], reason="error", by=WORKER)
    b.edge("validated", "cancelled", permission="orders.waive_exception")
    b.submitted((b.product(), 1))

    assert report.open_orders() == {
        2: [("submitted", 1)],
        1: [("draft", 1), ("submitted", 2)],
    }
    page = text(boss, "policy_versions")
    row = page.partition("Version 1</a>")[2].partition("</tr>")[0]
    found = re.findall(r"\?status=(\w+)&amp;rules_version=1\".*?> (\d+)</a>", row)
    assert found == [("draft", "1"), ("submitted", "2")]


def test_countries_that_are_not_served_are_countries() -> None:
    boss = signed_in("Sales manager")
    boss.post(reverse("orders:policy_draft"))
    row = RuleSet.objects.get(version=2).validations.get(code="deliverable")
    page = reverse("orders:policy_check", args=[row.pk])
    values = {"severity": "block", "team": "Finance", "target_hours": 2, "is_active": "on"}

    wrong = boss.post(page, values | {"excluded_countries": "de, XX9"})
    assert "XX9: no country has this code." in wrong.content.decode()
    boss.post(page, values | {"excluded_countries": "de, fr"})

    row.refresh_from_db()
    assert row.parameters == {"excluded_countries": ["DE", "FR"]}


def test_labels_are_called_otherwise_and_moved_up_and_keep_their_orders() -> None:
    boss, page = signed_in("Sales manager"), reverse("orders:policy_labels")
    [pk] = b.submitted((b.product(), 1))
    boss.post(reverse("orders:policy_draft"))
    draft = RuleSet.objects.get(version=2)
    for label in ("Waits for a call", "Waits for a mail"):
        boss.post(page, {"status": "submitted", "label": label})
    call, mail = draft.labels.filter(status="submitted")

    taken = boss.post(page, {"rename": mail.pk, f"label-{mail.pk}-label": "waits for a CALL"})
    boss.post(page, {"rename": mail.pk, f"label-{mail.pk}-label": "Waits for a letter"})
    boss.post(page, {"up": mail.pk})
    boss.post(page, {"up": mail.pk})  # it is the first already

    assert taken.status_code == 422
    assert 'value="waits for a CALL"' in taken.content.decode()
    assert "There is a label of that name under this state already." in taken.content.decode()
    found = draft.labels.filter(status="submitted").values_list("code", "label")
    assert list(found) == [
        ("waits-for-a-mail", "Waits for a letter"),
        ("waits-for-a-call", "Waits for a call"),
    ]
    again = boss.post(page, {"status": "submitted", "label": "waits for a LETTER"})
    assert (again.status_code, "There is a label of that name" in again.text) == (422, True)
    boss.post(page, {"status": "submitted", "label": "Waits for a mail"})  # the name is free again
    assert draft.labels.get(label="Waits for a mail").code == "waits-for-a-mail-2"
    kept = " ".join(draft.changes.values_list("words", flat=True))
    assert "“Waits for a mail” under “Submitted” is now called “Waits for a letter”." in kept
    assert "“Waits for a call” under “Submitted” stands in another place." in kept
    assert b.order(pk).rules_version == 1
    assert call.position != mail.position


def test_a_cell_of_the_matrix_and_a_label_are_changed() -> None:
    boss = signed_in("Sales manager")
    boss.post(reverse("orders:policy_draft"))
    draft = RuleSet.objects.get(version=2)
    cell = draft.amendments.get(field_group="price", status="validated")
    boss.post(f"{reverse('orders:policy_matrix')}?cell=a-{cell.pk}", {"permission": ""})
    assert "Amending prices, discounts and charges in “Validated” is no longer allowed." in text(
        boss, "policy_matrix"
    )
    boss.post(reverse("orders:policy_labels"), {"status": "draft", "label": "Waits for the buyer"})
    assert draft.labels.get(status="draft").code == "waits-for-the-buyer"
    boss.post(reverse("orders:policy_labels"), {"remove": draft.labels.get(status="draft").pk})

    assert not draft.labels.filter(status="draft").exists()
    assert draft.changes.count() == 3


def test_nothing_of_a_published_version_is_changed_over_http() -> None:
    boss = signed_in("Sales manager")
    first = RuleSet.objects.get()
    off = {"draft__submitted": {"is_enabled": None}}

    said = boss.post(reverse("orders:policies"), answered(first, **off), follow=True)

    assert "Start a draft first." in said.content.decode()
    assert first.transitions.filter(is_enabled=False).count() == 0


def test_drafts_on_older_rules_are_moved_as_a_job() -> None:
    boss = signed_in("Sales manager")
    ids = b.drafted((b.product(), 1), times=2)
    b.edge("validated", "cancelled", permission="orders.waive_exception")
    assert "Move 2 drafts to version 2" in text(boss, "policy_versions")
    asked = {"action": "adopt", "every": "1", "query": "status=draft&rules_version=1"}

    boss.post(reverse("orders:bulk"), asked)

    dry = BulkJob.objects.get()
    assert (dry.action, dry.succeeded) == ("adopt", 2)
    assert {b.order(pk).rules_version for pk in ids} == {1}


def test_where_the_rules_want_a_reason_the_button_leads_to_a_form() -> None:
    b.edge("validated", "processing", is_automatic=False, reason_required=True)
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.validated((thing, 1))
    boss, order = signed_in("Sales manager"), b.order(pk)
    step = reverse("orders:step", args=[order.number, "process"])

    assert f'href="{step}"' in text(boss, "order", order.number)
    assert 'name="reason"' in boss.get(step).content.decode()
    assert boss.post(step, {}).status_code == 422
    boss.post(step, {"reason": "The lorry leaves"})
    assert b.order(pk).status == "processing"


def test_what_the_rules_keep_for_others_is_said_beside_the_button() -> None:
    b.edge("validated", "processing", is_automatic=False, permission="orders.waive_exception")
    [pk] = b.validated((b.product(), 1))

    page = text(signed_in("Warehouse lead"), "order", b.order(pk).number)

    assert "The rules ask for the permission to waive findings here" in page


def test_a_label_is_put_on_by_its_page_and_shown_beside_the_state() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 1))
    rep, order = signed_in("Sales rep"), b.order(pk)
    page = reverse("orders:step", args=[order.number, "label"])

    assert "Waiting for goods" in rep.get(page).content.decode()
    rep.post(page, {"code": "waiting-for-goods"})

    assert '<span class="tag">Waiting for goods</span>' in text(rep, "order", order.number)


def test_the_pages_take_as_many_statements_for_many_orders_as_for_few() -> None:
    boss = signed_in("Sales manager")
    versions.start(by=WORKER)
    thing = b.product(price="900.00")

    def counted() -> dict[str, int]:
        found = {}
        for name in PAGES:
            with CaptureQueriesContext(connection) as queries:
                text(boss, name)
            found[name] = len(queries)
        return found

    few = counted()
    ids = b.submitted((thing, 1), buyer=b.customer("10"), times=20)
    validation.validate(ids, by=WORKER)
    assert counted() == few
    assert max(few.values()) <= MOST


def test_those_who_may_not_change_rules_do_not_open_the_pages() -> None:
    rep = signed_in("Sales rep")

    assert {rep.get(reverse(f"orders:{name}")).status_code for name in PAGES} == {403}


def test_the_admin_only_reads_versions() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"), backend=BACKEND)

    page = client.get("/admin/orders/ruleset/1/change/")

    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert client.get("/admin/orders/ruleset/add/").status_code == 403


def test_the_counts_of_the_checks_are_read_by_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    since = timezone.now() - report.PERIOD

    plan = OrderException.objects.filter(opened_at__gte=since).order_by().explain()

    assert "order_exception_by_time" in plan
