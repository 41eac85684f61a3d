"""Processes of a benchmark: started, watched for readiness, measured as a tree, ended by their id."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
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
_SHOWN = 4000
"""Characters of a log shown in errors."""
DIRECT = build_opener(ProxyHandler({}))
"""Opens addresses without any proxy of the environment."""


class NotReadyError(Exception):
    """A process ended or stayed silent instead of getting ready; the message carries its log's end."""


class Measured:
    """A process whose tree is looked at from outside."""

    __slots__ = ()
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time of the process and its descendants so far, in seconds."""
        return sum(_cpu_seconds(process) for process in self._tree())

    def rss_mb(self) -> float:
        """Resident memory of the process and its descendants, in 10^6 bytes."""
        return self.rss_bytes() / 1e6

    def rss_bytes(self) -> int:
        """Resident memory of the process and its descendants."""
        return sum(p.memory_info().rss for p in self._tree())

    def _tree(self) -> list[psutil.Process]:
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]


@dataclass(frozen=True, slots=True)
class Server(Measured):
    """A running process and where it listens. ``ready_seconds``: from exec to its first 200."""

    pid: int
    url: str
    ready_seconds: float


@dataclass(frozen=True, slots=True)
class Piped(Measured):
    """A running process that takes a line on stdin and answers it with a line on stdout."""

    pid: int
    process: subprocess.Popen[str]
    log_file: Path

    def ask(self, line: str) -> str:
        """Its answer to ``line``; waits for it.

        Raises:
            NotReadyError: it ended instead.
        """
        pipe_in, pipe_out = self.process.stdin, self.process.stdout
        if pipe_in is None or pipe_out is None:
            raise NotReadyError("it has no pipes")
        with contextlib.suppress(BrokenPipeError):  # the empty answer says it better
            pipe_in.write(line + "\n")
            pipe_in.flush()
        return self.answer()

    def answer(self) -> str:
        """Its next line.

        Raises:
            NotReadyError: it ended instead.
        """
        if self.process.stdout is None or not (said := self.process.stdout.readline()):
            status = self.process.wait()
            tail = self.log_file.read_text(errors="replace")[-_SHOWN:]
            raise NotReadyError(f"ended with {status}\n{tail}")
        return said


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
                tail = log_file.read_text(errors="replace")[-_SHOWN:]
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


@contextlib.contextmanager
def piped(
    command: Sequence[str | Path], *, name: str, folder: Path, env: Mapping[str, str]
) -> Iterator[Piped]:
    """Run ``command`` in ``folder`` until the block ends; entered once it has said its first line.

    Raises:
        NotReadyError: it ended instead.
    """
    log_file = folder / f"{name}.log"
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=_base_environment() | dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        program = Piped(process.pid, process, log_file)
        program.answer()
        yield program
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
        with DIRECT.open(url, timeout=2.0) as answer:
            ok: bool = answer.status == 200
            return ok
    except HTTPError as error:
        # A mock vendor has nothing to say to a GET, which is an answer too.
        return error.code in {404, 405} and not url.endswith("ready")
    except (URLError, ConnectionError, TimeoutError):
        return False


def _cpu_seconds(process: psutil.Process) -> float:
    """User and system time of one process, ended threads included.

    To the nanosecond where the system has a clock for each process: `/proc` counts in ticks of
    10 ms, a third of what a light system takes for a round.
    """
    if sys.platform != "linux":
        return sum(process.cpu_times()[:2])
    try:
        # What clock_getcpuclockid(3) returns for a process; its ended threads count too.
        return time.clock_gettime((~process.pid << 3) | 2)
    except OSError:
        raise psutil.NoSuchProcess(process.pid) from None


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
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
