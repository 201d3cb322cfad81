"""Versions of the rules: a draft is started from the newest, changed, and published or discarded.

A published version is never changed. Whoever changed a draft does not publish it: a second person
reads what it says first. Writers take the lock of all versions, so they come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from orders.models import (
    AmendmentRule,
    CancellationRule,
    RuleChange,
    RuleSet,
    SubStatus,
    TransitionRule,
    ValidationRule,
)
from orders.policies.problems import problems
from orders.policies.rows import Rules
from orders.policies.words import differences

KINDS = (TransitionRule, ValidationRule, AmendmentRule, CancellationRule, SubStatus)


class NoDraft(DomainError):
    """Nothing is being written, so nothing can be changed, discarded or published."""


class DraftStarted(DomainError):
    """One version is written at a time."""


class StaleDraft(DomainError):
    """Somebody else changed the draft after this page was opened."""


class BrokenRules(DomainError):
    """Orders would get stuck under these rules."""


class OwnChanges(DomainError):
    """Whoever changed a version does not publish it."""


class NothingChanged(DomainError):
    """The draft says what the newest version says."""


@transaction.atomic
def start(*, by: Actor) -> RuleSet:
    """Start a draft with every row of the newest published version."""
    versions = RuleSet.locked()
    if versions[-1].is_draft:
        raise DraftStarted(
            gettext("%(rules)s is being written already; go on with it.") % {"rules": versions[-1]}
        )
    newest = versions[-1]
    draft = RuleSet.objects.create(
        version=newest.version + 1, based_on=newest, drafted_by_id=by.user_id
    )
    with connection.cursor() as cursor:
        for kind in KINDS:
            columns = ", ".join(
                str(field.column)
                for field in kind._meta.concrete_fields
                if not field.primary_key and field.name != "rules"
            )
            table = kind._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} (rules_id, {columns}) SELECT %s, {columns} FROM {table} "
                "WHERE rules_id = %s ORDER BY id",
                [draft.version, newest.version],
            )
    return draft


def _draft() -> RuleSet:
    """The draft under its lock."""
    newest = RuleSet.locked()[-1]
    if not newest.is_draft:
        raise NoDraft(gettext("Nobody is writing a new version. Start a draft first."))
    return newest


def state(rules: RuleSet) -> str:
    """Names what a version says: every change of a draft leaves another one."""
    last = rules.changes.order_by("-pk").values_list("pk", flat=True).first()
    return f"{rules.version}.{last or 0}"


@contextmanager
def changing(*, by: Actor, seen: str = "", at: datetime | None = None) -> Iterator[RuleSet]:
    """The draft to change within; who changed what is kept with it.

    ``seen`` is the state of the draft that somebody looked at: a later one is not written over.
    """
    with transaction.atomic():
        draft = _draft()
        if seen and seen != state(draft):
            raise StaleDraft(
                gettext(
                    "Somebody else has changed the draft since you opened this page, so nothing "
                    "was saved. What you chose still stands below: look at the changes that are "
                    "listed, and save again to put yours in place."
                )
            )
        before = Rules.read(draft)
        yield draft
        after = Rules.read(draft)
        with translation.override(settings.LANGUAGE_CODE):  # what is kept is for everybody
            words = [each.words for each in differences(before, after)]
        if words:
            RuleChange.objects.create(
                rules=draft, by_id=by.user_id, at=at or timezone.now(), words=" ".join(words)
            )


@transaction.atomic
def discard() -> int:
    """Throw the draft away; answer its number."""
    draft = _draft()
    number = draft.version
    for kind in KINDS:
        kind._default_manager.filter(rules=draft).delete()
    draft.changes.all().delete()
    draft.delete()
    return number


@transaction.atomic
def publish(*, note: str, by: Actor, at: datetime | None = None) -> RuleSet:
    """Let new orders go by the draft from now on; orders that there are keep their version."""
    draft = _draft()
    rules = Rules.read(draft)
    if found := problems(rules):
        raise BrokenRules(" ".join(problem.words for problem in found))
    if draft.based_on and not differences(Rules.read(draft.based_on), rules):
        raise NothingChanged(
            gettext("%(draft)s say what %(published)s say; change something first.")
            % {"draft": draft, "published": draft.based_on}
        )
    if by.user_id is not None and draft.changes.filter(by=by.user_id).exists():
        raise OwnChanges(
            gettext("You have changed this draft yourself; somebody else has to publish it.")
        )
    draft.note, draft.published_at, draft.published_by_id = note, at or timezone.now(), by.user_id
    draft.save()
    return draft
