"""The order and all that belongs to it: customers, lines, allocations, rules and history."""

from orders.models.allocations import (
    OPEN_ALLOCATIONS,
    Allocation,
    AllocationState,
    Promise,
    PromiseBasis,
    SourcingCandidate,
    SourcingDecision,
)
from orders.models.customers import (
    Address,
    Channel,
    Currency,
    Customer,
    FillPolicy,
    PostalAddress,
)
from orders.models.graph import (
    AUTOMATIC,
    COMMITTED,
    EDGES,
    TERMINAL,
    FulfillmentStatus,
    PaymentStatus,
    ReturnStatus,
    Status,
)
from orders.models.history import EventNote, HistorySeal, OrderEvent, OrderSearch, StageInterval
from orders.models.imports import OrderImport, OrderImportRow
from orders.models.lines import Amounts, OrderLine
from orders.models.notices import StaffNotice
from orders.models.orders import InvoicePolicy, Order, OrderQuerySet
from orders.models.review import Hold, OrderException
from orders.models.rules import BLOCKING, RuleSet, Severity, TransitionRule, ValidationRule
from orders.models.staff import Staff
from orders.models.transitions import CreditStanding, Facts, short_of_credit

__all__ = [
    "AUTOMATIC",
    "BLOCKING",
    "COMMITTED",
    "EDGES",
    "OPEN_ALLOCATIONS",
    "TERMINAL",
    "Address",
    "Allocation",
    "AllocationState",
    "Amounts",
    "Channel",
    "CreditStanding",
    "Currency",
    "Customer",
    "EventNote",
    "Facts",
    "FillPolicy",
    "FulfillmentStatus",
    "HistorySeal",
    "Hold",
    "InvoicePolicy",
    "Order",
    "OrderEvent",
    "OrderException",
    "OrderImport",
    "OrderImportRow",
    "OrderLine",
    "OrderQuerySet",
    "OrderSearch",
    "PaymentStatus",
    "PostalAddress",
    "Promise",
    "PromiseBasis",
    "ReturnStatus",
    "RuleSet",
    "Severity",
    "SourcingCandidate",
    "SourcingDecision",
    "Staff",
    "StaffNotice",
    "StageInterval",
    "Status",
    "TransitionRule",
    "ValidationRule",
    "short_of_credit",
]
