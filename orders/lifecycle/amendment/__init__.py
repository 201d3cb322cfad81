"""Amendment: a placed order is changed by typed operations, planned, decided and written whole."""

from orders.lifecycle.amendment.operations import REASONS, Operation, locked, why_locked
from orders.lifecycle.amendment.plan import Amended, Plan
from orders.lifecycle.amendment.step import amend, plan

__all__ = ["REASONS", "Amended", "Operation", "Plan", "amend", "locked", "plan", "why_locked"]
