"""A version is refused exactly when some order could get stuck under it; nothing can be skipped."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import EDGES, RuleSet, Status
from orders.policies.problems import problems
from orders.policies.rows import Rules
from orders.policies.walk import Place, closed_ways, dead_ends, reached, unreached

ENDS = {"completed", "cancelled"}
STEPS = [edge for edge in EDGES if edge[0]]
Node = tuple[str, bool]


def arrows(enabled: set[tuple[str | None, str]]) -> set[tuple[Node, Node]]:
    """The oracle's graph, written down by hand: goods that have left are never cancelled."""
    found: set[tuple[Node, Node]] = {(("fulfilling", False), ("fulfilling", True))}
    for source, target in enabled:
        if source and target != "shipped":
            found.add(((source, False), (target, False)))
        if source and target != "cancelled":
            found.add(((source, True), (target, True)))
    return found


def closure(pairs: set[tuple[Node, Node]]) -> set[tuple[Node, Node]]:
    nodes = list(product(Status.values, [False, True]))
    found = pairs | {(node, node) for node in nodes}
    for via in nodes:
        for a in nodes:
            if (a, via) in found:
                found |= {(a, b) for b in nodes if (via, b) in found}
    return found


def stuck(enabled: set[tuple[str | None, str]]) -> set[Node]:
    ways = closure(arrows(enabled))
    here = {node for start, node in ways if start == ("draft", False)}
    return {node for node in here if not any(a == node and b[0] in ENDS for a, b in ways)}


@given(st.sets(st.sampled_from(STEPS)))
def test_a_version_is_accepted_if_and_only_if_every_order_can_reach_an_end(
    off: set[tuple[str | None, str]],
) -> None:
    enabled = set(EDGES) - off

    assert set(dead_ends(enabled)) == stuck(enabled)


def test_every_pair_of_steps_that_is_switched_off_is_judged_as_the_oracle_does() -> None:
    for one, other in product(STEPS, STEPS):
        enabled = set(EDGES) - {one, other}

        assert set(dead_ends(enabled)) == stuck(enabled), (one, other)


@given(st.sets(st.sampled_from(STEPS)))
def test_wherever_orders_get_stuck_a_step_is_named_that_would_help(
    off: set[tuple[str | None, str]],
) -> None:
    enabled = set(EDGES) - off
    found = dead_ends(enabled)

    assert bool(found) == any(closed_ways(place, enabled) for place in found)


@given(st.sets(st.sampled_from(STEPS)))
def test_no_version_leads_past_validation_or_processing(
    off: set[tuple[str | None, str]],
) -> None:
    for required in ("submitted", "validated", "processing", "fulfilling"):
        without = {edge for edge in set(EDGES) - off if required not in edge}

        assert not {place.state for place in reached(without)} & {"shipped", "completed"}


def test_as_delivered_nothing_is_stuck_and_every_state_is_reached() -> None:
    assert dead_ends(set(EDGES)) == []
    assert unreached(set(EDGES)) == []


def test_goods_that_have_left_need_their_way_to_completed() -> None:
    enabled = set(EDGES) - {("fulfilling", "shipped")}

    assert dead_ends(enabled) == [Place("fulfilling", sent=True)]
    assert unreached(enabled) == ["shipped", "delivered", "completed"]
    assert closed_ways(Place("fulfilling", sent=True), enabled) == [("fulfilling", "shipped")]


@pytest.mark.django_db
def test_what_the_matrix_forbids_to_cancel_is_no_way_to_an_end() -> None:
    rules = Rules.read(RuleSet.objects.get())
    rules.transitions["draft", "submitted"].is_enabled = False
    assert problems(rules) == []

    rules.cancellations["whole", "draft"].is_allowed = False

    found = {problem.edge: problem.fix for problem in problems(rules)}
    assert set(found) == {("draft", "submitted"), ("draft", "cancelled")}
    assert "Allow cancelling in “Draft” again" in found["draft", "cancelled"]
