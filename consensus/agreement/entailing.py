"""What the comparison asks of an entailment model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Judgement(Protocol):
    """How two statements stand to each other; the three add up to 1."""

    @property
    def agree(self) -> float:
        """Probability that they say the same."""

    @property
    def neutral(self) -> float:
        """Probability that both may hold."""

    @property
    def conflict(self) -> float:
        """Probability that not both can hold."""


class Entailment(Protocol):
    """Judges pairs of statements in the light of a question; symmetric."""

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """One judgement a pair; None for what is left when its budget is spent."""
