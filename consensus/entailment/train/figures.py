"""How well judgements tell agreement from conflict, source by source; no torch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consensus.entailment.train.corpus import AGREE, CONFLICT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Figures:
    """By source: rows, AUROC of agree against what is not agree (neutral left out), 3-class accuracy."""

    rows: dict[str, int]
    auroc: dict[str, float]
    accuracy: dict[str, float]

    @property
    def mean_auroc(self) -> float:
        """Mean over the sources that have both kinds."""
        return float(np.mean([value for value in self.auroc.values() if not np.isnan(value)]))

    def table(self) -> str:
        """Write one line a source."""
        lines = [
            f"  {source:24} n {self.rows[source]:5} auroc {self.auroc[source]:.3f} acc {self.accuracy[source]:.3f}"
            for source in sorted(self.rows)
        ]
        return "\n".join([f"mean auroc {self.mean_auroc:.4f}", *lines])


def auroc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores above a negative, ties half (Mann-Whitney); nan with one kind."""
    up, down = int(positive.sum()), int((~positive).sum())
    if not up or not down:
        return float("nan")
    values, places = np.unique(scores, return_inverse=True)
    counts = np.bincount(places, minlength=len(values))
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[positive].sum() - up * (up + 1) / 2) / (up * down))


def figures(
    shares: NDArray[np.float64], sources: Sequence[str], allowed: Sequence[tuple[int, ...]]
) -> Figures:
    """Read probabilities (pairs, 3) against the classes that each pair's label allows."""
    by_source: dict[str, list[int]] = defaultdict(list)
    for at, source in enumerate(sources):
        by_source[source].append(at)
    lean = shares[:, AGREE] - shares[:, CONFLICT]
    found = Figures({}, {}, {})
    for source, places in by_source.items():
        decided = [at for at in places if {AGREE, CONFLICT} & set(allowed[at])]
        agrees = np.array([AGREE in allowed[at] for at in decided], dtype=bool)
        hits = [int(shares[at].argmax()) in allowed[at] for at in places]
        found.rows[source] = len(places)
        found.auroc[source] = auroc(lean[decided], agrees)
        found.accuracy[source] = float(np.mean(hits))
    return found
