"""Which policy is in force, from the moves that put them there; and which one came before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class PolicyMove:
    """Somebody put a version in force. ``number`` counts the moves, from 1, without a gap."""

    number: int
    at: datetime
    by: str
    version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force. ``move``: the last move's number; both 0 before the first."""

    version: int = 0
    move: int = 0


def before(moves: Iterable[PolicyMove]) -> int | None:
    """The version that a revert puts in force again; None where there was none before.

    A revert takes back what a version was put in force over, so a second one goes a step further back
    and never to what the first one took away: going to the version before is the same as going back.

    Args:
        moves: All of them, oldest first.
    """
    way: list[int] = []
    for move in moves:
        if len(way) > 1 and way[-2] == move.version:
            way.pop()
        elif not way or way[-1] != move.version:
            way.append(move.version)
    return way[-2] if len(way) > 1 else None
