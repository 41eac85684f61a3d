"""Whom to ask first, and when that is enough: the value of asking on, against its price. Pure.

Asking on can gain at most what the opening's answer may be wrong by, 1 - p, and gains a part of it,
`RESCUED`. It is worth its price while RESCUED * (1 - p) exceeds `POINTS_A_CALL` for each call (the value of
information of Howard 1966). That gives the confidence from which an opening is enough. Two who agree
are different: a third can hardly outvote them, so their agreement is enough. How often an opening of one
would be enough is read off the neighbours' ballots, as they would be judged now.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.trust.model import UNTYPED_SCALE
from learning.advice.panels import among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.ballot import Ballot
    from learning.advice.locality import Local, LocalFit
    from learning.lessons import Lesson

RESCUED = 0.3
"""Of a lone answer's errors, the part that a full panel puts right, net of what it spoils: on recorded
answers of ten sets between a quarter and a third, in easy and hard sets alike."""

POINTS_A_CALL = 0.0075
"""Accuracy that a vendor call must be expected to gain: below three quarters of a point it is not made."""

PAIR_ENOUGH = 0.5
"""Confidence from which two who agree are enough: likelier right than wrong."""

READ = 40
"""Neighbours whose ballots are read for an opening, the nearest: a share known to within 8 points."""

FEWEST = 10
"""Of them that a share must rest on."""

CAREFUL = 0.5
"""Requests that are added as if the opening had not been enough, to each share."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is expected of one provider's answer alone: how likely it is right, and on how many it rests."""

    right: float
    enough: float
    seen: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Whom to ask in order, how many of them first, and the confidence that makes it enough.

    ``calls`` are expected a request.
    """

    providers: tuple[str, ...]
    opening: int
    enough: float
    calls: float


def lone_enough(kept_back: int, points_a_call: float = POINTS_A_CALL) -> float:
    """The confidence from which so many further calls are not worth their price."""
    return max(0.5, 1.0 - kept_back * points_a_call / RESCUED)


def standings(
    fit: LocalFit,
    local: Local,
    lessons: Sequence[Lesson],
    models: Mapping[str, str],
    enough: float,
) -> dict[str, Standing]:
    """What is expected of each provider asked alone, by the neighbours that its model answered.

    Args:
        fit: The model of trust in force.
        local: What holds among the neighbours.
        lessons: The neighbours, nearest first; `READ` of them are read.
        models: The model each provider asks now.
        enough: The confidence from which it would be.
    """
    found = {}
    for name, model in models.items():
        shift = local.offsets.get(name, 0.0) - local.harder
        read = [
            lesson
            for lesson in lessons[:READ]
            if any(v.provider == name and v.model == model for v in lesson.ballot.voters)
        ]
        stated = [
            1.0 / (1.0 + math.exp(-(odds + shift * (1.0 if x.ballot.typed else UNTYPED_SCALE))))
            for x, odds in zip(read, fit.alone(read, name), strict=True)
            if odds is not None
        ]
        if stated:
            found[name] = Standing(
                math.fsum(stated) / len(stated),
                sum(p >= enough for p in stated) / (len(stated) + CAREFUL),
                len(stated),
            )
    return found


def dissent(ballots: Sequence[Ballot], pair: Sequence[str]) -> tuple[float, int]:
    """How often these two differ, and among how many ballots."""
    both = [b for b in (among(x, pair) for x in ballots) if b is not None]
    differ = sum(len(b.groups) > 1 for b in both)
    return (differ + CAREFUL) / (len(both) + 2 * CAREFUL), len(both)


def choose(
    known: Mapping[str, Standing],
    ballots: Sequence[Ballot],
    order: Sequence[str],
    *,
    alone: bool,
    enough: float,
) -> Opening:
    """The opening that is expected to take the fewest calls.

    Args:
        known: As `standings` gives them.
        ballots: Of the neighbours.
        order: All to choose from, best first; at least one.
        alone: Whether one may be asked alone at first.
        enough: Confidence from which one alone is.
    """
    panel = tuple(order)
    if len(panel) <= 2:  # noqa: PLR2004 - a pair is asked as one
        return Opening(panel, 0, 1.0, float(len(panel)))
    rate, _ = dissent(ballots, panel[:2])
    rest = len(panel) - 2
    pair = Opening(panel, 2, PAIR_ENOUGH, 2.0 + rate * rest)
    if not alone:
        return pair
    best = min(
        (name for name in panel if name in known and known[name].seen >= FEWEST),
        key=lambda name: (-known[name].enough, panel.index(name)),
        default=None,
    )
    if best is None:
        return pair
    calls = 1.0 + (1.0 - known[best].enough) * (len(panel) - 1)
    first = (best, *(name for name in panel if name != best))
    return Opening(first, 1, enough, calls) if calls < pair.calls else pair
