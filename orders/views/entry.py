"""Order entry: a draft is typed, saved by itself, taken up again and placed; no text is lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from config.kernel import typed
from config.kernel.errors import DomainError, StaleVersion
from config.kernel.steps import single
from orders.forms import agreed, sheets
from orders.forms.entry import LineForm, LineFormSet, OrderForm
from orders.forms.sheets import Sheet
from orders.lifecycle import capture, submission
from orders.lifecycle.drafts import Edit, LineDraft, Problem
from orders.lifecycle.loading import attach
from orders.models import Customer, EntryKey, Order, Status
from orders.neighbours import in_list
from orders.reports import habits
from orders.scope import visible
from orders.views import conflict
from orders.views.order import back
from orders.views.outlook import Lines, outlook, resolve
from orders.views.steps import actor

Who = User | AnonymousUser
FIRST = 1  # the version of a draft that was just created
SPARE = 2  # empty rows of a form where no script adds them


@dataclass(slots=True)
class Entry:
    """One form of order entry, as it was opened or as it came back."""

    head: OrderForm
    lines: Lines
    key: str
    order: Order | None = None
    version: int = FIRST
    opened: Sheet = field(default_factory=Sheet)

    @classmethod
    def of(cls, who: Who, sheet: Sheet, order: Order | None, **more: Any) -> Entry:
        """The form of a sheet, as it is shown to somebody."""
        data = sheet.data(spare=SPARE)
        head = OrderForm(data, user=who)
        return cls(head, LineFormSet(data, prefix="lines"), order=order, **more)

    @classmethod
    def posted(cls, who: Who, data: QueryDict, order: Order | None) -> Entry:
        """The form as it came back; a form that made its order already goes on with that one."""
        key = data.get("key", "")[:64]
        order = order or _made_by(key, who)
        return cls(
            OrderForm(data, user=who),
            LineFormSet(data, prefix="lines"),
            key,
            order,
            typed.key(data.get("version", "")) or FIRST,
            _opened(data.get("opened", "")),
        )

    @property
    def is_over(self) -> bool:
        """Whether its order was placed or cancelled, so that nothing is typed into it any more."""
        return self.order is not None and self.order.status != Status.DRAFT

    def typed(self) -> list[tuple[LineForm, LineDraft]]:
        """The rows that can be read, each with its form; their items are looked up."""
        found = [
            (form, draft) for form in self.lines if not form.errors and (draft := form.draft())
        ]
        resolve(draft for _, draft in found)
        return found

    def unread(self) -> list[dict[str, Any]]:
        """The rows that cannot be read, as text."""
        wrong = [n for n, form in enumerate(self.lines) if form.errors]
        data = self.lines.data
        return [{name: data.get(f"lines-{n}-{name}", "") for name in sheets.CELLS} for n in wrong]


def _opened(text: str) -> Sheet:
    try:
        found = json.loads(text)
        return Sheet(dict(found["head"]), [dict(row) for row in found["rows"]])
    except (ValueError, KeyError, TypeError):
        return Sheet()


def _made_by(key: str, who: Who) -> Order | None:
    """The order that the form of this key has made already, if somebody may see it."""
    known = EntryKey.objects.filter(key=key).first() if key else None
    return get_object_or_404(Order.objects.visible_to(who), pk=known.order_id) if known else None


def new(request: HttpRequest) -> HttpResponse:
    """Type an order; it is kept as a draft by itself, until it is placed."""
    if request.method == "POST":
        return _take(request, Entry.posted(request.user, request.POST, None))
    key = request.GET.get("key", "")[:64] or uuid.uuid4().hex
    if made := _made_by(key, request.user):
        return redirect(_editing(request, made))
    if like := request.GET.get("like"):
        return _show(request, Entry.of(request.user, _again(request, like), None, key=key))
    known = visible(Customer.objects.all(), request.user)
    buyer = known.filter(code=request.GET.get("customer", "")).first()
    head = {"customer": sheets.named(buyer)} if buyer else {}
    if buyer:
        return _show(request, Entry.of(request.user, Sheet(head), None, key=key))
    entry = Entry(OrderForm(user=request.user), LineFormSet(prefix="lines"), key)
    return _show(request, entry)


def _again(request: HttpRequest, number: str) -> Sheet:
    """What another order of one's own scope says, to be ordered again."""
    mine = Order.objects.visible_to(request.user).select_related("customer")
    return sheets.again(get_object_or_404(mine, number=number))


