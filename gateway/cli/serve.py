"""`wallbounce serve`: the gateway, until SIGTERM."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from gateway.cli.environment import (
    ENV_FILE,
    one_thread_for_matrices,
    refuse_a_plan_nobody_can_follow,
    refuse_prices_nobody_can_follow,
    settings_or_exit,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.settings import Settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=4000,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="Port; 0 takes a free one.",
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes."
)
def command(host: str, port: int, workers: int) -> None:
    """Run the gateway.

    Settings come from the environment and from .env in this folder (see .env.example). SIGHUP
    re-reads .env and applies the traffic share and the limits; SIGTERM lets running requests finish.
    """
    gc.disable()  # `gateway.serving` enables it once all is loaded: a tenth of the start
    settings = settings_or_exit()
    refuse_a_plan_nobody_can_follow(settings)
    refuse_prices_nobody_can_follow(settings)
    _refuse_workers_that_could_not_meet(settings, workers)
    _make_writable(settings.server.data_dir)
    # Until it can be heard, it would end us; whoever sent it asks again.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    one_thread_for_matrices()
    from gateway.serving import serve  # noqa: PLC0415 - bad settings are told before the slow imports
    from gateway.storage.errors import StorageError  # noqa: PLC0415

    try:
        code = serve(settings, ENV_FILE, host, port, workers)
    except OSError as error:
        click.echo(f"wallbounce: cannot listen on {host}:{port}: {error.strerror}", err=True)
        code = 1
    except StorageError as error:
        click.echo(f"wallbounce: DATABASE_URL: {error}", err=True)
        code = 1
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End, also where a thread hangs in a database that does not answer: all else is done by now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refuse_workers_that_could_not_meet(settings: Settings, workers: int) -> None:
    if workers > 1 and settings.server.redis_url is None:
        click.echo(
            f"wallbounce: REDIS_URL: expected a Redis for --workers {workers}, found none: processes "
            "that share an address judge the rollout together, and without it each would judge by its "
            "own part of the traffic; set REDIS_URL, or serve with one worker",
            err=True,
        )
        sys.exit(2)


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "it cannot be written"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        click.echo(
            f"wallbounce: WALLBOUNCE_DATA_DIR: expected a folder to write to, found {folder}: {reason}",
            err=True,
        )
        sys.exit(2)
