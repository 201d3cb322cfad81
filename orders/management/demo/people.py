"""The people of the demo company, one for each role."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.utils import timezone

from config.kernel.actors import Actor
from orders.models import RoleGrant, Staff
from orders.permissions import ROLES

PASSWORD = "zepergo demo"  # noqa: S105 - printed on purpose: the demo company is no secret

# what some of them see
SCOPES = {"germany": {"countries": ["DE"]}}

# user name, first and last name, role
PEOPLE = (
    ("sales", "Amara", "Okafor", "Sales rep"),
    ("manager", "Priya", "Raman", "Sales manager"),
    ("warehouse", "Tomasz", "Zielinski", "Warehouse"),
    ("lead", "Jonas", "Weber", "Warehouse lead"),
    ("support", "Mei", "Chen", "Support"),
    ("germany", "Anke", "Vogel", "Support"),
    ("finance", "Lucia", "Ferrari", "Finance"),
    ("admin", "Sam", "Archer", "Admin"),
)


def hire() -> None:
    """Make the accounts that are missing, each in the group of its role."""
    if User.objects.filter(username__in=[name for name, *_ in PEOPLE]).count() == len(PEOPLE):
        return
    password = make_password(PASSWORD)
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    for username, first, last, role in PEOPLE:
        user, _ = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@zepergo.example",
                "password": password,
                "is_superuser": role == "Admin",
            },
        )
        _grant(user, groups[role])


def _grant(user: User, group: Group) -> None:
    """Give somebody a role and a scope, once, and record it."""
    if not user.groups.filter(pk=group.pk).exists():
        user.groups.set([group])
        RoleGrant.objects.create(
            user=user, action="granted", role=group.name, at=timezone.now(), reason="Demo company"
        )
    Staff.objects.get_or_create(user=user, defaults=SCOPES.get(user.username, {}))


def actor(username: str) -> Actor:
    """One of the people, acting."""
    return Actor.of(User.objects.get(username=username))


def logins() -> str:
    """Who can sign in, for the terminal."""
    rows = [f"  {name:<10} {role}{_seen(name)}" for name, _, _, role in PEOPLE]
    return "\n".join([f"Sign in with the password “{PASSWORD}” as", *rows])


def _seen(name: str) -> str:
    """What somebody of a scope sees, for the terminal."""
    return f", sees {', '.join(SCOPES[name]['countries'])} only" if name in SCOPES else ""
