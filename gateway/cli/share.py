"""Sets the traffic share of the gateways that run here: writes their `.env`, sends SIGHUP, looks."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from dotenv import set_key

from gateway.announcement import Announcement, running
from gateway.cli import client
from gateway.environment import SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "SRP_TRAFFIC_PERCENTAGE"
APPLIED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.05
SAME = 1e-9
"""The same number, after a journey through JSON and a division by 100."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one gateway made of a new share. ``stage`` is empty when it did not take it in time."""

    pid: int
    url: str
    applied: bool
    stage: str = ""
    tripped: bool = False


def set_everywhere(data_dir: Path, percentage: float) -> list[Taken]:
    """Set the share of every gateway that runs from ``data_dir``.

    Raises:
        click.ClickException: an env file cannot be written, or holds other nonsense.
    """
    gateways = running(data_dir)
    write({gateway.env_file for gateway in gateways}, percentage)
    return [_apply(gateway, percentage) for gateway in gateways]


def write(env_files: Iterable[str], percentage: float) -> None:
    """Set the variable in env files; see `set_everywhere`."""
    for file in env_files:
        try:
            set_key(file, VARIABLE, f"{percentage:g}", quote_mode="never")
            read_settings({}, Path(file))
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
        except SettingsError as error:
            raise click.ClickException(f"{file} has other errors: {error.lines[0]}") from None


def _apply(gateway: Announcement, percentage: float) -> Taken:
    os.kill(gateway.pid, signal.SIGHUP)
    deadline = time.monotonic() + APPLIED_WITHIN_S
    while time.monotonic() < deadline:
        body: dict[str, Any] = client.get(gateway.url, "/api/v1/rollout")
        if abs(body["ceiling"] * 100 - percentage) < SAME:
            return Taken(gateway.pid, gateway.url, True, body["stage"], body["tripped"])
        time.sleep(LOOK_EVERY_S)
    return Taken(gateway.pid, gateway.url, applied=False)
