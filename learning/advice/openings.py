"""Whom to ask first, and when that is enough: the value of asking on, against its price. Pure.

Asking on can gain at most what the opening's answer may be wrong by, 1 - p, and gains a part of it,
`RESCUED`. It is worth its price while RESCUED * (1 - p) exceeds `POINTS_A_CALL` for each call (the value of
information of Howard 1966). That gives the confidence from which an opening is enough. Two who agree
are different: a third can hardly outvote them, so their agreement is enough. One opens alone where labels
say that it is right nearly always on questions like this: then what the others could put right is less
than their calls are worth.
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

FEWEST = 50
"""Labels of a provider among the neighbours from which it may open alone: a share of 97 % is then known to
within 5 points."""

LONE_ENOUGH = 0.5
"""Confidence from which the answer of one who may open alone is enough: labels spoke for it already."""

CAREFUL = 0.5
"""Requests that are added as if the opening had not been enough, to each share."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is expected of one provider's answer alone.

    ``right``: how likely it is right, as the model of trust has it, over ``seen`` neighbours; ``told``: labels
    that say whether it was, ``told_right`` of them that it was.
    """

    right: float
    seen: int
    told: int = 0
    told_right: int = 0

    @property
    def labelled_right(self) -> float:
        """How often labels found it right, with Jeffreys' prior (1946): never quite always."""
        return (self.told_right + 0.5) / (self.told + 1.0)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whom to ask in order, how many of them first, and the confidence that makes it enough.

    ``calls`` are expected a request.
    """

    providers: tuple[str, ...]
    opening: int
    enough: float
    calls: float


def standings(
    fit: LocalFit,
    local: Local,
    lessons: Sequence[Lesson],
    models: Mapping[str, str],
) -> dict[str, Standing]:
    """What is expected of each provider asked alone, by the neighbours that its model answered.

    Args:
        fit: The model of trust in force.
        local: What holds among the neighbours.
        lessons: The neighbours, nearest first; the model judges `READ` of them, labels of all count.
        models: The model each provider asks now.
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
            told = [right for x in lessons if (right := _told(x, name, model)) is not None]
            found[name] = Standing(
                math.fsum(stated) / len(stated), len(stated), len(told), sum(told)
            )
    return found


def _told(lesson: Lesson, name: str, model: str) -> bool | None:
    """Whether the label says that this provider's model was right; None where it says nothing of it.

    Who said what was given out is right or wrong with it. Who said otherwise is wrong where that was right.
    """
    for i, voter in enumerate(lesson.ballot.voters):
        if voter.provider == name and voter.model == model:
            if i in lesson.ballot.groups[lesson.returned]:
                return lesson.correct
            return False if lesson.correct else None
    return None


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
    points_a_call: float = POINTS_A_CALL,
) -> Opening:
    """The opening whose calls are worth their price.

    A pair opens, unless one alone is allowed and what it would lose by itself, `RESCUED` of its errors, is
    less than the calls that it saves are worth.

    Args:
        known: As `standings` gives them.
        ballots: Of the neighbours.
        order: All to choose from, best first; at least one.
        alone: Whether one may be asked alone at first.
        points_a_call: See `POINTS_A_CALL`.
    """
    panel = tuple(order)
    if len(panel) <= 2:  # noqa: PLR2004 - a pair is asked as one
        return Opening(panel, 0, 1.0, float(len(panel)))
    rate, _ = dissent(ballots, panel[:2])
    pair = Opening(panel, 2, PAIR_ENOUGH, 2.0 + rate * (len(panel) - 2))
    able = [name for name in panel if name in known and known[name].told >= FEWEST]
    if not alone or not able:
        return pair
    best = max(able, key=lambda name: (known[name].labelled_right, -panel.index(name)))
    lost = RESCUED * (1.0 - known[best].labelled_right)
    if lost >= points_a_call * (pair.calls - 1.0):
        return pair
    return Opening((best, *(name for name in panel if name != best)), 1, LONE_ENOUGH, 1.0)
