"""Who may do what: the one table that code, screens and tests read.

Roles are groups; each holds permissions by verb. Groups get their permissions after every
migration; a permission that an administrator took away from a group comes back only here.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission

READ = (
    "orders.view_order",
    "orders.view_customer",
    "inventory.view_product",
    "inventory.view_stocklevel",
    "fulfillment.view_shipment",
)
SELL = (
    "orders.add_order",
    "orders.change_order",
    "orders.submit_order",
    "orders.recheck_order",
    "orders.own_exception",
)
FLOOR = (
    "fulfillment.view_picklist",
    "orders.pick_order",
    "orders.pack_order",
    "orders.dispatch_order",
)

ROLES: dict[str, tuple[str, ...]] = {
    "Sales rep": (
        *READ,
        *SELL,
        "orders.hold_order",
        "orders.cancel_order",
        "orders.amend_order",
        "orders.import_order",
    ),
    "Sales manager": (
        *READ,
        *SELL,
        "orders.hold_order",
        "orders.cancel_order",
        "orders.amend_order",
        "orders.import_order",
        "orders.process_order",
        "orders.waive_exception",
        "orders.complete_order",
        "orders.assign_order",
        "orders.view_bulkjob",
        "orders.share_savedview",
        "finance.view_invoice",
    ),
    "Warehouse": (*READ, *FLOOR),
    "Warehouse lead": (
        *READ,
        *FLOOR,
        "orders.process_order",
        "orders.deliver_order",
        "orders.assign_order",
        "orders.own_exception",
        "fulfillment.add_picklist",
    ),
    "Support": (
        *READ,
        "orders.hold_order",
        "orders.cancel_order",
        "orders.amend_order",
        "orders.recheck_order",
        "orders.deliver_order",
        "finance.view_invoice",
    ),
    "Finance": (
        *READ,
        "orders.hold_order",
        "orders.recheck_order",
        "orders.own_exception",
        "orders.waive_exception",
        "orders.complete_order",
        "finance.view_invoice",
        "finance.view_payment",
        "finance.view_journalentry",
        "finance.record_payment",
    ),
    "Admin": (),  # superusers: everything
}


def install(**_: object) -> None:
    """Give each role's group the permissions of the table."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role, granted in ROLES.items():
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in granted if name in known])
