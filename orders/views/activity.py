"""The activity of an order: what is new while somebody looks, and the notes that people write."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from config.kernel import typed
from config.kernel.errors import DomainError
from config.kernel.steps import preview, single
from orders.lifecycle import messages as mails
from orders.lifecycle import notes
from orders.models import Order
from orders.neighbours import in_list
from orders.views.steps import actor, say_who_is_told
from orders.views.timeline import timeline


class NoteForm(forms.Form):
    """Words, and whether the customer reads them too; the step judges the words."""

    words = forms.CharField(required=False)
    shared = forms.BooleanField(required=False)

    def clean_words(self) -> str:
        """A browser sends two signs for the end of a line, of which it counts one."""
        return str(self.cleaned_data["words"]).replace("\r\n", "\n")


def activity(request: HttpRequest, number: str) -> HttpResponse:
    """The timeline alone, for a page that is being looked at; 204 when nothing is new.

    Two columns of one row are read to learn that: most looks find nothing.
    """
    after, before = (typed.key(request.GET.get(name, "")) for name in ("after", "before"))
    columns = Order.objects.visible_to(request.user).only("number", "status", "last_seq")
    order = get_object_or_404(columns, number=number)
    if after is not None and order.last_seq <= after:
        return HttpResponse(status=204)
    shown = timeline(order, show=request.GET.get("show", ""), before=before)
    context = {"timeline": shown, "changed": after is not None, "more": before is not None}
    return HttpResponse(render_to_string("orders/_timeline.html", context, request))


@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Write a note on the order; what the customer is sent is looked at first."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    form = NoteForm(request.POST)
    form.is_valid()
    given = {**form.cleaned_data, "by": actor(request)}
    if given["shared"] and request.POST.get("seen", "").strip() != given["words"]:
        seen = preview(notes.add, [order.pk], **given)
        told = seen.messages.get(order.pk)  # type: ignore[attr-defined]
        return _look(request, order, form, told, seen.refused.get(order.pk, ""))
    try:
        done = single(notes.add, order.pk, **given)
    except DomainError as refusal:
        return _look(request, order, form, None, str(refusal))
    messages.success(request, gettext("The note is written."))
    say_who_is_told(request, done, order)
    return _back(request, order)


def _look(
    request: HttpRequest, order: Order, form: NoteForm, told: mails.Message | None, why: str
) -> HttpResponse:
    """The note once more: what the customer will read, or why it is not written as it stands."""
    given = form.cleaned_data
    context = {
        "order": order,
        "told": told,
        "why": why,
        "longest": notes.LONGEST,
        "words": given["words"],
        "shared": given["shared"] and bool(order.customer.email),
    }
    return render(request, "orders/note.html", context, status=422 if why else 200)


@require_POST
def send_again(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Try a mail to the customer anew that was given up."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    if mails.send_again(order.pk, pk, at=timezone.now()):
        messages.success(request, gettext("The mail is on its way once more."))
    else:
        messages.error(request, gettext("That mail has gone, or is about to: nothing was done."))
    return _back(request, order)


def _back(request: HttpRequest, order: Order) -> HttpResponse:
    return redirect(f"{order.get_absolute_url()}{in_list(request)}#tl-h")
