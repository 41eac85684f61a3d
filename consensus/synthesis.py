"""Aggregation ``synthesize``: a model merges the answers, and the next one when it fails.

An aggregator fails by an error, by an empty reply, by taking too long, or by a final answer that is
not the one the panel settled on: a merger may word an answer better, it may not overrule the vote.
When all fail, the best supported answer goes out verbatim, with a note that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consensus import prompts
from consensus.aggregators import PREFERENCE, Preference, choose_aggregators, complexity_of
from consensus.asking import OnCrash, Panelist, Terms, ask
from consensus.ending import Ending
from consensus.errors import SpendingError
from consensus.spending import Allotment, PricedCall, plan_spend, spent_usd
from consensus.transcript import Failure
from providers.errors import EmptyReplyError
from providers.provider import Deadline

if TYPE_CHECKING:
    from consensus.transcript import Attempt
    from consensus.wall_bounce import Deliberation, InputBound
    from providers.messages import Prompt

Agrees = Callable[[str], bool | None]
"""Whether a text's final answer is the winner's; None when the two cannot be compared."""

CONTRADICTION = "contradicts_consensus"
"""The failure code of a synthesis whose final answer is not the one the panel settled on."""

SYNTHESIS_SHARE = 1 / 3
"""Of a request's time, kept for the synthesis: merging reads more than answering, but once."""

FALLBACK_SHARE = 0.5
"""Of the time left, what an aggregator with another behind it may take."""


@dataclass(frozen=True, slots=True)
class Synthesis:
    """The text that goes out, and how it came about.

    Attributes:
        text: the merged answer, or the winner's own.
        aggregator: who merged it; None when ``text`` is the winner's, verbatim.
        attempts: every aggregator asked, in order; none of them is a vote.
        note: why nothing was merged; None when it was.
        waited_s: seconds spent waiting for vendors.
        spent_usd: the most that may have been billed; None without a budget.
    """

    text: str
    aggregator: str | None
    attempts: tuple[Attempt, ...] = ()
    note: str | None = None
    waited_s: float = 0.0
    spent_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """Has a model of the panel merge the answers. Holds no state of a request.

    Attributes:
        panel: everybody who may be asked, by name.
        input_bound: bounds a prompt's tokens, for budgets.
        on_crash: told of a provider that raised something else than a ProviderError; must log it.
        preference: who merges best, by the question's complexity.
    """

    panel: Mapping[str, Panelist]
    input_bound: InputBound
    on_crash: OnCrash
    preference: Preference = field(default_factory=lambda: PREFERENCE)

    async def run(
        self,
        prompt: Prompt,
        deliberation: Deliberation,
        deadline: Deadline,
        *,
        agrees: Agrees,
        budget_usd: float | None = None,
    ) -> Synthesis:
        """Merge the standing answers; fall back to the winner's own.

        Only providers that answered are asked to merge: they are up, and the caller let them see
        the question.

        Args:
            prompt: the caller's own conversation.
            deliberation: what came of it, with at least one answer.
            deadline: when the answer has to be out.
            agrees: whether a merged text still says what the winner said.
            budget_usd: of the whole request, what was spent before included; None is no bound.

        Raises:
            ValueError: nobody answered, so there is nothing to return.
        """
        transcript, consensus = deliberation.transcript, deliberation.consensus
        if consensus is None:
            raise ValueError("nobody answered: there is nothing to merge")
        left = None if budget_usd is None else budget_usd - (deliberation.spent_usd or 0.0)
        said = {a.provider: a.text for a in transcript.answers if a.text is not None}
        verbatim = said[consensus.winner]
        answers = [said[name] for name in consensus.ranking]
        if len(set(answers)) == 1:
            note = "only one answer came" if len(answers) == 1 else "all answers are the same"
            return _nothing_merged(verbatim, f"{note}, so there was nothing to merge", left)
        names = choose_aggregators(
            complexity_of(prompt.question), consensus.ranking, tuple(said), self.preference
        )
        merging = _Merging(
            self, prompts.synthesis(prompt, answers), transcript.rounds + 1, agrees, left
        )
        return await merging.run(names, verbatim, deadline)


