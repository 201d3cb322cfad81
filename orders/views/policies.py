"""Policies: the status flow, the checks, what may be amended and cancelled, labels, versions."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from config.kernel import typed
from config.kernel.errors import DomainError
from orders.forms.policies import (
    AmendmentForm,
    CancellationForm,
    LabelForm,
    PublishForm,
    RenameForm,
    ScopeForm,
    TransitionForm,
    ValidationForm,
)
from orders.models import (
    TERMINAL,
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    FieldGroup,
    RuleSet,
    Status,
    SubStatus,
)
from orders.policies import labels as own_labels
from orders.policies import picture, report, versions
from orders.policies.problems import problems
from orders.policies.rows import Rules
from orders.policies.words import (
    CHECKS,
    FLOW,
    LABELS,
    MATRIX,
    Difference,
    check_words,
    differences,
    edge_words,
)
from orders.views.steps import actor

NEWEST = 50  # versions that are listed though no open order goes by them
AMENDED_IN = [status for status in Status if status not in TERMINAL]


class Pages:
    """What every page of the policies knows: the version shown, and what it says otherwise."""

    def __init__(self, tab: str) -> None:
        newest = RuleSet.objects.select_related("based_on", "published_by", "drafted_by").first()
        if newest is None:
            raise Http404
        self.tab, self.shown = tab, newest
        self.state = versions.state(newest)
        self.rules = Rules.read(newest)
        draft = newest.is_draft and newest.based_on
        self.base = Rules.read(draft) if draft else self.rules
        self.changes: list[Difference] = differences(self.base, self.rules) if draft else []
        self.problems = problems(self.rules)

    @property
    def changed(self) -> set[Any]:
        """The rows of this page that say something else."""
        return {each.row for each in self.changes if each.page == self.tab}

    def context(self) -> dict[str, Any]:
        """The same for every template of the policies."""
        return {
            "tab": self.tab,
            "shown": self.shown,
            "draft": self.shown.is_draft,
            "state": self.state,
            "in_force": self.base.of,
            "changes": [each for each in self.changes if each.page == self.tab],
            "all_changes": self.changes,
            "problems": self.problems,
        }


def flow(request: HttpRequest) -> HttpResponse:
    """The states and the steps between them: drawn before and after, and how each is taken."""
    posted = request.method == "POST"
    pages = Pages(FLOW)
    forms_of = {
        edge: TransitionForm(request.POST if posted else None, instance=row, prefix=f"t{row.pk}")
        for edge, row in pages.rules.transitions.items()
        if edge[0]
    }
    if posted and all(form.is_valid() for form in list(forms_of.values())):
        if saved := _saved(request, "orders:policies", list(forms_of.values())):
            return saved
        return _flow(request, pages, forms_of, status=409)
    return _flow(request, pages, forms_of)


def _saved(request: HttpRequest, page: str, forms: list[Any]) -> HttpResponse | None:
    """Save the rows that were changed in the draft, or say what stands in the way.

    None when somebody else has changed the draft since: the page stays, with what was chosen.
    """
    try:
        with versions.changing(by=actor(request), seen=request.POST.get("state", "")):
            for form in forms:
                if form.has_changed():
                    form.save()
    except versions.StaleDraft as stale:
        messages.error(request, str(stale))
        return None
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The draft is saved."))
    return redirect(page)


def _flow(
    request: HttpRequest, pages: Pages, forms_of: dict[Any, TransitionForm], status: int = 200
) -> HttpResponse:
    faults = {problem.edge: problem for problem in pages.problems}
    before = pages.shown.is_draft and request.GET.get("show") == "before"
    rows = [
        {
            "form": form,
            "row": form.instance,
            "what": edge_words(edge),
            "changed": edge in pages.changed,
            "problem": faults.get(edge),
            "broken": bool(form.errors),
        }
        for edge, form in forms_of.items()
    ]
    drawn = pages.base if before else pages.rules
    context = pages.context() | {
        "rows": rows,
        "before": before,
        "boxes": picture.boxes(drawn, [] if before else pages.problems),
        "lines": picture.lines(pages.base, pages.rules, before=before),
        "told": picture.told(pages.base, pages.rules),
        "forms": [row["form"] for row in rows],
    }
    status = 422 if any(form.errors for form in forms_of.values()) else status
    return render(request, "settings/policy_flow.html", context, status=status)


def checks(request: HttpRequest) -> HttpResponse:
    """The checks that orders go through, with how often each found something and was waived."""
    pages, counts = Pages(CHECKS), report.caught()
    rows = [
        (row, check_words(row), counts.get(row.code), key in pages.changed)
        for key, row in pages.rules.validations.items()
    ]
    return render(request, "settings/policy_checks.html", pages.context() | {"rows": rows})


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """One check: how it counts, what it measures by, and for whom it counts otherwise."""
    pages = Pages(CHECKS)
    row = get_object_or_404(pages.shown.validations.select_related("channel"), pk=pk)
    posted = request.method == "POST"
    asked = request.POST.get("do", "save")
    form = ValidationForm(request.POST if posted and asked == "save" else None, instance=row)
    scope = ScopeForm(request.POST if posted and asked == "scope" else None, row=row)
    if posted and (done := _checked(request, row, asked, form, scope)):
        return done
    context = pages.context() | {
        "row": row,
        "what": check_words(row),
        "form": form,
        "scope": scope,
        "count": report.caught().get(row.code),
    }
    status = 422 if form.errors or scope.errors else 409 if posted else 200
    return render(request, "settings/policy_check.html", context, status=status)


def _checked(
    request: HttpRequest, row: Any, asked: str, form: ValidationForm, scope: ScopeForm
) -> HttpResponse | None:
    """Save the check, let it count otherwise for some, or take such a row away again."""
    if asked == "save":
        return _saved(request, "orders:policy_checks", [form]) if form.is_valid() else None
    if asked == "scope" and not scope.is_valid():
        return None
    try:
        with versions.changing(by=actor(request)):
            if asked == "scope":
                scope.made().save()
            elif row.channel_id or row.customer_group:
                row.delete()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:policy_checks")


def matrix(request: HttpRequest) -> HttpResponse:
    """What may be amended and cancelled in each state; one cell is changed at a time."""
    pages, form = Pages(MATRIX), None
    kind, _, pk = request.GET.get("cell", "").partition("-")
    model = {"a": AmendmentRule, "c": CancellationRule}.get(kind)
    if model and (chosen := typed.key(pk)) is not None:
        cell = get_object_or_404(model, pk=chosen, rules=pages.shown)
        made = AmendmentForm if model is AmendmentRule else CancellationForm
        form = made(request.POST if request.method == "POST" else None, instance=cast("Any", cell))
        if form.is_valid():
            saved = _saved(request, "orders:policy_matrix", [form])
            if saved:
                return saved
    context = pages.context() | {
        "groups": _groups(pages),
        "states": AMENDED_IN,
        "form": form,
        "cell": request.GET.get("cell", ""),
    }
    stale = form is not None and form.is_bound
    status = 422 if form is not None and form.errors else 409 if stale else 200
    return render(request, "settings/policy_matrix.html", context, status=status)


def _groups(pages: Pages) -> list[tuple[str, str, list[Any]]]:
    """The rows of the matrix: each state with its rule, and whether the draft changed it."""
    kinds = (
        ("a", gettext("Amend"), FieldGroup, pages.rules.amendments),
        ("c", gettext("Cancel"), CancellationScope, pages.rules.cancellations),
    )
    return [
        (
            kind,
            title,
            [
                (
                    what.label,
                    [(s, rows.get((what, s)), (what, s) in pages.changed) for s in AMENDED_IN],
                )
                for what in names
            ],
        )
        for kind, title, names, rows in kinds
    ]


def labels(request: HttpRequest) -> HttpResponse:
    """The labels of one's own under each state: their names, their order, new ones."""
    pages = Pages(LABELS)
    posted = request.POST if request.method == "POST" else None
    if posted and (done := _labelled(request, pages, posted)):
        return done
    names = {row.pk: _named(row, posted) for row in pages.rules.labels.values()}
    misnamed = any(name.errors for name in names.values())
    form = LabelForm(None if misnamed else posted, draft=pages.shown)
    if form.is_valid():
        form.instance.position = own_labels.next_position(pages.shown)
        if saved := _saved(request, "orders:policy_labels", [form]):
            return saved
    order = list(Status)
    listed = sorted(pages.rules.labels.items(), key=lambda item: order.index(Status(item[0][0])))
    rows = [(names[row.pk], row.get_status_display(), key in pages.changed) for key, row in listed]
    context = pages.context() | {"rows": rows, "form": form}
    status = 422 if form.errors or misnamed else 200
    return render(request, "settings/policy_labels.html", context, status=status)


