"""A gateway of one's own: a real `wallbounce serve` on a free port, gone with the command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import httpx

from gateway.announcement import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05


@contextmanager
def local_gateway(folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Run a gateway in ``folder`` and give its URL.

    ``environ`` is added to this process's environment; its log goes to ``folder/gateway.log``.

    Raises:
        click.ClickException: it does not get ready; the message holds the end of its log.
    """
    data = folder / "data"
    log = folder / "gateway.log"
    env = {**os.environ, "WALLBOUNCE_DATA_DIR": str(data), **environ}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "serve", "--port", "0"],
            cwd=folder,
            env=env,
            stdout=sink,
            stderr=sink,
        )
    try:
        yield _ready(process, data, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> str:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        for gateway in running(data):
            try:
                if httpx.get(gateway.url + "/health/live", timeout=1.0).is_success:
                    return gateway.url
            except httpx.HTTPError:
                break
        time.sleep(LOOK_EVERY_S)
    tail = log.read_text(errors="replace")[-2_000:]
    raise click.ClickException(f"the gateway did not get ready:\n{tail}")
