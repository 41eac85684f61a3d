"""Ballots by who said what, and a learner that counts: enough to follow what was learned from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consensus.ballot import DIFFICULTY, SIGNS, Ballot, BallotVoter
from consensus.ballot import ConfidenceSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from learning.lessons import Lesson

VENDORS = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}


def ballot(*groups: str, kind: str = "number") -> Ballot:
    """The ballot where these said the same: ``ballot("gpt claude", "gemini")``."""
    names = [group.split() for group in groups]
    voters = [name for group in names for name in group]
    places = iter(range(len(voters)))
    return Ballot(
        kind=kind,
        language="en",
        voters=tuple(BallotVoter(name, VENDORS.get(name, name), f"{name}-1") for name in voters),
        groups=tuple(tuple(next(places) for _ in group) for group in names),
        refuses=(False,) * len(names),
        signs=((0.0,) * len(SIGNS),) * len(names),
        difficulty=(0.125,) * len(DIFFICULTY),
    )


BALLOT = ballot("gpt gemini", "claude")


class TallyModel:
    """Believes a provider by how often it was right; equal where nothing is known."""

    def __init__(self, right: Counter[str], heard: Counter[str]) -> None:
        self.right = right
        self.heard = heard

    def source(self, kind: str) -> ConfidenceSource:
        """Calibrated, whatever the kind, once anybody was heard."""
        known = kind and self.heard.total()
        return ConfidenceSource.CALIBRATED if known else ConfidenceSource.PRIOR

    def probabilities(self, ballot: Ballot, weights: Mapping[str, float]) -> tuple[float, ...]:
        """By the weight of each group."""
        names = [voter.provider for voter in ballot.voters]
        counted = self.provider_weights(ballot.kind, names)
        each = [counted[name] * weights.get(name, 1.0) for name in names]
        return tuple(sum(each[i] for i in members) / sum(each) for members in ballot.groups)

    def provider_weights(self, kind: str, providers: Iterable[str]) -> dict[str, float]:
        """Twice the rate of being right, one right and one wrong assumed: 1 where nothing is known."""
        assert kind
        return {name: 2.0 * (self.right[name] + 1) / (self.heard[name] + 2) for name in providers}


class TallyLearner:
    """Counts who was in a group known to be right or wrong. ``fits`` holds what each fit was given."""

    def __init__(self) -> None:
        self.fits: list[tuple[Lesson, ...]] = []

    def fit(self, lessons: Sequence[Lesson]) -> TallyModel:
        """The counts over all lessons."""
        self.fits.append(tuple(lessons))
        right: Counter[str] = Counter()
        heard: Counter[str] = Counter()
        for lesson in lessons:
            for i in lesson.ballot.groups[lesson.returned]:
                heard[lesson.ballot.voters[i].provider] += 1
                right[lesson.ballot.voters[i].provider] += lesson.correct
        return TallyModel(right, heard)