def _named(row: SubStatus, posted: QueryDict | None) -> RenameForm:
    """The form of a label's name, bound if it was sent."""
    prefix = f"label-{row.pk}"
    sent = posted if posted and posted.get("rename") == str(row.pk) else None
    return RenameForm(sent, instance=row, prefix=prefix)


def _labelled(request: HttpRequest, pages: Pages, posted: QueryDict) -> HttpResponse | None:
    """Call a label otherwise, move it up or take it away; None if none of it is asked."""
    asked = ("rename", "up", "remove")
    what = next((each for each in asked if typed.key(posted.get(each, "")) is not None), None)
    if what is None:
        return None
    row = get_object_or_404(pages.shown.labels, pk=typed.key(posted.get(what, "")))
    form = _named(row, posted)
    if what == "rename":
        return _saved(request, "orders:policy_labels", [form]) if form.is_valid() else None
    try:
        with versions.changing(by=actor(request)):
            if what == "up":
                own_labels.move_up(row)
            else:
                row.delete()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:policy_labels")


def history(request: HttpRequest) -> HttpResponse:
    """Every version with what it changed and what goes by it; the draft, to be published."""
    return _history(request, PublishForm())


def _history(request: HttpRequest, form: PublishForm, status: int = 200) -> HttpResponse:
    pages = Pages("versions")
    published = RuleSet.objects.published().select_related("published_by")
    asked = typed.key(request.GET.get("of", ""))
    chosen = published.filter(version=asked).first() if asked is not None else None
    words: list[Difference] = []
    if chosen and chosen.based_on:
        words = differences(Rules.read(chosen.based_on), Rules.read(chosen))
    counts, rows = report.open_orders(), list(published)
    listed = rows[:NEWEST] + [row for row in rows[NEWEST:] if row.version in counts]
    context = pages.context() | {
        "versions": [(row, counts.get(row.version, [])) for row in listed],
        "chosen": chosen,
        "words": words,
        "form": form,
        "log": pages.shown.changes.select_related("by")[:50],
        "own": pages.shown.is_draft
        and pages.shown.changes.filter(by=cast("User", request.user)).exists(),
    }
    return render(request, "settings/policy_versions.html", context, status=status)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start a draft from the newest version."""
    try:
        draft = versions.start(by=actor(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        words = gettext("The draft of version %(n)s is started.") % {"n": draft.version}
        messages.success(request, words)
    return redirect("orders:policies")


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Throw the draft away."""
    try:
        number = versions.discard()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        words = gettext("The draft of version %(n)s is discarded.") % {"n": number}
        messages.success(request, words)
    return redirect("orders:policies")


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Let new orders go by the draft."""
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            made = versions.publish(note=form.cleaned_data["note"], by=actor(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            words = gettext("Version %(n)s is in force for new orders.") % {"n": made.version}
            messages.success(request, words)
            return redirect("orders:policy_versions")
    return _history(request, form, status=422)
