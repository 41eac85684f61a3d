"""What both paths take and give: a question with its terms, and an outcome."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol, Self

from consensus.transcript import Transcript
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus
    from gateway.arrangement import Arrangement
    from gateway.events import Emit
    from gateway.requests import GenerateRequest
    from gateway.selection import Selection
    from providers.messages import Prompt
    from providers.provider import Deadline


@value(frozen=True, slots=True)
class Asked:
    """One request on its way down a path.

    ``weights`` are those of the arm's policy, in place of the configured ones; None leaves them.
    ``factors`` are the advised ones: what a vote counts is multiplied by them. ``offsets`` and ``harder``
    are the advised moves of the model of trust, in log odds (`consensus.trust.shifting`).
    """

    request: GenerateRequest
    prompt: Prompt
    selection: Selection
    deadline: Deadline
    emit: Emit
    weights: Mapping[str, float] | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    harder: float = 0.0

    @classmethod
    def of(cls, arranged: Arrangement, deadline: Deadline, emit: Emit) -> Self:
        """As it was arranged."""
        request = arranged.request
        return cls(
            request,
            request.to_prompt(),
            arranged.selection,
            deadline,
            emit,
            arranged.weights,
            arranged.factors,
            arranged.offsets,
            arranged.harder,
        )


@value(frozen=True, slots=True)
class Outcome:
    """What a path brings back. ``waited_s`` is the time spent waiting for vendors, in seconds.

    ``answer_source`` is the provider whose answer is ``content``, or ``synthesis``. ``rounds`` says
    what came of each round; the legacy path holds none.
    """

    content: str
    answer_source: str
    consensus: Consensus | None
    attempts: tuple[Attempt, ...]
    waited_s: float
    note: str | None = None
    rounds: tuple[RoundResult, ...] = ()

    @property
    def cost_usd(self) -> float | None:
        """USD of all attempts; None when one answered at an unknown price (never a made-up 0)."""
        return Transcript(self.attempts).cost_usd


class AnsweringPath(Protocol):
    """A way to an answer: the wall-bounce path, or the legacy path."""

    def asks(self, request: GenerateRequest, selection: Selection) -> tuple[str, ...]:
        """Whom it will ask, in order.

        The legacy path only until one answers, a panel that opens with a part of it only where that is
        not enough.
        """

    async def answer(self, asked: Asked) -> Outcome:
        """Answer, or raise.

        Raises:
            gateway.errors.NoAnswerError: no vendor answered; it carries every attempt.
            gateway.errors.BudgetTooSmallError: the budget does not buy the first call.
        """
