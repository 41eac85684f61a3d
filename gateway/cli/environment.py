"""What commands share of reading the environment: the settings, or one line and exit code 2."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.environment import SettingsError, read_settings

if TYPE_CHECKING:
    from gateway.settings import Settings

ENV_FILE = Path(".env")
"""Read from the folder the command runs in."""


def settings_or_exit() -> Settings:
    """The settings in force; what makes no sense is said line by line, and ends the command."""
    try:
        return read_settings(os.environ, ENV_FILE)
    except SettingsError as error:
        for line in error.lines:
            click.echo(f"wallbounce: {line}", err=True)
        sys.exit(2)
