"""Bets against "the arm is no worse than it may be": e-variables on observations in [0, 1], 1 the worst.

An observation's factor under the alternative mean q against the null mean p is
``1 + (y - p) (q - p) / (p (1 - p))``: the likelihood ratio for y in {0, 1}, and by its linearity an
e-variable for every distribution on [0, 1] of mean p as well (Waudby-Smith & Ramdas, "Estimating means
of bounded random variables by betting", 2024, section 4). In a block the null's pair (p_arm, p_control)
comes from `project`; at any null point each observation's expected factor is 1 + s with the s of the
block summing to no more than 0, and 1 + s <= exp(s): the block's factor is an e-variable whatever
the point, the sizes, and the drift within the block.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.statistics.detector import Detector
from gateway.rollout.statistics.projection import project

if TYPE_CHECKING:
    from collections.abc import Sequence

HIGHEST = 0.995
"""The largest mean an alternative may have: at 1, one good request would end all evidence."""

LOWEST = 1e-4
"""The smallest mean the control is guessed to have, for the same reason."""

REMEMBERED = 5_000
"""Observations of the control its guessed rate goes back to: longer would not follow a drift, and at
1 % the guess is by then good to 0.14 points."""

STALE = 0.04
"""Relative change of the guess from which on the alternatives are placed anew. Any guess is valid; a
coarse one costs a per mille of power and saves nearly all projections."""


@dataclass(frozen=True, slots=True)
class Bet:
    """What is bet on: ``margin`` allowed, ``excesses`` beyond it with their prior ``weights``.

    With ``relative`` the excesses are multiples of the control's guessed mean. ``guess`` of that
    mean counts for ``guess_count`` observations before any is seen.
    """

    margin: float
    excesses: tuple[float, ...]
    weights: tuple[float, ...]
    guess: float
    guess_count: float
    relative: bool = False

    def alternatives(self, control: float) -> tuple[float, ...]:
        """The arm's means that are bet on, given the control's; empty if nothing can be worse."""
        floor = control + self.margin
        if floor >= HIGHEST:
            return ()
        scale = control if self.relative else 1.0
        return tuple(min(floor + e * scale, (floor + 2 * HIGHEST) / 3) for e in self.excesses)


@dataclass(frozen=True, slots=True)
class _Slopes:
    """One alternative in a block of given sizes: a factor is ``1 + slope (y - p)``."""

    p_arm: float
    p_control: float
    arm: float
    control: float

    def of_values(self, arm: Sequence[float], control: Sequence[float]) -> float:
        """The block's log factor for any y in [0, 1]."""
        product = 1.0
        for y in arm:
            product *= 1 + self.arm * (y - self.p_arm)
        for y in control:
            product *= 1 + self.control * (y - self.p_control)
        return math.log(product)


class TwoSample:
    """The evidence that an arm's mean lies more than ``bet.margin`` above the control's.

    Blocks must be formed without looking at their outcomes (`gateway.rollout.statistics.pairing`).
    """

    def __init__(self, bet: Bet) -> None:
        self.detector = Detector(bet.weights)
        self._bet = bet
        self._seen = bet.guess_count
        self._sum = bet.guess * bet.guess_count
        self._place()

    def add(self, arm: Sequence[float], control: Sequence[float]) -> None:
        """Take in a block of outcomes in [0, 1]; without either side it says nothing."""
        if arm and control:
            slopes = self._slopes(len(arm), len(control))
            if slopes:
                self.detector.multiply([s.of_values(arm, control) for s in slopes])
            self._learn(math.fsum(control), len(control))

    def clear(self) -> None:
        """Forget the evidence; the guessed rate of the control stays, as it is no evidence."""
        self.detector.clear()

    def _learn(self, total: float, count: int) -> None:
        self._sum += total
        self._seen += count
        if self._seen > REMEMBERED:
            keep = REMEMBERED / self._seen
            self._sum *= keep
            self._seen *= keep
        if abs(self._sum / self._seen - self._control) > STALE * self._control:
            self._place()

    def _place(self) -> None:
        self._control = min(max(self._sum / self._seen, LOWEST), HIGHEST)
        self._alternatives = self._bet.alternatives(self._control)
        self._cache: dict[tuple[int, int], list[_Slopes]] = {}

    def _slopes(self, n_arm: int, n_control: int) -> list[_Slopes]:
        sizes = (n_arm, n_control)
        found = self._cache.get(sizes)
        if found is None:
            found = [_slopes(q, self._control, sizes, self._bet.margin) for q in self._alternatives]
            self._cache[sizes] = found
        return found


class OneSample:
    """The evidence that a mean lies above ``bound``: each observation is a block of its own.

    ``alternatives`` are means above the bound and below 1, with their prior ``weights``.
    """

    def __init__(
        self, bound: float, alternatives: Sequence[float], weights: Sequence[float]
    ) -> None:
        if not all(0 < bound < q < 1 for q in alternatives):
            raise ValueError(f"no bet on {alternatives} against a mean of at most {bound}")
        self.detector = Detector(weights)
        self._bound = bound
        self._slopes = [(q - bound) / (bound * (1 - bound)) for q in alternatives]

    def add(self, y: float) -> None:
        """Take in an outcome in [0, 1]."""
        above = y - self._bound
        self.detector.multiply([math.log1p(slope * above) for slope in self._slopes])


def _slopes(q_arm: float, q_control: float, sizes: tuple[int, int], margin: float) -> _Slopes:
    p_arm, p_control = project(q_arm, q_control, *sizes, margin)
    return _Slopes(
        p_arm,
        p_control,
        (q_arm - p_arm) / (p_arm * (1 - p_arm)),
        (q_control - p_control) / (p_control * (1 - p_control)),
    )
