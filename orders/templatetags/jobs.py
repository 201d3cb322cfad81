"""The parts of job pages: progress by outcome, time that is left, results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from orders.bulk.foreseen import Load
from orders.bulk.totals import Total
from orders.models import KNOWN, BulkItem, BulkJob, OrderImport, OrderImportRow
from orders.templatetags.ui import EFFECTS, icon, money, number, pill

register = template.Library()


@register.simple_tag
def jobbar(job: BulkJob) -> SafeString:
    """How far a job is, as one bar; its name says the numbers."""
    words = gettext("%(done)s done, %(failed)s not changed, %(pending)s waiting") % {
        "done": number(job.succeeded),
        "failed": number(job.blocked),
        "pending": number(job.pending),
    }
    if job.already:
        before = gettext("%(orders)s done before") % {"orders": number(job.already)}
        words = f"{words}, {before}"
    parts = ("delivered", job.succeeded), ("cancelled", job.already), ("returned", job.blocked)
    return _bar(parts, job.total, words)


@register.simple_tag
def loadbar(place: Load) -> SafeString:
    """What a warehouse gets to pick beside what waits there, as one bar."""
    words = gettext("%(waiting)s units wait at %(code)s, %(units)s come to them") % {
        "waiting": number(place.waiting),
        "code": place.code,
        "units": number(place.units),
    }
    parts = ("picked", place.waiting), ("reserved", place.units)
    return _bar(parts, place.waiting + place.units, words, role="img")


@register.simple_tag
def importbar(made: OrderImport) -> SafeString:
    """What became of the orders of a file so far, as one bar."""
    words = gettext("%(taken)s taken, %(known)s there already, %(refused)s refused") % {
        "taken": number(made.taken),
        "known": number(made.known),
        "refused": number(made.refused),
    }
    parts = (("delivered", made.taken), ("cancelled", made.known), ("returned", made.refused))
    return _bar(parts, made.total, words)


def _bar(
    parts: Sequence[tuple[str, int]], total: int, words: str, role: str = "progressbar"
) -> SafeString:
    """So many of a total, in their colours; the name of the bar says the numbers."""
    x, rects = 0.0, []
    for css, orders in parts:
        width = 100 * orders / max(total, 1)
        if orders:
            gap = 0.4 if x + width < 99.9 else 0
            rects.append((css, f"{x:.2f}", f"{max(width - gap, 0.4):.2f}"))
        x += width
    return format_html(
        '<svg class="qbar jobbar" viewBox="0 0 100 8" preserveAspectRatio="none" '
        'role="{}" aria-label="{}"{}>{}</svg>',
        role,
        words,
        _reached(parts, total) if role == "progressbar" else "",
        format_html_join("", '<rect class="q-{}" x="{}" y="0" width="{}" height="8"/>', rects),
    )


def _reached(parts: Sequence[tuple[str, int]], total: int) -> SafeString:
    words = ' aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}"'
    return format_html(words, total, sum(orders for _, orders in parts))


@register.simple_tag
def sums(made: OrderImport) -> str:
    """What the orders that are taken come to, in each currency."""
    return ", ".join(money(Decimal(value), code) for code, value in sorted(made.sums.items()))


@register.simple_tag
def importpill(made: OrderImport) -> SafeString:
    """Where a file stands, as glyph and word."""
    if made.is_dry_run:
        return pill("draft", gettext("Not started"))
    if made.status == OrderImport.Status.FAILED:
        return pill("blocked", gettext("Stopped"))
    if made.is_finished:
        return pill("done", gettext("Done"))
    return (
        pill("in_progress", gettext("Running"))
        if made.heartbeat_at
        else pill("open", gettext("Waiting"))
    )


@register.simple_tag
def became(row: OrderImportRow, made: OrderImport) -> SafeString:
    """What became of a row of a file, or would become, as glyph and word."""
    if row.error_code in KNOWN:
        return pill("cancelled", gettext("There already"))
    if row.error_code:
        return pill("blocked", gettext("Refused"))
    if row.message:
        return pill("in_review", gettext("Stays a draft"))
    return (
        pill("released", gettext("Can be taken"))
        if made.is_dry_run
        else pill("done", gettext("Taken"))
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
def outcome(item: BulkItem, job: BulkJob, past: str) -> SafeString:
    """What became of one order, as glyph and word."""
    if item.status == BulkItem.Status.SUCCEEDED:
        return pill("done", past)
    waits = gettext("Left alone") if job.is_finished else gettext("Waiting")
    known = {
        "failed": ("blocked", gettext("Not changed")),
        "already": ("already", gettext("Done before")),
        "left": ("draft", gettext("Left alone")),
    }
    return pill(*known.get(item.outcome, ("draft", waits)))


@register.simple_tag
def foreseen(item: BulkItem) -> SafeString:
    """What a dry run found of one order, as glyph and word."""
    if item.status == BulkItem.Status.SUCCEEDED:
        return pill("in_review", gettext("Warning")) if item.reason else _eligible()
    known = {
        "failed": ("blocked", gettext("Blocked")),
        "already": ("already", gettext("Done before")),
    }
    return pill(*known.get(item.outcome, ("draft", gettext("Waiting"))))


def _eligible() -> SafeString:
    return pill("released", gettext("Eligible"))


@register.filter
def span(seconds: int | None) -> str:
    """A length of time in words: 48 seconds, 3 minutes."""
    if seconds is None:
        return ""
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": number(minutes)}
