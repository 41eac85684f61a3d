"""The policies compared: each decides whom it asks, gives out an answer, and learns from its labels alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.trust.shifting import shifted
from learning.advice.advising import Asking, Like, Terms, advise
from learning.advice.locality import NEIGHBOURS, ORDINARY, SPREAD, LocalFit
from learning.advice.openings import POINTS_A_CALL
from learning.backtest.steering.likeness import Known
from learning.trust import TrustLearner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.ballot import TrustModel
    from learning.backtest.steering.cases import Case, Given, Labelled, Panel

Near = Literal["vector", "kind", "family", "paths"]


@dataclass(frozen=True, slots=True)
class Answered:
    """How a policy answered: whom it asked, what it gave out, and the order it expected of vendors.

    ``given`` None: nobody it asked answered, or it gives out no single answer (the plain vote); then
    ``right`` says how right it was.
    """

    asked: Panel
    given: Given | None
    order: tuple[str, ...] = ()
    right: float | None = None


class Policy(Protocol):
    """Decides requests by what it was taught before."""

    def learn(self, labelled: Sequence[Labelled]) -> None:
        """Take in all that is known by now, oldest first."""

    def answer(self, case: Case) -> Answered:
        """Answer one request."""


class PlainVote:
    """Asks all and takes the most frequent answer, as the benchmark's own format gives it."""

    def learn(self, labelled: Sequence[Labelled]) -> None:
        """Nothing is learned."""

    def answer(self, case: Case) -> Answered:
        """See `Policy`."""
        return Answered(frozenset(case.providers), None, right=case.vote)


@dataclass
class Single:
    """Asks the provider that was right most often so far, of its own requests; tries each at first."""

    counts: dict[str, list[float]] = field(default_factory=dict)
    turn: int = 0

    def learn(self, labelled: Sequence[Labelled]) -> None:
        """Counts how often each was right."""
        self.counts = {}
        for known in labelled:
            name = known.lesson.ballot.voters[0].provider
            held = self.counts.setdefault(name, [1.0, 1.0])
            held[0] += known.lesson.correct
            held[1] += 1.0

    def answer(self, case: Case) -> Answered:
        """The best so far; each in turn until each has `TRIED` labels."""
        names = case.providers
        tried = [self.counts.get(name, [1.0, 1.0])[1] - 1.0 for name in names]
        if min(tried) < TRIED:
            best = names[self.turn % len(names)]
            self.turn += 1
        else:
            best = max(names, key=lambda n: self.counts[n][0] / self.counts[n][1])
        asked = frozenset((best,))
        order = tuple(sorted(names, key=lambda n: n != best))
        return Answered(asked, _given(case, asked, LogitTrust(shipped_prior())), order)


TRIED = 30
"""Labels of each vendor before the best is told."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What an engine is made of; the parts that ablations leave out.

    Attributes:
        learns: The model of trust is fitted to labels at all.
        neighbours: Labelled neighbours that speak for a question; 0 for none.
        near: How neighbours are found: by ``vector``; by ``kind`` alone, the newest first; by
            ``family``, the newest of a community of questions; along the ``paths`` of the graph.
        layers: Layers of the index that rank them beside the vector.
        same_model: Only what the same models did says something of them.
        escalate: Ask a part first; without it no order of vendors is told either.
        alone: That part may be a single vendor, where labels found it right nearly always.
        explored: Share of requests whose opening is drawn.
        static: Asks a pair of the table first and the third on dissent, whatever was learned.
        kinds: Neighbours have to be of the same kind of question.
        recent: Labels after which a neighbour counts half; 0 counts old and new the same.
        spread: As `learning.advice.locality.SPREAD`.
        ordinary: As `learning.advice.locality.ORDINARY`.
        points_a_call: As `learning.advice.openings.POINTS_A_CALL`.
    """

    learns: bool = True
    neighbours: int = NEIGHBOURS
    near: Near = "vector"
    layers: tuple[str, ...] = ()
    same_model: bool = True
    escalate: bool = False
    alone: bool = False
    explored: float = 0.0
    static: bool = False
    kinds: bool = False
    recent: float = 0.0
    spread: float = SPREAD
    ordinary: float = ORDINARY
    points_a_call: float = POINTS_A_CALL


class Steered:
    """The consensus, steered by an engine.

    Args:
        made: What the engine is made of.
        seed: Of what is drawn.
    """

    def __init__(self, made: Engine, seed: int = 0) -> None:
        self._made = made
        self._learner = TrustLearner()
        self._trust: TrustModel = self._learner.fit(())
        self._fit = self._fresh()
        self._known: Known | None = None
        self._drawing = np.random.default_rng(seed)

    def learn(self, labelled: Sequence[Labelled]) -> None:
        """See `Policy`."""
        if not self._made.learns or not labelled:
            return
        self._trust = self._learner.fit([known.lesson for known in labelled])
        self._fit = self._fresh()
        if self._made.neighbours:
            self._known = Known(labelled, self._known)

    def answer(self, case: Case) -> Answered:
        """See `Policy`."""
        made = self._made
        everybody = frozenset(case.providers)
        if made.static:
            return self._opened(case, case.providers, 2, 0.5, self._trust)
        like = self._like(case)
        draws = None
        if made.explored and self._drawing.random() < made.explored:
            draws = self._drawing.standard_normal((128, len(case.providers)))
        terms = Terms(
            escalate=made.escalate,
            alone=made.alone,
            order=made.escalate,
            points_a_call=made.points_a_call,
            draws=draws,
        )
        advice = advise(Asking("premium", case.models), like, self._fit, terms)
        if advice is None:
            return Answered(everybody, _given(case, everybody, self._trust))
        trust = shifted(self._trust, advice.offsets, advice.harder)
        return self._opened(case, advice.providers, advice.opening, advice.enough, trust)

    def _opened(
        self, case: Case, order: tuple[str, ...], opening: int, enough: float, trust: TrustModel
    ) -> Answered:
        """As `consensus.rounds` opens a panel: enough is agreement without failures, and sure enough."""
        everybody = frozenset(case.providers)
        if 0 < opening < len(order):
            first = frozenset(order[:opening])
            polled = case.polled.get(first)
            if polled is not None and len(polled.ballot.voters) == opening:
                given = polled.given(trust)
                if len(polled.ballot.groups) == 1 and given.confidence >= enough:
                    return Answered(first, given, order)
        return Answered(everybody, _given(case, everybody, trust), order)

    def _like(self, case: Case) -> Like:
        """The labelled neighbours, nearest first."""
        made, known = self._made, self._known
        if not made.neighbours or known is None:
            return Like()
        match made.near:
            case "vector":
                found = known.nearest(case, made.neighbours, made.layers, same_kind=made.kinds)
            case "kind":
                found = known.newest_of_kind(case, made.neighbours)
            case "family":
                found = known.of_family(case)
            case "paths":
                found = known.along_paths(case, made.neighbours)
        counts = found.counts
        if made.recent:
            counts = [0.5 ** ((len(known) - 1 - n) / made.recent) for n in found.at]
        return Like(lessons=[known.labelled[n].lesson for n in found.at], counts=counts)

    def _fresh(self) -> LocalFit:
        made = self._made
        return LocalFit(
            self._trust, ordinary=made.ordinary, spread=made.spread, same_model=made.same_model
        )


def _given(case: Case, asked: Panel, trust: TrustModel) -> Given | None:
    polled = case.polled.get(asked)
    return None if polled is None else polled.given(trust)
