"""How well a network tells agreement from conflict, source by source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from consensus.entailment.train.corpus import AGREE, CONFLICT
from consensus.entailment.train.stacking import stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.entailment.train.corpus import Example
    from consensus.entailment.train.network import CrossEncoder

BATCH_ROWS = 64


@dataclass(frozen=True, slots=True)
class Figures:
    """By source: rows, AUROC of agree against not allowed to agree, accuracy over three classes."""

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
    """Probability that a positive scores above a negative, ties half (Mann-Whitney)."""
    up, down = int(positive.sum()), int((~positive).sum())
    if not up or not down:
        return float("nan")
    values, places = np.unique(scores, return_inverse=True)
    counts = np.bincount(places, minlength=len(values))
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[positive].sum() - up * (up + 1) / 2) / (up * down))


def logits(
    network: CrossEncoder, pairs: Sequence[Example], device: torch.device
) -> NDArray[np.float64]:
    """(pairs, 3), in the order of ``pairs``."""
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].row.tokens))
    found = np.zeros((len(pairs), 3))
    network.eval()
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        for start in range(0, len(order), BATCH_ROWS):
            places = order[start : start + BATCH_ROWS]
            rows = stack([pairs[at] for at in places], device)
            logs = network(rows.tokens, rows.segments, rows.mask)
            found[places] = logs.float().cpu().numpy()
    return found


def figures(scores: NDArray[np.float64], pairs: Sequence[Example]) -> Figures:
    """Read logits (pairs, 3) against the labels; neutral is left out of the AUROC."""
    by_source: dict[str, list[int]] = defaultdict(list)
    for at, pair in enumerate(pairs):
        by_source[pair.source].append(at)
    shifted = np.exp(scores - scores.max(1, keepdims=True))
    shares = shifted / shifted.sum(1, keepdims=True)
    lean = shares[:, AGREE] - shares[:, CONFLICT]
    rows, areas, accuracy = {}, {}, {}
    for source, places in by_source.items():
        decided = [at for at in places if {AGREE, CONFLICT} & set(pairs[at].allowed)]
        agrees = np.array([AGREE in pairs[at].allowed for at in decided], dtype=bool)
        rows[source] = len(places)
        areas[source] = auroc(lean[decided], agrees)
        accuracy[source] = float(
            np.mean([int(scores[at].argmax()) in pairs[at].allowed for at in places])
        )
    return Figures(rows, areas, accuracy)


def measure(network: CrossEncoder, pairs: Sequence[Example], device: torch.device) -> Figures:
    """Run ``network`` over ``pairs``."""
    return figures(logits(network, pairs, device), pairs)
