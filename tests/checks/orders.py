"""What would break each check of orders, their lines, jobs and rules."""

from __future__ import annotations

from django.db.models import F

from orders import models as orders
from tests.checks.cases import DAY, LONG_AGO, NOW, Case, below

LINE, WAITING = orders.OrderLine, {"backordered__gt": 0}
SENT = {"delivered__gt": 0}
DRAFT_RULES = {"rules__published_at": None}


LINES: dict[str, Case] = {
    "order_line_counters_never_negative": (
        LINE,
        {"order__status": "draft"},
        [
            *below("backordered", "cancelled", "credited", "delivered", "picked", "returned"),
            {"allocated": -1, "picked": -1},
            {"invoiced": -1, "credited": -1},
            {"return_requested": -1, "returned": -1},
            {"shipped": -1, "delivered": -1, "return_requested": -1, "returned": -1},
        ],
    ),
    "order_line_counters_follow_each_other": (
        LINE,
        SENT,
        [
            {"picked": F("allocated") + 1},
            {"delivered": F("shipped") + 1},
            {"return_requested": F("shipped") + 1},
            {"returned": F("return_requested") + 1},
            {"credited": F("invoiced") + 1},
            {"invoiced": F("ordered") + 1},
        ],
    ),
    "order_line_never_overserved": (
        LINE,
        WAITING,
        [{name: F(name) + 1} for name in ("allocated", "backordered", "cancelled", "shipped")],
    ),
    "order_line_total_adds_up": (
        LINE,
        {},
        [{name: F(name) + 1} for name in ("line_total", "gross_amount", "tax_amount")]
        + [{"shipping_amount": F("shipping_amount") + 1}],
    ),
    "order_line_amounts_within_bounds": (
        LINE,
        {},
        [
            *below("unit_price", "gross_amount", "tax_amount", "cancelled_amount"),
            {"order_discount_share": -1},
            {"order_discount_share": F("discount_amount") + 1},
            {"discount_amount": F("gross_amount") + 1},
            {"cancelled_amount": F("line_total") + 1},
        ],
    ),
    "order_line_wants_at_least_one": (LINE, {"order__status": "draft"}, [{"ordered": 0}]),
    "order_line_without_stock_is_never_allocated": (LINE, WAITING, [{"is_stocked": False}]),
    "line_schedule_never_negative": (orders.LineSchedule, {}, below("quantity")),
    "allocation_ships_what_was_picked": (
        orders.Allocation,
        {"state": "active"},
        [{"quantity": 0}, {"picked": F("quantity") + 1}, {"shipped": 1}, {"shipped": -1}],
    ),
    "allocation_state_follows_its_counters": (
        orders.Allocation,
        {"state": "picking"},
        [{"state": state} for state in ("active", "held", "released", "expired", "shipped")]
        + [{"state": "picked"}, {"picked": F("quantity")}, {"picked": 0, "state": "picked"}],
    ),
    "sourcing_candidate_has_score_or_reason": (
        orders.SourcingCandidate,
        {"is_chosen": True},
        [{"score": None}, {"rejected_reason": "Far"}, {"score": None, "rejected_reason": "Far"}],
    ),
    "promise_from_supply_names_it": (
        orders.Promise,
        {"basis": "stock"},
        [{"basis": "supply"}, {"supply_id": 1}],
    ),
    "promise_that_changes_says_why": (
        orders.Promise,
        {"seq": 1},
        [{"cause": "Late"}, {"seq": 2}, {"seq": 2, "cause": ""}],
    ),
}
ORDERS: dict[str, Case] = {
    "order_total_adds_up": (
        orders.Order,
        {},
        [{name: F(name) + 1} for name in ("subtotal", "discount_total", "tax_total")]
        + [{"shipping_total": F("shipping_total") + 1}, {"grand_total": F("grand_total") + 1}],
    ),
    "order_amounts_not_negative": (
        orders.Order,
        {},
        [
            *below("order_discount", "shipping_total", "tax_total"),
            {"order_discount": F("discount_total") + 1},
        ],
    ),
    "order_cancelled_with_time_and_reason": (
        orders.Order,
        {"status": "cancelled"},
        [{"cancel_reason": None}, {"cancel_reason": ""}, {"cancelled_at": None}],
    ),
    "order_completed_at_is_set_when_completed": (
        orders.Order,
        {"status": "delivered"},
        [{"completed_at": NOW}, {"status": "completed"}],
    ),
    "order_submitted_at_is_set_when_submitted": (
        orders.Order,
        {"status": "draft"},
        [{"submitted_at": NOW}, {"status": "submitted"}],
    ),
    "stage_is_left_after_it_was_entered": (
        orders.StageInterval,
        {},
        [{"left_at": F("entered_at") - DAY}],
    ),
    "hold_says_why": (orders.Hold, {}, [{"reason": ""}]),
    "hold_expires_after_it_was_placed": (orders.Hold, {}, [{"expires_at": F("placed_at")}]),
    "hold_is_released_after_it_was_placed": (
        orders.Hold,
        {"released_at": None},
        [{"released_at": F("placed_at") - DAY}, {"released_by_id": 1}],
    ),
    "order_exception_closes_after_it_opens": (
        orders.OrderException,
        {"status": "waived"},
        [{"closed_at": None}, {"closed_at": F("opened_at") - DAY}, {"status": "open"}],
    ),
    "order_exception_waiver_names_who_and_why": (
        orders.OrderException,
        {"status": "waived"},
        [
            {"waived_by": None},
            {"waive_reason": None},
            {"waive_reason": ""},
            {"status": "resolved"},
        ],
    ),
    "amendment_makes_the_next_version": (
        orders.Amendment,
        {},
        [{"version_to": F("version_from") + 2}, {"version_to": F("version_from")}],
    ),
    "amendment_closes_after_it_was_requested": (
        orders.Amendment,
        {"status": "applied"},
        [{"closed_at": None}, {"closed_at": F("requested_at") - DAY}, {"status": "proposed"}],
    ),
    "amendment_operation_counts_units_where_it_changes_them": (
        orders.AmendmentOperation,
        {"kind": "set_quantity"},
        [{"quantity_after": 0}, {"quantity_after": None}, {"kind": "set_price"}],
    ),
    "amendment_operation_names_its_line": (
        orders.AmendmentOperation,
        {"kind": "set_quantity"},
        [
            {"order_line": None},
            {"kind": "set_terms", "quantity_before": None, "quantity_after": None},
        ],
    ),
    "quote_is_accepted_or_withdrawn_not_both": (
        orders.Quote,
        {},
        [{"accepted_at": NOW, "withdrawn_at": NOW}],
    ),
    "customer_is_named": (orders.Customer, {}, [{"code": ""}, {"name": ""}]),
    "customer_message_goes_once": (
        orders.CustomerMessage,
        {},
        [{"due_at": NOW, "sent_at": NOW}],
    ),
    "staff_notice_says_something": (orders.StaffNotice, {}, [{"sentence": ""}]),
    "staff_notice_is_read_after_it_was_written": (
        orders.StaffNotice,
        {},
        [{"read_at": LONG_AGO}],
    ),
    "saved_view_is_named": (orders.SavedView, {}, [{"name": ""}]),
    "role_grant_names_its_role": (
        orders.RoleGrant,
        {"action": "granted"},
        [{"role": ""}, {"action": "scoped"}],
    ),
}
JOBS: dict[str, Case] = {
    "bulk_job_counts_no_order_twice": (
        orders.BulkJob,
        {},
        [
            *({name: F("total") + 1} for name in ("succeeded", "failed")),
            *({name: F("failed") + 1} for name in ("already", "left")),
        ],
    ),
    "bulk_job_finished_at_is_set_when_finished": (
        orders.BulkJob,
        {"status": "queued"},
        [{"finished_at": NOW}, {"status": "done"}, {"status": "cancelled"}],
    ),
    "bulk_item_failed_says_why": (
        orders.BulkItem,
        {"status": "pending"},
        [{"status": "failed"}, {"status": "failed", "error_code": ""}, {"error_code": "gone"}],
    ),
    "bulk_item_without_order_is_failed": (
        orders.BulkItem,
        {"status": "pending"},
        [{"order": None}],
    ),
    "import_counts_no_order_twice": (
        orders.OrderImport,
        {},
        [{name: F("total") + 1} for name in ("taken", "known", "refused")],
    ),
    "import_row_rejected_says_why": (
        orders.OrderImportRow,
        {"status": "pending"},
        [{"status": "rejected"}, {"status": "rejected", "error_code": ""}, {"error_code": "x"}],
    ),
    "recurring_line_wants_at_least_one": (
        orders.RecurringLine,
        {},
        [{"quantity": 0}, {"every": 0}],
    ),
    "recurring_order_comes_again_within_a_span": (
        orders.RecurringOrder,
        {},
        [{"every": 0}, {"every": 367}],
    ),
    "recurring_order_ends_after_it_starts": (
        orders.RecurringOrder,
        {},
        [{"ends_on": F("starts_on") - DAY}],
    ),
    "recurring_order_names_a_day": (
        orders.RecurringOrder,
        {},
        [{"month_day": 0}, {"month_day": 32}, {"weekday": 7}, {"nth": 0}, {"nth": 5}],
    ),
    "recurring_run_names_its_order": (
        orders.RecurringRun,
        {"outcome": "refused"},
        [{"outcome": "placed"}, {"outcome": "draft"}, {"order_id": 1}],
    ),
}
RULES: dict[str, Case] = {
    "rule_set_published_by_somebody_at_a_time": (
        orders.RuleSet,
        {"published_at": None},
        [{"published_by_id": 1}],
    ),
    "sub_status_stands_under_an_open_state": (
        orders.SubStatus,
        DRAFT_RULES,
        [{"status": "completed"}, {"status": "cancelled"}],
    ),
    "transition_rule_adds_no_edge": (
        orders.TransitionRule,
        {**DRAFT_RULES, "from_state": "draft", "to_state": "submitted"},
        [{"to_state": "completed"}, {"from_state": "shipped"}],
    ),
    "transition_rule_orders_can_always_be_entered": (
        orders.TransitionRule,
        {**DRAFT_RULES, "from_state": None},
        [{"is_enabled": False}, {"reason_required": True}, {"permission": "orders.add_order"}],
    ),
    "transition_rule_what_follows_from_facts_asks_nothing": (
        orders.TransitionRule,
        {**DRAFT_RULES, "to_state": "shipped"},
        [{"permission": "orders.add_order"}, {"reason_required": True}],
    ),
    "transition_rule_asks_why_where_somebody_can_answer": (
        orders.TransitionRule,
        {**DRAFT_RULES, "to_state": "fulfilling"},
        [{"reason_required": True}],
    ),
    "transition_rule_what_goes_by_itself_asks_nobody": (
        orders.TransitionRule,
        {**DRAFT_RULES, "from_state": "delivered"},
        [
            {"is_automatic": True, "permission": "orders.add_order"},
            {"is_automatic": True, "reason_required": True},
            {"is_automatic": True, "extra_check": "second_person"},
        ],
    ),
    "transition_rule_submitted_orders_do_not_wait_unseen": (
        orders.TransitionRule,
        {**DRAFT_RULES, "from_state": "submitted", "to_state": "validated"},
        [{"is_automatic": True, "extra_check": "paid"}],
    ),
    "validation_rule_nothing_is_committed_without_a_credit_check": (
        orders.ValidationRule,
        {**DRAFT_RULES, "code": "credit"},
        [{"is_active": False}, {"severity": "warn"}],
    ),
}
