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
from orders.models.amendments import (
    Amendment,
    AmendmentOperation,
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    FieldGroup,
)
from orders.models.bulk import ALREADY, COUNTED, MISSING, BulkItem, BulkJob
from orders.models.customers import (
    Address,
    Channel,
    Currency,
    Customer,
    FillPolicy,
    PostalAddress,
)
from orders.models.demands import EXTRA_CHECKS, permission_words, unmet
from orders.models.entry import EntryKey, LineSchedule
from orders.models.facts import CreditStanding, Facts
from orders.models.graph import (
    AUTOMATIC,
    COMMITTED,
    EDGES,
    GONE,
    OPEN_RETURNS,
    TERMINAL,
    FulfillmentStatus,
    PaymentStatus,
    ReturnStatus,
    Status,
)
from orders.models.history import EventNote, HistorySeal, OrderEvent, OrderSearch, StageInterval
from orders.models.imports import KNOWN, ImportFile, OrderImport, OrderImportRow
from orders.models.lines import Amounts, OrderLine
from orders.models.messages import CustomerMessage
from orders.models.notices import StaffNotice
from orders.models.orders import SERVING, InvoicePolicy, Order, OrderQuerySet
from orders.models.quotes import Quote
from orders.models.recurring import (
    Pattern,
    RecurringLine,
    RecurringOrder,
    RecurringRun,
    Weekend,
)
from orders.models.review import LOOKING, Hold, OrderException
from orders.models.rules import (
    BLOCKING,
    CHECK_NAMES,
    DELIVERED,
    DELIVERED_LABELS,
    LABELS,
    RuleChange,
    RuleSet,
    Severity,
    SubStatus,
    TransitionRule,
    ValidationRule,
)
from orders.models.staff import RoleGrant, Staff
from orders.models.views import SavedView

__all__ = [
    "ALREADY",
    "AUTOMATIC",
    "BLOCKING",
    "CHECK_NAMES",
    "COMMITTED",
    "COUNTED",
    "DELIVERED",
    "DELIVERED_LABELS",
    "EDGES",
    "EXTRA_CHECKS",
    "GONE",
    "KNOWN",
    "LABELS",
    "LOOKING",
    "MISSING",
    "OPEN_ALLOCATIONS",
    "OPEN_RETURNS",
    "SERVING",
    "TERMINAL",
    "Address",
    "Allocation",
    "AllocationState",
    "Amendment",
    "AmendmentOperation",
    "AmendmentRule",
    "Amounts",
    "BulkItem",
    "BulkJob",
    "CancellationRule",
    "CancellationScope",
    "Channel",
    "CreditStanding",
    "Currency",
    "Customer",
    "CustomerMessage",
    "EntryKey",
    "EventNote",
    "Facts",
    "FieldGroup",
    "FillPolicy",
    "FulfillmentStatus",
    "HistorySeal",
    "Hold",
    "ImportFile",
    "InvoicePolicy",
    "LineSchedule",
    "Order",
    "OrderEvent",
    "OrderException",
    "OrderImport",
    "OrderImportRow",
    "OrderLine",
    "OrderQuerySet",
    "OrderSearch",
    "Pattern",
    "PaymentStatus",
    "PostalAddress",
    "Promise",
    "PromiseBasis",
    "Quote",
    "RecurringLine",
    "RecurringOrder",
    "RecurringRun",
    "ReturnStatus",
    "RoleGrant",
    "RuleChange",
    "RuleSet",
    "SavedView",
    "Severity",
    "SourcingCandidate",
    "SourcingDecision",
    "Staff",
    "StaffNotice",
    "StageInterval",
    "Status",
    "SubStatus",
    "TransitionRule",
    "ValidationRule",
    "Weekend",
    "permission_words",
    "unmet",
]
