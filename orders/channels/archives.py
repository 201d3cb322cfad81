"""Archives from outside: looked through before anything of them is unpacked.

What they say of themselves is bounded first (members, bytes when unpacked), and what is unpacked is
written under names of our own, so nothing in them decides where a file goes.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext

from config.kernel.errors import DomainError

MOST_MEMBERS = 1_000
LARGEST_CONTENT = 200 * 1024 * 1024
ENCRYPTED = 0x1


class UnreadableFile(DomainError):
    """A file cannot be read as rows; the text says where and why."""


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """The archive, once it is known that it unpacks to something bounded and leads nowhere."""
    try:
        with ZipFile(path) as archive:
            if why := _objection(archive.infolist()):
                raise UnreadableFile(why % {"file": path.name})
            yield archive
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        words = gettext("%(file)s is damaged: it cannot be unpacked.")
        raise UnreadableFile(words % {"file": path.name}) from error


def _objection(members: list[ZipInfo]) -> str:
    """Why the archive is not unpacked, or ''."""
    if len(members) > MOST_MEMBERS:
        return gettext("%(file)s holds more than 1,000 files; it is not unpacked.")
    if sum(member.file_size for member in members) > LARGEST_CONTENT:
        return gettext("%(file)s unpacks to more than 200 MB; split it.")
    if any(member.flag_bits & ENCRYPTED for member in members):
        return gettext("%(file)s is protected by a password; send it without one.")
    if any(_escapes(member.filename) for member in members):
        return gettext("%(file)s holds a file that leads out of its folder; it is not unpacked.")
    return ""


def _escapes(name: str) -> bool:
    """Whether the name of a member leads to somewhere else."""
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or ":" in name


def unpack(path: Path, names: Collection[str], folder: Path) -> None:
    """Write the files of these names into the folder, wherever in the archive they stand."""
    with opened(path) as archive:
        found: dict[str, ZipInfo] = {}
        for member in archive.infolist():
            place = PurePosixPath(member.filename)
            if member.is_dir() or place.name not in names or "__MACOSX" in place.parts:
                continue
            if place.name in found:
                words = gettext("%(file)s holds two files %(name)s; keep the one that is meant.")
                raise UnreadableFile(words % {"file": path.name, "name": place.name})
            found[place.name] = member
        for name, member in found.items():
            (folder / name).write_bytes(archive.read(member))
