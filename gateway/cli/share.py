"""Sets the traffic share of the gateways that run here: writes their `.env`, sends SIGHUP, looks."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.announcement import Announcement, running
from gateway.cli import client, env_file
from gateway.environment import SettingsError, merge, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "SRP_TRAFFIC_PERCENTAGE"
APPLIED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.05
ASK_AGAIN_S = 0.5
"""A gateway that is still starting does not hear SIGHUP; it is sent again."""
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


def write(files: Iterable[str], percentage: float) -> None:
    """Set the variable in env files: in all of them, or in none when one does not allow it.

    Raises:
        click.ClickException: as `set_everywhere`.
    """
    changed = {Path(file): _changed(Path(file), percentage) for file in files}
    for file, text in changed.items():
        try:
            env_file.replace(file, text)
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from None


def _changed(file: Path, percentage: float) -> str:
    value = f"{percentage:.12g}"
    try:
        text = env_file.with_variable(env_file.read(file), VARIABLE, value)
        values = env_file.variables(text)
        read_settings(merge({}, values), None)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise click.ClickException(f"cannot read {file}: {reason}") from None
    except SettingsError as error:
        # A gateway would refuse the whole file, and take the new share no more than the rest.
        raise click.ClickException(f"{file} has other errors: {error.lines[0]}") from None
    if values.get(VARIABLE) != value:
        raise click.ClickException(f"{file} cannot be edited safely: a quote in it is not closed")
    return text


def _apply(gateway: Announcement, percentage: float) -> Taken:
    deadline = time.monotonic() + APPLIED_WITHIN_S
    ask_again = 0.0
    while (now := time.monotonic()) < deadline:
        if now >= ask_again:
            try:
                os.kill(gateway.pid, signal.SIGHUP)
            except ProcessLookupError:
                break
            except PermissionError:
                raise click.ClickException(
                    f"may not send a signal to the gateway {gateway.pid}: run this as its user"
                ) from None
            ask_again = now + ASK_AGAIN_S
        try:
            body = client.rollout(gateway.url)
        except client.UnreachableError:
            time.sleep(LOOK_EVERY_S)
            continue
        if abs(body["ceiling"] * 100 - percentage) < SAME:
            return Taken(gateway.pid, gateway.url, True, body["stage"], body["tripped"])
        time.sleep(LOOK_EVERY_S)
    return Taken(gateway.pid, gateway.url, applied=False)
