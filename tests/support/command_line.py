"""`wallbounce` as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60.0
_POLL_S = 0.02


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process needs to run, and ``env``: no key or setting of the developer's leaks in."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | dict(env or {})


def wallbounce(
    *arguments: str | bytes,
    folder: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; ``stdout`` and ``stderr`` as text."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        cwd=folder,
        env=environment(env),
        input=stdin if stdin is not None else b"",
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


class RunningCommand:
    """A command under way, in a process group of its own, as a terminal gives it one."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self._process = process
        self._out = out
        self._err = err

    @property
    def stdout(self) -> str:
        """What it wrote so far."""
        return self._out.read_text(errors="replace")

    @property
    def stderr(self) -> str:
        """What it wrote so far."""
        return self._err.read_text(errors="replace")

    def until(self, text: str) -> None:
        """Wait until it has written ``text``."""
        deadline = time.monotonic() + WITHIN_S
        while text not in self.stdout + self.stderr:
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{text!r} never came: {self.stdout}{self.stderr}")
            time.sleep(_POLL_S)

    def children(self) -> list[psutil.Process]:
        """The processes it started."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def interrupt(self) -> int:
        """Ctrl-C, which reaches the whole group; the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(WITHIN_S)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> int:
        """A signal to the command alone; the exit code."""
        self._process.send_signal(number)
        return self._process.wait(WITHIN_S)


@contextlib.contextmanager
def running_command(
    *arguments: str, folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[RunningCommand]:
    """Start a command; whatever is left of its group when the block ends is killed."""
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    # A shell's background job, as tests may be, hands down an ignored Ctrl-C; a terminal does not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with out.open("wb") as out_sink, err.open("wb") as err_sink:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "gateway.cli", *arguments],
            cwd=folder,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=out_sink,
            stderr=err_sink,
            start_new_session=True,
        )
    signal.signal(signal.SIGINT, before)
    try:
        yield RunningCommand(process, out, err)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