def leaving_time(deadline: Deadline, now: float) -> Deadline:
    """The deadline of a deliberation that a synthesis is to follow."""
    return Deadline(now + deadline.remaining(now) * (1 - SYNTHESIS_SHARE))


def _nothing_merged(verbatim: str, note: str, budget_usd: float | None) -> Synthesis:
    return Synthesis(verbatim, None, note=note, spent_usd=None if budget_usd is None else 0.0)


class _Merging:
    """One synthesis on its way."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        prompt: Prompt,
        number: int,
        agrees: Agrees,
        budget_usd: float | None,
    ) -> None:
        self._synthesizer = synthesizer
        self._prompt = prompt
        self._round = number
        self._agrees = agrees
        self._budget_usd = budget_usd
        self._attempts: tuple[Attempt, ...] = ()
        self._why: list[str] = []
        self._spent_usd = 0.0
        self._waited_s = 0.0

    async def run(self, names: tuple[str, ...], verbatim: str, deadline: Deadline) -> Synthesis:
        loop = asyncio.get_running_loop()
        end = Ending.before(deadline, loop.time())
        for behind, name in zip(range(len(names) - 1, -1, -1), names, strict=True):
            left = end.calls.remaining(loop.time())
            if left <= 0:
                self._why.append("no time was left")
                break
            share = left * FALLBACK_SHARE if behind else left
            merged = await self._ask(name, end.shortened(share, loop.time()))
            if merged is not None:
                return self._synthesis(merged, name, None)
        note = f"the best supported answer is returned verbatim: {'; '.join(self._why)}"
        return self._synthesis(verbatim, None, note)

    async def _ask(self, name: str, end: Ending) -> str | None:
        panelist = self._synthesizer.panel[name]
        try:
            allotment = self._allot(panelist)
        except SpendingError as refused:
            self._why.append(f"{name}: {refused}")
            return None
        prompt = self._prompt
        if allotment is not None:
            prompt = replace(prompt, max_tokens=allotment.max_tokens)
        terms = Terms(self._round, end.calls, repeat_billed=allotment is None)
        asked = await ask(panelist, prompt, terms, end.cut_at, self._synthesizer.on_crash)
        attempt = self._judged(asked)
        self._attempts += (attempt,)
        self._waited_s += attempt.latency_ms / 1000
        if allotment is not None:
            self._spent_usd += spent_usd([attempt], allotment)
        if attempt.failure is not None:
            self._why.append(f"{name}: {attempt.failure.message}")
        return attempt.text

    def _allot(self, panelist: Panelist) -> Allotment | None:
        """What the call may spend; None without a budget."""
        if self._budget_usd is None:
            return None
        provider = panelist.provider
        tokens = self._synthesizer.input_bound(self._prompt)
        call = PricedCall(provider.name, provider.model, panelist.price, tokens)
        return plan_spend([call], self._budget_usd - self._spent_usd, self._prompt.max_tokens)

    def _judged(self, attempt: Attempt) -> Attempt:
        """The attempt, failed if its text may not go out. What it was billed for stays."""
        if attempt.text is None:
            return attempt
        if not attempt.text.strip():
            failure = Failure(EmptyReplyError.code, "an empty reply", retryable=False)
        elif self._agrees(attempt.text) is False:
            why = "its final answer is not the one the panel settled on"
            failure = Failure(CONTRADICTION, why, retryable=False)
        else:
            return attempt
        return replace(attempt, text=None, failure=failure)

    def _synthesis(self, text: str, aggregator: str | None, note: str | None) -> Synthesis:
        spent = None if self._budget_usd is None else self._spent_usd
        return Synthesis(text, aggregator, self._attempts, note, self._waited_s, spent)
