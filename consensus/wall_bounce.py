"""Wall-bounce: performs the moves that `consensus.rounds` decides on, and reports what came of them.

    while the move is Ask:  afford it → ask everybody at once → cut stragglers → decide → next move

Who has answered is challenged with what is contested (`consensus.contested`); who has not is asked the
caller's own question, so that every model's first answer is its own.

This shell owns what the rules may not know: the clock, the calls under way, the budget's ledger.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from consensus import prompts
from consensus.answers import read_question
from consensus.asking import Call, OnCrash, Panelist, Terms
from consensus.conformity import flips_of
from consensus.contested import positions_of
from consensus.deliberation import (
    Decide,
    Deliberation,
    Event,
    InputBound,
    RoundEnded,
    VoteArrived,
)
from consensus.ending import Ending
from consensus.errors import BudgetTooSmallError
from consensus.panel_round import PanelRound, Timing
from consensus.prompts import Challenge
from consensus.round_results import RoundResult, round_result
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
from consensus.weighting import Voter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consensus.answers import Question
    from consensus.contested import Position
    from consensus.verdict import Consensus
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
        self._rounds: tuple[RoundResult, ...] = ()

    @cached_property
    def _question(self) -> Question:
        """Read only where answers are challenged: a blind round needs no reading."""
        return read_question(self._prompt.question)

    async def run(self, deadline: Deadline) -> Deliberation:
        end = Ending.before(deadline, asyncio.get_running_loop().time())
        stop = None
        while stop is None:
            last = self._rounds[-1] if self._rounds else None
            move = next_move(self._transcript, self._consensus, self._plan, last)
            stop = move.reason if isinstance(move, Stop) else await self._perform(move, end)
        if stop is not StopReason.AGREED and _left_s(end) <= CLOCK_GRAIN_S:
            stop = StopReason.DEADLINE
        return Deliberation(
            self._transcript,
            self._consensus,
            stop,
            self._waited_s,
            None if self._plan.budget_usd is None else self._spent_usd,
            self._rounds,
        )

    async def _perform(self, ask: Ask, end: Ending) -> StopReason | None:
        """Hold a round, or say why it cannot be held."""
        if not worth_beginning(self._transcript, _left_s(end)):
            return StopReason.DEADLINE
        positions = self._positions(ask)
        asked = self._challenges(ask, positions, self._prompt)
        try:
            allotment = self._allot(asked)
        except BudgetTooSmallError:
            if not ask.shown:
                raise
            return StopReason.BUDGET
        if allotment is not None:
            # With shorter replies there may be no room for a remark; no prompt grows by that.
            bounded = replace(self._prompt, max_tokens=allotment.max_tokens)
            asked = self._challenges(ask, positions, bounded)
        attempts = await self._hold(ask, asked, end, repeat_billed=allotment is None)
        if allotment is not None:
            self._spent_usd += spent_usd(attempts, allotment)
        self._conclude(ask, attempts)
        return None

    def _conclude(self, ask: Ask, attempts: tuple[Attempt, ...]) -> None:
        """Take the round into the transcript, decide anew and tell."""
        before, decided = self._transcript, self._consensus
        self._transcript = self._with(attempts, ask)
        if self._transcript.answers:
            self._consensus = self._decide(self._transcript)
        result = round_result(
            self._question if ask.shown else None,
            before,
            self._transcript,
            decided,
            self._consensus,
        )
        self._rounds += (result,)
        self._on_event(RoundEnded(ask.round, self._consensus, result))

    def _with(self, attempts: tuple[Attempt, ...], ask: Ask) -> Transcript:
        """The transcript with a round, or a part of it, and its changes of mind."""
        flips = flips_of(self._question, self._transcript, attempts) if ask.shown else ()
        return replace(self._transcript + attempts, flips=self._transcript.flips + flips)

    def _positions(self, ask: Ask) -> tuple[Position, ...]:
        """What the answers shown differ on; nothing in a blind round."""
        if not ask.shown or self._consensus is None:
            return ()
        decided = self._consensus
        return positions_of(self._question, ask.shown, decided.ranking, decided.dissent)

    def _challenges(
        self, ask: Ask, positions: tuple[Position, ...], prompt: Prompt
    ) -> dict[str, Challenge]:
        """What each is asked: the question itself while it has not answered, else what is contested."""
        answered = {answer.provider for answer in ask.shown}
        place = self._plan.providers.index
        return {
            name: prompts.challenge(prompt, positions, first=place(name))
            if name in answered
            else Challenge(prompt, None)
            for name in ask.providers
        }

    def _allot(self, asked: Mapping[str, Challenge]) -> Allotment | None:
        """What the round may spend; None without a budget."""
        if self._plan.budget_usd is None:
            return None
        calls = [
            PricedCall(
                name,
                self._panelists[name].provider.model,
                self._panelists[name].price,
                self._bounce.input_bound(challenge.prompt),
            )
            for name, challenge in asked.items()
        ]
        left = self._plan.budget_usd - self._spent_usd
        return plan_spend(calls, left, self._prompt.max_tokens)

    async def _hold(
        self,
        ask: Ask,
        asked: Mapping[str, Challenge],
        end: Ending,
        *,
        repeat_billed: bool,
    ) -> tuple[Attempt, ...]:
        now = asyncio.get_running_loop().time()
        terms = Terms(ask.round, end.calls, repeat_billed=repeat_billed)
        calls = [
            Call(
                self._panelists[name],
                challenge.prompt,
                replace(terms, review_tag=challenge.review_tag),
            )
            for name, challenge in asked.items()
        ]
        share_at = now + round_share_s(end.calls.remaining(now), ask, self._plan)
        held = PanelRound(
            calls,
            Timing(now, share_at, end, self._bounce.patience_s),
            settled=lambda answers: settled(
                self._decide(self._of_this_round(answers, ask)),
                self._voters(ask),
                self._plan.weights,
            ),
            on_vote=lambda attempt: self._on_event(VoteArrived(attempt)),
            on_crash=self._bounce.on_crash,
        )
        try:
            return await held.hold()
        finally:
            self._waited_s += held.waited_s

    def _of_this_round(self, answers: tuple[Attempt, ...], ask: Ask) -> Transcript:
        """The answers that are in, alone, with the changes of mind among them."""
        whole = self._with(answers, ask)
        return Transcript(answers, whole.flips)

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
