"""What would break each check of stock, floor, money and returns."""

from __future__ import annotations

from django.db.models import F

from finance import models as finance
from fulfillment import models as floor
from inventory import models as stock
from returns.models import Return, ReturnLine
from tests.checks.cases import DAY, NOW, Case, below

STOCK: dict[str, Case] = {
    "stock_level_never_negative": (
        stock.StockLevel,
        {},
        below("on_hand", "reserved", "safety_stock"),
    ),
    "stock_level_never_oversold": (stock.StockLevel, {}, [{"reserved": F("on_hand") + 1}]),
    "bin_stock_never_negative": (stock.BinStock, {}, below("quantity")),
    "stock_move_moves_at_least_one_unit": (
        stock.StockMove,
        {"kind": "receipt"},
        [{"quantity": 0, "delta": 0}, {"quantity": -1, "delta": -1}],
    ),
    "stock_move_kind_and_direction_agree": (
        stock.StockMove,
        {"kind": "receipt"},
        [{"delta": -1}, {"kind": "ship"}, {"kind": "bin_move"}, {"to_bin": None}],
    ),
    "stock_adjustment_says_why": (
        stock.StockMove,
        {"kind": "receipt"},
        [{"kind": "adjust", "reason": ""}],
    ),
    "supply_receives_no_more_than_announced": (
        stock.Supply,
        {},
        [{"received": -1}, {"quantity": -1}, {"received": F("quantity") + 1}],
    ),
    "supply_is_received_when_all_of_it_is": (
        stock.Supply,
        {"status": "confirmed"},
        [{"status": "received"}, {"received": F("quantity")}],
    ),
    "only_a_transfer_has_a_source_warehouse": (
        stock.Supply,
        {"kind": "purchase"},
        [{"kind": "transfer"}, {"source_warehouse_id": 1}],
    ),
    "product_is_named": (stock.Product, {}, [{"sku": ""}, {"name": ""}, {"unit": ""}]),
    "product_is_sold_in_multiples_of_one_or_more": (stock.Product, {}, [{"order_multiple": 0}]),
    "warehouse_stands_in_a_country": (stock.Warehouse, {}, [{"country": "de"}, {"country": ""}]),
}
FLOOR: dict[str, Case] = {
    "pick_scan_moves_something": (floor.PickScan, {}, [{"quantity": 0}]),
    "pick_task_picks_no_more_than_asked": (
        floor.PickTask,
        {"status": "ready"},
        [{"quantity": 0}, {"picked": -1}, {"picked": F("quantity") + 1}],
    ),
    "pick_task_status_follows_its_counters": (
        floor.PickTask,
        {"status": "ready"},
        [{"status": status} for status in ("assigned", "picking", "picked")]
        + [{"picked": 1}, {"assigned_to_id": 1}, {"picked": F("quantity"), "status": "short"}],
    ),
    "shipment_dispatched_at_is_set_when_it_left": (
        floor.Shipment,
        {"status": "packed"},
        [{"dispatched_at": NOW}, {"status": "dispatched"}, {"status": "in_transit"}],
    ),
    "shipment_delivered_at_is_set_when_it_arrived": (
        floor.Shipment,
        {"status": "delivered"},
        [
            {"delivered_at": None},
            {"delivered_at": F("dispatched_at") - DAY},
            {"status": "in_transit"},
        ],
    ),
    "shipment_line_holds_at_least_one_unit": (
        floor.ShipmentLine,
        {},
        [{"quantity": 0}, {"cost_amount": -1}],
    ),
    "shipping_rate_never_negative": (floor.ShippingRate, {}, below("amount")),
}
MONEY: dict[str, Case] = {
    "credit_account_figures_not_negative": (
        finance.CreditAccount,
        {},
        below("committed", "credit_limit", "unapplied"),
    ),
    "period_ends_after_it_starts": (
        finance.AccountingPeriod,
        {},
        [{"ends_on": F("starts_on")}],
    ),
    "invoice_total_and_dates_make_sense": (
        finance.Invoice,
        {},
        [{"total": -1}, {"due_on": F("issued_on") - DAY}],
    ),
    "invoice_line_adds_up": (
        finance.InvoiceLine,
        {},
        [{"quantity": 0}, {"amount": 1}, {"net_amount": 1}, {"tax_amount": 1}],
    ),
    "journal_entry_reversal_names_its_original": (
        finance.JournalEntry,
        {"kind": "invoice"},
        [{"kind": "reversal"}, {"reversal_of_id": 1}],
    ),
    "journal_line_is_debit_or_credit": (
        finance.JournalLine,
        {"debit__gt": 0},
        [{"credit": 1}, {"debit": 0}, {"debit": -1}, {"debit": 0, "credit": -1}],
    ),
    "payment_applies_no_more_than_it_is": (
        finance.Payment,
        {},
        [{"amount": 0, "applied": 0}, {"applied": -1}, {"applied": F("amount") + 1}],
    ),
    "application_has_one_source": (
        finance.PaymentApplication,
        {},
        [{"payment": None}, {"credit_note_id": 1}],
    ),
    "application_is_positive_or_a_reversal": (
        finance.PaymentApplication,
        {},
        [{"amount": 0}, {"amount": -1}, {"reversal_of_id": 1}],
    ),
    "credit_note_is_approved_by_a_second_person": (
        finance.CreditNote,
        {},
        [{"approved_by": F("created_by")}],
    ),
    "credit_note_line_adds_up": (
        finance.CreditNoteLine,
        {},
        [{"amount": 5}, {"net_amount": 5}, {"quantity": -1}, {"amount": -1, "net_amount": -1}],
    ),
    "refund_is_more_than_nothing": (finance.Refund, {}, [{"amount": 0}, {"amount": -1}]),
    "refund_leaves_with_a_second_approval": (
        finance.Refund,
        {"status": "pending"},
        [
            {"status": "posted", "posted_at": NOW},
            {"status": "posted", "approved_by_id": 1},
            {"status": "posted", "approved_by": F("created_by"), "posted_at": NOW},
        ],
    ),
    "price_never_negative": (finance.Price, {}, below("unit_price")),
    "product_cost_value_never_negative": (finance.ProductCost, {}, below("value")),
    "tax_rate_is_a_share": (finance.TaxRate, {}, [{"rate": 1}, {"rate": -0.1}]),
}
RETURNS: dict[str, Case] = {
    "return_authorized_by_a_second_person": (
        Return,
        {"created_by__isnull": False},
        [{"authorized_by": F("created_by")}],
    ),
    "return_authorized_by_nobody_before_it_is": (
        Return,
        {"status": "requested"},
        [{"authorized_by_id": 1_000_000}],
    ),
    "return_resolved_at_is_set_when_resolved": (
        Return,
        {"status": "requested"},
        [{"resolved_at": NOW}],
    ),
    "return_line_counters_within_what_was_asked": (
        ReturnLine,
        {},
        [
            {"requested": 0},
            {"received": -1},
            {"received": 99},
        ],
    ),
    "return_line_acceptance_agrees_with_what_was_good": (
        ReturnLine,
        {},
        [
            {"acceptance": "accepted"},
            {"acceptance": "partial"},
            {"acceptance": "rejected", "accepted": 1},
            {"accepted": 1},
        ],
    ),
    "return_line_reception_agrees_with_what_came": (
        ReturnLine,
        {},
        [
            {"reception": "received"},
            {"reception": "short"},
            {"reception": "lost", "received": 1},
            {"reception": "wrong_item", "received": 1},
        ],
    ),
}
