"""Who may do what: the one table that code, screens and tests read.

Roles are groups; each holds permissions by verb. Groups get their permissions after every
migration; a permission that an administrator took away from a group comes back only here.
``PAGES`` says what each address takes, and an address that is not in it is refused.
``CONFLICTS`` says which rights never meet in one person; the database refuses them too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

# What an address may take instead of a permission.
PUBLIC = "public"  # anybody
SIGNED_IN = "signed in"  # whoever is signed in
MASTER_DATA = "master data"  # whoever ``opens_master_data``, which then asks for itself
BY_STEP = "by step"  # the permission of the step that the address names
CLOSED = "closed"  # nobody: the table does not know the address

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
LABEL = ("orders.label_order",)
FLOOR = (
    "fulfillment.view_picklist",
    "orders.pick_order",
    "orders.pack_order",
    "orders.dispatch_order",
)
ASK_BACK = ("returns.request_return",)
DECIDE_ON_RETURNS = ("returns.authorize_return",)
MASTER = tuple(
    f"{app}.{verb}_{model}"
    for app, models in {
        "orders": ("customer", "address", "channel", "currency"),
        "inventory": ("product", "warehouse", "bin"),
        "finance": ("pricelist", "price", "taxrate", "paymentterms"),
    }.items()
    for model in models
    for verb in ("view", "add", "change")
)
# How much a customer may owe, and by when it is paid; finance answers for both.
CREDIT = (
    "finance.view_creditaccount",
    "finance.change_creditaccount",
    "finance.view_customerterms",
    "finance.change_customerterms",
)
# What is done in the master data; to look at its rows is no reason to open it.
KEEPING = frozenset(name for name in (*MASTER, *CREDIT) if ".view_" not in name)
KEEPING |= {"orders.manage_rules"}

ROLES: dict[str, tuple[str, ...]] = {
    gettext_noop("Sales rep"): (
        *READ,
        *LABEL,
        *SELL,
        *ASK_BACK,
        "orders.hold_order",
        "orders.cancel_order",
        "orders.amend_order",
        "orders.import_order",
    ),
    gettext_noop("Sales manager"): (
        *READ,
        *LABEL,
        *SELL,
        *ASK_BACK,
        *DECIDE_ON_RETURNS,
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
        "orders.manage_rules",
        "finance.view_invoice",
    ),
    gettext_noop("Warehouse"): (*READ, *FLOOR),
    gettext_noop("Warehouse lead"): (
        *READ,
        *LABEL,
        *FLOOR,
        *DECIDE_ON_RETURNS,
        "orders.process_order",
        "orders.deliver_order",
        "orders.assign_order",
        "orders.own_exception",
        "fulfillment.add_picklist",
    ),
    gettext_noop("Support"): (
        *READ,
        *LABEL,
        *ASK_BACK,
        "orders.hold_order",
        "orders.cancel_order",
        "orders.amend_order",
        "orders.recheck_order",
        "orders.deliver_order",
        "finance.view_invoice",
    ),
    gettext_noop("Finance"): (
        *READ,
        *LABEL,
        "orders.hold_order",
        "orders.recheck_order",
        "orders.own_exception",
        "orders.waive_exception",
        "orders.waive_credit",
        "orders.complete_order",
        "finance.view_invoice",
        "finance.view_payment",
        "finance.view_journalentry",
        "finance.record_payment",
        *CREDIT,
    ),
    # Looks after people and master data, and trades nothing.
    gettext_noop("Admin"): (
        *READ,
        "orders.manage_staff",
        "orders.manage_rules",
        "finance.view_invoice",
        *MASTER,
    ),
}

# What the rules of a version may ask for beyond the permission of the step itself.
DEMANDS = (
    "orders.submit_order",
    "orders.recheck_order",
    "orders.own_exception",
    "orders.waive_exception",
    "orders.waive_credit",
    "orders.process_order",
    "orders.assign_order",
    "orders.cancel_order",
    "orders.amend_order",
    "orders.complete_order",
)

# Permissions that Django names by itself, as they are called in the table of rights.
NAMED_BY_DJANGO = (
    gettext_noop("Can view order"),
    gettext_noop("Can add order"),
    gettext_noop("Can change order"),
    gettext_noop("Can view customer"),
    gettext_noop("Can view product"),
    gettext_noop("Can view stock level"),
    gettext_noop("Can view shipment"),
    gettext_noop("Can view pick list"),
    gettext_noop("Can add pick list"),
    gettext_noop("Can view bulk job"),
    gettext_noop("Can view invoice"),
    gettext_noop("Can view payment"),
    gettext_noop("Can view journal entry"),
    gettext_noop("Can view credit account"),
    gettext_noop("Can change credit account"),
    gettext_noop("Can view customer terms"),
    gettext_noop("Can change customer terms"),
)
PAGES: dict[str, str] = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # the second question of signing in
    "mfa_index": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "orders:preferences": SIGNED_IN,
    "orders:theme": SIGNED_IN,
    "orders:security": SIGNED_IN,
    "orders:end_sessions": SIGNED_IN,
    "orders:people": "orders.manage_staff",
    "orders:invite": "orders.manage_staff",
    "orders:person": "orders.manage_staff",
    "orders:grant": "orders.manage_staff",
    "orders:set_scope": "orders.manage_staff",
    "orders:invite_link": "orders.manage_staff",
    "orders:sign_out": "orders.manage_staff",
    "orders:activate": "orders.manage_staff",
    "orders:take_off_second_factor": "orders.manage_staff",
    "orders:policies": "orders.manage_rules",
    "orders:policy_checks": "orders.manage_rules",
    "orders:policy_check": "orders.manage_rules",
    "orders:policy_matrix": "orders.manage_rules",
    "orders:policy_labels": "orders.manage_rules",
    "orders:policy_versions": "orders.manage_rules",
    "orders:policy_draft": "orders.manage_rules",
    "orders:policy_discard": "orders.manage_rules",
    "orders:policy_publish": "orders.manage_rules",
    "orders:today": "orders.view_order",
    "orders:list": "orders.view_order",
    "orders:review": "orders.view_order",
    "orders:order": "orders.view_order",
    "orders:activity": "orders.view_order",
    "orders:ledger": "orders.view_order",
    "orders:allocation": "orders.view_order",
    "orders:finding": "orders.view_order",
    "orders:finding_owner": "orders.own_exception",
    "orders:finding_looking": "orders.own_exception",
    "orders:finding_raise": "orders.amend_order",
    "orders:bulk": "orders.view_order",
    "orders:jobs": "orders.view_order",
    "orders:job": "orders.view_order",
    "orders:job_start": "orders.view_order",
    "orders:job_stop": "orders.view_order",
    "orders:job_retry": "orders.view_order",
    "orders:job_results": "orders.view_order",
    "orders:job_file": "orders.view_order",
    "orders:imports": "orders.import_order",
    "orders:import_new": "orders.import_order",
    "orders:import_template": "orders.import_order",
    "orders:import": "orders.import_order",
    "orders:import_start": "orders.import_order",
    "orders:import_refused": "orders.import_order",
    "orders:filters": "orders.view_order",
    "orders:display": "orders.view_order",
    "orders:save_view": "orders.view_order",
    "orders:view_counts": "orders.view_order",
    "orders:change_view": "orders.view_order",
    "orders:replace_view": "orders.view_order",
    "orders:delete_view": "orders.view_order",
    "orders:versions": "orders.view_order",
    "orders:money": "orders.view_order",
    "orders:note": "orders.view_order",
    "orders:send_again": "orders.view_order",
    "orders:search": "orders.view_order",
    "orders:notices": "orders.view_order",
    "orders:notices_menu": "orders.view_order",
    "orders:notices_unread": "orders.view_order",
    "orders:notices_read": "orders.view_order",
    "orders:notice": "orders.view_order",
    "orders:amend": "orders.amend_order",
    "orders:new": "orders.add_order",
    "orders:outlook": "orders.add_order",
    "orders:customers": "orders.add_order",
    "orders:items": "orders.amend_order",  # whoever enters orders amends them too
    "orders:edit": "orders.change_order",
    "orders:customer_list": "orders.view_customer",
    "orders:customer_export": "orders.view_customer",
    "orders:customer": "orders.view_customer",
    "orders:quotes": "orders.view_order",
    "orders:quote": "orders.view_order",
    "orders:quote_paper": "orders.view_order",
    "orders:confirmation": "orders.view_order",
    "orders:invoice": "orders.view_order",
    "orders:credit_note": "orders.view_order",
    "orders:slip": "fulfillment.view_shipment",
    "orders:offer": PUBLIC,
    "orders:recurring": "orders.view_order",
    "orders:recurring_new": "orders.change_order",
    "orders:recurring_order": "orders.view_order",
    "orders:recurring_runs": "orders.view_order",
    "orders:cancel": "orders.cancel_order",
    "orders:payment": "finance.record_payment",
    "orders:step": BY_STEP,
    "orders:integrity": "finance.view_journalentry",
    "fulfillment:pick_lists": "fulfillment.view_picklist",
    "fulfillment:make_list": "fulfillment.add_picklist",
    "fulfillment:pick_list": "fulfillment.view_picklist",
    "fulfillment:pick": "orders.pick_order",
    "fulfillment:shipments": "fulfillment.view_shipment",
    "returns:request": "returns.request_return",
    "returns:withdraw": "returns.request_return",
    "returns:authorize": "returns.authorize_return",
    "returns:reject": "returns.authorize_return",
}
# What importing a whole company takes: it brings customers with credit, stock and payments.
HISTORY = "orders.manage_rules"
# What sending something to an address takes, where reading it takes less.
WRITES: dict[str, str] = {
    "orders:quote": "orders.change_order",
    "orders:recurring_order": "orders.change_order",
    "orders:recurring_runs": "orders.submit_order",
}
# Pages that show the whole company: they are closed to whoever has a scope.
WHOLE_COMPANY = frozenset(
    name for name, asked in PAGES.items() if asked in {"orders.manage_staff", "orders.manage_rules"}
) | {"orders:integrity"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rights that never meet in one person: one of ``these`` with one of ``those``.

    A right is a role by its name or a permission by its code.
    """

    these: frozenset[str]
    those: frozenset[str]
    why: StrOrPromise

    def holds(self, rights: Collection[str]) -> bool:
        """Whether somebody with these rights holds both sides."""
        return not (self.these.isdisjoint(rights) or self.those.isdisjoint(rights))


