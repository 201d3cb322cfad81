"""Who works here and what each may do: accounts, roles, scope and sessions; all is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from orders.models import RoleGrant, Staff
from orders.permissions import ROLES, conflicts

Action = RoleGrant.Action


class DutiesConflict(DomainError):
    """The roles asked for may not meet in one person."""


class OwnRights(DomainError):
    """Nobody changes what they may do themselves."""


class LastAdministrator(DomainError):
    """Somebody has to be left who can grant roles."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody is narrowed to; empty means everything."""

    countries: Sequence[str] = ()
    channels: Sequence[str] = ()
    warehouses: Sequence[str] = ()


@transaction.atomic
def invite(
    username: str,
    *,
    first_name: str,
    last_name: str,
    email: str,
    roles: Collection[str],
    by: Actor,
    reason: str,
) -> User:
    """Open an account without a password; a link lets its owner set one."""
    user = User(username=username, first_name=first_name, last_name=last_name, email=email)
    user.set_unusable_password()
    user.save()
    Staff.objects.create(user=user)
    _record(user, Action.ACTIVATED, by=by, reason=reason)
    if roles:
        set_roles(user, roles, by=by, reason=reason)
    return user


@transaction.atomic
def set_roles(user: User, roles: Collection[str], *, by: Actor, reason: str) -> None:
    """Let somebody hold exactly these roles: what is new is granted, what is missing taken away."""
    _not_oneself(user, by)
    held, wanted = set(user.groups.values_list("name", flat=True)), set(roles)
    besides = _given_besides(user)
    if found := conflicts(wanted, besides):
        raise DutiesConflict(_sentence(wanted, found))
    if "Admin" in held - wanted:
        _not_the_last(user)
    groups = {group.name: group for group in Group.objects.filter(name__in=held | wanted)}
    try:
        with transaction.atomic():
            user.groups.remove(*(groups[name] for name in held - wanted))
            user.groups.add(*(groups[name] for name in wanted - held))
    except IntegrityError as error:
        raise DutiesConflict(_sentence(wanted, [str(error).partition("\n")[0]])) from error
    note_roles(user, held, wanted, by=by, reason=reason)


def note_roles(
    user: User, held: Collection[str], wanted: Collection[str], *, by: Actor, reason: str
) -> None:
    """Record which roles somebody was granted and which were taken away."""
    at = timezone.now()
    order = [*ROLES, *sorted({*held, *wanted} - set(ROLES))]
    for role in order:
        if (role in held) is not (role in wanted):
            action = Action.GRANTED if role in wanted else Action.REVOKED
            _record(user, action, role=role, by=by, reason=reason, at=at)


@transaction.atomic
def set_scope(user: User, scope: Scope, *, by: Actor, reason: str) -> None:
    """Narrow somebody to countries, channels and warehouses, or let them see everything again."""
    _not_oneself(user, by)
    staff, _ = Staff.objects.get_or_create(user=user)
    before = staff.scope
    staff.countries = sorted(set(scope.countries))
    staff.channels = sorted(set(scope.channels))
    staff.warehouses = sorted(set(scope.warehouses))
    if staff.scope == before:
        return
    staff.save(update_fields=["countries", "channels", "warehouses"])
    with translation.override(settings.LANGUAGE_CODE):
        words = f"{staff.scope}. {reason}".strip()
    _record(user, Action.SCOPED, by=by, reason=words)


@transaction.atomic
def deactivate(user: User, *, by: Actor, reason: str) -> None:
    """Close an account: nobody signs in with it, and whoever is signed in is so no more."""
    _not_oneself(user, by)
    _not_the_last(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    _record(user, Action.DEACTIVATED, by=by, reason=reason)


@transaction.atomic
def activate(user: User, *, by: Actor, reason: str) -> None:
    """Open a closed account again, with the roles that it had."""
    _not_oneself(user, by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record(user, Action.ACTIVATED, by=by, reason=reason)


@transaction.atomic
def take_off_second_factor(user: User, *, by: Actor, reason: str) -> None:
    """Let somebody who lost device and codes sign in by password alone, until they set it up anew.

    Whoever is signed in as them is so no more.
    """
    _not_oneself(user, by)
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    _record(user, Action.UNFACTORED, by=by, reason=reason)


def sessions(user: User) -> list[UserSession]:
    """Where somebody is signed in, the latest first; what has run out is forgotten."""
    alive = UserSession.objects.purge_and_list(user)
    return sorted(alive, key=lambda each: each.created_at, reverse=True)


def end_sessions(user: User, *, only: int | None = None, but: str | None = None) -> int:
    """Sign somebody out: everywhere, in one session, or everywhere but in one."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    if only is not None:
        rows = rows.filter(pk=only)
    found = list(rows)
    for each in found:
        each.end()
    return len(found)


def _sentence(roles: Collection[str], found: Sequence[str]) -> str:
    names = ", ".join(gettext(role) for role in ROLES if role in roles)
    return gettext("%(roles)s: %(why)s Take one of the roles away.") % {
        "roles": names,
        "why": " ".join(found),
    }


def _given_besides(user: User) -> set[str]:
    """Permissions that were given to the person and not through a role."""
    rows = user.user_permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def _not_oneself(user: User, by: Actor) -> None:
    if by.user_id == user.pk:
        raise OwnRights(gettext("Your own rights are changed by somebody else."))


def _not_the_last(user: User) -> None:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    able = others.filter(groups__name="Admin") | others.filter(is_superuser=True)
    if not able.exists():
        raise LastAdministrator(
            gettext("%(user)s is the last administrator. Make another one first.") % {"user": user}
        )


def _record(
    user: User,
    action: str,
    *,
    by: Actor,
    reason: str,
    role: str = "",
    at: datetime | None = None,
) -> None:
    RoleGrant.objects.create(
        user=user,
        action=action,
        role=role,
        by_id=by.user_id,
        at=at or timezone.now(),
        reason=reason,
    )
