"""What an arm is held to: the environment's absolute limits, and the margins against the control."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The absolute guards. Rates are in [0, 1]; a figure equal to its limit is within it.

    ``minimum_sample`` None: derived from the limit itself (`gateway.rollout.guards`).
    """

    error_rate: float
    latency_ms: float
    warning_error_rate: float
    window: timedelta
    minimum_sample: int | None = None
    minimum_errors: int = 3

    def __post_init__(self) -> None:
        least = 1 if self.minimum_sample is None else self.minimum_sample
        if least < 1 or self.minimum_errors < 1:
            raise ValueError("nothing can be judged by less than one request")


@dataclass(frozen=True, slots=True)
class Margins:
    """How much worse than the control an arm may be, set before anything is seen.

    ``error_rate`` and ``quality`` are differences of rates (0.005 = half a point; quality: of the rate
    of wrong answers, as feedback tells). ``latency`` and ``cost`` are factors that the control's distribution is
    scaled by before the arm is compared with it: asking three vendors is never as cheap or as quick as
    asking one. ``confidence`` is the fall of
    the arm's mean confidence against its own past, in [0, 1].
    """

    error_rate: float = 0.005
    quality: float = 0.0
    latency: float = 3.0
    cost: float = 5.0
    confidence: float = 0.05


@dataclass(frozen=True, slots=True)
class Rules:
    """All a judge is told.

    ``alpha``: the chance, at most, that evidence since a stage's start ever calls any arm harmful although
    all are within their margins (divided over measures and arms), in that stage and in one process's view.
    The search for recent harm adds to it: over n requests of the arms at most n * alpha / 1,200
    (`gateway.rollout.measures`). The absolute limits stand outside. ``arms`` are the watched ones, without
    the control.
    """

    limits: Limits
    margins: Margins = field(default_factory=Margins)
    alpha: float = 0.05
    arms: tuple[str, ...] = ("wall_bounce",)
