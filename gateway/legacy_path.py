"""The legacy path: one vendor, and the next of its chain when it fails. The control group."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consensus.asking import OnCrash, Panelist, Terms, ask
from consensus.spending import Allotment, PricedCall, plan_spend, spent_usd
from consensus.transcript import Attempt, Transcript
from consensus.wall_bounce import Ending, InputBound
from gateway.errors import GatewayError
from gateway.events import VoteSeen
from gateway.paths import Asked, Outcome
from gateway.refusals import no_answer, spending_errors
from gateway.second_chance import refused
from gateway.selection import nobody_away
from gateway.streamed_call import ask_streaming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.requests import GenerateRequest
    from gateway.selection import Selection

CLOCK_GRAIN_S = 0.01
"""Less than this is no time: timers fire a little early or late."""

SHARE_OF_TIME = 0.5
"""What a vendor with a fallback behind it may take of the time left: half, so that a vendor that
hangs leaves the next one as much; the last takes all."""


@dataclass(frozen=True, slots=True)
class LegacyPath:
    """Asks the chain in order until one answers.

    A caller who names ``providers`` sets the chain; else it is ``chain``, in it last who would not be asked
    now (``away``, with the reason in words). Whom a circuit refused is asked after all (``insisting``) where
    nobody else answers. A caller who streams gets
    the vendor's own pieces as they come; a stream that breaks after its first piece ends in an
    error, for what was shown cannot be taken back.
    """

    panel: Mapping[str, Panelist]
    chain: tuple[str, ...]
    input_bound: InputBound
    on_crash: OnCrash
    away: Callable[[], Mapping[str, str]] = nobody_away
    insisting: Mapping[str, Panelist] = field(default_factory=dict)

    def asks(self, request: GenerateRequest, selection: Selection) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """The caller's own list, else the chain, who is away at its end."""
        if request.providers:
            return tuple(request.providers)
        away = self.away()
        return tuple(sorted(self.chain, key=away.__contains__)) if away else self.chain

    async def answer(self, asked: Asked) -> Outcome:
        """See `gateway.paths.AnsweringPath`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = Ending.before(asked.deadline, began)
        chain = self.asks(asked.request, asked.selection)
        attempts: tuple[Attempt, ...] = ()
        shown = False
        spent = 0.0
        ahead = deque((name, self.panel[name]) for name in chain)
        while ahead:
            name, panelist = ahead.popleft()
            now = loop.time()
            left = end.calls.remaining(now)
            if left <= 0:
                break
            try:
                allotment = self._allot(name, asked, spent)
            except GatewayError:
                if not attempts:
                    raise
                break  # what the vendors before may have billed leaves nothing for this one
            until = end.shortened(left * SHARE_OF_TIME if ahead else left, now)
            attempt, shown = await self._ask(panelist, asked, allotment, until, end)
            attempts = (*(a for a in attempts if a.provider != name), attempt)
            if name in self.insisting and panelist is self.panel[name] and refused([attempt]):
                ahead.append((name, self.insisting[name]))
                continue
            asked.emit(VoteSeen(attempt))
            if attempt.text is not None:
                return Outcome(attempt.text, name, None, attempts, loop.time() - began)
            if shown:
                break
            if allotment is not None:
                spent += spent_usd([attempt], allotment)
        time_is_up = end.calls.remaining(loop.time()) <= CLOCK_GRAIN_S
        raise no_answer(Transcript(attempts), time_is_up=time_is_up, shown=shown)

    async def _ask(
        self,
        panelist: Panelist,
        asked: Asked,
        allotment: Allotment | None,
        until: Ending,
        end: Ending,
    ) -> tuple[Attempt, bool]:
        """One vendor's attempt, and whether the caller has seen a part of it.

        ``until`` is its share of the time, ``end`` the request's.
        """
        prompt = asked.prompt
        if allotment is not None:
            prompt = replace(prompt, max_tokens=allotment.max_tokens)
        if asked.request.stream:
            terms = Terms(1, end.calls, repeat_billed=allotment is None)
            return await ask_streaming(
                panelist,
                prompt,
                terms,
                until.calls.at,
                end.cut_at,
                emit=asked.emit,
                on_crash=self.on_crash,
            )
        terms = Terms(1, until.calls, repeat_billed=allotment is None)
        return await ask(panelist, prompt, terms, until.cut_at, self.on_crash), False

    def _allot(self, name: str, asked: Asked, spent: float) -> Allotment | None:
        """What the call may spend; None without a budget."""
        if asked.request.budget_usd is None:
            return None
        panelist = self.panel[name]
        tokens = self.input_bound(asked.prompt)
        call = PricedCall(name, panelist.provider.model, panelist.price, tokens)
        with spending_errors():
            return plan_spend([call], asked.request.budget_usd - spent, asked.prompt.max_tokens)
