"""A server signs with a key of its own, or does not start."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from config import keys
from config.env import ROOT

WEB = ("gunicorn", "config.wsgi", "--check-config")
WORKER = ("celery", "-A", "config", "worker", "--concurrency", "1")
BEAT = ("celery", "-A", "config", "beat", "--pidfile", "")


def started(*module: str, **surroundings: str) -> tuple[int, str]:
    """How the program ends, and what it says, without a key of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *module],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": keys.PUBLIC, "DEBUG": "0", **surroundings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("server", [WEB, WORKER, BEAT], ids=["web", "worker", "beat"])
def test_a_server_does_not_start_with_the_key_that_everybody_knows(
    server: tuple[str, ...], tmp_path: Path
) -> None:
    status, words = started(*server, VAR_FOLDER=str(tmp_path))

    assert status != 0
    assert "Set SECRET_KEY to a long random text and start again." in words


def test_a_developer_and_a_server_with_a_key_do_start() -> None:
    assert started(*WEB, DEBUG="1")[0] == 0
    assert started(*WEB, SECRET_KEY=secrets.token_urlsafe(48))[0] == 0


def test_commands_need_no_key() -> None:
    assert started("manage", "check") == (0, "System check identified no issues (0 silenced).\n")


def test_the_key_of_a_machine_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"

    key = keys.kept(file)
    file.chmod(0o644)

    assert len(key) > 60
    assert key != keys.PUBLIC
    assert keys.kept(file) == key
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
