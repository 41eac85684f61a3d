"""Moves the rollout in the database all instances share, and sees the gateways here follow."""

from __future__ import annotations

import getpass
import os
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.announcement import Announcement, running
from gateway.cli import client
from gateway.cli.database import opened
from gateway.rollout.moves import RefusedMoveError, move
from gateway.rollout.state import RolloutEvent
from gateway.storage.rollout_store import SqlRolloutStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gateway.rollout.commands import Command
    from gateway.rollout.state import RolloutState
    from gateway.settings import Settings

FOLLOWED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.05
TRIES = 20
"""Races with other instances a move may lose before it is given up; each took somebody else's move."""


@dataclass(frozen=True, slots=True)
class Done:
    """What stood before a move and what stands after it; the same state when there was nothing to do."""

    before: RolloutState
    after: RolloutState

    @property
    def changed(self) -> bool:
        """Whether the move did anything."""
        return self.after.version != self.before.version


@dataclass(frozen=True, slots=True)
class Following:
    """Whether one gateway of this folder has taken over what the database says; ``share`` in [0, 1]."""

    pid: int
    url: str
    followed: bool
    share: float | None = None
    stage: str = ""

    @property
    def sentence(self) -> str:
        """The same in words."""
        where = f"gateway {self.pid} at {self.url}"
        if self.share is None:
            return f"{where}: has not followed within {FOLLOWED_WITHIN_S:g} s"
        return f"{where}: {self.share * 100:g} % of traffic on the wall-bounce path"


async def change(settings: Settings, command: Command) -> Done:
    """Make the move in the database, anew for as long as others are quicker.

    Raises:
        click.ClickException: the move is refused; or there is no database, it cannot be reached,
            or refuses the reason.
    """
    async with opened(settings) as database:
        store = SqlRolloutStore(database)
        nonce = secrets.token_hex(16)
        for _ in range(TRIES):
            before = await store.load()
            now = datetime.now(UTC)
            try:
                after = move(before, command, now)
            except RefusedMoveError as refused:
                if refused.why == "nothing_to_acknowledge":
                    return Done(before, before)  # what was asked for holds already
                raise click.ClickException(refused.detail) from None
            if after is before:
                return Done(before, after)
            event = RolloutEvent(
                version=after.version,
                at=now,
                kind=command.kind,
                by=command.by,
                reason=command.reason,
                figures=figures_of(command),
                nonce=nonce,
            )
            if await store.change(before, after, event):
                return Done(before, after)
    raise click.ClickException("others moved the rollout each time this tried to; try again")


def figures_of(command: Command) -> Mapping[str, object]:
    """What was seen when the command was given, where it says so."""
    return getattr(command, "figures", {})


def followed(data_dir: Path, version: int) -> Iterator[Following]:
    """Each gateway that runs from ``data_dir``, once it knows this version or has had time to."""
    for gateway in running(data_dir):
        body = _once(gateway, lambda told: (told["shared_state"]["version"] or 0) >= version)
        if body is None:
            yield Following(gateway.pid, gateway.url, followed=False)
        else:
            yield Following(gateway.pid, gateway.url, True, float(body["share"]), body["stage"])


def _once(gateway: Announcement, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    deadline = time.monotonic() + FOLLOWED_WITHIN_S
    while time.monotonic() < deadline:
        try:
            body = client.rollout(gateway.url)
        except client.UnreachableError:
            body = None
        if body is not None and holds(body):
            return body
        time.sleep(LOOK_EVERY_S)
    return None


def operator() -> str:
    """Who works here, as the history and approvals name them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@cli"
