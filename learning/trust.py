"""What feedback teaches about whom to believe: the model of trust, fitted anew as labels come in.

Feedback says whether the answer given out was right, and nothing of the others: its likelihood is P(g)
for a right answer of group g and 1 - P(g) for a wrong one. The fit maximises the posterior of the
parameters of `consensus.trust.model` around the shipped prior (a Gaussian each, `SPREADS`), by
Fisher scoring, lessons fading with age. Providers differ by the question's kind and over all kinds at
once, each shrunk towards the prior (as in hierarchical models; Daumé 2007, arXiv 0907.1815).

How much providers differ at all is not known beforehand: on most questions little, on some a single
one is right against all others. So the model is fitted for several spreads, and the fits are averaged
by their evidence in Laplace's approximation (Hoeting et al. 1999; MacKay 1992).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from consensus.trust.model import LogitTrust, MixedTrust
from consensus.trust.parameters import GENERAL, general_parameters, shipped_prior
from learning.lessons import Learner, Lesson
from learning.trust_rows import Rows, VoteFloor, keys_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import TrustModel
    from consensus.trust.parameters import TrustParameters

    Array = NDArray[np.float64]

__all__ = ["HALF_LIFE", "Learner", "Lesson", "TrustLearner"]

HALF_LIFE = 700
"""Lessons after which one counts half: vendors change their models."""

PRIOR_SPREADS = ((0.2, 0.5, 0.45), (0.6, 0.5, 0.28), (1.8, 0.5, 0.17), (0.6, 3.0, 0.10))
"""Standard deviations of how much a vote's log odds differ from provider to provider, and one kind of
question is harder than another; and how likely each pair is beforehand: the larger, the rarer. Of a
provider's variance one half is its own over all kinds, one half for a kind."""

LEAST_SHARE = 1e-4
"""Of the average, below which a fit is left out: it would take time and move no probability by more."""

SPREADS = {"support": 0.2, "none": 0.5, "lone": 0.3, "pair": 0.3, "dissent": 0.4, "scattered": 0.4}
"""Standard deviations of the general parameters around the shipped prior."""

FIGURE_SPREAD = 0.1
"""The same of what a figure is worth."""

COMPUTED_SPREAD = 0.01
"""The same of a computed answer, whose worth is known."""

STEPS = 25
LARGEST_STEP = 1.0
LEAST_PACE, FASTER, ONWARDS = 0.25, 1.5, 0.5
TOLERANCE = 1e-4
"""Fisher scoring stops when no parameter moves further; it takes a handful of steps."""

SURE = 1e-6
"""No lesson is taken for impossible."""


class TrustLearner:
    """Fits the model of trust to lessons.

    Args:
        prior: Where the parameters start from and are shrunk to.
        half_life: In lessons.
    """

    def __init__(self, prior: TrustParameters | None = None, half_life: float = HALF_LIFE) -> None:
        self._prior = prior or shipped_prior()
        self._decay = 0.5 ** (1.0 / half_life)
        # The next fit starts where the last one ended: one more lesson moves little.
        self._last: dict[tuple[float, float, tuple[str, ...]], Array] = {}

    def fit(self, lessons: Sequence[Lesson]) -> TrustModel:
        """See `Learner`. A lesson whose ballot was only refused teaches nothing."""
        taught = [x for x in lessons if not x.ballot.refuses[x.returned]]
        if not taught:
            return LogitTrust(self._prior)
        keys = keys_of(x.ballot for x in taught)
        rows = rows_of([x.ballot for x in taught], keys).bounded(self._prior.difficulty)
        returned = np.array([x.returned for x in taught])
        correct = np.array([x.correct for x in taught])
        weight = self._decay ** np.arange(len(taught) - 1, -1, -1.0)
        mean = np.concatenate([self._prior.general, np.zeros(len(keys))])
        floor = VoteFloor(keys)
        names = tuple(map(repr, keys))
        fits: list[tuple[Array, float]] = []
        starts = dict(self._last)
        self._last = {}
        for spread, kind_spread, share in PRIOR_SPREADS:
            precision = 1.0 / _spreads(keys, spread, kind_spread) ** 2
            start = starts.get((spread, kind_spread, names), mean)
            found, evidence = _posterior(
                rows, returned, correct, weight, mean, precision, start, floor
            )
            self._last[spread, kind_spread, names] = found
            fits.append((found, evidence + float(np.log(share))))
        seen = Counter(x.ballot.kind for x in taught)
        models = tuple(LogitTrust(_parameters(found, keys, seen)) for found, _ in fits)
        told = np.array([evidence for _, evidence in fits])
        shares = np.exp(told - told.max())
        kept = shares >= LEAST_SHARE * shares.sum()
        counted = np.where(kept, shares, 0.0) / shares[kept].sum()
        return MixedTrust(
            tuple(model for model, stays in zip(models, kept, strict=True) if stays),
            tuple(counted[kept].tolist()),
        )


