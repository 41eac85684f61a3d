"""Runs the application under uvicorn: one process, or several with SIGHUP handed on to each."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway.announcement import announced
from gateway.api.app import create_app
from gateway.environment import read_settings
from gateway.factory import instance_of, open_gateway
from gateway.monitoring.logs import configure_logging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gateway.settings import Settings

BACKLOG = 2_048
"""Connections the kernel keeps for us while we are busy."""

ENV_FILE_VARIABLE = "WALLBOUNCE_ENV_FILE_IN_USE"
"""Tells worker processes which env file the parent read."""


def serve(settings: Settings, env_file: Path, host: str, port: int, workers: int) -> int:
    """Serve until SIGTERM or SIGINT, then drain. Returns the exit code.

    Raises:
        OSError: the address cannot be bound.
    """
    os.environ[ENV_FILE_VARIABLE] = str(env_file.absolute())
    settings.server.data_dir.mkdir(parents=True, exist_ok=True)
    if workers > 1:
        _share_metrics(settings.server.data_dir)
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
        date_header=True,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.server.drain.total_seconds()),
    )
    with (
        _bound(host, port) as sock,
        announced(settings.server.data_dir, host, sock.getsockname()[1], env_file),
    ):
        if workers > 1:
            _Workers(config, sockets=[sock]).run()
            return 0
        server = uvicorn.Server(config)
        server.run(sockets=[sock])
        return 0 if server.started else 3


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
    return create_app(lambda: open_gateway(settings, lambda: read_settings(os.environ, env_file)))


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


def _share_metrics(data_dir: Path) -> None:
    """prometheus-client adds up several processes' figures through files in one fresh folder."""
    folder = data_dir / "metrics"
    folder.mkdir(exist_ok=True)
    for leftover in folder.glob("*.db"):
        leftover.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.absolute())


class _Workers(Multiprocess):
    """uvicorn's supervisor, but SIGHUP is handed on: it changes the share, and restarts nothing."""

    def handle_hup(self) -> None:
        for process in self.processes:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGHUP)
