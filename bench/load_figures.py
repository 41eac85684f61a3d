"""What a client saw of a load. Without dependencies, for any interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Load:
    """What the client saw: ``seconds`` of wall time, latencies in ms."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


def load_of(latencies: Sequence[float], seconds: float) -> Load:
    """The figures of at least two latencies, in seconds."""
    cuts = quantiles(latencies, n=100, method="inclusive")
    return Load(len(latencies), seconds, cuts[49] * 1e3, cuts[98] * 1e3)