def _parameters(
    found: Array, keys: Sequence[tuple[str, ...]], seen: Mapping[str, int]
) -> TrustParameters:
    values = found.tolist()
    own = dict(zip(keys, values[len(GENERAL) :], strict=True))
    return replace(
        general_parameters(values[: len(GENERAL)]),
        providers={key[1]: v for key, v in own.items() if key[0] == "provider"},
        providers_by_kind={
            (key[1], key[2]): v for key, v in own.items() if key[0] == "provider in kind"
        },
        kinds={key[1]: v for key, v in own.items() if key[0] == "kind"},
        lessons=seen,
    )


def _spreads(keys: Sequence[tuple[str, ...]], provider_spread: float, kind_spread: float) -> Array:
    general = [
        COMPUTED_SPREAD if name == "sign_computed" else SPREADS.get(name, FIGURE_SPREAD)
        for name in GENERAL
    ]
    own = [kind_spread if key[0] == "kind" else provider_spread / np.sqrt(2.0) for key in keys]
    return np.array([*general, *own], dtype=np.float64)


def _pace(pace: float, moved: Array, step: Array, information: Array) -> float:
    """How much of a step to take: less where it turns back, more again where it goes on.

    The expected information of a label may be far below the curvature there, as where an answer hardly
    believed was right: whole steps would overshoot to and fro, and not end in `STEPS`.
    """
    along = float(moved @ information @ moved)
    onwards = float(step @ information @ moved) / along if along > 0.0 else 0.0
    if onwards < 0.0:
        return max(LEAST_PACE, pace / (1.0 + min(1.0, -onwards)))
    return min(1.0, pace * FASTER) if onwards > ONWARDS else pace


def _posterior(  # noqa: PLR0913, PLR0917 - data, prior and start of one fit
    rows: Rows,
    returned: NDArray[np.intp],
    correct: NDArray[np.bool_],
    weight: Array,
    mean: Array,
    precision: Array,
    start: Array,
    floor: VoteFloor,
) -> tuple[Array, float]:
    """The parameters of the highest posterior, and the log evidence in Laplace's approximation.

    The evidence is of the model as it will answer, votes at their floor: one that would explain what
    was seen by votes that count against their answers cannot say so, and must not be believed.
    """
    found, moved, pace = start.copy(), np.zeros_like(start), 1.0
    each = np.arange(len(returned))
    information = np.diag(precision)
    for _ in range(STEPS):
        shares = rows.shares(found)
        expected = np.einsum("nk,nkf->nf", shares, rows.figures)
        apart = rows.figures[each, returned] - expected
        p = np.clip(shares[each, returned], SURE, 1.0 - SURE)
        pull = weight * np.where(correct, 1.0, -p / (1.0 - p))
        slope = pull @ apart - precision * (found - mean)
        information = np.diag(precision) + (apart * (weight * p / (1.0 - p))[:, None]).T @ apart
        step = np.linalg.solve(information, slope)
        reach = float(np.abs(step).max())
        pace = _pace(pace, moved, step, information)
        moved = step * min(pace, LARGEST_STEP / max(reach, TOLERANCE))
        found = found + moved
        if reach < TOLERANCE:
            break
    p = np.clip(rows.shares(floor.applied(found))[each, returned], SURE, 1.0 - SURE)
    likelihood = float(weight @ np.where(correct, np.log(p), np.log1p(-p)))
    prior = 0.5 * float(np.log(precision).sum() - precision @ (found - mean) ** 2)
    return found, likelihood + prior - 0.5 * float(np.linalg.slogdet(information)[1])
