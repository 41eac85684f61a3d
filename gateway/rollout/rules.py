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
    of wrong answers, as feedback tells). ``latency`` and ``cost`` are ratios of the p95 and of the mean:
    asking three vendors is never as cheap or as quick as asking one. ``confidence`` is the fall of
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

    ``alpha``: how often, at most, a harmless arm may be rolled back wrongly (divided over measures and
    arms). ``arms`` are the watched ones, without the control.
    """

    limits: Limits
    margins: Margins = field(default_factory=Margins)
    alpha: float = 0.05
    arms: tuple[str, ...] = ("wall_bounce",)
