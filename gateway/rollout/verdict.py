"""The words a judgement is given in; no judging here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.rollout.window import Figures


class Health(StrEnum):
    """How an arm is; having too little to judge by is no health."""

    HEALTHY = "HEALTHY"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    NOT_ENOUGH_DATA = "NOT_ENOUGH_DATA"


class Decision(StrEnum):
    """What should happen to the stage."""

    ADVANCE = "ADVANCE"
    HOLD = "HOLD"
    ROLL_BACK = "ROLL_BACK"
    INCONCLUSIVE = "INCONCLUSIVE"


class Finding(StrEnum):
    """What is known of one measure: HARM is proven, SAFE is proven, OPEN is neither, NO_DATA is nothing."""

    HARM = "HARM"
    SAFE = "SAFE"
    OPEN = "OPEN"
    NO_DATA = "NO_DATA"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of one arm beside the control (of confidence: beside the arm's own past).

    ``measure`` is ``error_rate``, ``quality``, ``latency``, ``cost`` or ``confidence``. ``arm`` and ``control``
    are its values in its own unit (rates in [0, 1], latency p95 in ms, cost mean in USD), None without data.
    ``difference`` of the tested rates with its time-uniform ``interval`` (low, high), and ``margin``
    on the same scale; for latency the tested rate is that of requests slower than the scaled p95.
    ``evidence`` is the natural logarithm of the strongest e-value against "within the margin", and
    ``needed`` what it takes to be called harm.
    """

    measure: str
    finding: Finding
    arm: float | None
    control: float | None
    difference: float | None
    interval: tuple[float, float] | None
    margin: float
    evidence: float
    needed: float
    arm_count: int
    control_count: int
    said: str
    """The comparison as a sentence with its figures."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether the arms got the traffic they were meant to get; ``evidence`` as in `Comparison`."""

    expected: float | None
    seen: float | None
    count: int
    evidence: float
    needed: float

    @property
    def mismatch(self) -> bool:
        """Whether the split is not the one asked for: then no comparison can be trusted."""
        return self.evidence >= self.needed


@dataclass(frozen=True, slots=True)
class Alarm:
    """An arm must go, now. ``arm`` None: the whole new path (every vendor is down)."""

    arm: str | None
    reasons: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Verdict:
    """One arm's judgement: decision and health, the reasons in words, the figures behind them.

    ``figures`` and ``control`` are the sliding windows of the arm and of the control; ``comparisons``
    go back to the stage's start. ``requests`` counts the arm's measured ones since then.
    """

    arm: str
    decision: Decision
    health: Health
    reasons: tuple[str, ...]
    figures: Figures
    control: Figures
    comparisons: tuple[Comparison, ...]
    ratio: SampleRatio
    requests: int
