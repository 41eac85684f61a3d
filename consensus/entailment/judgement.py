"""What every entailment model offers: pairs of short answers in, probabilities out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Judgement:
    """How two answers to one question stand to each other; the three sum to 1.

    Attributes:
        agree: Probability that one says what the other says (entailment, equivalence).
        neutral: Probability that both may hold, or that they speak of different things.
        conflict: Probability that they cannot both be right.
    """

    agree: float
    neutral: float
    conflict: float

    @property
    def score(self) -> float:
        """Agreement as one figure, from -1 (conflict) to 1 (agree); 0 is neutral."""
        return self.agree - self.conflict


class Entailment(Protocol):
    """Judges pairs of short answers (a sentence or two each) to one question."""

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """Judge each of ``pairs``, in their order; a pair's own order does not matter.

        Returns:
            One entry a pair. None: not judged (no model, or its time budget is spent), so rules
            must decide. It never raises for what the texts are.
        """
