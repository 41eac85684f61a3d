"""Rolls back and acknowledges in the database all instances share, and sees the ones here follow."""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

from gateway.announcement import Announcement, running
from gateway.cli import client
from gateway.cli.database import opened
from gateway.rollout.trip_store import TripStore
from gateway.storage.rollout_store import SqlRolloutStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.rollout.trip_store import TripState
    from gateway.settings import Settings

FOLLOWED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.05


class Move(Enum):
    """What an operator may do to the trip."""

    ROLLBACK = "rollback"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Done:
    """What a move led to: whether a rollback stands now, and a sentence that says so."""

    tripped: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Following:
    """Whether one gateway of this folder has taken over what the database says."""

    followed: bool
    sentence: str


async def change(settings: Settings, move: Move, reason: str) -> Done:
    """Make the move in the database.

    Raises:
        click.ClickException: there is no database, it cannot be reached, or refuses the reason.
    """
    async with opened(settings) as database:
        store = TripStore(SqlRolloutStore(database))
        before = await store.load()
        if move is Move.ROLLBACK:
            after = await store.trip(reason, {}, _who(), datetime.now(UTC))
        else:
            after = await store.acknowledge(_who(), datetime.now(UTC))
    return Done(after.tripped, _sentence(move, before, after))


def followed(data_dir: Path, *, tripped: bool) -> Iterator[Following]:
    """Each gateway that runs from ``data_dir``, once it has followed or has had time to."""
    for gateway in running(data_dir):
        where = f"gateway {gateway.pid} at {gateway.url}"
        if (share := _share_once(gateway, tripped=tripped)) is None:
            yield Following(False, f"{where}: has not followed within {FOLLOWED_WITHIN_S:g} s")
        else:
            yield Following(True, f"{where}: {share * 100:g} % of traffic on the wall-bounce path")


def _share_once(gateway: Announcement, *, tripped: bool) -> float | None:
    deadline = time.monotonic() + FOLLOWED_WITHIN_S
    while time.monotonic() < deadline:
        try:
            body = client.rollout(gateway.url)
        except client.UnreachableError:
            body = {"tripped": None}
        if body["tripped"] == tripped:
            return float(body["share"])
        time.sleep(LOOK_EVERY_S)
    return None


def _sentence(move: Move, before: TripState, after: TripState) -> str:
    match move:
        case Move.ROLLBACK if before.tripped:
            return f"a rollback stands already, by {after.by}: {after.reason}"
        case Move.ROLLBACK:
            return (
                "rolled back: all traffic takes the legacy path until "
                "`wallbounce rollout acknowledge`"
            )
        case Move.ACKNOWLEDGE if not before.tripped:
            return "no rollback stands: there is nothing to acknowledge"
        case Move.ACKNOWLEDGE:
            return "acknowledged: traffic returns to the share the environment says"


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@cli"
