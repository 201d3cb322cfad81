"""Integrity: every rule of the business, held against the data as it is now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orders.reports import integrity as report


def integrity(request: HttpRequest) -> HttpResponse:
    """Run every rule; a broken one shows the rows that break it."""
    rules = report.check()
    context = {
        "rules": sorted(rules, key=lambda rule: (not rule.broken, rule.waits)),
        "broken": sum(1 for rule in rules if rule.broken),
        "held": sum(1 for rule in rules if not rule.broken and not rule.waits),
        "waiting": sum(1 for rule in rules if rule.waits),
    }
    return render(request, "orders/integrity.html", context)
