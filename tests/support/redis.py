"""A private Redis on a free port, for the tests that need a real one; killed, stopped and emptied at will."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.support.ports import free_port
from tests.support.programs import real_program

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "kept-to-ourselves"


class RedisServer:
    """One ``redis-server`` of 127.0.0.1 that keeps nothing on disk; started by ``with``.

    After `kill`, `start` runs it again on the same port, empty.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._command = [
            *(program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""),
            *("--appendonly", "no", "--dir", str(folder), "--requirepass", PASSWORD),
        ]
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.ask("PING") == b"+PONG":
                    return
            time.sleep(0.02)
        pytest.fail(f"redis-server did not start: {self._log.read_text(errors='replace')}")

    def kill(self) -> None:
        """SIGKILL: every connection breaks, and all it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """SIGSTOP: it takes connections and answers nobody, like a machine that hangs."""
        self._running().send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT: it answers what came meanwhile."""
        self._running().send_signal(signal.SIGCONT)

    def ask(self, *words: str) -> bytes:
        """Say a command over a connection of its own; the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as peer:
            lines = peer.makefile("rwb")
            for command in (("AUTH", PASSWORD), words):
                parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in command]
                lines.write(f"*{len(command)}\r\n{''.join(parts)}".encode())
            lines.flush()
            lines.readline()
            return bytes(lines.readline()).rstrip()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("redis-server does not run")
        return self._process


def run_redis() -> Iterator[RedisServer]:
    """A running server, gone afterwards."""
    program = real_program("redis-server")
    with tempfile.TemporaryDirectory(prefix="wallbounce-redis-") as folder:
        server = RedisServer(program, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def shared_redis_server() -> Iterator[RedisServer]:
    """A Redis that all tests share; never stop it."""
    yield from run_redis()


@pytest.fixture
def redis_url(shared_redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    shared_redis_server.ask("FLUSHALL")
    return shared_redis_server.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own, to stop and start."""
    yield from run_redis()
