"""From a ballot to probabilities: which group of answers is right, or that none is.

A conditional logit (McFadden 1974) over the groups of answers and the alternative "none of them":

    score(group) = sum over its voters of (support + what is known of the provider) * strength
                   + signs of the group
    score(none)  = none + panel size + dissent + kind of question + difficulty
    P(group)     = exp(score(group)) / (sum over groups + exp(score(none)))

With ``none`` out of the way this is the weighted vote by log odds that is optimal for independent
voters (Nitzan & Paroush 1982), which Dawid & Skene (1979) estimate. One model chooses and states the
probability, so that confidence and choice cannot disagree.

What no vote pattern has earned is bounded: support beyond three independent votes does not add up, no
vote counts so little that one more agreeing answer makes less sure (`least_vote`, `group_support`),
difficulty counts for at most `MAX_DIFFICULTY`, and where wording alone tells which answers agree
all scores are shrunk by `UNTYPED_SCALE`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

from consensus.ballot import ConfidenceSource
from consensus.lazily import lazily
from consensus.weighting import DEFAULT_WEIGHT, SAME_VENDOR_CORRELATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from consensus.ballot import Ballot
    from consensus.trust.parameters import TrustParameters

FULL_PANEL = 3.0
"""Independent votes up to which support adds up: no larger panel was measured."""

LONE, PAIR = 1.0, 2.0
"""Independent votes of a lone answer and of a pair."""

SCATTERED = 3
"""Groups from which answers count as scattered."""

MAX_DIFFICULTY = 2.0
"""What the figures of difficulty add up to at most, either way: they correct a vote, no more."""

UNTYPED_SCALE = 0.486
"""By which scores shrink where wording alone tells which answers agree: the ratio of the log odds of 0.83,
how often three texts alike in wording were right when the scale was measured, and of 0.963 by type."""

LEAST_SUPPORT = 0.1
"""What provider weights are told in is at least this, however little lessons leave of the support."""

ENOUGH_LESSONS = 20
"""Labelled requests of a kind from which its figures count as calibrated."""


def strengths(
    ballot: Ballot, counted: Sequence[float] = (), votes: Sequence[float] = ()
) -> tuple[float, ...]:
    """How much of an independent vote each voter casts, in [0, 1].

    Within a group a vendor's heaviest model counts in full, further ones lose what they only repeat.
    Who refuses while others answer casts none.

    Args:
        ballot: Who voted.
        counted: What the operator counts each voter, in [0, 1]; 1 if not given.
        votes: What is known of each voter, for which one is the heaviest; the same if not given.
    """
    own = list(ballot.independence)
    if counted:
        own = [a * b for a, b in zip(own, counted, strict=True)]
    heavy = [a * b for a, b in zip(own, votes, strict=True)] if votes else own
    cast = [0.0] * len(own)
    for g in voting(ballot):
        members = ballot.groups[g]
        if len({ballot.voters[i].vendor for i in members}) == len(members):
            for i in members:
                cast[i] = own[i]
            continue
        heard: set[str] = set()
        for i in sorted(members, key=lambda i: (-heavy[i], -own[i])):
            vendor = ballot.voters[i].vendor
            cast[i] = own[i] * (1.0 - SAME_VENDOR_CORRELATION if vendor in heard else 1.0)
            heard.add(vendor)
    return tuple(cast)


def shrinkage(cast: Sequence[float]) -> float:
    """What each vote is multiplied by so that all together are at most `FULL_PANEL`."""
    return _shrunk(math.fsum(cast))


def _shrunk(votes: float) -> float:
    return 1.0 if votes <= FULL_PANEL else FULL_PANEL / votes


def group_support(votes: Sequence[float], cast: Sequence[float], others: float) -> float:
    """The log odds that the voters of one group add up to, shrunk to a full panel.

    Voters who would only dilute what the heavier ones say are left out, so that a further agreeing
    answer takes nothing away.

    Args:
        votes: Log odds of each voter's vote, >= 0.
        cast: Their `strengths`.
        others: What the voters of all other groups cast.
    """
    most = gained = 0.0
    there = others
    for vote, own in sorted(zip(votes, cast, strict=True), reverse=True):
        room = min(own, max(0.0, FULL_PANEL - there))
        most = max(most, (gained + vote * room) * _shrunk(there + room))
        gained += vote * own
        there += own
        most = max(most, gained * _shrunk(there))
    return most


def voting(ballot: Ballot) -> tuple[int, ...]:
    """The groups that answer; where all refuse, all."""
    answering = tuple([g for g, refuses in enumerate(ballot.refuses) if not refuses])
    return answering or tuple(range(len(ballot.groups)))


def panel_terms(votes: float) -> tuple[float, float]:
    """How far a panel of so many independent votes is a lone answer, and how far a pair."""
    if votes <= PAIR:
        pair = min(1.0, max(0.0, votes - LONE))
        return 1.0 - pair, pair
    return 0.0, max(0.0, FULL_PANEL - votes)


def least_vote(lone: float, pair: float) -> float:
    """The least log odds of a vote: below, a further agreeing one would make the panel less sure.

    It has to outweigh what "none" gains as a panel grows from one to two, and from two to three.
    """
    return max(0.0, pair - lone, -pair)


@dataclass(frozen=True)
class LogitTrust:
    """The model with one set of parameters. See `consensus.ballot.TrustModel`."""

    parameters: TrustParameters

    @lazily
    def _least(self) -> float:
        return least_vote(self.parameters.lone, self.parameters.pair)

    def source(self, kind: str) -> ConfidenceSource:
        """Calibrated from `ENOUGH_LESSONS` labelled requests of this kind on."""
        seen = self.parameters.lessons.get(kind, 0)
        return ConfidenceSource.CALIBRATED if seen >= ENOUGH_LESSONS else ConfidenceSource.PRIOR

    def probabilities(self, ballot: Ballot, weights: Mapping[str, float]) -> tuple[float, ...]:
        """See `consensus.ballot.TrustModel`; each is scaled by its group's soundness."""
        p = self.parameters
        groups = voting(ballot)
        providers = [voter.provider for voter in ballot.voters]
        votes = [self._vote(name, ballot.kind) for name in providers]
        cast = strengths(ballot, scaled(weights, providers), votes)
        total_cast = math.fsum(cast)
        scores = {}
        for g in groups:
            members = ballot.groups[g]
            own = [cast[i] for i in members]
            others = max(0.0, total_cast - math.fsum(own))
            support = group_support([votes[i] for i in members], own, others)
            scores[g] = support + _dot(p.signs, ballot.signs[g])
        lone, pair = panel_terms(total_cast)
        none = (
            p.none
            + p.lone * lone
            + p.pair * pair
            + p.dissent * (len(groups) - 1)
            + p.scattered * (len(groups) >= SCATTERED)
            + p.kinds.get(ballot.kind, 0.0)
            + max(-MAX_DIFFICULTY, min(MAX_DIFFICULTY, _dot(p.difficulty, ballot.difficulty)))
        )
        scale = 1.0 if ballot.typed else UNTYPED_SCALE
        peak = max(none, *scores.values())
        terms = {g: math.exp(scale * (score - peak)) for g, score in scores.items()}
        total = math.fsum(terms.values()) + math.exp(scale * (none - peak))
        return tuple(
            [
                terms[g] / total * ballot.soundness[g] if g in terms else 0.0
                for g in range(len(ballot.groups))
            ]
        )

    def provider_weights(self, kind: str, providers: Iterable[str]) -> dict[str, float]:
        """See `consensus.ballot.TrustModel`."""
        unit = max(self.parameters.support, LEAST_SUPPORT)
        return {name: self._vote(name, kind) / unit for name in providers}

    def _vote(self, name: str, kind: str) -> float:
        """The log odds of one vote, never below `least_vote`."""
        p = self.parameters
        known = p.providers.get(name, 0.0) + p.providers_by_kind.get((name, kind), 0.0)
        return max(self._least, p.support + known)


