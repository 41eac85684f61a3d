"""What an arm is compared in: each measure's bet, and its part of the false alarms allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.statistics.betting import Bet
from gateway.rollout.statistics.detector import Bars

if TYPE_CHECKING:
    from gateway.rollout.rules import Margins, Rules

MEAN_REQUESTS = 1_200.0
"""Divided by alpha: requests of an arm exactly at the edge of its margins until the search for recent
harm raises a false alarm, on average, at least (24,000 at 5 %)."""

ERROR_RATE = "error_rate"
QUALITY = "quality"
LATENCY = "latency"
COST = "cost"
CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Part:
    """A measure's part of alpha, by the evidence since the start and by recent evidence.

    Failures get most: they hurt most, come first, and are rare enough to need it. The parts of
    each kind sum to 1.
    """

    start: float
    recent: float


PARTS = {
    ERROR_RATE: Part(0.55, 0.75),
    QUALITY: Part(0.09, 0.08),
    LATENCY: Part(0.16, 0.07),
    COST: Part(0.10, 0.05),
    CONFIDENCE: Part(0.10, 0.05),
}


def bars(measure: str, rules: Rules) -> Bars:
    """The evidence that is called harm.

    Since the start: by any measure of any arm, ever, with a chance of at most alpha (Ville, and the sum
    over parts). Recent: the sums weighted by their parts grow by at most one a request on average,
    whichever arm's, so `MEAN_REQUESTS` / alpha of them pass until one reaches its bar, on average.
    """
    part = PARTS[measure]
    halves = 2 if measure == CONFIDENCE else 1  # its reference may be wrong, too
    return Bars(
        start=math.log(halves * max(1, len(rules.arms)) / (rules.alpha * part.start)),
        recent=math.log(MEAN_REQUESTS / (rules.alpha * part.recent)),
    )


def bet(measure: str, margins: Margins) -> Bet:
    """What is bet on for a measure that is compared with the control."""
    if measure == ERROR_RATE:
        excesses, weights = (0.04, 0.15, 0.5), (0.6, 0.25, 0.15)
        return Bet(margins.error_rate, excesses, weights, guess=0.01, guess_count=50)
    if measure == QUALITY:
        return Bet(margins.quality, (0.05, 0.12, 0.3), (0.6, 0.3, 0.1), guess=0.15, guess_count=20)
    if measure == LATENCY:
        return Bet(0.0, (0.05, 0.2, 0.5), (0.4, 0.4, 0.2), guess=0.05, guess_count=200)
    if measure == COST:
        excesses, weights = (0.2, 0.6, 2.0), (0.3, 0.4, 0.3)
        return Bet(0.0, excesses, weights, guess=0.1, guess_count=20, relative=True)
    raise ValueError(f"{measure} is not compared with the control")