def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Take a draft up again."""
    mine = Order.objects.visible_to(request.user).select_related("customer")
    order = get_object_or_404(mine, number=number)
    if request.method == "POST":
        return _take(request, Entry.posted(request.user, request.POST, order))
    if order.status != Status.DRAFT:
        messages.info(request, capture.no_draft(order))
        return back(request, order)
    sheet = sheets.of_order(order)
    shown = agreed.left_out(sheet)
    entry = Entry.of(request.user, shown, order, key="", version=order.version, opened=sheet)
    return _show(request, entry)


def figures(request: HttpRequest) -> HttpResponse:
    """Prices, availability and totals of what is typed so far."""
    entry = Entry.posted(request.user, request.POST, None)
    context = {"entry": entry, **outlook(entry.head, entry.lines)}
    return render(request, "orders/_outlook.html", context)


def _take(request: HttpRequest, entry: Entry) -> HttpResponse:
    """What a button of the form asks for: more rows, a look at the prices, to save, to place."""
    wants_rows = not {"recount", "add", "copy", "usual"}.isdisjoint(request.POST)
    if wants_rows and not entry.is_over:
        return _show(request, _with_rows(request.POST, entry))
    if "resolve" in request.POST:
        entry = _resolved(request.POST, entry)
    placing = "place" in request.POST and request.user.has_perm("orders.submit_order")
    answer = _save(request, entry, placing=placing)
    return answer or _done(request, Order.objects.get(pk=entry.order.pk), placing=placing)  # type: ignore[union-attr]


def _done(request: HttpRequest, order: Order, *, placing: bool) -> HttpResponse:
    """The answer to a form that was saved."""
    if "autosave" in request.POST:
        return _saved(request, order)
    if order.status != Status.DRAFT:
        placed = gettext("%(order)s is placed already.") % {"order": order}
        is_cancelled = order.status == Status.CANCELLED
        messages.info(request, capture.no_draft(order) if is_cancelled else placed)
        return back(request, order)
    if placing:
        return _place(request, order)
    if "quote" in request.POST:
        return redirect("orders:quote", order.number)
    messages.success(request, _kept(order))
    return redirect(_editing(request, order))


def _save(request: HttpRequest, entry: Entry, *, placing: bool) -> HttpResponse | None:
    """Capture or revise the draft; or answer with what stood in the way, at its fields."""
    if not entry.head.is_valid() or (placing and not _is_order(entry)):
        return _refused(request, entry)
    found = entry.typed()
    rows = [line for _, line in found]
    draft = entry.head.draft(
        rows, is_tentative=not placing, unread_rows=entry.unread(), entry_key=entry.key
    )
    by = actor(request)
    if entry.order is None:
        captured = capture.create([draft], by=by)
    else:
        try:
            captured = capture.revise_one(Edit(entry.order.pk, entry.version, draft), by=by)
        except StaleVersion:
            return _conflict(request, entry)
    if captured.problems:
        _put(captured.problems, entry.head, [form for form, _ in found])
        return _refused(request, entry)
    entry.order = Order(pk=captured.orders[0])
    return None


def _is_order(entry: Entry) -> bool:
    """Whether what was typed can be placed; what cannot is named at its field."""
    read = entry.lines.is_valid()
    if read and not entry.typed():
        entry.head.add_error(None, gettext("An order needs at least one line."))
    entry.head.complete_address()
    return read and not entry.head.errors


def _place(request: HttpRequest, order: Order) -> HttpResponse:
    """Place the saved draft; what still stands in the way is said, and the draft is kept."""
    try:
        single(submission.submit, order.pk, by=actor(request))
    except DomainError as refusal:
        messages.warning(
            request,
            gettext("%(order)s is kept as a draft. %(refusal)s")
            % {"order": order, "refusal": refusal},
        )
        return redirect(_editing(request, order))
    messages.success(
        request, gettext("%(order)s is placed and is being checked.") % {"order": order}
    )
    return back(request, order)


def _editing(request: HttpRequest, order: Order) -> str:
    """The address at which the draft is edited, which still knows the list it was found in."""
    return f"{reverse('orders:edit', args=[order.number])}{in_list(request)}"


def _saved(request: HttpRequest, order: Order) -> JsonResponse:
    """What the page needs to go on from here."""
    attach([order])
    return JsonResponse(
        {
            "url": _editing(request, order),
            "number": order.number,
            "version": order.version,
            "opened": json.dumps(sheets.of_order(order).plain()),
            "saved": gettext("Saved %(time)s") % {"time": f"{timezone.localtime():%H:%M}"},
            "missing": order.missing(),
        }
    )


def _kept(order: Order) -> str:
    attach([order])
    missing = order.missing()
    words = gettext("%(order)s is kept as a draft.") % {"order": order}
    return (
        gettext("%(words)s Still missing: %(names)s.")
        % {"words": words, "names": ", ".join(missing)}
        if missing
        else words
    )


def _refused(request: HttpRequest, entry: Entry) -> HttpResponse:
    """What is wrong, at its fields, with everything that was typed."""
    if entry.is_over:
        return _conflict(request, entry)
    if "autosave" in request.POST:
        words = [str(word) for each in entry.head.errors.values() for word in each]
        return JsonResponse({"error": " ".join(words)}, status=422)
    return _show(request, entry, status=422)


def _put(problems: Iterable[Problem], head: OrderForm, lines: list[LineForm]) -> None:
    """Put each problem on the field it is about."""
    for problem in problems:
        part, _, rest = problem.field.partition(".")
        if part == "lines":
            position, _, name = rest.partition(".")
            form = lines[int(position)]
            form.add_error(name if name in form.fields else "sku", problem.message)
        else:
            head.add_error(part if part in head.fields else None, problem.message)


def _with_rows(data: QueryDict, entry: Entry) -> Entry:
    """The form with the rows that were asked for: the last order's, a usual item, empty ones."""
    sheet = sheets.sent(data)
    entry.head.full_clean()
    buyer = entry.head.cleaned_data.get("customer")
    if "copy" in data and buyer and (last := habits.last_order(buyer, entry.head.user)):
        sheet.rows += sheets.again(last).rows
    if "usual" in data:
        sku, _, quantity = str(data["usual"]).partition("|")
        sheet.rows.append({"sku": sku, "quantity": quantity})
    more = {"key": entry.key, "version": entry.version, "opened": entry.opened}
    return Entry.of(entry.head.user, sheet, entry.order, **more)


