"""The quality figures of a panel, and which of them miss their floors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.verdict import Floors

OFF_TOPIC = 0.5
"""Relevance below which an answer counts as less sound: ordinary answers lie above 0.9."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The four figures, each in [0, 1] (docs/consensus.md)."""

    confidence: float
    agreement: float
    coherence: float
    relevance: float

    def below(self, floors: Floors) -> tuple[str, ...]:
        """The names of the figures under their floors."""
        figures = (
            ("confidence", self.confidence, floors.confidence),
            ("agreement", self.agreement, floors.agreement),
            ("coherence", self.coherence, floors.coherence),
            ("relevance", self.relevance, floors.relevance),
        )
        return tuple([name for name, figure, floor in figures if figure < floor])


def soundness(coherence: float, relevance: float) -> float:
    """How much an answer can be taken for one at all, in [0, 1]; 1 for every ordinary answer."""
    return coherence * min(1.0, relevance / OFF_TOPIC)


def weighted_mean(figures: Sequence[float], weights: Sequence[float]) -> float:
    """The mean of ``figures`` by ``weights``, in their range; unweighted where all weights are 0."""
    total = math.fsum(weights)
    if total <= 0.0:
        return math.fsum(figures) / len(figures)
    low, high = min(figures), max(figures)
    if low == high:
        return low
    mean = math.fsum([f * w for f, w in zip(figures, weights, strict=True)]) / total
    return min(high, max(low, mean))
