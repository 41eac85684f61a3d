"""What a deliberation reports while it runs, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from consensus.transcript import Attempt, Transcript
from consensus.verdict import Consensus
from providers.values import value

if TYPE_CHECKING:
    from consensus.round_results import RoundResult
    from consensus.rounds import StopReason
    from providers.messages import Prompt


@value(frozen=True, slots=True)
class VoteArrived:
    """A provider answered or failed."""

    attempt: Attempt


@value(frozen=True, slots=True)
class RoundEnded:
    """A round is over. ``consensus`` is of all standing answers; None while there are none."""

    round: int
    consensus: Consensus | None
    result: RoundResult


Event = VoteArrived | RoundEnded
Decide = Callable[[Transcript], Consensus]
"""From a transcript with at least one answer to what its standing answers amount to."""
InputBound = Callable[["Prompt"], "int | None"]
"""At most how many input tokens a prompt is, for any vendor; None if nobody knows."""


@value(frozen=True, slots=True)
class Deliberation:
    """What came of a request.

    Attributes:
        transcript: every attempt, failures included.
        consensus: of the standing answers; None when nobody answered.
        stop: why it ended.
        waited_s: seconds spent waiting for vendors.
        spent_usd: the most that may have been billed, worst cases of failed calls included. None
            without a budget.
        rounds: what came of each round held.
    """

    transcript: Transcript
    consensus: Consensus | None
    stop: StopReason
    waited_s: float
    spent_usd: float | None = None
    rounds: tuple[RoundResult, ...] = ()

    @property
    def independence(self) -> Mapping[str, float]:
        """`consensus.transcript.Transcript.independence` of the standing answers."""
        return self.transcript.independence