def _conflict(request: HttpRequest, entry: Entry) -> HttpResponse:
    """Both sides, field by field, to choose from; nothing of mine is lost."""
    order = Order.objects.select_related("customer").get(pk=entry.order.pk)  # type: ignore[union-attr]
    mine = sheets.sent(entry.head.data)
    if entry.head.is_valid():
        mine.head["customer"] = sheets.named(entry.head.cleaned_data["customer"])
    return conflict.shown(request, order, mine, entry.opened, entry.version)


def _resolved(data: QueryDict, entry: Entry) -> Entry:
    """The form that follows from the choices made between theirs and mine."""
    order = Order.objects.select_related("customer").get(pk=entry.order.pk)  # type: ignore[union-attr]
    theirs, mine = sheets.of_order(order), _opened(data.get("mine", ""))
    keeps = {name: str(value) for name, value in data.items()}
    if data["resolve"] == "mine":
        keeps = {each.key: "mine" for each in sheets.differences(theirs, theirs, mine)}
    sheet = agreed.left_out(sheets.merged(theirs, mine, keeps))
    who = entry.head.user
    return Entry.of(who, sheet, order, key=entry.key, version=entry.version, opened=theirs)


def _show(request: HttpRequest, entry: Entry, status: int = 200) -> HttpResponse:
    found = outlook(entry.head, entry.lines) if status == 200 else _quietly(entry)
    rows = {row.prefix: row for row in found.get("rows", [])}
    order = entry.order
    if order:
        attach([order])
    context = {
        **found,
        "entry": entry,
        "head": entry.head,
        "lines": entry.lines,
        "grid": [(form, rows.get(str(form.prefix))) for form in entry.lines],
        "order": order,
        "missing": order.missing() if order else [],
        "opened": json.dumps(entry.opened.plain()),
        "failed": status != 200,
        "quoting": "quote" in request.GET or "quote" in request.POST,
    }
    answer = render(request, "orders/new.html", context, status=status)
    if request.method == "GET":
        add_never_cache_headers(answer)  # who comes back sees what was saved meanwhile
    return answer


def _quietly(entry: Entry) -> dict[str, Any]:
    """The outlook of a form with problems; looking at it must not clear them."""
    sheet = sheets.sent(entry.head.data)
    twin = Entry.of(entry.head.user, sheet, entry.order, key=entry.key)
    return outlook(twin.head, twin.lines)
