"""The parts that every page is made of: icons, pills, bars, money, days.

States have one tone, one glyph and one word everywhere; they stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django import template
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms import BoundField, CheckboxSelectMultiple, Field
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel import reading
from config.kernel.steps import Effect
from orders.forms.numbers import UNREADABLE

REQUIRED = Field.default_error_messages["required"]
# The codes of sentences that speak of “this value” and name no field.
UNNAMED = {"invalid", "invalid_choice", "min_value", "max_value", "min_length", "max_length"}
UNNAMED |= {"max_digits", "max_decimal_places", "max_whole_digits", UNREADABLE}

Quantities = tuple[tuple[str, int], ...]

register = template.Library()

# state → tone, glyph, word
STATES: dict[str, tuple[str, str, StrOrPromise]] = {
    "draft": ("neutral", "st-draft", _("Draft")),
    "submitted": ("neutral", "st-open", _("Submitted")),
    "in_review": ("amber", "st-bang", _("Needs review")),
    "on_hold": ("orange", "st-hold", _("On hold")),
    "validated": ("blue", "st-open", _("Validated")),
    "processing": ("blue", "st-q1", _("Processing")),
    "allocated": ("blue", "st-q1", _("Allocated")),
    "backordered": ("orange", "st-back", _("Backordered")),
    "picking": ("violet", "st-q2", _("Picking")),
    "packing": ("violet", "st-q3", _("Packing")),
    "packed": ("violet", "st-q3", _("Packed")),
    "part_shipped": ("cyan", "st-q3", _("Part shipped")),
    "shipped": ("cyan", "st-ship", _("In transit")),
    "fulfilling": ("violet", "st-q2", _("Fulfilling")),
    "delivered": ("green", "st-deliv", _("Delivered")),
    "completed": ("green", "st-done", _("Completed")),
    "return_open": ("orange", "st-back", _("Return open")),
    "cancelled": ("neutral", "st-x", _("Cancelled")),
    "blocked": ("red", "st-x", _("Not changed")),
    "planned": ("neutral", "st-draft", _("Planned")),
    "dispatched": ("cyan", "st-ship", _("Dispatched")),
    "in_transit": ("cyan", "st-ship", _("In transit")),
    "released": ("blue", "st-open", _("Released")),
    "already": ("neutral", "check", _("Done before")),
    "in_progress": ("violet", "st-q2", _("In progress")),
    "done": ("green", "st-done", _("Done")),
    "open": ("blue", "st-open", _("Open")),
    "paid": ("green", "st-done", _("Paid")),
    "requested": ("amber", "st-open", _("Requested")),
    "authorized": ("orange", "st-back", _("Authorized")),
    "rejected": ("neutral", "st-x", _("Rejected")),
}
# what became of units → class of the bar, word; furthest along first
BARS: dict[str, tuple[str, StrOrPromise]] = {
    "delivered": ("delivered", pgettext_lazy("after a number", "delivered")),
    "moving": ("shipped", pgettext_lazy("after a number", "in transit")),
    "picked": ("picked", pgettext_lazy("after a number", "picked")),
    "reserved": ("reserved", pgettext_lazy("after a number", "reserved")),
    "backordered": ("back", pgettext_lazy("after a number", "backordered")),
    "cancelled": ("cancelled", pgettext_lazy("after a number", "cancelled")),
}
EFFECTS = {
    "reserve": ("blue", "st-q1", pgettext_lazy("effect", "Reserve")),
    "move": ("blue", "arrow-r", pgettext_lazy("effect", "Move")),
    "backorder": ("orange", "st-back", pgettext_lazy("effect", "Backorder")),
    "commit": ("blue", "finance", pgettext_lazy("effect", "Commit")),
    "uncommit": ("green", "finance", pgettext_lazy("effect", "Give back")),
    "pick": ("violet", "pick", pgettext_lazy("effect", "Pick")),
    "recall": ("orange", "undo", pgettext_lazy("effect", "Recall")),
    "pack": ("violet", "box", pgettext_lazy("effect", "Pack")),
    "ship": ("cyan", "truck", pgettext_lazy("effect", "Ship")),
    "invoice": ("neutral", "doc", pgettext_lazy("effect", "Invoice")),
    "payment": ("green", "card", pgettext_lazy("effect", "Payment")),
    "deliver": ("green", "st-deliv", pgettext_lazy("effect", "Deliver")),
    "cancel": ("neutral", "x", pgettext_lazy("effect", "Cancel")),
    "release": ("green", "inventory", pgettext_lazy("effect", "Release")),
    "drop": ("orange", "clock", pgettext_lazy("effect", "No longer wait for")),
    "task": ("violet", "pick", pgettext_lazy("effect", "Take")),
    "let_go": ("green", "pick", pgettext_lazy("effect", "Let go")),
    "unpack": ("orange", "box", pgettext_lazy("effect", "Open")),
    "refund": ("amber", "card", pgettext_lazy("effect", "Ask for the refund")),
    "promise": ("cyan", "clock", pgettext_lazy("effect", "Promise")),
    "price": ("amber", "tag", pgettext_lazy("effect", "Price of")),
    "address": ("cyan", "truck", pgettext_lazy("effect", "Send")),
    "set": ("neutral", "edit", pgettext_lazy("effect", "Set")),
    "stop": ("orange", "st-hold", pgettext_lazy("effect", "Stops:")),
    "miss": ("red", "clock", pgettext_lazy("effect", "Breaks")),
    "endanger": ("amber", "clock", pgettext_lazy("effect", "Endangers")),
    "advance": ("green", "arrow-r", pgettext_lazy("effect", "Then")),
    "resolve": ("green", "check", pgettext_lazy("effect", "Solves")),
    "find": ("amber", "st-bang", pgettext_lazy("effect", "Finds")),
    "send_back": ("orange", "undo", pgettext_lazy("effect", "To come back:")),
}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of our sprite; decoration only, so it has no name of its own."""
    return _drawn(name, size)


