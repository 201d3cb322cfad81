"""The orders before and after one, in the list that somebody came from."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from config.kernel.errors import TooBroad
from config.kernel.lists import impatient
from orders.filters import SORTS, narrowed, sort_of, without
from orders.models import Order


def in_list(request: HttpRequest, start: str = "?") -> str:
    """The end of an address that remembers the list somebody came from; '' without one."""
    listed = request.GET.get("in")
    return "" if listed is None else f"{start}{urlencode({'in': listed})}"


def neighbours(listed: str, order: Order, user: User | AnonymousUser) -> tuple[str, str]:
    """The numbers of the previous and the next order of a list, '' where there is none.

    ``listed`` is the query of the list, as its rows hand it over in ``?in=``. Two statements that
    read one row each, whatever the length of the list.
    """
    query = without(QueryDict(listed))
    sort, rows = SORTS[sort_of(query)], narrowed(query, Order.objects.visible_to(user))
    found = []
    try:
        with impatient():
            for backwards in (True, False):
                beyond = rows.filter(sort.beyond(sort.cursor(order), backwards=backwards))
                numbers = sort.ordered(beyond, backwards=backwards).values_list("number", flat=True)
                found.append(next(iter(numbers[:1]), ""))
    except (TooBroad, ValueError, ValidationError):
        return "", ""
    return found[0], found[1]
