"""Wall-bounce: performs the moves that `consensus.rounds` decides on, and reports what came of them.

    while the move is Ask:  afford it → ask everybody at once → cut stragglers → decide → next move

Two asks can make one round: an opening, and the rest of the panel where that was not enough
(`consensus.rounds`). Calls of the opening that are still out when the rest is asked go on beside theirs.

Who has answered is challenged with what is contested (`consensus.contested`); who has not is asked the
caller's own question, so that every model's first answer is its own.

This shell owns what the rules may not know: the clock, the calls under way, the budget's ledger.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from consensus import prompts
from consensus.asking import Call, OnCrash, Panelist, Terms, end_calls
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
from consensus.ledger import Ledger
from consensus.minutes import Minutes
from consensus.panel_round import PanelRound, Timing, nothing_known
from consensus.prompts import Challenge
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
from consensus.spending import PricedCall
from consensus.transcript import Transcript
from consensus.weighting import Voter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consensus.contested import Position
    from consensus.transcript import Attempt
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
        usual_s: a provider's p95 in seconds by its name, None while unknown (`consensus.straggling`).
    """

    panel: Mapping[str, Panelist]
    input_bound: InputBound
    on_crash: OnCrash
    patience_s: float | None
    usual_s: Callable[[str], float | None] = nothing_known

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
            BudgetTooSmallError: the budget does not buy the first ask; nobody was asked.
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
        self._minutes = Minutes(prompt.question, plan.providers, decide)
        self._ledger = None if plan.budget_usd is None else Ledger(plan.budget_usd)
        self._out: tuple[Call, ...] = ()  # of the opening, under way while the next move is made
        self._waited_s = 0.0

    async def run(self, deadline: Deadline) -> Deliberation:
        end = Ending.before(deadline, asyncio.get_running_loop().time())
        try:
            stop = await self._until_stopped(end)
        except BaseException:
            await end_calls(self._out, self._bounce.on_crash)
            raise
        satisfied = stop in {StopReason.AGREED, StopReason.ENOUGH}
        if not satisfied and _left_s(end) <= CLOCK_GRAIN_S:
            stop = StopReason.DEADLINE
        return Deliberation(
            self._minutes.transcript,
            self._minutes.consensus,
            stop,
            self._waited_s,
            None if self._ledger is None else self._ledger.spent_usd,
            self._minutes.rounds,
        )

    async def _until_stopped(self, end: Ending) -> StopReason:
        held = self._minutes
        while True:
            move = next_move(
                held.transcript,
                held.consensus,
                self._plan,
                held.rounds[-1] if held.rounds else None,
                silent=[call.name for call in self._out],
            )
            if isinstance(move, Stop) or move.round > held.transcript.rounds:
                self._tell()
            stop = move.reason if isinstance(move, Stop) else await self._perform(move, end)
            if stop is not None:
                self._tell()
                return stop

    def _tell(self) -> None:
        """Tell of the last round, once nobody else is asked in it."""
        if (ended := self._minutes.untold()) is not None:
            self._on_event(ended)

    async def _perform(self, ask: Ask, end: Ending) -> StopReason | None:
        """Ask and wait, or say why nobody can be asked."""
        asked: Mapping[str, Challenge] = {}
        refusal = None
        if not worth_beginning(self._minutes.transcript, _left_s(end)):
            refusal = StopReason.DEADLINE
        else:
            try:
                asked = self._afford(ask)
            except BudgetTooSmallError:
                if not (self._minutes.transcript.attempts or self._out):
                    raise
                refusal = StopReason.BUDGET
        if refusal is not None and not self._out:
            return refusal
        # Where nobody else can be asked, who is still out is waited for all the same.
        attempts = await self._hold(ask, asked, end)
        if self._ledger is not None:
            self._ledger.settle(attempts)
        if attempts:
            self._minutes.take(attempts, ask)
        return None

    def _afford(self, ask: Ask) -> Mapping[str, Challenge]:
        """What each is asked, with replies as long as the budget allows."""
        positions = self._positions(ask)
        asked = self._challenges(ask, positions, self._prompt)
        if self._ledger is None:
            return asked
        max_tokens = self._ledger.allot(
            [self._priced(name, challenge.prompt) for name, challenge in asked.items()],
            self._prompt.max_tokens,
            [self._priced(name, self._prompt) for name in ask.kept_back],
        )
        # With shorter replies there may be no room for a remark; no prompt grows by that.
        return self._challenges(ask, positions, replace(self._prompt, max_tokens=max_tokens))

    def _positions(self, ask: Ask) -> tuple[Position, ...]:
        """What the answers shown differ on; nothing in a blind round."""
        decided = self._minutes.consensus
        if not ask.shown or decided is None:
            return ()
        return positions_of(self._minutes.question, ask.shown, decided.ranking, decided.dissent)

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

    def _priced(self, name: str, prompt: Prompt) -> PricedCall:
        panelist = self._panelists[name]
        return PricedCall(
            name, panelist.provider.model, panelist.price, self._bounce.input_bound(prompt)
        )

    async def _hold(
        self, ask: Ask, asked: Mapping[str, Challenge], end: Ending
    ) -> tuple[Attempt, ...]:
        now = asyncio.get_running_loop().time()
        if self._out or ask.round == self._minutes.transcript.rounds:
            self._minutes.escalate(tuple(asked), now)
        else:
            self._minutes.begin(now)
        out = self._out
        held = PanelRound(
            [*out, *self._calls(ask, asked, end)],
            Timing(
                now,
                now + round_share_s(end.calls.remaining(now), ask, self._plan),
                end,
                self._bounce.patience_s,
                parting=bool(ask.kept_back),
            ),
            settled=lambda answers: settled(
                self._decide(self._of_this_round(answers, ask)),
                self._voters(ask, out),
                self._plan.weights,
            ),
            on_vote=lambda attempt: self._on_event(VoteArrived(attempt)),
            on_crash=self._bounce.on_crash,
            usual_s=self._bounce.usual_s,
            earlier=tuple(a for a in self._minutes.transcript.answers if a.round == ask.round),
        )
        self._out = ()  # from here on the round ends them
        try:
            attempts = await held.hold()
        finally:
            self._waited_s += held.waited_s
        self._out = held.out
        return attempts

    def _calls(self, ask: Ask, asked: Mapping[str, Challenge], end: Ending) -> list[Call]:
        terms = Terms(ask.round, end.calls, repeat_billed=self._ledger is None)
        return [
            Call(
                self._panelists[name],
                challenge.prompt,
                terms
                if challenge.review_tag is None
                else replace(terms, review_tag=challenge.review_tag),
            )
            for name, challenge in asked.items()
        ]

    def _of_this_round(self, answers: tuple[Attempt, ...], ask: Ask) -> Transcript:
        """The answers that are in, alone, with the changes of mind among them."""
        return Transcript(answers, self._minutes.joined(answers, ask).flips)

    def _voters(self, ask: Ask, out: tuple[Call, ...]) -> tuple[Voter, ...]:
        """Everybody whose answer the decision after this round may count."""
        counted = {
            *ask.providers,
            *ask.kept_back,
            *(call.name for call in out),
            *(answer.provider for answer in self._minutes.transcript.answers),
        }
        return tuple(
            Voter(name, panelist.provider.vendor)
            for name, panelist in self._panelists.items()
            if name in counted
        )


def _left_s(end: Ending) -> float:
    return end.calls.remaining(asyncio.get_running_loop().time())
