"""Credit as screens show it: how much of a limit is used."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from finance.models import CreditAccount
from orders.templatetags.ui import meter, money

register = template.Library()
NEAR = 80  # percent of the limit from which it is said


@register.simple_tag
def credit_used(account: CreditAccount) -> SafeString:
    """What of the limit is used, as a bar and in words."""
    used = account.used
    tone = "red" if used > 100 else "amber" if used >= NEAR else "blue"
    words = gettext("%(used)s%% of the limit used") % {"used": used}
    amounts = gettext("%(used)s of %(limit)s") % {
        "used": money(account.exposure, str(account.currency_id)),
        "limit": money(account.credit_limit, str(account.currency_id)),
    }
    return format_html(
        '{}<span class="sub num nowrap">{}</span>', meter(used, words, tone), amounts
    )
