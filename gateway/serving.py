"""Runs the application under uvicorn: one process, or several."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import os
import shutil
import signal
import socket
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import uvicorn

from gateway.announcement import announced
from gateway.api.app import create_app
from gateway.draining import FAREWELL_S, draining_on_exit
from gateway.environment import SettingsError, merge, read_env_file, read_settings
from gateway.factory import instance_of, open_gateway
from gateway.monitoring.logs import configure_logging
from gateway.rolling_out import adopt
from gateway.settings import HOT_VARIABLES, SECTIONS
from gateway.storage.sql import Database
from gateway.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
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

IN_FORCE_VARIABLE = "WALLBOUNCE_ENV_FILE_IN_FORCE"
"""Hands several workers what the env file held when it was last found good, as JSON.

A worker that replaces a dead one must do as its siblings do, whatever was typed into the file since:
it may not even be readable, and only SIGHUP says that it is meant. The process's environment alone
would not do: the share and the keys may stand in the file only. A variable is as private as the
keys' own variables are, and unlike a file of ours leaves no secrets behind.
"""


COLLECTIONS = (20_000, 20, 50)
"""When cycles are collected: new containers, and how many times younger before older ones. A request makes
thousands, hardly any in cycles; Python's 700 looks through them several times a request."""


def serve(settings: Settings, env_file: Path, host: str, port: int, workers: int) -> int:
    """Serve until SIGTERM or SIGINT, then drain. Returns the exit code.

    Raises:
        OSError: the address cannot be bound.
        StorageError: the database cannot be reached, or not be brought up to date.
    """
    # Before uvicorn: it would bury the reason in a traceback, and several workers would each find it.
    asyncio.run(_prepare(settings))
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
        timeout_graceful_shutdown=math.ceil(settings.server.drain.total_seconds()) + FAREWELL_S,
    )
    with (
        _bound(host, port) as sock,
        announced(settings.server.data_dir, host, sock.getsockname()[1], env_file),
    ):
        if workers > 1:
            return _serve_with_workers(config, sock, settings, env_file)
        # uvicorn raises the signal again once it has shut down, for whoever handled it before: us,
        # with nothing left to do. A drained process then ends with 0 instead of dying of the signal.
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, _drained)
        server = uvicorn.Server(config)
        server.run(sockets=[sock])
        return 0 if server.started else 3


def _serve_with_workers(
    config: uvicorn.Config, sock: socket.socket, settings: Settings, env_file: Path
) -> int:
    _configure_logging(settings)
    _put_in_force(read_env_file(env_file))
    with _shared_metrics(settings.server.data_dir) as metrics_dir:
        workers = Workers(config, [sock], metrics_dir, lambda: _reread(env_file))
        workers.run()
    return 1 if workers.gave_up else 0


def _put_in_force(env_file: Mapping[str, str]) -> None:
    ours = {f.alias for section in SECTIONS.values() for f in section.model_fields.values()}
    known = {name: value for name, value in env_file.items() if name in ours}
    os.environ[IN_FORCE_VARIABLE] = orjson.dumps(known).decode()


def _in_force() -> dict[str, str]:
    values: dict[str, str] = orjson.loads(os.environ[IN_FORCE_VARIABLE])
    return values


def _reread(env_file: Path) -> None:
    """SIGHUP has come: what workers that live take over now holds for those to come, and no more."""
    try:
        read_settings(os.environ, env_file)
        new = read_env_file(env_file)
    except SettingsError:
        return  # each worker says so in the log, and stays with what it has
    cold = {k: v for k, v in _in_force().items() if k not in HOT_VARIABLES}
    taken_over = cold | {k: v for k, v in new.items() if k in HOT_VARIABLES}
    try:
        read_settings(merge(os.environ, taken_over), None)
    except SettingsError:
        # The new values need others that take a restart (a chain with a provider just added).
        taken_over = new
    _put_in_force(taken_over)


def _drained(signum: int, frame: FrameType | None) -> None:
    """Nothing is left to do."""


async def _prepare(settings: Settings) -> None:
    database = await Database.open(settings.database_url)
    try:
        await database.migrate()
        await adopt(settings, database, instance=instance_of(settings))
    finally:
        await database.aclose()


def application() -> FastAPI:
    """The application of one process, made from this process's environment."""
    env_file = Path(os.environ.get(ENV_FILE_VARIABLE, ".env"))
    settings = (
        read_settings(merge(os.environ, _in_force()), None)
        if IN_FORCE_VARIABLE in os.environ
        else read_settings(os.environ, env_file)
    )
    _configure_logging(settings)
    return create_app(lambda: _opened(settings, lambda: read_settings(os.environ, env_file)))


def _configure_logging(settings: Settings) -> None:
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


@asynccontextmanager
async def _opened(settings: Settings, reread: Callable[[], Settings]) -> AsyncIterator[Gateway]:
    async with open_gateway(settings, reread) as gateway:
        # What is loaded by now stays for good: the collector need never look at it again.
        gc.freeze()
        gc.set_threshold(*COLLECTIONS)
        gc.enable()
        with draining_on_exit(gateway.admission, settings.server.drain.total_seconds()):
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
def _shared_metrics(data_dir: Path) -> Iterator[Path]:
    """prometheus-client adds up several processes' figures through files in one fresh folder."""
    folder = data_dir / f"metrics-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ[SHARED_METRICS_VARIABLE] = str(folder.absolute())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
