"""What a model of trust says of many ballots at once: the same as one by one, in a tenth of the time. Pure.

Up to a full panel of voters of different vendors, a group's support is the plain sum of its votes
(`consensus.trust.model`): the model is linear in a ballot's rows, up to the bounds of votes and difficulty,
which are applied. Any other ballot, and any other model, is asked by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from consensus.ballot import SIGNS
from consensus.trust.model import (
    FULL_PANEL,
    MAX_DIFFICULTY,
    LogitTrust,
    MixedTrust,
    strengths,
    voting,
)
from consensus.trust.parameters import GENERAL, SCALARS
from learning.trust_rows import VoteFloor, keys_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot, TrustModel
    from consensus.trust.parameters import TrustParameters
    from learning.trust_rows import Rows

    Array = NDArray[np.float64]

AT_ONCE = 4
"""Ballots from which it pays to take them together."""

ROUNDING = 1e-9
"""By which strengths may add up to more than a full panel."""


def stated(trust: TrustModel, ballots: Sequence[Ballot]) -> list[tuple[float, ...]]:
    """How likely each group of each ballot is right, as ``trust.probabilities`` says without weights."""
    found: list[tuple[float, ...]] = [()] * len(ballots)
    plain = []
    models, shares = _parts(trust)
    for n, ballot in enumerate(ballots):
        if models and is_linear(ballot):
            plain.append(n)
        else:
            found[n] = tuple(trust.probabilities(ballot, {}))
    if len(plain) < AT_ONCE:
        for n in plain:
            found[n] = tuple(trust.probabilities(ballots[n], {}))
        return found
    together = [ballots[n] for n in plain]
    keys = keys_of(together)
    rows, floor = rows_of(together, keys), VoteFloor(keys)
    likely = sum(
        (share * _shares(rows, m, keys, floor) for m, share in zip(models, shares, strict=True)),
        np.zeros(rows.fixed.shape),
    )
    for n, ballot, row in zip(plain, together, likely.tolist(), strict=True):
        groups = set(voting(ballot))
        found[n] = tuple(
            row[g] * sound if g in groups else 0.0 for g, sound in enumerate(ballot.soundness)
        )
    return found


def is_linear(ballot: Ballot) -> bool:
    """Whether no vote of this ballot is cut: no vendor twice in a group, no more than a full panel."""
    for members in ballot.groups:
        if len(members) > 1 and len({ballot.voters[i].vendor for i in members}) < len(members):
            return False
    few = len(ballot.voters) <= FULL_PANEL
    return few or sum(strengths(ballot)) <= FULL_PANEL + ROUNDING


def _parts(trust: TrustModel) -> tuple[tuple[TrustParameters, ...], tuple[float, ...]]:
    if isinstance(trust, MixedTrust):
        return tuple(model.parameters for model in trust.models), trust.shares
    return ((trust.parameters,), (1.0,)) if isinstance(trust, LogitTrust) else ((), ())


def _shares(
    rows: Rows, p: TrustParameters, keys: Sequence[tuple[str, ...]], floor: VoteFloor
) -> Array:
    """Of each alternative, as `Rows.shares`, difficulty bounded as these parameters have it."""
    values = floor.applied(np.array([*p.general, *(_own(p, key) for key in keys)]))
    scores = rows.figures @ values + rows.fixed
    columns = slice(SCALARS + len(SIGNS), len(GENERAL))
    counted = rows.figures[:, :, columns] @ values[columns]
    most = MAX_DIFFICULTY * rows.figures[:, :, GENERAL.index("none")]
    scores += np.clip(counted, -most, most) - counted
    scores -= scores.max(axis=1, keepdims=True)
    terms = np.exp(scores)
    shares: Array = terms / terms.sum(axis=1, keepdims=True)
    return shares


def _own(p: TrustParameters, key: tuple[str, ...]) -> float:
    kind, *names = key
    if kind == "kind":
        return p.kinds.get(names[0], 0.0)
    if kind == "provider":
        return p.providers.get(names[0], 0.0)
    return p.providers_by_kind.get((names[0], names[1]), 0.0)
