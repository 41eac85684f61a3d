"""The words of drift: what is watched of a vendor, on what terms, and what a found change is.

Each figure of a provider is held against its own past, value by value. The first values, and at least a day
of them, are its reference (`learning.monitor.reference`); from then on every value is evidence
(`learning.monitor.change_test`) that the figure now lies further from it than chance and a margin allow
(`learning.monitor.watch`). A found change ends that; what comes after is the figure's new reference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FALSE_ALARMS = 0.01
"""The chance that a provider that does not change is ever called changed, over all its figures, from one set
of references on. Half of it is the references' own, half the evidence's."""

REFERENCE_TIME = timedelta(days=1)
"""The least time a reference covers: latencies and questions follow the hours."""


class Measure(StrEnum):
    """What is watched of a provider; for rates, what counts as 1."""

    WRONG = "wrong"
    """Of answers a label tells of: those that were wrong."""
    DISSENT = "dissent"
    """Of answers beside a returned one: those that say another thing. Tells of accuracy without labels."""
    REFUSAL = "refusal"
    """Of answers: those that decline to answer, the vendor's filter among them."""
    FAILURE = "failure"
    """Of calls that say something of the vendor: those that failed."""
    LATENCY = "latency"
    """Of answers of first rounds: ms."""
    LENGTH = "length"
    """Of answers of first rounds: tokens without reasoning."""


class Direction(StrEnum):
    """Where a figure went."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a measure is watched.

    ``least`` values a reference has; ``margin``: how far the mean may move unremarked, in [0, 1], of a rate as it
    is or of the mean rank; ``directions``: a vendor that errs less alarms nobody.
    """

    least: int
    margin: float
    directions: tuple[Direction, ...] = (Direction.UP,)
    ranked: bool = False


TERMS: Mapping[Measure, Terms] = {
    Measure.WRONG: Terms(500, 0.03),
    Measure.DISSENT: Terms(1_000, 0.05),
    Measure.REFUSAL: Terms(1_000, 0.01),
    Measure.FAILURE: Terms(1_000, 0.01),
    Measure.LATENCY: Terms(1_000, 0.1, (Direction.UP, Direction.DOWN), ranked=True),
    Measure.LENGTH: Terms(1_000, 0.1, (Direction.UP, Direction.DOWN), ranked=True),
}

ALPHA = FALSE_ALARMS / 2 / sum(len(terms.directions) for terms in TERMS.values())
"""The chance of error of one reference's bound, and as much of one test's evidence."""

NEEDED = math.log(1 / ALPHA)
"""The natural logarithm of the evidence that is called a change."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One value of one figure of one provider, at a moment (UTC)."""

    at: datetime
    provider: str
    model: str
    measure: Measure
    value: float


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was found.

    ``since`` is where it most likely began (the maximum of the likelihood), ``at`` when it was certain.
    ``before`` and ``after``: a rate in [0, 1], or the median in ms or tokens. ``observations`` were seen since the
    reference; ``log_evidence`` is natural, `NEEDED` or more.
    """

    at: datetime
    since: datetime
    provider: str
    model: str
    measure: Measure
    direction: Direction
    before: float
    after: float
    observations: int
    log_evidence: float
