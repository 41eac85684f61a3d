"""Four gateways over one database and one Redis, before mock vendors two of which can be made to fail."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import PROGRESS
from bench.processes import NotReadyError, Server, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

GATEWAYS = 4
OPERATOR_KEY = "bench-operator"
INSTALL = "redis-server is not installed; install it with: apt-get install redis-server"

_REDIS_READY_S = 20.0
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Where everything listens. ``vendors`` is the mock's address, which an outage is told."""

    gateways: tuple[Server, ...]
    vendors: str


@contextlib.contextmanager
def fleet(share: float, database_url: str | None, *, redis: bool) -> Iterator[Fleet]:
    """Start it all; nothing of it is left running.

    Args:
        share: Percent of the traffic that takes the new path.
        database_url: An empty PostgreSQL database; None makes an SQLite file.
        redis: Whether a Redis is started; without one the database alone carries the state.

    Raises:
        NotReadyError: A process did not start, or redis-server is missing.
    """
    with (
        tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        redis_url = stack.enter_context(_redis(folder)) if redis else None
        port = free_port()
        vendors = stack.enter_context(
            serving(
                [sys.executable, "-m", "bench.rollout.failing_vendors", f"--port={port}"],
                port=port,
                folder=folder,
                ready_path="/",
            )
        )
        gateways = []
        for number in range(GATEWAYS):
            PROGRESS.print(f"starting gateway {number + 1} of {GATEWAYS}")
            port = free_port()
            environment = _environment(vendors.url, share) | {
                "SRP_INSTANCE_ID": f"bench-{number}",
                "DATABASE_URL": database_url or f"sqlite:///{folder / 'shared.db'}",
                "WALLBOUNCE_DATA_DIR": str(folder / str(number)),
            }
            if redis_url is not None:
                environment["REDIS_URL"] = redis_url
            program = Path(sys.executable).parent / "wallbounce"
            gateways.append(
                stack.enter_context(
                    serving(
                        [program, "serve", "--port", str(port)],
                        port=port,
                        folder=folder,
                        ready_path="/health/ready",
                        env=environment,
                    )
                )
            )
        yield Fleet(tuple(gateways), vendors.url)


def _environment(upstream: str, share: float) -> dict[str, str]:
    """A gateway's settings. Nothing but what the bench does may roll back: the bounds are out of reach."""
    return {
        "OPENAI_API_KEY": "bench",
        "OPENAI_BASE_URL": f"{upstream}/v1",
        "ANTHROPIC_API_KEY": "bench",
        "ANTHROPIC_BASE_URL": upstream,
        "GOOGLE_API_KEY": "bench",
        "GEMINI_BASE_URL": upstream,
        "WALLBOUNCE_LEGACY_CHAIN": "gpt",
        "WALLBOUNCE_OPERATOR_KEYS": OPERATOR_KEY,
        "WALLBOUNCE_RETRY_ATTEMPTS": "1",
        "WALLBOUNCE_LOG_LEVEL": "warning",
        "USE_SRP_WALL_BOUNCE": "true",
        "SRP_TRAFFIC_PERCENTAGE": f"{share:g}",
        "SRP_ERROR_RATE_THRESHOLD": "1",
        "AUTO_ROLLBACK_ERROR_RATE": "1",
        "AUTO_ROLLBACK_LATENCY_MS": "3600000",
        "SRP_MARGIN_ERROR_RATE": "1",
        "SRP_MARGIN_LATENCY": "1000",
        "SRP_MARGIN_COST": "1000",
    }


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing on disk; its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise NotReadyError(INSTALL)
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = subprocess.Popen(
        [*command, "--appendonly", "no", "--dir", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        began = time.monotonic()
        while not _pongs(port):
            if process.poll() is not None or time.monotonic() - began > _REDIS_READY_S:
                raise NotReadyError(f"redis-server did not start (returned {process.returncode})")
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pongs(port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=2) as peer,
    ):
        peer.sendall(b"PING\r\n")
        return peer.recv(16).startswith(b"+PONG")
    return False
