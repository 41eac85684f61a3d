"""An entailment model of the tests: says what it is told to say, and remembers what it was asked."""

from collections.abc import Sequence

from consensus.entailment.judgement import Judgement

AGREE = Judgement(0.96, 0.03, 0.01)
NEUTRAL = Judgement(0.05, 0.9, 0.05)
CONFLICT = Judgement(0.01, 0.03, 0.96)


class FakeEntailment:
    """Judges every pair alike; ``judged`` pairs at most, and None from there on."""

    def __init__(self, judgement: Judgement | None = AGREE, judged: int = 1_000) -> None:
        self.asked: list[tuple[str, str]] = []
        self.calls = 0
        self._judgement = judgement
        self._judged = judged

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """See `consensus.entailment.judgement.Entailment`."""
        del question
        self.calls += 1
        self.asked.extend(pairs)
        return [self._judgement if i < self._judged else None for i in range(len(pairs))]
