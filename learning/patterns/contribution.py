"""What one request gives to the patterns: who was asked, how each answer lay, what it took. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning.patterns.failures import failure_of, wrong_answer
from learning.patterns.pattern import Configuration
from learning.patterns.stances import outcomes_of
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from learning.patterns.pattern import Failure, Scenario, VendorTally
    from learning.patterns.stances import Outcome
    from learning.records import RequestRecord


@value(frozen=True, slots=True, eq=False)
class NewPattern:
    """One request, as it becomes a pattern or a part of one.

    A label says whether the answer given out was right; what that says of each provider follows from
    its stance. So stances are kept, and a label that comes or is corrected is applied to them anew.

    Attributes:
        request_id: Of the request; a request counts once, however often it is registered.
        at: When it came in, UTC.
        scenario: What was asked.
        configuration: How it was answered.
        outcomes: By provider, in the order asked.
        latency_ms: Of the whole request.
        cost_usd: What is known of its cost.
        confidence: Given out with the answer; None without one.
        failure: What went wrong, as far as it is known without a label.
        correct: The label, where there is one already; one that the database holds wins.
        advised: The patterns its advice rested on, by number.
        alike: Patterns near enough to be the same question, the nearest first: the first of them for
            which `learning.patterns.merging.same_question` holds takes the request in.
    """

    request_id: str
    at: datetime
    scenario: Scenario
    configuration: Configuration
    outcomes: Mapping[str, Outcome]
    latency_ms: float
    cost_usd: float = 0.0
    confidence: float | None = None
    failure: Failure | None = None
    correct: bool | None = None
    advised: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()

    def tallies(self, correct: bool | None) -> dict[str, VendorTally]:
        """What it adds to each provider's tally, with that label."""
        return {name: outcome.tally(correct) for name, outcome in self.outcomes.items()}

    def failure_with(self, correct: bool | None) -> Failure | None:
        """What went wrong, with that label: a wrong answer outweighs what went wrong on the way."""
        if correct is False:
            return wrong_answer(self.outcomes, self.confidence)
        return self.failure


def contribution_of(record: RequestRecord, scenario: Scenario) -> NewPattern | None:
    """What the request teaches; None where no vendor was asked, or none had the time to answer.

    A shadow's answer was given to nobody, and a request that was cut short has none: they teach who
    answers such questions at all, how quickly and at what cost.
    """
    outcomes = outcomes_of(record)
    if not outcomes:
        return None
    return NewPattern(
        request_id=record.request_id,
        at=record.at,
        scenario=scenario,
        configuration=configuration_of(record),
        outcomes=outcomes,
        latency_ms=record.latency_ms,
        cost_usd=record.cost_usd or 0.0,
        confidence=record.confidence,
        failure=failure_of(record),
        advised=_advised(record),
    )


def configuration_of(record: RequestRecord) -> Configuration:
    """How a request was answered, as its record tells it: of the depth, the rounds there were."""
    providers = tuple(dict.fromkeys(vote.provider for vote in record.votes))
    depth = max((vote.round for vote in record.votes), default=1)
    advised = (record.advice or {}).get("weights")
    weights = dict(advised) if isinstance(advised, dict) else {}
    return Configuration(providers, record.mode, depth, weights)


def _advised(record: RequestRecord) -> tuple[int, ...]:
    neighbours = (record.advice or {}).get("neighbours") or ()
    return tuple(n for n in neighbours if isinstance(n, int))
