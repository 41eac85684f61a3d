"""Families of questions as they are in force: what they are about, and how each vendor does in them.

A value, read once and shared by threads; a run of `learning.graph.recompute` makes the next one. A family's
number stays its own from run to run as long as most of its patterns do (`learning.graph.numbering`). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Odds:
    """What is known of how often a vendor is right, as a Beta distribution."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        """The expected share of right answers."""
        return self.alpha / (self.alpha + self.beta)


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """All families of one run, the largest first.

    Attributes:
        run: Counts the runs, from 1.
        numbers: Of each family; never given again to another.
        names: Its most telling words; empty where none are known.
        sizes: How many patterns each has.
        centroids: (f, d) unit rows; a row of zeros for a family without vectors.
        vendors: The providers that have labels.
        right: (f, v) labels of each vendor in each family: right answers.
        wrong: (f, v) and wrong ones.
        alpha: (f, v) what is believed of each vendor in each family: shrunk toward the whole.
        beta: (f, v).
        whole_alpha: (v,) the same over all families.
        whole_beta: (v,).
        strength: (v,) labels that the whole counts for in a family; the larger, the more alike they are.
        patterns: How many patterns the run saw, also those of no family.
        modularity: Of the partition, in [-0.5, 1].
    """

    run: int
    numbers: tuple[int, ...]
    names: tuple[tuple[str, ...], ...]
    sizes: tuple[int, ...]
    centroids: Floats
    vendors: tuple[str, ...]
    right: Floats
    wrong: Floats
    alpha: Floats
    beta: Floats
    whole_alpha: Floats
    whole_beta: Floats
    strength: Floats
    patterns: int
    modularity: float

    def __len__(self) -> int:
        return len(self.numbers)

    def family_of(self, embedding: Floats) -> tuple[int, float] | None:
        """The family whose middle is nearest, and its cosine; None where nothing is near at all.

        Args:
            embedding: (d,) a unit row, or zeros for a text without a known word.
        """
        if not self.numbers or self.centroids.shape[1] != len(embedding):
            return None
        cosines = self.centroids @ embedding
        best = int(cosines.argmax())
        cosine = float(cosines[best])
        return (self.numbers[best], cosine) if cosine > 0.0 else None

    def odds(self, family: int | None = None) -> dict[str, Odds]:
        """What is believed of each vendor in a family; over all, for None and for one there is not."""
        if family is None or family not in self.numbers:
            alphas, betas = self.whole_alpha, self.whole_beta
        else:
            at = self.numbers.index(family)
            alphas, betas = self.alpha[at], self.beta[at]
        pairs = zip(self.vendors, alphas.tolist(), betas.tolist(), strict=True)
        return {vendor: Odds(alpha, beta) for vendor, alpha, beta in pairs}

    def name(self, family: int) -> str:
        """Its most telling words, spaced; empty where none are known."""
        if family not in self.numbers:
            return ""
        return " ".join(self.names[self.numbers.index(family)])
