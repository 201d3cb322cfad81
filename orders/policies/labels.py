"""The labels of a draft of the rules: called otherwise, moved up, taken away."""

from __future__ import annotations

from django.db.models import Max

from orders.models import RuleSet, SubStatus


def next_position(draft: RuleSet) -> int:
    """Where a new label stands: after all others."""
    last = draft.labels.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def move_up(row: SubStatus) -> None:
    """Have a label change places with the one before it under the same state, if there is one."""
    above = (
        SubStatus.objects.filter(rules=row.rules, status=row.status, position__lt=row.position)
        .order_by("position")
        .last()
    )
    if above:
        above.position, row.position = row.position, above.position
        SubStatus.objects.bulk_update([above, row], ["position"])
