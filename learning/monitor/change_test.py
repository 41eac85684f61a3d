"""Evidence that a mean has risen at some moment nobody knows beforehand; may be looked at after every value.

Each value y in [0, 1] gives the factor ``1 + (y - b) (q - b) / (b (1 - b))``: for any distribution of mean at
most b, whatever came before, its expectation is at most 1 (Waudby-Smith & Ramdas, "Estimating means of
bounded random variables by betting", 2024, section 4). The product of the factors from moment j on is the evidence
for a change at j. Their mixture over all moments j, by weights that sum to 1, is a test martingale too: moments
still to come count with their weight alone. So, over however long a time, the chance that the evidence
ever reaches 1/a without a change is at most a (Ville 1939). `gateway.rollout.statistics.detector` adds the same products
up without weights: there it is the rate of false alarms that is bounded, which fits a stage of hours; a
vendor is watched for months.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SPREAD = 1_000.0
"""Moment j weighs C / ((j + C - 1)(j + C)) with this C: half of all weight is on the first thousand. A change at
the millionth value costs 14 more in the logarithm of the evidence than one among the first."""

ODDS = (1.5, 2.5, 6.0)
"""How many times the odds of the bound the alternatives have: from slightly to far worse."""

WEIGHTS = (0.4, 0.35, 0.25)

_MORE = tuple(odds - 1 for odds in ODDS)

CEILING = 1e200
"""Where the sums stop growing: no threshold is near it. Less evidence is always allowed."""


@dataclass(slots=True)
class ChangeTest:
    """The evidence that a mean of values in [0, 1] is now above ``bound``, in (0, 1).

    ``steps`` values were seen; ``sums``, one an alternative, are the weighted products so far.
    """

    bound: float
    steps: int = 0
    sums: tuple[float, ...] = (0.0,) * len(ODDS)

    def add(self, y: float) -> None:
        """Take in the next value."""
        self.steps += 1
        moment = SPREAD / ((self.steps + SPREAD - 1) * (self.steps + SPREAD))
        above, bound = y - self.bound, self.bound
        # Called for every answer of every vendor: slope (q - b) / (b (1 - b)), said by the odds.
        self.sums = tuple(
            [
                min((total + moment) * (1 + more / (1 + bound * more) * above), CEILING)
                for total, more in zip(self.sums, _MORE, strict=True)
            ]
        )

    @property
    def evidence(self) -> float:
        """For a change at any moment so far or to come; 1 before the first value."""
        slight, clear, strong = self.sums
        mixed = WEIGHTS[0] * slight + WEIGHTS[1] * clear + WEIGHTS[2] * strong
        return mixed + SPREAD / (self.steps + SPREAD)

    @property
    def log_evidence(self) -> float:
        """Its natural logarithm."""
        return math.log(self.evidence)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {"bound": self.bound, "steps": self.steps, "sums": list(self.sums)}

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> ChangeTest:
        """What `as_json` made."""
        return ChangeTest(kept["bound"], kept["steps"], tuple(kept["sums"]))
