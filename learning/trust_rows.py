"""Ballots as the rows of figures that the model of trust is linear in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from consensus.ballot import SIGNS
from consensus.trust.model import (
    MAX_DIFFICULTY,
    SCATTERED,
    UNTYPED_SCALE,
    least_vote,
    panel_terms,
    shrinkage,
    strengths,
    voting,
)
from consensus.trust.parameters import GENERAL, SCALARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot

    Array = NDArray[np.float64]

REMEMBERED = 4096
"""Ballots whose rows are kept: each fit sees most of the lessons of the one before."""

VOTE_TERMS = ("support", "lone", "pair")
"""What the floor of a vote depends on."""

FAR_BELOW = -1e9
"""The score of a group that is not there."""


@dataclass(frozen=True)
class Rows:
    """``figures`` (n, k, f): what each of n ballots' k alternatives is worth per parameter.

    The alternative after a ballot's groups is "none of them"; ``fixed`` (n, k) is added to their scores
    whatever the parameters: far below for what is not there.
    """

    figures: Array
    fixed: Array

    def shares(self, parameters: Array) -> Array:
        """The probability of each alternative, (n, k); rows sum to 1."""
        scores = self.figures @ parameters + self.fixed
        scores -= scores.max(axis=1, keepdims=True)
        terms = np.exp(scores)
        shares: Array = terms / terms.sum(axis=1, keepdims=True)
        return shares

    def bounded(self, difficulty: Sequence[float]) -> Rows:
        """The rows where difficulty beyond `MAX_DIFFICULTY`, at these parameters, counts just that.

        Beyond it the parameters of difficulty make no difference to what the model answers: there is
        nothing to learn of them. The model's own differ a little from these; that is left out.
        """
        columns = slice(SCALARS + len(SIGNS), len(GENERAL))
        counted = self.figures[:, :, columns] @ np.asarray(difficulty, dtype=np.float64)
        most = MAX_DIFFICULTY * self.figures[:, :, GENERAL.index("none")]
        over = np.abs(counted) > most
        figures = self.figures.copy()
        figures[:, :, columns][over] = 0.0
        return Rows(figures, self.fixed + np.where(over, np.copysign(most, counted), 0.0))


def keys_of(ballots: Iterable[Ballot]) -> list[tuple[str, ...]]:
    """What parameters of their own these ballots ask for, in a lasting order."""
    found: dict[tuple[str, ...], None] = {}
    for ballot in ballots:
        found[("kind", ballot.kind)] = None
        for voter in ballot.voters:
            found[("provider", voter.provider)] = None
            found[("provider in kind", voter.provider, ballot.kind)] = None
    return list(found)


class VoteFloor:
    """Lifts votes to `consensus.trust.model.least_vote`, as the model does when it answers.

    Args:
        keys: As `keys_of` gives them: a provider in a kind comes with the provider.
    """

    def __init__(self, keys: Sequence[tuple[str, ...]]) -> None:
        column = {key: len(GENERAL) + n for n, key in enumerate(keys)}
        in_kind = [key for key in keys if key[0] == "provider in kind"]
        self._in_kind = np.array([column[key] for key in in_kind], dtype=np.intp)
        self._overall = np.array([column["provider", key[1]] for key in in_kind], dtype=np.intp)

    def applied(self, parameters: Array) -> Array:
        """The parameters whose votes are those that count; ``parameters`` stay as they are."""
        support, lone, pair = (float(parameters[GENERAL.index(n)]) for n in VOTE_TERMS)
        least = least_vote(lone, pair) - support - parameters[self._overall]
        lifted = parameters.copy()
        lifted[self._in_kind] = np.maximum(lifted[self._in_kind], least)
        return lifted


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
    own = strengths(ballot)
    shrunk = shrinkage(own)
    cast = tuple(vote * shrunk for vote in own)
    groups = voting(ballot)
    rows = np.zeros((len(ballot.groups) + 1, len(GENERAL)))
    for g in groups:
        rows[g, 0] = math.fsum(cast[i] for i in ballot.groups[g])
        rows[g, SCALARS : SCALARS + len(SIGNS)] = ballot.signs[g]
    lone, pair = panel_terms(math.fsum(own))
    rows[-1, 1:SCALARS] = (1.0, lone, pair, len(groups) - 1.0, float(len(groups) >= SCATTERED))
    rows[-1, SCALARS + len(SIGNS) :] = ballot.difficulty
    return (rows if ballot.typed else rows * UNTYPED_SCALE), cast
