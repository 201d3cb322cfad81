"""The garbage collector and what a server keeps for life."""

from __future__ import annotations

import gc

YOUNG = 50_000  # objects made and not yet dropped, before they are looked at


def settle() -> None:
    """Leave what was loaded at the start out of every later collection, and collect seldom.

    Models, forms, templates and modules live as long as the process. Every full collection walks
    them again, which was a fifth of a step's time over 500 orders; forks share their pages too.
    Nearly all that a page or a step makes goes by itself when it is done; looking for cycles after
    every 700 objects made each tenth page wait for a collection.
    Called once, when the process has loaded what it needs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
