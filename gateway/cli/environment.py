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


def refuse_a_plan_nobody_can_follow(settings: Settings) -> None:
    """Read the plan SRP_ROLLOUT_PLAN names; what makes no sense in it ends the command as well."""
    from gateway.configuration import rollout_plan_of  # noqa: PLC0415 - slow, and few commands need it

    try:
        rollout_plan_of(settings)
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
