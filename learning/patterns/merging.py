"""When requests count as one question, and what a pattern becomes by one more, or by a label. Pure.

Counts are whole numbers, so whatever the order in which requests and labels come, the sums come out the
same as from scratch; sums of money and time do so to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from learning.patterns.lessons import lesson_of
from learning.patterns.pattern import Pattern, VendorTally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from learning.patterns.contribution import NewPattern
    from learning.patterns.pattern import Configuration, Failure, Scenario
    from learning.patterns.stances import Outcome

SAME_COSINE = 0.98
"""Least cosine of two questions taken for one. Beside it their words are the same, so what is left to
differ is small words, their order, punctuation, and figures; those are told apart by it as far as the
embedder sees them."""


@dataclass(frozen=True, slots=True)
class DatedFailure:
    """A failure, and of which request: the last one is a pattern's, and a label may take it back."""

    at: datetime
    request_id: str
    failure: Failure

    def later_than(self, other: DatedFailure | None) -> bool:
        """Whether it takes the other's place."""
        return other is None or (self.at, self.request_id) >= (other.at, other.request_id)


def same_question(
    scenario: Scenario, configuration: Configuration, other: Scenario, beside: Configuration
) -> bool:
    """Whether both are one question, asked of the same panel in the same way.

    Nearness of the embeddings is for who looks them up (`SAME_COSINE`). Weights and depth may differ:
    neither changes what a provider answers in the first round.
    """
    return (
        scenario.words == other.words
        and (scenario.task, scenario.kind, scenario.language)
        == (other.task, other.kind, other.language)
        and (configuration.providers, configuration.mode) == (beside.providers, beside.mode)
    )


def groups_alike(batch: Sequence[NewPattern]) -> list[int]:
    """For each of a batch, the position of the first that is the same question; its own for the first.

    Texts without a vector are never the same.
    """
    found = list(range(len(batch)))
    by_key: dict[tuple[object, ...], list[int]] = {}
    for place, new in enumerate(batch):
        scenario, configuration = new.scenario, new.configuration
        key = (
            *(scenario.words, scenario.task, scenario.kind, scenario.language),
            *(configuration.providers, configuration.mode),
        )
        by_key.setdefault(key, []).append(place)
    for places in by_key.values():
        if len(places) > 1:
            for place, first in zip(places, _firsts_near(batch, places), strict=True):
                found[place] = places[first]
    return found


def first_pattern(number: int, new: NewPattern, *, correct: bool | None) -> Pattern:
    """The pattern a request makes alone."""
    return _with_lesson(
        Pattern(
            id=number,
            scenario=new.scenario,
            configuration=new.configuration,
            vendors=new.tallies(correct),
            first_at=new.at,
            last_at=new.at,
            right=int(correct is True),
            wrong=int(correct is False),
            confidence=new.confidence or 0.0,
            confident=int(new.confidence is not None),
            cost_usd=new.cost_usd,
            latency_ms=new.latency_ms,
            failure=new.failure_with(correct),
        )
    )


def joined(
    pattern: Pattern, new: NewPattern, *, correct: bool | None, failure: Failure | None
) -> Pattern:
    """The pattern with one more request. ``failure``: the last one, of them all."""
    return _with_lesson(
        replace(
            pattern,
            vendors=added(pattern.vendors, new.tallies(correct)),
            first_at=min(pattern.first_at, new.at),
            last_at=max(pattern.last_at, new.at),
            count=pattern.count + 1,
            right=pattern.right + (correct is True),
            wrong=pattern.wrong + (correct is False),
            confidence=pattern.confidence + (new.confidence or 0.0),
            confident=pattern.confident + (new.confidence is not None),
            cost_usd=pattern.cost_usd + new.cost_usd,
            latency_ms=pattern.latency_ms + new.latency_ms,
            failure=failure,
        )
    )


def relabelled(
    pattern: Pattern,
    outcomes: Mapping[str, Outcome],
    before: bool | None,
    after: bool | None,
    failure: Failure | None,
) -> Pattern:
    """The pattern once one of its requests is labelled ``after`` instead of ``before``."""
    return _with_lesson(
        replace(
            pattern,
            vendors=_told_anew(pattern.vendors, outcomes, before, after),
            right=pattern.right + (after is True) - (before is True),
            wrong=pattern.wrong + (after is False) - (before is False),
            failure=failure,
        )
    )


def added(
    tallies: Mapping[str, VendorTally], more: Mapping[str, VendorTally]
) -> dict[str, VendorTally]:
    """Both together, by provider."""
    found = dict(tallies)
    for name, tally in more.items():
        found[name] = found[name] + tally if name in found else tally
    return found


def _told_anew(
    tallies: Mapping[str, VendorTally],
    outcomes: Mapping[str, Outcome],
    before: bool | None,
    after: bool | None,
) -> dict[str, VendorTally]:
    found = dict(tallies)
    for name, outcome in outcomes.items():
        old, new = outcome.tally(before), outcome.tally(after)
        held = found.get(name, old)
        found[name] = replace(
            held,
            right=held.right + new.right - old.right,
            wrong=held.wrong + new.wrong - old.wrong,
            untold=held.untold + new.untold - old.untold,
        )
    return found


def _firsts_near(batch: Sequence[NewPattern], places: Sequence[int]) -> list[int]:
    """For each of these, which of them is the first one near it, itself if none that came before is.

    One that is near another is nobody's first. Questions that differ in figures alone come here by the
    hundred, so all their cosines are taken at once.
    """
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    rows = np.stack([batch[place].scenario.embedding for place in places])
    near = rows @ rows.T >= SAME_COSINE
    is_first = np.zeros(len(places), np.bool_)
    found = []
    for at in range(len(places)):
        earlier = np.flatnonzero(near[at, :at] & is_first[:at])
        first = int(earlier[0]) if len(earlier) else at
        is_first[at] = first == at
        found.append(first)
    return found


def _with_lesson(pattern: Pattern) -> Pattern:
    lesson = lesson_of(pattern)
    return pattern if lesson == pattern.lesson else replace(pattern, lesson=lesson)
