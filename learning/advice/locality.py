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

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from consensus.trust.model import UNTYPED_SCALE, shrinkage, strengths, voting
from learning.advice.panels import among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot, TrustModel
    from learning.lessons import Lesson

    Array = NDArray[np.float64]

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
        self._scores: dict[int, tuple[Lesson, tuple[float, ...]]] = {}
        self._alone: dict[tuple[int, str], tuple[Lesson, float | None]] = {}
        self._moves: dict[tuple[int, tuple[tuple[str, str | None], ...]], tuple[Lesson, Array]] = {}

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
        taken = [lessons[n] for n in told]
        weight = np.ones(len(told)) if counts is None else np.array([counts[n] for n in told])
        names = tuple(models)
        asked = tuple((name, model if self._same_model else None) for name, model in models.items())
        most = max(len(x.ballot.groups) for x in taken) + 1
        base = np.full((len(taken), most), ABSENT)
        rows = np.zeros((len(taken), most, len(names) + 1))
        for n, lesson in enumerate(taken):
            scores = self._of(lesson)
            base[n, : len(scores) - 1], base[n, -1] = scores[:-1], scores[-1]
            moves = self._moved_by(lesson, asked)
            rows[n, : len(scores) - 1], rows[n, -1] = moves[:-1], moves[-1]
        returned = np.array([x.returned for x in taken])
        right = np.array([x.correct for x in taken])
        spreads = np.array([self._spread] * len(names) + [HARDER_SPREAD])
        found, evidence = _posterior(base, rows, returned, right, weight, spreads)
        plain = _likelihood(_softmax(base), returned, right, weight)
        shared = self._ordinary * np.exp(-np.clip(evidence - plain, -50.0, 50.0))
        unlike = float((1.0 - self._ordinary) / (1.0 - self._ordinary + shared))
        moved = unlike * found
        best = _softmax(base + rows @ moved)[:, :-1].max(axis=1)
        *offsets, harder = moved.tolist()
        stated = float(weight @ best / weight.sum())
        named = dict(zip(names, offsets, strict=True)) if unlike > LEAST else {}
        return Local(named, harder, unlike, stated, len(taken))

    def alone(self, lesson: Lesson, provider: str) -> float | None:
        """Log odds that this provider's answer is right had it been asked alone, without any offset.

        None where it has no answer, or only declined.
        """
        held = self._alone.get((id(lesson), provider))
        if held is not None and held[0] is lesson:
            return held[1]
        ballot = among(lesson.ballot, (provider,))
        odds = None
        if ballot is not None and not ballot.refuses[0]:
            p = min(max(self._trust.probabilities(ballot, {})[0], LEAST), 1.0 - LEAST)
            odds = float(np.log(p / (1.0 - p)))
        self._alone[id(lesson), provider] = (lesson, odds)
        return odds

    def _moved_by(self, lesson: Lesson, asked: tuple[tuple[str, str | None], ...]) -> Array:
        """As `_moves`, remembered."""
        held = self._moves.get((id(lesson), asked))
        if held is not None and held[0] is lesson:
            return held[1]
        moves = _moves(lesson.ballot, asked)
        self._moves[id(lesson), asked] = (lesson, moves)
        return moves

    def _of(self, lesson: Lesson) -> tuple[float, ...]:
        """Log probabilities of the groups of the lesson's ballot, and of none, under the model."""
        held = self._scores.get(id(lesson))
        if held is not None and held[0] is lesson:
            return held[1]
        shares = self._trust.probabilities(lesson.ballot, {})
        groups = set(voting(lesson.ballot))
        stated = (
            float(np.log(max(share, LEAST))) if g in groups else ABSENT
            for g, share in enumerate(shares)
        )
        scores = (*stated, float(np.log(max(1.0 - sum(shares), LEAST))))
        self._scores[id(lesson)] = (lesson, scores)
        return scores


def _moves(ballot: Ballot, asked: Sequence[tuple[str, str | None]]) -> Array:
    """What each offset adds to each alternative of ``ballot``, (groups + 1, providers + 1)."""
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
                moves[g, at] += shrunk * cast[i]
    moves[-1, -1] = scale
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
