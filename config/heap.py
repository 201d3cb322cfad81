"""The garbage collector: what a server keeps for life, and when it looks for the rest."""

from __future__ import annotations

import gc
from itertools import count

from django.core.signals import request_finished

YOUNG = 50_000  # objects made and not yet dropped, before a step or a page has to wait for a look
LEFT = 10_000  # the same, before one is taken between two pages
SELDOM = 100  # looks, before one is taken at what outlived several of them

_looks = count(1)


def settle() -> None:
    """Leave what was loaded at the start out of every later collection, and collect seldom.

    Models, forms, templates and modules live as long as the process. Every full collection walks
    them again, which was a fifth of a step's time over 500 orders; forks share their pages too.
    Called once, when the process has loaded what it needs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def settle_for_pages() -> None:
    """The same for a server of pages, which collects when an answer has been sent: nobody waits."""
    settle()
    request_finished.connect(_tidy, dispatch_uid="heap")


def _tidy(**_: object) -> None:
    if gc.get_count()[0] > LEFT:
        gc.collect(1 if next(_looks) % SELDOM else 2)
