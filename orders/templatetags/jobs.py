"""The parts of job pages: progress by outcome, time that is left, results."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from orders.bulk.totals import Total
from orders.models import BulkItem, BulkJob
from orders.templatetags.ui import EFFECTS, icon, money, number, pill

register = template.Library()


@register.simple_tag
def jobbar(job: BulkJob) -> SafeString:
    """How far a job is, as one bar; its name says the numbers."""
    x, rects = 0.0, []
    for css, orders in (("delivered", job.succeeded), ("returned", job.failed)):
        width = 100 * orders / max(job.total, 1)
        if orders:
            gap = 0.4 if x + width < 99.9 else 0
            rects.append((css, f"{x:.2f}", f"{max(width - gap, 0.4):.2f}"))
        x += width
    words = gettext("%(done)s done, %(failed)s not changed, %(pending)s waiting") % {
        "done": number(job.succeeded),
        "failed": number(job.failed),
        "pending": number(job.pending),
    }
    return format_html(
        '<svg class="qbar jobbar" viewBox="0 0 100 8" preserveAspectRatio="none" '
        'role="progressbar" aria-label="{}" aria-valuemin="0" aria-valuemax="{}" '
        'aria-valuenow="{}">{}</svg>',
        words,
        job.total,
        job.handled,
        format_html_join("", '<rect class="q-{}" x="{}" y="0" width="{}" height="8"/>', rects),
    )


@register.simple_tag
def totals(rows: Iterable[Total]) -> SafeString:
    """What a job does in total: one line for each kind of effect and currency."""
    lines = []
    for row in rows:
        tone, glyph, _ = EFFECTS.get(row.kind, ("neutral", "info", ""))
        amount = number(row.units) if row.amount is None else money(row.amount, row.currency)
        lines.append((tone, icon(glyph), row.words, amount))
    item = '<li data-tone="{}">{}<span>{}</span><span class="amt">{}</span></li>'
    return format_html('<ul class="effects">{}</ul>', format_html_join("", item, lines))


@register.simple_tag
def outcome(item: BulkItem, past: str) -> SafeString:
    """What became of one order, as glyph and word."""
    if item.status == BulkItem.Status.SUCCEEDED:
        return pill("done", past)
    if item.status == BulkItem.Status.FAILED:
        return pill("blocked", gettext("Not changed"))
    return pill("draft", gettext("Waiting"))


@register.simple_tag
def foreseen(item: BulkItem) -> SafeString:
    """What a dry run found of one order, as glyph and word."""
    if item.status == BulkItem.Status.SUCCEEDED:
        return pill("released", gettext("Eligible"))
    if item.status == BulkItem.Status.FAILED:
        return pill("blocked", gettext("Blocked"))
    return pill("draft", gettext("Waiting"))


@register.filter
def span(seconds: int | None) -> str:
    """A length of time in words: 48 seconds, 3 minutes."""
    if seconds is None:
        return ""
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": number(minutes)}
