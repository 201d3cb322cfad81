"""Figures beside their targets; a line of a figure that missed ends with ``MISSED``."""

from __future__ import annotations

MISSED = "MISSED"


def show(
    words: str, value: float, *, most: float | None = None, least: float | None = None
) -> None:
    """Print a line, with what its figure may be at most or must be at least."""
    sign, target = ("≤", most) if most is not None else ("≥", least)
    if target is None:
        raise ValueError(f"no target: {words}")
    met = value <= target if most is not None else value >= target
    print(f"{words}  (target {sign} {target:,g})" + ("" if met else f"  {MISSED}"), flush=True)
