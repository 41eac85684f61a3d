"""Wall-bounce: performs the moves that `consensus.rounds` decides on, and reports what came of them.

    while the move is Ask:  afford it → ask everybody at once → cut stragglers → decide → next move

This shell owns what the rules may not know: the clock, the calls under way, the budget's ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from consensus import prompts
from consensus.asking import Call, OnCrash, Panelist, Terms
from consensus.ending import Ending
from consensus.errors import BudgetTooSmallError
from consensus.panel_round import PanelRound, Timing
from consensus.rounds import (
    Ask,
    Plan,
    Stop,
    StopReason,
    next_move,
    round_share_s,
    settled,
    worth_beginning,
)
from consensus.spending import Allotment, PricedCall, plan_spend, spent_usd
from consensus.transcript import Attempt, Transcript
from consensus.verdict import Consensus
from consensus.weighting import Voter

if TYPE_CHECKING:
    from providers.messages import Prompt
    from providers.provider import Deadline

__all__ = [
    "Decide",
    "Deliberation",
    "Ending",
    "Event",
    "InputBound",
    "RoundEnded",
    "VoteArrived",
    "WallBounce",
]

CLOCK_GRAIN_S = 0.001
"""Less than this is no time: event loops fire timers up to their clock's grain early."""


@dataclass(frozen=True, slots=True)
class VoteArrived:
    """A provider answered or failed."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """A round is over. ``consensus`` is of all standing answers; None while there are none."""

    round: int
    consensus: Consensus | None


Event = VoteArrived | RoundEnded
Decide = Callable[[Transcript], Consensus]
"""From a transcript with at least one answer to what its standing answers amount to."""
InputBound = Callable[["Prompt"], int]
"""At most how many input tokens a prompt is, for any vendor."""


@dataclass(frozen=True, slots=True)
class Deliberation:
    """What came of a request.

    Attributes:
        transcript: every attempt, failures included.
        consensus: of the standing answers; None when nobody answered.
        stop: why it ended.
        waited_s: seconds spent waiting for vendors.
        spent_usd: the most that may have been billed, worst cases of failed calls included. None
            without a budget.
    """

    transcript: Transcript
    consensus: Consensus | None
    stop: StopReason
    waited_s: float
    spent_usd: float | None = None


@dataclass(frozen=True, slots=True)
class WallBounce:
    """Asks a panel, round by round. Holds no state of a request: one serves all at once.

    Attributes:
        panel: everybody who may be asked, by name.
        input_bound: bounds a prompt's tokens, for budgets.
        on_crash: told of a provider that raised something else than a ProviderError; must log it.
        patience_s: least wait in seconds for stragglers when the answers that are in settle the
            matter already; None always waits for all.
    """

    panel: Mapping[str, Panelist]
    input_bound: InputBound
    on_crash: OnCrash
    patience_s: float | None

    async def run(
        self,
        prompt: Prompt,
        plan: Plan,
        deadline: Deadline,
        *,
        decide: Decide,
        on_event: Callable[[Event], None] | None = None,
    ) -> Deliberation:
        """Deliberate until the rules say stop, the money or the time is spent.

        Vendors' failures never raise: they stand in the transcript. Cancelling closes every call.

        Args:
            prompt: the caller's own conversation.
            plan: who is asked, and how.
            deadline: when the answer has to be out; calls are cut shortly before.
            decide: weighs the answers of this question.
            on_event: told of each vote as it arrives and of each round as it ends; must not block.

        Raises:
            KeyError: the plan names somebody who is not on the panel.
            BudgetTooSmallError: the budget does not buy the first round.
            UnknownPriceError: there is a budget and a model without a known price.
        """
        return await _Deliberating(self, prompt, plan, decide, on_event or _ignore).run(deadline)


def _ignore(_: Event) -> None:
    """For callers who wait for the end."""


class _Deliberating:
    """One request on its way."""

    def __init__(
        self,
        bounce: WallBounce,
        prompt: Prompt,
        plan: Plan,
        decide: Decide,
        on_event: Callable[[Event], None],
    ) -> None:
        self._bounce = bounce
        self._panelists = {name: bounce.panel[name] for name in plan.providers}
        self._prompt = prompt
        self._plan = plan
        self._decide = decide
        self._on_event = on_event
        self._transcript = Transcript()
        self._consensus: Consensus | None = None
        self._waited_s = 0.0
        self._spent_usd = 0.0

    async def run(self, deadline: Deadline) -> Deliberation:
        end = Ending.before(deadline, asyncio.get_running_loop().time())
        stop = None
        while stop is None:
            move = next_move(self._transcript, self._consensus, self._plan)
            stop = move.reason if isinstance(move, Stop) else await self._perform(move, end)
        if stop is not StopReason.AGREED and _left_s(end) <= CLOCK_GRAIN_S:
            stop = StopReason.DEADLINE
        return Deliberation(
            self._transcript,
            self._consensus,
            stop,
            self._waited_s,
            None if self._plan.budget_usd is None else self._spent_usd,
        )

    async def _perform(self, ask: Ask, end: Ending) -> StopReason | None:
        """Hold a round, or say why it cannot be held."""
        if not worth_beginning(self._transcript, _left_s(end)):
            return StopReason.DEADLINE
        asked = {name: self._prompt_for(name, ask) for name in ask.providers}
        try:
            allotment = self._allot(asked)
        except BudgetTooSmallError:
            if not ask.shown:
                raise
            return StopReason.BUDGET
        attempts = await self._hold(ask, asked, allotment, end)
        self._transcript += attempts
        if allotment is not None:
            self._spent_usd += spent_usd(attempts, allotment)
        if self._transcript.answers:
            self._consensus = self._decide(self._transcript)
        self._on_event(RoundEnded(ask.round, self._consensus))
        return None

    def _prompt_for(self, name: str, ask: Ask) -> Prompt:
        if not ask.shown:
            return self._prompt
        answers = [a.text for a in ask.shown if a.text is not None]
        return prompts.challenge(self._prompt, answers, first=self._plan.providers.index(name))

    def _allot(self, asked: Mapping[str, Prompt]) -> Allotment | None:
        """What the round may spend; None without a budget."""
        if self._plan.budget_usd is None:
            return None
        calls = [
            PricedCall(
                name,
                self._panelists[name].provider.model,
                self._panelists[name].price,
                self._bounce.input_bound(prompt),
            )
            for name, prompt in asked.items()
        ]
        left = self._plan.budget_usd - self._spent_usd
        return plan_spend(calls, left, self._prompt.max_tokens)

    async def _hold(
        self,
        ask: Ask,
        asked: Mapping[str, Prompt],
        allotment: Allotment | None,
        end: Ending,
    ) -> tuple[Attempt, ...]:
        now = asyncio.get_running_loop().time()
        terms = Terms(ask.round, end.calls, repeat_billed=allotment is None)
        calls = [
            Call(
                self._panelists[name],
                prompt if allotment is None else replace(prompt, max_tokens=allotment.max_tokens),
                terms,
            )
            for name, prompt in asked.items()
        ]
        share_at = now + round_share_s(end.calls.remaining(now), ask, self._plan)
        held = PanelRound(
            calls,
            Timing(now, share_at, end, self._bounce.patience_s),
            settled=lambda answers: settled(
                self._decide(Transcript(answers)), self._voters(ask), self._plan.weights
            ),
            on_vote=lambda attempt: self._on_event(VoteArrived(attempt)),
            on_crash=self._bounce.on_crash,
        )
        try:
            return await held.hold()
        finally:
            self._waited_s += held.waited_s

    def _voters(self, ask: Ask) -> tuple[Voter, ...]:
        """Everybody whose answer the decision after this round may count."""
        counted = {*ask.providers, *(answer.provider for answer in self._transcript.answers)}
        return tuple(
            Voter(name, panelist.provider.vendor)
            for name, panelist in self._panelists.items()
            if name in counted
        )


def _left_s(end: Ending) -> float:
    return end.calls.remaining(asyncio.get_running_loop().time())
