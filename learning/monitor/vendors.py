"""All vendors watched: what a request and a label tell of them, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning.monitor.counting import (
    FILTERED,
    is_patient,
    is_wrong,
    says_something,
    standings,
    written_tokens,
)
from learning.monitor.drift import NEEDED, Measure, Seen
from learning.monitor.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from consensus.ballot import Ballot
    from learning.monitor.drift import Change
    from learning.records import RequestRecord

DOCUMENT_VERSION = 1
"""Of the kept state: one of another version is left, and the vendors are learned anew."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Where the watch of one figure stands.

    ``collected`` values the reference has; None in the rest while it is not complete. ``before``: its rate
    or median; ``observations`` were seen since; ``evidence`` is the part, in logarithms and 0 to 1, of what a
    change needs.
    """

    provider: str
    measure: Measure
    collected: int
    before: float | None
    observations: int
    evidence: float | None


class Vendors:
    """The watch over every provider's figures. Values are to come in the order of their time."""

    def __init__(self) -> None:
        self._watches: dict[tuple[str, Measure], Watch] = {}

    def see(self, seen: Seen) -> Change | None:
        """Take in one value; the change that it proves."""
        key = seen.provider, seen.measure
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Watch(seen.measure)
        found = watch.add(seen)
        if found is not None:
            del self._watches[key]
        return found

    def standing(self) -> tuple[Watched, ...]:
        """Every figure watched, by provider and measure."""
        return tuple(
            Watched(
                provider,
                measure,
                watch.collected,
                watch.before,
                watch.observations,
                None
                if watch.log_evidence is None
                else min(max(watch.log_evidence / NEEDED, 0.0), 1.0),
            )
            for (provider, measure), watch in sorted(self._watches.items())
        )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        kept: dict[str, dict[str, Any]] = {}
        for (provider, measure), watch in sorted(self._watches.items()):
            kept.setdefault(provider, {})[measure.value] = watch.as_json()
        return {"version": DOCUMENT_VERSION, "providers": kept}

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Vendors:
        """What `as_json` made; of another version or without content, nothing is known yet."""
        vendors = Vendors()
        if kept.get("version") != DOCUMENT_VERSION:
            return vendors
        for provider, watches in kept["providers"].items():
            for name, watch in watches.items():
                measure = Measure(name)
                vendors._watches[provider, measure] = Watch.from_json(measure, watch)
        return vendors


def told_by(record: RequestRecord) -> Iterator[Seen]:
    """What a finished request says of the vendors it asked."""
    patient = is_patient(record)
    for vote in record.votes:
        here = (record.at, vote.provider, vote.model)
        if says_something(vote, patient=patient):
            yield Seen(*here, Measure.FAILURE, float(vote.error_code is not None))
        if vote.error_code == FILTERED and not record.is_single:
            yield Seen(*here, Measure.REFUSAL, 1.0)
        # Prompts of later rounds hold the others' answers: longer, and of another kind. So is what a
        # caller makes of one provider alone: with tools, formats and limits of its own.
        if vote.error_code is None and vote.round == 1 and not record.is_single:
            yield Seen(*here, Measure.LATENCY, vote.latency_ms)
            yield Seen(*here, Measure.LENGTH, float(written_tokens(vote)))
    for standing in standings(record.ballot, record.returned_group):
        here = (record.at, standing.provider, standing.model)
        yield Seen(*here, Measure.REFUSAL, float(standing.refuses))
        if standing.with_returned is not None:
            yield Seen(*here, Measure.DISSENT, float(not standing.with_returned))


def told_by_label(
    at: datetime, ballot: Ballot | None, returned: int | None, *, correct: bool
) -> Iterator[Seen]:
    """What a request's first label, given at ``at``, says of the vendors that answered."""
    for standing in standings(ballot, returned):
        wrong = is_wrong(standing, correct=correct)
        if wrong is not None:
            yield Seen(at, standing.provider, standing.model, Measure.WRONG, float(wrong))
