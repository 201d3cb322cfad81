"""Rows that the module cannot do without: currencies, channels, and version 1 of the rules.

Installed after every migration and safe to install again; what people have changed is kept.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from orders.models import (
    AUTOMATIC,
    DELIVERED,
    DELIVERED_LABELS,
    EDGES,
    GONE,
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    Channel,
    Currency,
    FieldGroup,
    RuleSet,
    Severity,
    Status,
    SubStatus,
    TransitionRule,
    ValidationRule,
)

CURRENCIES = (
    ("EUR", "Euro", 2),
    ("GBP", "Pound sterling", 2),
    ("USD", "US dollar", 2),
    ("CHF", "Swiss franc", 2),
    ("SEK", "Swedish krona", 2),
    ("JPY", "Japanese yen", 0),
    ("KWD", "Kuwaiti dinar", 3),
)
# Names are kept as they stand here, and said in other languages where they are shown.
CHANNELS = (
    ("manual", gettext_noop("Entered by staff")),
    ("import", gettext_noop("Imported file")),
    ("api", "API"),
)

# code, severity, team that has to act, hours until it should have, four eyes, parameters
VALIDATIONS: tuple[tuple[str, str, str, int, bool, dict[str, Any]], ...] = (
    ("required_fields", Severity.BLOCK, "Sales rep", 4, False, {}),
    ("customer_status", Severity.BLOCK, "Sales manager", 24, False, {}),
    ("terms", Severity.REVIEW, "Finance", 8, False, {}),
    ("address", Severity.BLOCK, "Sales rep", 4, False, {}),
    ("deliverable", Severity.BLOCK, "Sales rep", 8, False, {"excluded_countries": []}),
    ("price", Severity.REVIEW, "Sales manager", 4, True, {"deviation_percent": 25}),
    ("stock", Severity.WARN, "Warehouse lead", 0, False, {}),
    ("stock_final", Severity.REVIEW, "Sales rep", 8, False, {}),
    ("credit", Severity.REVIEW, "Finance", 4, True, {}),
    ("duplicate", Severity.REVIEW, "Sales rep", 2, False, {"hours": 24}),
)

AMENDED = (
    Status.SUBMITTED,
    Status.IN_REVIEW,
    Status.VALIDATED,
    Status.PROCESSING,
    Status.FULFILLING,
)
# Letting a finding pass is for those who answer for it: finance for money that is owed, those who
# place orders themselves for what is sold and at which price.
DECIDED_BESIDES = {
    "credit": "orders.waive_credit",
    "terms": "orders.waive_credit",
    "price": "orders.submit_order",
    "stock_final": "orders.submit_order",
    "duplicate": "orders.submit_order",
}
# Selling on other terms is for those who place orders themselves, choosing a warehouse for those
# who assign orders; the rest is for whoever amends.
ASKED_BESIDES = {
    FieldGroup.PRICE: "orders.submit_order",
    FieldGroup.TERMS: "orders.submit_order",
    FieldGroup.WAREHOUSE: "orders.assign_order",
}


def install(**_: object) -> None:
    """Add what is missing."""
    Currency.objects.bulk_create(
        [Currency(code=code, name=name, minor_units=units) for code, name, units in CURRENCIES],
        ignore_conflicts=True,
    )
    Channel.objects.bulk_create(
        [Channel(code=code, name=name) for code, name in CHANNELS], ignore_conflicts=True
    )
    if not RuleSet.objects.exists():
        rules = RuleSet.objects.create(version=1, note=DELIVERED)
        _first_rules(rules)
        rules.published_at = timezone.now()
        rules.save()


def _first_rules(rules: RuleSet) -> None:
    """Every edge of the graph is open; what is under way is cancelled with a reason."""
    TransitionRule.objects.bulk_create(
        TransitionRule(
            rules=rules,
            from_state=source,
            to_state=target,
            is_automatic=(source, target) in AUTOMATIC,
            reason_required=target == Status.CANCELLED,
        )
        for source, target in EDGES
    )
    SubStatus.objects.bulk_create(
        SubStatus(rules=rules, status=status, code=slugify(label), label=label, position=position)
        for position, (status, label) in enumerate(DELIVERED_LABELS)
    )
    ValidationRule.objects.bulk_create(
        ValidationRule(
            rules=rules,
            code=code,
            severity=severity,
            team=team,
            target_hours=hours,
            four_eyes=eyes,
            permission=DECIDED_BESIDES.get(code, ""),
            parameters=given,
        )
        for code, severity, team, hours, eyes, given in VALIDATIONS
    )
    _first_changes(rules)


def _first_changes(rules: RuleSet) -> None:
    """What of an order may be amended or cancelled at each of its statuses."""
    AmendmentRule.objects.bulk_create(
        AmendmentRule(
            rules=rules,
            field_group=group,
            status=status,
            is_allowed=not (group == FieldGroup.TERMS and status == Status.FULFILLING),
            permission=ASKED_BESIDES.get(group, ""),
            reason_required=status in {Status.PROCESSING, Status.FULFILLING}
            and group != FieldGroup.NOTES,
        )
        for group in FieldGroup
        for status in AMENDED
    )
    AmendmentRule.objects.bulk_create(
        AmendmentRule(rules=rules, field_group=FieldGroup.NOTES, status=status) for status in GONE
    )
    CancellationRule.objects.bulk_create(
        CancellationRule(rules=rules, status=status, scope=scope)
        for status in (Status.DRAFT, *AMENDED)
        for scope in CancellationScope
    )
