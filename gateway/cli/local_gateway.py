"""A gateway of one's own: a real `wallbounce serve` on a free port, gone with the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import httpx

from gateway.announcement import running
from gateway.cli.client import session
from gateway.settings import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import FrameType

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""Would end this process on the spot, and leave the gateway behind; SIGINT raises by itself."""
LOOK_EVERY_S = 0.05


@contextmanager
def local_gateway(folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Run a gateway in ``folder`` and give its URL.

    It takes its settings from ``environ`` alone; its log goes to ``folder/gateway.log``.

    Raises:
        click.ClickException: it does not get ready; the message holds the end of its log.
    """
    data = folder / "data"
    log = folder / "gateway.log"
    env = {**os.environ, **unset(), "WALLBOUNCE_DATA_DIR": str(data), **environ}
    with _ends_by_raising():
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli", "serve", "--port", "0"],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
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


def unset() -> dict[str, str]:
    """Every variable wallbounce reads, as not set: a rehearsal does not depend on who rehearses."""
    fields = (field for section in SECTIONS.values() for field in section.model_fields.values())
    return {field.alias: "" for field in fields if field.alias}


@contextmanager
def _ends_by_raising() -> Iterator[None]:
    before = {number: signal.signal(number, _leave) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> str:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        for gateway in running(data):
            try:
                with session(gateway.url, 1.0) as http:
                    if http.get("/health/live").is_success:
                        return gateway.url
            except httpx.HTTPError:
                break
        time.sleep(LOOK_EVERY_S)
    tail = log.read_text(errors="replace")[-2_000:].strip()
    raise click.ClickException(f"the gateway did not get ready:\n{tail}")
