"""`wallbounce rollout status`: where the rollout stands, once or as it moves."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gateway.announcement import running
from gateway.cli import client
from gateway.cli.environment import settings_in_an_emergency
from gateway.cli.parameters import FiniteRange, url_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOK_WITHIN_S = 3.0
"""A gateway that watches does not answer later: the next look comes anyway."""


@click.command("status")
@url_option
@click.option("--watch", is_flag=True, help="Look again and again, until Ctrl-C.")
@click.option(
    "--every",
    type=FiniteRange(0.1, 3_600),
    default=1.0,
    show_default=True,
    help="Seconds between two looks.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="The body of GET /api/v1/rollout; with --watch one line a look.",
)
def status(url: str | None, watch: bool, every: float, as_json: bool) -> None:
    """What is in force and which rule decides it; verdicts, figures, stages, history."""
    settings = settings_in_an_emergency()
    address = client.address(url, settings.server.data_dir)
    if watch:
        with suppress(KeyboardInterrupt):
            _watch(_looks(address, None if url else settings.server.data_dir), every, as_json)
        return
    body = client.rollout(address)
    if as_json:
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from gateway.cli.rollout_view import rollout_view  # noqa: PLC0415

    Console(highlight=False).print(rollout_view(body))


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: the newest body there is, and why it could not be had anew."""

    body: dict[str, Any] | None
    away: str | None


def _looks(url: str, data_dir: Path | None) -> Iterator[Look]:
    """Endless looks. A gateway that went away is looked for again, ``data_dir`` tells under which address."""
    body = None
    while True:
        try:
            body = client.rollout(url, LOOK_WITHIN_S)
            yield Look(body, None)
        except client.UnreachableError as error:
            yield Look(body, error.message)
            here = running(data_dir) if data_dir is not None else []
            url = here[0].url if here else url


def _watch(looks: Iterator[Look], every: float, as_json: bool) -> None:
    if as_json:
        _repeat(looks, every, lambda look: click.echo(json.dumps(_line(look), ensure_ascii=False)))
        return
    from gateway.cli.rollout_live import live  # noqa: PLC0415 - rich is slow to import

    with live() as show:
        _repeat(looks, every, lambda look: show(look.body, look.away))


def _repeat(looks: Iterator[Look], every: float, show: Callable[[Look], None]) -> None:
    for look in looks:
        show(look)
        time.sleep(every)


def _line(look: Look) -> dict[str, Any]:
    return look.body if look.body is not None and look.away is None else {"away": look.away}