@cache
def _drawn(name: str, size: str) -> SafeString:
    """Every row of a page draws the same few icons: each is put together once."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        size,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def pill(state: str, label: str = "", size: str = "") -> SafeString:
    """A state as glyph and word in its tone."""
    return _pill(reading.language(), state, label, size)


@lru_cache(maxsize=1000)
def _pill(_language: str, state: str, label: str, size: str) -> SafeString:
    tone, glyph, word = STATES.get(state, ("neutral", "st-open", state.replace("_", " ").title()))
    return format_html(
        '<span class="pill {}" data-tone="{}">{}{}</span>', size, tone, icon(glyph), label or word
    )


@register.simple_tag
def flag(words: str, tone: str, glyph: str = "clock") -> SafeString:
    """A risk or delay, in its tone."""
    return format_html('<span class="flag" data-tone="{}">{}{}</span>', tone, icon(glyph), words)


def quantities(line: Any) -> Quantities:
    """What became of the units of a line (or of the sums of many), by key of ``BARS``."""
    moving, reserved = line.shipped - line.delivered, line.allocated - line.picked
    units = (line.delivered, moving, line.picked, reserved, line.backordered, line.cancelled)
    return tuple(each for each in zip(BARS, units, strict=True) if each[1] > 0)


def _worded(parts: Quantities) -> list[tuple[str, str, int]]:
    return [(BARS[key][0], str(BARS[key][1]), units) for key, units in parts]


@register.simple_tag
def qbar(line: Any) -> SafeString:
    """The units of a line as one bar; its name says the numbers."""
    return bar(reading.language(), max(line.ordered, 1), quantities(line))


@lru_cache(maxsize=4096)
def bar(_language: str, total: int, parts: Quantities) -> SafeString:
    """The picture of parts; lines that have come equally far share it."""
    named = _worded(parts)
    words = ", ".join(f"{units} {word}" for _, word, units in named) or gettext(
        "nothing reserved yet"
    )
    x, rects = 0.0, []
    for css, _word, units in named:
        width = 100 * units / total
        rects.append((css, f"{x:.2f}", f"{max(width - 0.6, 0.4):.2f}"))
        x += width
    return format_html(
        '<svg class="qbar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>',
        words,
        format_html_join("", '<rect class="q-{}" x="{}" y="0" width="{}" height="8"/>', rects),
    )


@register.simple_tag
def qlegend(line: Any) -> SafeString:
    """The same numbers in words, beside the bar."""
    return legend(reading.language(), quantities(line))


@lru_cache(maxsize=4096)
def legend(_language: str, parts: Quantities) -> SafeString:
    """The words of parts, each with its number."""
    return format_html(
        '<div class="qlegend">{}</div>',
        format_html_join(
            "",
            '<span class="q-{}"><b>{}</b>{}</span>',
            ((css, units, word) for css, word, units in _worded(parts)),
        ),
    )


@register.simple_tag
def meter(percent: float, label: str, tone: str = "blue") -> SafeString:
    """A share of a whole, as a bar with its words."""
    return format_html(
        '<svg class="meter" data-tone="{}" viewBox="0 0 100 6" preserveAspectRatio="none" '
        'role="img" aria-label="{}"><rect x="0" y="0" width="{}" height="6"/></svg>',
        tone,
        label,
        f"{min(max(percent, 0), 100):.1f}",
    )


@register.simple_tag
def effects(rows: Sequence[Effect]) -> SafeString:
    """What a step will do, or did: one line for each change, with its amount."""
    return format_html(
        '<ul class="effects">{}</ul>', format_html_join("", "{}", ((_effect(e),) for e in rows))
    )


def _effect(effect: Effect) -> SafeString:
    tone, glyph, verb = EFFECTS.get(effect.kind, ("neutral", "info", effect.kind.title()))
    amount = money(effect.amount, effect.currency) if effect.amount is not None else ""
    return format_html(
        '<li data-tone="{}">{}<span>{} {}</span><span class="amt">{}</span></li>',
        tone,
        icon(glyph),
        verb,
        effect.what,
        amount or effect.quantity or "",
    )


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField, hint: str = "", *, optional: bool = False) -> dict[str, Any]:
    """A form field with its label, hint and error, wired together."""
    marks = [f"{bound.id_for_label}-hint"] if hint or bound.help_text else []
    if bound.errors:
        marks.append(f"{bound.id_for_label}-error")
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(marks)} if marks else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    css = bound.field.widget.attrs.get("class", "")
    kind = "select" if hasattr(bound.field.widget, "choices") else "input"
    attributes["class"] = f"{css} {kind}".strip()
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "hint": hint or bound.help_text,
        "optional": optional or not bound.field.required,
        "is_group": isinstance(bound.field.widget, CheckboxSelectMultiple),
    }


@register.inclusion_tag("components/_error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Everything that is wrong on a page, each linked to its field."""
    found = []
    for form in forms:
        for name, words in getattr(form, "errors", {}).items():
            target = "" if name == "__all__" else form[name].id_for_label or form[name].auto_id
            found += [(target, _named(form, name, error)) for error in words.as_data()]
    return {"problems": found}


