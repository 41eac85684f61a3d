"""The consensus under test: what the gateway does with the answers of one round, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.answers import read_question
from consensus.ballot import ConfidenceSource
from consensus.decision import decide
from consensus.transcript import Transcript
from consensus.verdict import Floors
from learning.backtest.walk_forward import Decided

if TYPE_CHECKING:
    from consensus.ballot import TrustModel
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.transcript import Attempt
    from consensus.trust.topics import Topics


@dataclass(frozen=True, slots=True)
class OneRound:
    """Decides as the gateway does on the answers of one round, without an operator's weights.

    Args:
        embedder: Aligns free text.
        topics: Places questions among topics.
        entailment: Judges what types and rules leave open; None leaves it to the wording.
    """

    embedder: Embedder
    topics: Topics | None
    entailment: Entailment | None

    def __call__(
        self, prompt: str, attempts: tuple[Attempt, ...], trust: TrustModel
    ) -> Decided | None:
        """Read the prompt and the standing answers, and decide; None where no answer stands."""
        transcript = Transcript(attempts)
        if not transcript.answers:
            return None
        reached = decide(
            read_question(prompt),
            transcript,
            weights={},
            floors=Floors(),
            min_providers=1,
            embedder=self.embedder,
            trust=trust,
            topics=self.topics,
            entailment=self.entailment,
        )
        return Decided(
            seat=[attempt.provider for attempt in attempts].index(reached.winner),
            confidence=reached.confidence,
            learned=reached.confidence_source is ConfidenceSource.CALIBRATED,
            ballot=reached.ballot,
        )
