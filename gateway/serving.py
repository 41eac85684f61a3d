"""Runs the application under uvicorn: one process, or several with SIGHUP handed on to each."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import signal
import socket
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway.announcement import announced
from gateway.api.app import create_app
from gateway.environment import read_settings
from gateway.factory import instance_of, open_gateway
from gateway.monitoring.logs import configure_logging
from gateway.monitoring.metrics import retire_worker
from gateway.storage.sql import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import FrameType

    from fastapi import FastAPI

    from gateway.factory import Gateway
    from gateway.settings import Settings

BACKLOG = 2_048
"""Connections the kernel keeps for us while we are busy."""

SHARED_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client's own: set, it keeps its figures in files of that folder."""

ENV_FILE_VARIABLE = "WALLBOUNCE_ENV_FILE_IN_USE"
"""Tells worker processes which env file the parent read."""


def serve(settings: Settings, env_file: Path, host: str, port: int, workers: int) -> int:
    """Serve until SIGTERM or SIGINT, then drain. Returns the exit code.

    Raises:
        OSError: the address cannot be bound.
        StorageError: the database cannot be reached, or not be brought up to date.
    """
    # Before uvicorn: it would bury the reason in a traceback, and several workers would each find it.
    asyncio.run(_migrate(settings.database_url))
    os.environ[ENV_FILE_VARIABLE] = str(env_file.absolute())
    config = uvicorn.Config(
        "gateway.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here looks at the caller's address
        date_header=True,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.server.drain.total_seconds()),
    )
    with (
        _bound(host, port) as sock,
        announced(settings.server.data_dir, host, sock.getsockname()[1], env_file),
    ):
        if workers > 1:
            with _shared_metrics(settings.server.data_dir):
                _Workers(config, sockets=[sock]).run()
            return 0
        # uvicorn raises the signal again once it has shut down, for whoever handled it before: us,
        # with nothing left to do. A drained process then ends with 0 instead of dying of the signal.
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, _drained)
        server = uvicorn.Server(config)
        server.run(sockets=[sock])
        return 0 if server.started else 3


def _drained(signum: int, frame: FrameType | None) -> None:
    """Nothing is left to do."""


async def _migrate(url: str) -> None:
    database = await Database.open(url)
    try:
        await database.migrate()
    finally:
        await database.aclose()


def application() -> FastAPI:
    """The application of one process, made from this process's environment."""
    env_file = Path(os.environ.get(ENV_FILE_VARIABLE, ".env"))
    settings = read_settings(os.environ, env_file)
    server, vendors = settings.server, settings.vendors
    keys = (vendors.openai_api_key, vendors.anthropic_api_key, settings.google_key)
    configure_logging(
        sys.stderr,
        level=server.log_level,
        instance=instance_of(settings),
        secrets=[*filter(None, keys), *server.api_keys, *server.operator_keys],
    )
    # `gateway.monitoring.request_log` writes a line a request with its id; uvicorn's would be a second.
    logging.getLogger("uvicorn.access").propagate = False
    return create_app(lambda: _opened(settings, lambda: read_settings(os.environ, env_file)))


@asynccontextmanager
async def _opened(settings: Settings, reread: Callable[[], Settings]) -> AsyncIterator[Gateway]:
    async with open_gateway(settings, reread) as gateway:
        # What is loaded by now stays for good: the collector need never look at it again.
        gc.freeze()
        gc.enable()
        yield gateway


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    sock.set_inheritable(True)
    return sock


@contextmanager
def _shared_metrics(data_dir: Path) -> Iterator[None]:
    """prometheus-client adds up several processes' figures through files in one fresh folder."""
    folder = data_dir / f"metrics-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ[SHARED_METRICS_VARIABLE] = str(folder.absolute())
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Workers(Multiprocess):
    """uvicorn's supervisor, but SIGHUP is handed on: it changes the share, and restarts nothing.

    A worker that died is also taken out of the metrics that add up live workers.
    """

    def keep_subprocess_alive(self) -> None:
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                retire_worker(pid, Path(os.environ[SHARED_METRICS_VARIABLE]))

    def handle_hup(self) -> None:
        for process in self.processes:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGHUP)
