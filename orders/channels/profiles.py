"""The kinds of files that can be imported: how each is read, and who may bring it by a page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders.channels import northwind_files, plain
from orders.channels.parsed import Parsed
from orders.channels.reading import SHEETS, rows
from orders.models import Staff
from orders.permissions import HISTORY, PAGES


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of file. A history is that of a whole company, and taken as a whole."""

    name: str
    label: StrOrPromise
    suffixes: tuple[str, ...]
    read: Callable[[Path, int | None], Parsed]
    permission: str = PAGES["orders:import_new"]
    is_history: bool = False

    def is_open_to(self, user: User | AnonymousUser) -> bool:
        """Whether somebody may bring such a file; a whole company is not for one with a scope."""
        held = user.has_perm(self.permission)
        return held and not (self.is_history and Staff.of(user).is_scoped)

    @property
    def accepts(self) -> str:
        """The endings of its files, for a person."""
        return ", ".join(suffix.removeprefix(".").upper() for suffix in self.suffixes)


def _plain(path: Path, most: int | None) -> Parsed:
    return plain.parse(rows(path, most))


def _northwind(path: Path, most: int | None) -> Parsed:
    if path.is_dir():
        return northwind_files.history(path, most)
    return northwind_files.archived(path, most)


PROFILES = (
    Profile("plain", _("Orders, one row for each line"), (".csv", ".txt", ".tsv", *SHEETS), _plain),
    Profile(
        "northwind",
        _("A company's history in the Northwind files, packed as a ZIP"),
        (".zip",),
        _northwind,
        HISTORY,
        is_history=True,
    ),
)
BY_NAME = {profile.name: profile for profile in PROFILES}


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that was read by a profile."""

    name: str
    sha256: str
    profile: Profile
    parsed: Parsed

    @classmethod
    def read(cls, path: Path, profile: str, most: int | None = None) -> Self:
        """Read it, so many rows at most; what cannot be read at all is refused."""
        kind = BY_NAME[profile]
        parsed = kind.read(path, most)
        return cls(path.name[:200], _fingerprint(path), kind, parsed)


def _fingerprint(path: Path) -> str:
    """The SHA-256 of a file, or of the files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