@dataclass(frozen=True)
class MixedTrust:
    """Several models, averaged by how well each explains what was seen (Hoeting et al. 1999)."""

    models: tuple[LogitTrust, ...]
    shares: tuple[float, ...]

    def source(self, kind: str) -> ConfidenceSource:
        """They have all learned from the same lessons."""
        return self.models[0].source(kind)

    def probabilities(self, ballot: Ballot, weights: Mapping[str, float]) -> tuple[float, ...]:
        """See `consensus.ballot.TrustModel`."""
        each = [model.probabilities(ballot, weights) for model in self.models]
        return tuple(_dot(self.shares, column) for column in zip(*each, strict=True))

    def provider_weights(self, kind: str, providers: Iterable[str]) -> dict[str, float]:
        """See `consensus.ballot.TrustModel`."""
        names = list(providers)
        each = [model.provider_weights(kind, names) for model in self.models]
        return {name: _dot(self.shares, [weights[name] for weights in each]) for name in names}


def scaled(weights: Mapping[str, float], providers: Sequence[str]) -> list[float]:
    """The operator's weights of these providers, the heaviest of all he names counting 1.

    A weight may only take from a vote: what counts double is no second witness. All 0 counts all 1.

    Raises:
        ValueError: A weight is negative or not finite.
    """
    if not weights:
        return [DEFAULT_WEIGHT] * len(providers)
    for name, weight in weights.items():
        if not math.isfinite(weight) or weight < 0.0:
            raise ValueError(f"the weight of {name} must be finite and >= 0, not {weight}")
    raw = [weights.get(name, DEFAULT_WEIGHT) for name in providers]
    if not any(raw):
        return [1.0] * len(raw)
    peak = max([*raw, *weights.values()])
    return [weight / peak for weight in raw]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    if len(a) != len(b):
        raise ValueError(f"{len(a)} figures and {len(b)} weights")
    return math.fsum(map(mul, a, b))
