"""Mailing: what customers are told leaves the house, outside of any transaction, until it has gone.

Whoever dies between sending and noting it sends a mail twice; none is ever lost.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext_noop

from config.kernel import queues
from config.kernel.actors import WORKER
from orders import notices
from orders.models import CustomerMessage
from orders.models.messages import MOST_ATTEMPTS
from orders.notices import Notice

log = logging.getLogger(__name__)
AT_ONCE = 20


def send_due(*, at: datetime | None = None) -> int:
    """Send the messages that are due; answer how many went."""
    at = at or timezone.now()
    return queues.drain(
        lambda: CustomerMessage.objects.claimed(AT_ONCE, at=at),
        lambda messages, _: sum(_send(message, at) for message in messages),
    )


def _send(message: CustomerMessage, at: datetime) -> bool:
    """Send one; whether it went."""
    note = getattr(message.event, "note", None)
    if note is None or not note.text:
        _close(message)
        return False
    user = _writer(message)
    answers = [user.email] if user and user.email else []
    mail = EmailMessage(message.subject, note.text, to=[message.recipient], reply_to=answers)
    try:
        mail.send()
    except (OSError, ValueError) as error:
        log.warning("“%s” could not be sent: %s", message, error)
        message.trouble = str(error)[:200]
        message.save(update_fields=["trouble"])
        if message.attempts >= MOST_ATTEMPTS:
            _close(message)
            _give_up(message, user, at)
        return False
    message.sent_at, message.trouble = timezone.now(), ""
    _close(message)
    return True


def _close(message: CustomerMessage) -> None:
    message.due_at = None
    message.save(update_fields=["due_at", "sent_at", "trouble"])


def _writer(message: CustomerMessage) -> User | None:
    """The member of staff who told the customer, who also gets the answer."""
    sort, _, pk = message.event.actor.partition(":")
    return User.objects.filter(pk=int(pk)).first() if sort == "user" else None


def _give_up(message: CustomerMessage, user: User | None, at: datetime) -> None:
    """Tell whoever wrote it that the customer does not know."""
    order = message.event.order
    one = gettext_noop("The mail to the customer of %(order)s could not be sent: tell them.")
    many = gettext_noop("Mails to the customers of %(count)s orders could not be sent: tell them.")
    told = user.pk if user else order.created_by_id
    notices.send([Notice(order, "mail", "amber", one, many, user=told)], by=WORKER, at=at)
