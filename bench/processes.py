"""Processes of a benchmark: started, watched for readiness, measured as a tree, ended by their id."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
_GRACE_SECONDS = 15.0
_DIRECT = build_opener(ProxyHandler({}))


class NotReadyError(Exception):
    """A process ended or stayed silent instead of getting ready; the message carries its log's end."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running process and where it listens. ``ready_seconds``: from exec to its first 200."""

    pid: int
    url: str
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time of the process and its descendants so far, in seconds."""
        return sum(sum(p.cpu_times()[:2]) for p in self._tree())

    def rss_mb(self) -> float:
        """Resident memory of the process and its descendants, in 10^6 bytes."""
        return sum(p.memory_info().rss for p in self._tree()) / 1e6

    def _tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]


@contextlib.contextmanager
def serving(  # noqa: PLR0913 - what a process is, each by its name
    command: Sequence[str | Path],
    *,
    port: int,
    folder: Path,
    ready_path: str,
    env: Mapping[str, str] | None = None,
    within: float = 60.0,
) -> Iterator[Server]:
    """Run ``command`` in ``folder`` until the block ends; entered once ``ready_path`` answers 200.

    It sees ``env`` and of the caller's environment only what a process needs.

    Raises:
        NotReadyError: it ended, or ``within`` seconds passed.
    """
    log_file = folder / f"{Path(command[0]).name}-{port}.log"
    url = f"http://127.0.0.1:{port}"
    with log_file.open("ab") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=_base_environment() | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        while not _answers(url + ready_path):
            waited = time.perf_counter() - begun
            if process.poll() is not None or waited > within:
                tail = log_file.read_text(errors="replace")[-4000:]
                state = (
                    "still silent"
                    if process.returncode is None
                    else f"ended with {process.returncode}"
                )
                raise NotReadyError(f"{command[0]}: {state} after {waited:.1f} s\n{tail}")
            time.sleep(0.005)
        yield Server(process.pid, url, time.perf_counter() - begun)
    finally:
        _end(process)


def free_port() -> int:
    """A TCP port of 127.0.0.1 nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with _DIRECT.open(url, timeout=2.0) as answer:
            ok: bool = answer.status == 200
            return ok
    except HTTPError as error:
        # A mock vendor has nothing to say to a GET, which is an answer too.
        return error.code in {404, 405} and not url.endswith("ready")
    except (URLError, ConnectionError, TimeoutError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    tree = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def _base_environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
    return kept | {"PYTHONPATH": str(ROOT)}
