"""Ballots as the rows of figures that the model of trust is linear in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from consensus.ballot import SIGNS
from consensus.trust.model import SCATTERED, UNTYPED_SCALE, panel_terms, strengths, voting
from consensus.trust.parameters import GENERAL, SCALARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot

    Array = NDArray[np.float64]

REMEMBERED = 4096
"""Ballots whose rows are kept: each fit sees most of the lessons of the one before."""

FAR_BELOW = -1e9
"""The score of a group that is not there."""


@dataclass(frozen=True)
class Rows:
    """``figures`` (n, k, f): what each of n ballots' k alternatives is worth per parameter.

    The alternative after a ballot's groups is "none of them"; ``absent`` (n, k) is 0 for what is there
    and far below for what is not.
    """

    figures: Array
    absent: Array

    def shares(self, parameters: Array) -> Array:
        """The probability of each alternative, (n, k); rows sum to 1."""
        scores = self.figures @ parameters + self.absent
        scores -= scores.max(axis=1, keepdims=True)
        terms = np.exp(scores)
        shares: Array = terms / terms.sum(axis=1, keepdims=True)
        return shares


def keys_of(ballots: Iterable[Ballot]) -> list[tuple[str, ...]]:
    """What parameters of their own these ballots ask for, in a lasting order."""
    found: dict[tuple[str, ...], None] = {}
    for ballot in ballots:
        found[("kind", ballot.kind)] = None
        for voter in ballot.voters:
            found[("provider", voter.provider)] = None
            found[("provider in kind", voter.provider, ballot.kind)] = None
    return list(found)


def rows_of(ballots: Sequence[Ballot], keys: Sequence[tuple[str, ...]]) -> Rows:
    """The rows of ``ballots``: columns as `GENERAL`, then ``keys``, all that they ask for or none."""
    column = {key: len(GENERAL) + n for n, key in enumerate(keys)}
    most = max(len(ballot.groups) for ballot in ballots) + 1
    figures = np.zeros((len(ballots), most, len(GENERAL) + len(keys)))
    absent = np.full((len(ballots), most), FAR_BELOW)
    for n, ballot in enumerate(ballots):
        general, cast = _general(ballot)
        there = len(general)
        figures[n, :there, : len(GENERAL)] = general
        scale = general[-1, GENERAL.index("none")]
        if column:
            figures[n, there - 1, column["kind", ballot.kind]] = scale
            for g, i in ((g, i) for g, members in enumerate(ballot.groups) for i in members):
                name, worth = ballot.voters[i].provider, scale * cast[i]
                figures[n, g, column["provider", name]] += worth
                figures[n, g, column["provider in kind", name, ballot.kind]] += worth
        absent[n, [*voting(ballot), there - 1]] = 0.0
    return Rows(figures, absent)


@lru_cache(maxsize=REMEMBERED)
def _general(ballot: Ballot) -> tuple[Array, tuple[float, ...]]:
    """The part of a ballot's rows that knows no provider: (groups + 1, `GENERAL`), and the strengths."""
    cast = strengths(ballot)
    groups = voting(ballot)
    rows = np.zeros((len(ballot.groups) + 1, len(GENERAL)))
    for g in groups:
        rows[g, 0] = math.fsum(cast[i] for i in ballot.groups[g])
        rows[g, SCALARS : SCALARS + len(SIGNS)] = ballot.signs[g]
    lone, pair = panel_terms(math.fsum(cast))
    rows[-1, 1:SCALARS] = (1.0, lone, pair, len(groups) - 1.0, float(len(groups) >= SCATTERED))
    rows[-1, SCALARS + len(SIGNS) :] = ballot.difficulty
    return (rows if ballot.typed else rows * UNTYPED_SCALE), cast