SELLING = frozenset({"orders.add_order"})
SENDING = frozenset({"orders.dispatch_order"})
BOOKING = frozenset({"finance.record_payment"})
GRANTING = frozenset({"orders.manage_staff"})
CONFLICTS = (
    Conflict(SELLING, BOOKING, _("Whoever enters orders does not record their payments.")),
    Conflict(SENDING, BOOKING, _("Whoever sends goods out does not record the payments for them.")),
    Conflict(SELLING, SENDING, _("Whoever enters orders does not send their goods out.")),
    Conflict(
        frozenset({"Sales rep"}),
        frozenset({"orders.waive_exception"}),
        _("Whoever lets findings pass, credit among them, is not a sales rep."),
    ),
    Conflict(
        GRANTING,
        SELLING | SENDING | BOOKING | {"orders.waive_exception"},
        _("Whoever grants roles does not sell, send, book or let findings pass."),
    ),
)


def conflicts(roles: Collection[str], permissions: Collection[str] = ()) -> list[str]:
    """Why these roles, with permissions that were given besides, may not meet in one person."""
    rights = {*roles, *permissions}
    for role in roles:
        rights.update(ROLES.get(role, ()))
    return [str(conflict.why) for conflict in CONFLICTS if conflict.holds(rights)]


def opens_master_data(user: User | AnonymousUser) -> bool:
    """Whether somebody has work in the master data: by permission, however it was granted."""
    if not user.is_active or user.is_superuser:
        return user.is_active
    return not KEEPING.isdisjoint(user.get_all_permissions())


def right(name: str) -> str:
    """A permission as screens say it: without the word that all of them begin with."""
    return gettext(name).removeprefix("Can ")


def roles_with(permission: str) -> list[str]:
    """The roles that hold a permission."""
    return [role for role, granted in ROLES.items() if permission in granted]


def install(**_: object) -> None:
    """Give each role's group the permissions of the table."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role, granted in ROLES.items():
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in granted if name in known])
