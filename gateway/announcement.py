"""Says in the data folder which gateways run here, so that `wallbounce rollout set` finds them."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "running"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One running gateway. ``started`` tells it from a later process with the same pid."""

    pid: int
    started: float
    host: str
    port: int
    env_file: str

    @property
    def url(self) -> str:
        """Where it answers, seen from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://{host}:{self.port}"


@contextmanager
def announced(data_dir: Path, host: str, port: int, env_file: Path) -> Iterator[None]:
    """Announce this process for as long as the block runs."""
    started = psutil.Process().create_time()
    us = Announcement(os.getpid(), started, host, port, str(env_file.absolute()))
    path = data_dir / FOLDER / f"{us.pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(us)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running(data_dir: Path) -> list[Announcement]:
    """The gateways alive now; what a killed one left behind is swept away."""
    alive = []
    for path in sorted((data_dir / FOLDER).glob("*.json")):
        try:
            said = Announcement(**json.loads(path.read_text()))
            matches = psutil.Process(said.pid).create_time() == said.started
        except (OSError, ValueError, TypeError, psutil.Error):
            matches = False
        if matches:
            alive.append(said)
        else:
            path.unlink(missing_ok=True)
    return alive
