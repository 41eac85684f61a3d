"""A private PostgreSQL on a free port, for the tests that need a real one; stopped and started at will."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALL = "PostgreSQL's server is not installed; install it with: apt-get install postgresql"


class PostgresCluster:
    """One server program over one data folder; trusts whoever connects from this machine."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._log = folder / "log"
        self._folder = folder
        # initdb and postgres refuse to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self.port = free_port()

    def create(self) -> None:
        """Make the data folder."""
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb",
            *("--pgdata", str(self._data), "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} "
            "-c fsync=off -c shared_buffers=16MB -c max_connections=60"
        )
        self._run(
            "pg_ctl",
            *("start", "--wait", "--pgdata", str(self._data)),
            *("--log", str(self._log), "--options", options),
        )

    def stop(self) -> None:
        """Stop the server as a crash would: every connection breaks at once."""
        self._run("pg_ctl", "stop", "--pgdata", str(self._data), "--mode", "immediate")

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return (self._data / "postmaster.pid").exists()

    def new_database(self) -> str:
        """The URL of a new, empty database, in the plain form."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(
            "createdb", "--host", "127.0.0.1", "--port", str(self.port), "-U", "postgres", name
        )
        return f"postgresql://postgres:not-checked@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program != "pg_ctl" else subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            log = self._log.read_text() if self._log.exists() else ""
            pytest.fail(f"{program} ended with {done.returncode}: {done.stdout or ''}{log}")


def postgres_programs() -> Path:
    """The folder of PostgreSQL's newest server programs.

    Without them the calling test is skipped, and fails where ``REQUIRE_SERVICES=1`` promises that
    everything is installed.
    """
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdecimal() else 0,
    )
    on_path = shutil.which("initdb")
    if packaged:
        return packaged[-1].parent
    if on_path is not None:
        return Path(on_path).resolve().parent
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(_INSTALL)
    pytest.skip(_INSTALL)


def run_postgres() -> Iterator[PostgresCluster]:
    """A running cluster, gone afterwards."""
    programs = postgres_programs()
    # Not pytest's folder: the user postgres could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="wallbounce-postgres-"))
    cluster = PostgresCluster(programs, folder)
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        if cluster.running:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL that all tests share, each with a database of its own; never stop it."""
    yield from run_postgres()


@pytest.fixture
def own_postgres_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL of the test's own, to stop and start."""
    yield from run_postgres()
