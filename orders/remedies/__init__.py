"""Remedies: what would let a stopped order go on, worked out from its own figures.

Reads everything and changes nothing. A remedy is exact: who does what it says has closed the
finding that it stands beside.
"""

from orders.remedies.cases import Fact, Remedy, Review, Situation, Verdict
from orders.remedies.reviewing import review

__all__ = ["Fact", "Remedy", "Review", "Situation", "Verdict", "review"]
