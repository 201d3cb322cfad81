"""Who acts: a member of staff, an API client, a customer or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from django.contrib.auth.models import AbstractUser, AnonymousUser


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who is answerable for a step, and the door through which it came."""

    code: str  # user:<id>, client:<id>, customer, system
    source: str = "system"  # ui, api, import, worker, system
    user_id: int | None = None
    request_id: str = ""
    permissions: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    @classmethod
    def of(
        cls, user: AbstractUser | AnonymousUser, source: str = "ui", request_id: str = ""
    ) -> Self:
        """The member of staff who is signed in, with what they may do: read once, for all steps."""
        held = frozenset(user.get_all_permissions())
        return cls(f"user:{user.pk}", source, user.pk, request_id, held)


SYSTEM = Actor("system")
WORKER = Actor("system", "worker")
IMPORT = Actor("system", "import")