@register.inclusion_tag("components/_error_summary.html")
def entry_problems(head: Any, lines: Any) -> dict[str, Any]:
    """What is wrong on a head and on the rows below it, each linked to its field."""
    of_rows = [
        (
            form[name].id_for_label if name != "__all__" else "",
            gettext("Line %(number)s: %(words)s")
            % {"number": place, "words": _named(form, name, error)},
        )
        for place, form in enumerate(lines, 1)
        for name, words in form.errors.items()
        for error in words.as_data()
    ]
    of_all = [("", word) for word in lines.non_form_errors()]
    return {"problems": [*error_summary(head)["problems"], *of_all, *of_rows]}


def _named(form: Any, name: str, error: ValidationError) -> str:
    """A problem away from its field says which one it means."""
    [words] = error.messages
    if words == REQUIRED:
        return gettext("%(label)s is required.") % {"label": form[name].label}
    if error.code not in UNNAMED or name == "__all__":
        return words
    return gettext("%(label)s: %(words)s") % {"label": form[name].label, "words": words}


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount as the reader writes it: £1,234.50 or 1.234,50 £."""
    return "—" if amount is None else reading.money(amount, str(currency))


@register.filter
def day(value: date | datetime | None) -> str:
    """A day: Wed 25 Nov or Mi 25. Nov.; with its year when it is another one."""
    return "—" if value is None else reading.day(value)


@register.filter
def full_day(value: date | datetime) -> str:
    """A day in whole words: Wednesday 25 November or Mittwoch, 25. November."""
    return reading.full_day(value)


@register.filter
def whole_date(value: date | datetime) -> str:
    """A day with its year: 25 November 2026 or 25. November 2026."""
    return reading.whole_date(value)


@register.filter
def number(value: int) -> str:
    """A number with its thousands apart: 1,234 or 1.234."""
    return reading.number(value)


@register.filter
def roles(names: str | Iterable[str]) -> str:
    """Roles as the reader calls them, by name or as names with commas between."""
    found = names.split(", ") if isinstance(names, str) else names
    return ", ".join(gettext(name) for name in found if name)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A time: relative under an hour, the hour today, the day before that."""
    if value is None:
        return "—"
    local, now = timezone.localtime(value), timezone.localtime()
    minutes = int((now - local).total_seconds() // 60)
    if 0 <= minutes < 60:
        ago = ngettext("%(n)s min ago", "%(n)s min ago", minutes) % {"n": minutes}
        words = ago if minutes else gettext("just now")
    elif local.date() == now.date():
        words = f"{local:%H:%M}"
    else:
        words = f"{day(value)}, {local:%H:%M}"
    return SafeString(f'<time datetime="{value.isoformat()}">{escape(words)}</time>')


@register.filter
def named(user: User) -> str:
    """What somebody is called."""
    return user.get_full_name() or user.username


@register.filter
def marked(text: str, words: str) -> SafeString:
    """A text with the words that were looked for marked in it."""
    wanted = "|".join(re.escape(word) for word in words.split()[:5])
    parts = re.split(f"({wanted})", text, flags=re.IGNORECASE) if wanted else [text]
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", p) if i % 2 else p,) for i, p in enumerate(parts)),
    )


@register.filter
def initials(user: User) -> str:
    """Two letters for somebody's picture."""
    name = user.get_full_name() or user.username
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def drawing(svg: str) -> SafeString:
    """A drawing of our own making, without the head of a file of its own."""
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made by us, of figures only


@register.filter
def total(rows: Iterable[Any], name: str) -> Any:
    """The sum of one attribute over some rows."""
    return sum(getattr(row, name) for row in rows)
