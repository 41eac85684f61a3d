"""Ballots by who said what or as drawn, and a learner that counts, which tells what was learned from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from consensus.ballot import DIFFICULTY, SIGNS, Ballot, BallotVoter, ConfidenceSource

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


def plain(*groups: str, kind: str = "number", typed: bool = True) -> Ballot:
    """As `ballot`, where every figure is ordinary: nothing but who said the same tells anything."""
    cast = ballot(*groups, kind=kind)
    return replace(cast, difficulty=(0.0,) * len(DIFFICULTY), typed=typed)


@st.composite
def any_ballot(
    draw: st.DrawFn,
    *,
    voters: int = 6,
    vendors: str = "abcdef",
    refusals: bool = True,
    independence: bool = True,
) -> Ballot:
    """Any ballot the journal may hold: up to ``voters`` of these vendors, in any groups."""
    n = draw(st.integers(1, voters))
    homes = [draw(st.sampled_from(vendors)) for _ in range(n)]
    seats = [draw(st.integers(0, n - 1)) for _ in range(n)]
    groups = [tuple(i for i in range(n) if seats[i] == seat) for seat in dict.fromkeys(seats)]

    def figures(count: int, low: float, high: float) -> tuple[float, ...]:
        drawn = draw(st.lists(st.floats(low, high), min_size=count, max_size=count))
        return tuple(round(x, 6) + 0.0 for x in drawn)

    return Ballot(
        kind=draw(st.sampled_from(("number", "choice", "free_text"))),
        language=draw(st.sampled_from(("en", "ja"))),
        voters=tuple(BallotVoter(f"p{i}", home, f"{home}-{i}") for i, home in enumerate(homes)),
        groups=tuple(groups),
        refuses=tuple(refusals and draw(st.booleans()) for _ in groups),
        signs=tuple(figures(len(SIGNS), -5.0, 5.0) for _ in groups),
        difficulty=figures(len(DIFFICULTY), -9.0, 9.0),
        typed=draw(st.booleans()),
        soundness=figures(len(groups), 0.0, 1.0),
        independence=figures(n, 0.0, 1.0) if independence else (),
    )


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
