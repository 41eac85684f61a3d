"""What labelled requests like the one at hand say of the vendors there, beyond what holds everywhere.

The model of trust knows each provider over all questions and by kind. This asks whether the same votes
were worth more or less among the neighbours: their ballots are fitted by one offset a provider and one
for "none is right", each shrunk to 0 by a Gaussian. Most neighbourhoods are like the rest, and
noise of a hundred labels must not say otherwise; in a few one vendor is right against all. So there are
two hypotheses, no offsets at all (`ORDINARY`, most likely beforehand) and wide ones, and the offsets
are averaged by the evidence in Laplace's approximation (MacKay 1992; Hoeting et al. 1999). That is the
shrinkage of a hierarchical model whose variance is itself unknown (Efron & Morris 1975).

Offsets are learned of providers whose model is the one asked now: what an older model did says little.
A label speaks as in `learning.trust`: the answer given out was right or wrong, nothing of the others. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from consensus.trust.model import UNTYPED_SCALE, shrinkage, strengths, voting
from learning.advice.panels import among
from learning.advice.scoring import stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot, TrustModel
    from learning.lessons import Lesson

    Array = NDArray[np.float64]
    Asked = tuple[tuple[str, str | None], ...]

REMEMBERED = 32_768
"""Ballots of which it is kept what offsets move; models of trust come and go over them."""

NEIGHBOURS = 100
"""Labelled neighbours that speak for a question: some tens of dissents, of which labels tell. Set
beforehand, not tuned."""

FEWEST = 8
"""Neighbours below which nothing is said: the evidence could not leave the prior."""

ORDINARY = 0.9
"""How likely a neighbourhood is like the rest, beforehand."""

SPREAD = 2.0
"""Standard deviation of an offset where it is not: as the widest spread of `learning.trust`."""

HARDER_SPREAD = 0.5
"""The same of "none is right", as `learning.trust` has it for a kind of question."""

STEPS, TOLERANCE, LARGEST_STEP = 25, 1e-3, 1.0
"""Fisher scoring: at most, until no offset moves further, and how far one may move in a step."""

LEAST, ABSENT = 1e-9, -1e9
"""No probability is taken for less; the log odds of an alternative that is not there."""

SURE = 1e-6
"""No label is taken for impossible."""


@dataclass(frozen=True, slots=True)
class Local:
    """What holds among the neighbours, beyond what holds everywhere.

    ``offsets``: log odds of a provider's vote; ``harder``: of "none is right"; ``unlike`` in [0, 1]: how
    likely this neighbourhood is not like the rest; ``right``: how likely the best answers to the neighbours
    were right, by the model with these offsets, None while nothing is known; ``labels``: how many
    labels it rests on.
    """

    offsets: Mapping[str, float] = field(default_factory=dict)
    harder: float = 0.0
    unlike: float = 0.0
    right: float | None = None
    labels: int = 0


class LocalFit:
    """Fits neighbourhoods under one model of trust; remembers what that says of each lesson.

    For one thread.

    Args:
        trust: What is known of all questions.
        ordinary: See `ORDINARY`; 1 turns offsets off.
        spread: See `SPREAD`.
        same_model: Whether only lessons of the model asked now say something of a provider.
    """

    def __init__(
        self,
        trust: TrustModel,
        *,
        ordinary: float = ORDINARY,
        spread: float = SPREAD,
        same_model: bool = True,
    ) -> None:
        self._trust = trust
        self._ordinary = ordinary
        self._spread = spread
        self._same_model = same_model
        self._table = _Table()
        self._alone: dict[tuple[int, str], tuple[Lesson, float | None]] = {}

    def of(
        self,
        lessons: Sequence[Lesson],
        models: Mapping[str, str],
        counts: Sequence[float] | None = None,
    ) -> Local:
        """What the lessons say together.

        Args:
            lessons: Of the neighbours.
            models: The model each provider asks now; one not named has no offset.
            counts: What each lesson counts, 1 if not given.
        """
        told = [n for n, x in enumerate(lessons) if not x.ballot.refuses[x.returned]]
        if len(told) < FEWEST:
            return Local(labels=len(told))
        weight = np.ones(len(told)) if counts is None else np.array([counts[n] for n in told])
        names = tuple(models)
        asked = tuple((name, model if self._same_model else None) for name, model in models.items())
        table = self._table
        at = table.places([lessons[n] for n in told], self._trust)
        base, rows = table.base[at], table.moves(asked, at)
        returned, right = table.returned[at], table.right[at]
        spreads = np.array([self._spread] * len(names) + [HARDER_SPREAD])
        found, evidence = _posterior(base, rows, returned, right, weight, spreads)
        plain = _likelihood(_softmax(base), returned, right, weight)
        shared = self._ordinary * np.exp(-np.clip(evidence - plain, -50.0, 50.0))
        unlike = float((1.0 - self._ordinary) / (1.0 - self._ordinary + shared))
        moved = unlike * found
        best = _softmax(base + rows @ moved)[:, 1:].max(axis=1)
        *offsets, harder = moved.tolist()
        likely = float(weight @ best / weight.sum())
        named = dict(zip(names, offsets, strict=True)) if unlike > LEAST else {}
        return Local(named, harder, unlike, likely, len(told))

    def alone(self, lessons: Sequence[Lesson], provider: str) -> list[float | None]:
        """Log odds that this provider's answers are right had it been asked alone, without any offset.

        None for a lesson where it has no answer, or only declined.
        """
        new = [x for x in lessons if (id(x), provider) not in self._alone]
        lone = [(x, among(x.ballot, (provider,))) for x in new]
        asked = [(x, cast) for x, cast in lone if cast is not None and not cast.refuses[0]]
        self._alone.update({(id(x), provider): (x, None) for x in new})
        for (x, _), shares in zip(
            asked, stated(self._trust, [cast for _, cast in asked]), strict=True
        ):
            p = min(max(shares[0], LEAST), 1.0 - LEAST)
            self._alone[id(x), provider] = (x, math.log(p / (1.0 - p)))
        return [self._alone[id(x), provider][1] for x in lessons]


class _Table:
    """Lessons as rows, read once: log probabilities of "none" and of the groups, and what offsets move.

    Column 0 is "none"; ``returned`` counts from it. Rows beyond those filled are room.
    """

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._lessons: list[Lesson] = []  # held, so that no other comes to have its id
        self._moves: dict[Asked, tuple[Array, NDArray[np.bool_]]] = {}
        self.base: Array = np.zeros((0, 1))
        self.returned = np.zeros(0, dtype=np.intp)
        self.right = np.zeros(0, dtype=bool)

    def places(self, lessons: Sequence[Lesson], trust: TrustModel) -> NDArray[np.intp]:
        """The row of each lesson; ``trust`` judges those that are new."""
        new = list({id(x): x for x in lessons if id(x) not in self._place}.values())
        if new:
            self._add(new, trust)
        return np.array([self._place[id(x)] for x in lessons], dtype=np.intp)

    def moves(self, asked: Asked, at: NDArray[np.intp]) -> Array:
        """What each offset adds to each alternative, (rows at ``at``, alternatives, offsets)."""
        held, known = self._moves.get(asked, (np.zeros((0, 0, len(asked) + 1)), np.zeros(0, bool)))
        rows, most = self.base.shape
        if held.shape[:2] != (rows, most):
            held = _grown(held, np.zeros((rows, most, len(asked) + 1)))
            known = _grown(known, np.zeros(rows, dtype=bool))
            self._moves[asked] = (held, known)
        for n in at[~known[at]].tolist():
            moved = _moves(self._lessons[n].ballot, asked)
            held[n, : len(moved)] = moved
        known[at] = True
        return held[at]

    def _add(self, lessons: Sequence[Lesson], trust: TrustModel) -> None:
        first, last = len(self._lessons), len(self._lessons) + len(lessons)
        most = max(len(x.ballot.groups) for x in lessons) + 1
        rows, width = self.base.shape
        if last > rows or most > width:
            rows, width = max(rows, 2 * last if last > rows else rows), max(width, most)
            self.base = _grown(self.base, np.full((rows, width), ABSENT))
            self.returned = _grown(self.returned, np.zeros(rows, dtype=np.intp))
            self.right = _grown(self.right, np.zeros(rows, dtype=bool))
        for n, shares in enumerate(stated(trust, [x.ballot for x in lessons]), first):
            lesson = lessons[n - first]
            self.base[n, 0] = math.log(max(1.0 - math.fsum(shares), LEAST))
            for g in voting(lesson.ballot):
                self.base[n, g + 1] = math.log(max(shares[g], LEAST))
            self.returned[n], self.right[n] = lesson.returned + 1, lesson.correct
            self._place[id(lesson)] = n
        self._lessons.extend(lessons)


def _grown(held: NDArray[Any], room: NDArray[Any]) -> NDArray[Any]:
    room[tuple(slice(n) for n in held.shape)] = held
    return room


@lru_cache(maxsize=REMEMBERED)
def _moves(ballot: Ballot, asked: Asked) -> Array:
    """What each offset adds to each alternative of ``ballot``, (1 + groups, providers + 1)."""
    moves = np.zeros((len(ballot.groups) + 1, len(asked) + 1))
    place = {name: n for n, (name, _) in enumerate(asked)}
    cast = strengths(ballot)
    scale = 1.0 if ballot.typed else UNTYPED_SCALE
    shrunk = shrinkage(cast) * scale
    for g in voting(ballot):
        for i in ballot.groups[g]:
            voter = ballot.voters[i]
            at = place.get(voter.provider)
            if at is not None and asked[at][1] in {None, voter.model}:
                moves[g + 1, at] += shrunk * cast[i]
    moves[0, -1] = scale
    return moves


def _softmax(scores: Array) -> Array:
    terms = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = terms / terms.sum(axis=1, keepdims=True)
    return shares


def _likelihood(
    shares: Array, returned: NDArray[np.intp], right: NDArray[np.bool_], weight: Array
) -> float:
    p = np.clip(shares[np.arange(len(returned)), returned], SURE, 1.0 - SURE)
    return float(weight @ np.where(right, np.log(p), np.log1p(-p)))


def _posterior(  # noqa: PLR0913, PLR0917 - data and prior of one fit
    base: Array,
    rows: Array,
    returned: NDArray[np.intp],
    right: NDArray[np.bool_],
    weight: Array,
    spreads: Array,
) -> tuple[Array, float]:
    """The offsets of the highest posterior, and the log evidence in Laplace's approximation."""
    precision = 1.0 / spreads**2
    each = np.arange(len(returned))
    found, information = np.zeros(len(spreads)), np.diag(precision)
    for _ in range(STEPS):
        shares = _softmax(base + rows @ found)
        apart = rows[each, returned] - np.einsum("nk,nkf->nf", shares, rows)
        p = np.clip(shares[each, returned], SURE, 1.0 - SURE)
        slope = (weight * np.where(right, 1.0, -p / (1.0 - p))) @ apart - precision * found
        information = np.diag(precision) + (apart * (weight * p / (1.0 - p))[:, None]).T @ apart
        step = np.linalg.solve(information, slope)
        reach = float(np.abs(step).max())
        found = found + step * min(1.0, LARGEST_STEP / max(reach, TOLERANCE))
        if reach < TOLERANCE:
            break
    likelihood = _likelihood(_softmax(base + rows @ found), returned, right, weight)
    prior = 0.5 * float(np.log(precision).sum() - precision @ found**2)
    return found, likelihood + prior - 0.5 * float(np.linalg.slogdet(information)[1])
