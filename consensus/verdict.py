"""The outcome of a deliberation: one answer, how sure we are of it, who said what."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer
    from consensus.ballot import Ballot, ConfidenceSource
    from consensus.transcript import Attempt


class Status(StrEnum):
    """How the answers stand to each other; the first that applies, in this order."""

    SINGLE = "single"
    DEGRADED = "degraded"
    CONTESTED = "contested"
    AGREED = "agreed"


@value(frozen=True, slots=True)
class Floors:
    """The least each quality figure should reach (MISSION.md C1); below it the answer says so."""

    confidence: float = 0.7
    agreement: float = 0.6
    coherence: float = 0.8
    relevance: float = 0.9


@value(frozen=True, slots=True)
class Vote:
    """One provider's standing attempt, read and weighed.

    ``agreement_score`` in [0, 1]: how far the weighted others support this answer; None for a
    failed vote or a lone answer. ``weight`` in [0, 1]: its share among the answers, 0 if failed.
    """

    attempt: Attempt
    final_answer: FinalAnswer | None
    agreement_score: float | None
    weight: float


@value(frozen=True, slots=True)
class Comparison:
    """How the answers of two providers compare: ``agreement`` in [0, 1], and what decided it."""

    providers: tuple[str, str]
    agreement: float
    same: bool
    reason: str


@value(frozen=True, slots=True)
class Consensus:
    """What the standing answers amount to. All figures are in [0, 1].

    ``winner`` is the provider whose answer is best supported, ``ranking`` all answering providers
    from best to least supported, ``dissent`` those whose answer differs from the winner's.
    ``below`` names the figures under their floors. ``comparisons``: each two answers, compared
    (`consensus.agreement.Reason`); ``entailment``: what part the model had in it
    (`consensus.agreement.EntailmentUse`). ``computed``: what the question's answer was computed to
    be, where it could be. ``ballot``: what the confidence rests on.
    """

    winner: str
    ranking: tuple[str, ...]
    confidence: float
    confidence_source: ConfidenceSource
    agreement: float
    coherence: float
    relevance: float
    status: Status
    below: tuple[str, ...]
    below_minimum: bool
    rounds: int
    reasoning: str
    dissent: tuple[str, ...]
    votes: tuple[Vote, ...]
    comparisons: tuple[Comparison, ...] = ()
    entailment: str = "off"
    computed: FinalAnswer | None = None
    ballot: Ballot | None = None

    @property
    def unanimous(self) -> bool:
        """True when two answers or more stand and none dissents: nothing is left to argue."""
        return len(self.ranking) >= 2 and not self.dissent  # noqa: PLR2004 - one answer agrees with nobody
