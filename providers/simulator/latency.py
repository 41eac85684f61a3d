"""How long a simulated vendor takes: evenly spread, or with the long tail that real ones have."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING

from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)
# A draw lies in [0, 1), where the normal distribution has no value at 0; 4.9 standard deviations do.
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds until a whole reply is out: ``base_ms`` plus up to ``jitter_ms``."""

    base_ms: float
    jitter_ms: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.base_ms < float("inf") and 0 <= self.jitter_ms < float("inf")):
            raise ValueError("a latency is 0 ms or more")

    def ms(self, uniform: float) -> float:
        """The latency at a draw of [0, 1)."""
        return self.base_ms + uniform * self.jitter_ms


@dataclass(frozen=True, slots=True)
class LongTail:
    """A log-normal latency by its median and its 95th percentile, in milliseconds."""

    p50_ms: float
    p95_ms: float

    def __post_init__(self) -> None:
        if not (0 < self.p50_ms <= self.p95_ms and isfinite(self.p95_ms)):
            raise ValueError("a latency's p50 is over 0, and its p95 no less than that")

    def ms(self, uniform: float) -> float:
        """The latency at a draw of [0, 1): ln is normal with sigma = ln(p95 / p50) / z(0.95)."""
        sigma = log(self.p95_ms / self.p50_ms) / _Z95
        return self.p50_ms * exp(sigma * _NORMAL.inv_cdf(min(max(uniform, _EDGE), 1 - _EDGE)))


#: In proportion to the vendors' real speeds, and twenty times as fast.
DEFAULT_LATENCY: Mapping[Vendor, Latency] = MappingProxyType(
    {
        Vendor.GPT: Latency(120, 40),
        Vendor.CLAUDE: Latency(90, 30),
        Vendor.GEMINI: Latency(60, 20),
    }
)
