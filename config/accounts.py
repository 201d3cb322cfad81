"""How people sign in: staff are invited by an administrator, nobody signs up."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.models import AccessAttempt
from axes.utils import reset
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Staff
from orders.permissions import PAGES, PUBLIC, SIGNED_IN

# By role, by themselves, or as somebody who may everything; every page of everybody asks for it.
HELD = """
SELECT t.app_label || '.' || p.codename
FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
WHERE p.id = ANY(ARRAY(
    SELECT r.permission_id FROM auth_user_groups m
    JOIN auth_group_permissions r ON r.group_id = m.group_id WHERE m.user_id = %s
    UNION SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %s)) OR %s
"""
KNOWN = "_perm_cache"  # where Django looks for what a user may
NOT_RIGHT = _("User name or password is not right.")


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator only."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": NOT_RIGHT,
        "email_password_mismatch": NOT_RIGHT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up by themselves."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Keep a new password; whoever could set one is no longer locked out."""
        super().set_password(user, password)
        reset(username=user.username.lower())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The page that the person chose to start on, for as long as it may be opened."""
        landing = Staff.of(request.user).landing
        asked = PAGES.get(landing, PUBLIC)
        if asked in {PUBLIC, SIGNED_IN} or not request.user.has_perm(asked):
            return str(settings.LOGIN_REDIRECT_URL)
        try:
            return reverse(landing)
        except NoReverseMatch:
            return str(settings.LOGIN_REDIRECT_URL)


class Accounts(AuthenticationBackend):  # type: ignore[misc]
    """Who signs in, by user name or e-mail; read together with scope and preferences."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, unless the account was closed since."""
        user = User.objects.select_related("staff").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        """What somebody may, by role or by themselves: read once, in one statement."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        held: set[str] | None = getattr(user_obj, KNOWN, None)
        if held is None:
            with connection.cursor() as cursor:
                cursor.execute(HELD, [user_obj.pk, user_obj.pk, user_obj.is_superuser])
                held = {name for (name,) in cursor.fetchall()}
            setattr(user_obj, KNOWN, held)
        return held


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are stored encrypted."""

    def encrypt(self, text: str) -> str:
        """The secret as the database keeps it."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret as the check needs it."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def who(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Whose tries are counted: one account, however it was spelled, known to us or not."""
    given = credentials or {}
    typed = given.get("username") or given.get("email") or request.POST.get("login", "")
    name = str(typed).strip().lower()
    if "@" in name:
        by_email = User.objects.filter(email__iexact=name).values_list("username", flat=True)
        name = (by_email.first() or name).lower()
    return name[:255]


def address(request: HttpRequest) -> str:
    """Where a request came from; only proxies of ours are believed."""
    return get_client_ip(request) or "0.0.0.0"  # noqa: S104 - a socket of our own has no address


def locked_out(
    request: HttpRequest,
    _response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """Say until when signing in is closed; the words are the same whether the account exists."""
    attempt = AccessAttempt.objects.filter(
        username=who(request, credentials), ip_address=address(request)
    ).first()
    began = attempt.attempt_time if attempt else timezone.now()
    context = {"until": began + settings.AXES_COOLOFF_TIME, "tries": settings.AXES_FAILURE_LIMIT}
    return render(request, "account/locked.html", context, status=429)


def invitation(request: HttpRequest, user: User) -> str:
    """The address under which somebody sets a password: it works once, and not for ever."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=key))
