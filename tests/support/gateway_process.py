"""A real gateway in a process of its own, for tests that stand where a client or an operator stands."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
import psutil

from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
_POLL_SECONDS = 0.02
_SHOWN = 4000
"""Characters of the log shown in errors."""


class GatewayNotReadyError(Exception):
    """The gateway ended or stayed silent instead of getting ready; the message carries its log."""


class RunningGateway:
    """``wallbounce serve`` on a free port of 127.0.0.1, started by ``with``, ended by its pid.

    It runs in the folder ``tmp_path`` (its `.env`, its database, its log) and sees of the caller's
    environment only what a process needs to run: no key or setting of the developer's leaks in.
    After `kill9` or `stop`, `start` runs it again in the same folder on the same port.

    Args:
        env: the gateway's settings, by their variables.
        tmp_path: the folder it runs in; must exist.
        arguments: more arguments of ``serve``, for example ``["--workers", "2"]``.
        ready_within: seconds it may take until ``/health/ready`` answers 200; None starts it
            without waiting.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        tmp_path: Path,
        *,
        arguments: tuple[str, ...] = (),
        ready_within: float | None = 30.0,
    ) -> None:
        self.folder = tmp_path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = tmp_path / "gateway.log"
        self._env = dict(env)
        self._arguments = arguments
        self._ready_within = ready_within
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's id; with several workers their parent's."""
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        """The exit status, None while it runs; negative for a signal."""
        return self._running().poll()

    @property
    def log(self) -> str:
        """What it wrote to stdout and stderr so far, over all its starts."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [
            *(sys.executable, "-m", "gateway.cli", "serve"),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *self._arguments,
        ]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=_base_environment() | self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if self._ready_within is not None:
            try:
                self.wait_ready(self._ready_within)
            except BaseException:
                self.kill9()
                raise

    def wait_ready(self, within: float) -> None:
        """Wait until ``/health/ready`` answers 200.

        Raises:
            GatewayNotReadyError: it ended, or ``within`` seconds passed.
        """
        deadline = time.monotonic() + within
        last = "no answer"
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                if self.returncode is not None:
                    raise GatewayNotReadyError(
                        f"the gateway ended with {self.returncode}:\n{self.log[-_SHOWN:]}"
                    )
                try:
                    answer = client.get(f"{self.url}/health/ready")
                except httpx.TransportError:
                    time.sleep(_POLL_SECONDS)
                    continue
                if answer.status_code == httpx.codes.OK:
                    return
                last = f"{answer.status_code} {answer.text}"
                time.sleep(_POLL_SECONDS)
        raise GatewayNotReadyError(
            f"not ready within {within} s (last: {last}):\n{self.log[-_SHOWN:]}"
        )

    def stop(self, within: float = 40.0) -> int | None:
        """SIGTERM, then wait for the drain; SIGKILL after ``within`` seconds. The exit status."""
        process = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill9()
        return process.returncode

    def wait(self, within: float = 40.0) -> int:
        """Wait until it ends by itself. The exit status."""
        return self._running().wait(within)

    def kill9(self) -> None:
        """SIGKILL to it and its workers: no goodbye, as a crash or the out-of-memory killer leaves it."""
        process = self._running()
        if process.poll() is None:
            workers = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
            for worker in workers:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()

    def sighup(self) -> None:
        """SIGHUP: read `.env` again."""
        self._running().send_signal(signal.SIGHUP)

    def sigterm(self) -> None:
        """SIGTERM without waiting: the drain begins."""
        self._running().terminate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise GatewayNotReadyError("the gateway was not started")
        return self._process


def _base_environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
