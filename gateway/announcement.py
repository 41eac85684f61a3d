"""Says in the data folder which gateways run here, so that `wallbounce rollout set` finds them.

A gateway holds a lock on its announcement for as long as it lives, and the kernel lets go of it
however the process ends. Process ids come back, and start times shift when a clock is set.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "running"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One running gateway. ``machine`` is the host name: a pid means something only there."""

    pid: int
    machine: str
    host: str
    port: int
    env_file: str

    @property
    def url(self) -> str:
        """Where it answers, seen from this machine."""
        return reachable(self.host, self.port)


def reachable(host: str, port: int) -> str:
    """The URL of what listens on ``host``, seen from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def announced(data_dir: Path, host: str, port: int, env_file: Path) -> Iterator[None]:
    """Announce this process for as long as the block runs.

    Raises:
        OSError: the folder cannot be written.
    """
    us = Announcement(os.getpid(), socket.gethostname(), host, port, str(env_file.absolute()))
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{us.machine}-{us.pid}.json"
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump(asdict(us), file)
        file.flush()
        # Readers find it whole and locked, or not at all.
        fresh.replace(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def running(data_dir: Path) -> list[Announcement]:
    """The gateways alive on this machine, by port; what a killed one left behind is swept away."""
    alive = []
    for path in (data_dir / FOLDER).glob("*.json"):
        said, lives = _examined(path)
        if not lives:
            # Of another user, in a folder we may not write: it does no harm there.
            with contextlib.suppress(OSError):
                path.unlink()
        elif said is not None and said.machine == socket.gethostname():
            alive.append(said)
    return sorted(alive, key=lambda said: (said.port, said.pid))


def _examined(path: Path) -> tuple[Announcement | None, bool]:
    """What it says, None when that cannot be read; and whether the one who wrote it lives."""
    try:
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return Announcement(**json.load(file)), True
            return None, False
    except FileNotFoundError:
        return None, True  # gone meanwhile, by its own hand
    except (OSError, ValueError, TypeError):
        return None, True  # not ours to read, or of another version: not ours to sweep away
