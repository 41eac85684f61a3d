"""The stream a backtest of steering walks: each request with the ballots of all panels that could be asked.

Reading and comparing answers is what takes time, and does not depend on what was learned; so it is done
once. The order in which answers of one group stand for it is that of the shipped prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from consensus.answers import read_question
from consensus.decision import decide
from consensus.transcript import Transcript
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.verdict import Floors
from learning.backtest.baselines import vote
from learning.index.words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.ballot import Ballot, TrustModel
    from consensus.embedding.embedder import Embedder, FloatArray
    from consensus.entailment.judgement import Entailment
    from consensus.trust.topics import Topics
    from learning.backtest.seating import Asked
    from learning.lessons import Lesson

Panel = frozenset[str]


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of asking a panel: how the answers fell, and who stands for a group, best first."""

    ballot: Ballot
    ranking: tuple[str, ...]

    def given(self, trust: TrustModel) -> Given:
        """The answer given out under ``trust``."""
        likely = trust.probabilities(self.ballot, {})
        best = max(range(len(likely)), key=lambda g: (round(likely[g], 9), -self._place(g)))
        return Given(best, self.ranking[self._place(best)], likely[best])

    def _place(self, group: int) -> int:
        names = {self.ballot.voters[i].provider for i in self.ballot.groups[group]}
        return next(n for n, name in enumerate(self.ranking) if name in names)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer given out: its group, whose it is, and how sure the consensus is."""

    group: int
    provider: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One request of the stream.

    Attributes:
        row: The row of the evaluation it is of.
        order: Its position in time.
        embedding: (d,) of its prompt; a unit row or zeros.
        kind: What it asks for.
        language: Of the question.
        models: By provider, in the order of the table.
        correct: By provider; for judging alone.
        vote: How right the plain vote of all is, in [0, 1].
        polled: By panel; one without a standing answer is not there.
        cost_usd: Of asking each provider; one without a known price is not there.
        words: Of its prompt, as the index has them.
    """

    row: str
    order: int
    embedding: FloatArray
    kind: str
    language: str
    models: Mapping[str, str]
    correct: Mapping[str, bool]
    vote: float
    polled: Mapping[Panel, Polled]
    cost_usd: Mapping[str, float]
    words: tuple[str, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """All that can be asked, in the order of the table."""
        return tuple(self.models)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A request whose label has come in."""

    case: Case
    lesson: Lesson


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes cases of recorded requests, reading answers as the gateway does."""

    embedder: Embedder
    topics: Topics | None
    entailment: Entailment | None

    def case(
        self,
        row: str,
        request: Asked,
        cost_usd: Mapping[str, float],
        polled: Mapping[Panel, Polled],
    ) -> Case:
        """The case of one recorded request; ``polled`` as `polled` has it."""
        question = read_question(request.prompt)
        names = [attempt.provider for attempt in request.attempts]
        return Case(
            row=row,
            order=request.record.order,
            embedding=self.embedder.embed([request.prompt])[0],
            kind=str(question.asks),
            language=question.language,
            models={a.provider: a.model for a in request.attempts},
            correct=dict(zip(names, request.correct, strict=True)),
            vote=vote(request).right,
            polled=polled,
            cost_usd=cost_usd,
            words=words_of(request.prompt),
        )

    def polled(self, request: Asked) -> dict[Panel, Polled]:
        """What comes of asking each panel there can be; this is what takes time."""
        question, prior = read_question(request.prompt), LogitTrust(shipped_prior())
        found = {}
        for size in range(1, len(request.attempts) + 1):
            for attempts in combinations(request.attempts, size):
                transcript = Transcript(attempts)
                if not transcript.answers:
                    continue
                reached = decide(
                    question,
                    transcript,
                    weights={},
                    floors=Floors(),
                    min_providers=1,
                    embedder=self.embedder,
                    trust=prior,
                    topics=self.topics,
                    entailment=self.entailment,
                )
                if reached.ballot is not None:
                    panel = frozenset(attempt.provider for attempt in attempts)
                    found[panel] = Polled(reached.ballot, reached.ranking)
        return found


def interleaved(cases: Sequence[Case]) -> list[Case]:
    """All rows as one stream: by ``order``, then by the row's name."""
    return sorted(cases, key=lambda case: (case.order, case.row))
