"""What commands share of reading the environment: the settings, or one line and exit code 2."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from gateway.environment import SettingsError, merge, read_env_file, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.settings import Settings

ENV_FILE = Path(".env")
"""Read from the folder the command runs in."""


def settings_or_exit(instead: Mapping[str, str] | None = None) -> Settings:
    """The settings in force; what makes no sense is said line by line, and ends the command.

    ``instead`` holds variables that count more than the environment and the file.
    """
    try:
        merged = merge(os.environ, read_env_file(ENV_FILE))
        return read_settings(merged | dict(instead or {}), None)
    except SettingsError as error:
        _refuse(error)


def settings_in_an_emergency() -> Settings:
    """The settings with what makes no sense left out and said: a mistake must not keep a rollback.

    What the database's own variables say must make sense: without it the wrong one would be moved.
    """
    merged = merge(os.environ, read_env_file(ENV_FILE))
    try:
        return read_settings(merged, None)
    except SettingsError as error:
        wrong = {line.partition(":")[0] for line in error.lines}
        if wrong & {"DATABASE_URL", "WALLBOUNCE_DATA_DIR"}:
            _refuse(error)
        for line in error.lines:
            click.echo(f"wallbounce: left out: {line}", err=True)
        try:
            return read_settings({k: v for k, v in merged.items() if k not in wrong}, None)
        except SettingsError as still:
            _refuse(still)


def refuse_a_plan_nobody_can_follow(settings: Settings) -> None:
    """Read the plan SRP_ROLLOUT_PLAN names; what makes no sense in it ends the command as well."""
    from gateway.configuration import rollout_plan_of  # noqa: PLC0415 - slow, and few commands need it

    try:
        rollout_plan_of(settings)
    except SettingsError as error:
        _refuse(error)


def refuse_prices_nobody_can_follow(settings: Settings) -> None:
    """Read the file WALLBOUNCE_PRICES names; what makes no sense in it ends the command as well."""
    if settings.vendors.prices is None:
        return
    from gateway.pricing import check_prices  # noqa: PLC0415 - few gateways have such a file

    try:
        check_prices(settings)
    except SettingsError as error:
        _refuse(error)


def _refuse(error: SettingsError) -> NoReturn:
    for line in error.lines:
        click.echo(f"wallbounce: {line}", err=True)
    sys.exit(2)


def one_thread_for_matrices() -> None:
    """Have numpy compute on one thread, here and in worker processes; call it before numpy is imported.

    OpenBLAS's threads wait for each other by spinning. Where other work shares the cores, fits of
    matrices as small as ours took thirty times as long with two threads as with one.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
