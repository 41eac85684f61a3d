"""Aggregation ``synthesize``: a model merges the answers, and the next one when it fails.

An aggregator fails by an error, by an empty reply, by taking too long, by a final answer that is not
the one the panel settled on, or by stating what no answer states (`consensus.merging.support`): a merger
may word an answer better, it may not overrule the vote, and it knows nothing of its own. Sentences that
nobody supports are removed where the rest still reads as an answer; where it does not, the aggregator is
asked once, with what budget and time are left, to write its text again without them.
When all fail, the best supported answer goes out verbatim, with a note that says so. So it does where
answers are programs: a program made of parts of several was run and tested by nobody.

A caller who streams gets the merged text as it is written, each sentence once it has passed
(`consensus.merging.release`). What was let go cannot be taken back: an aggregator that fails after that has
broken the answer off, and nobody takes over.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from consensus.aggregators import PREFERENCE, Preference, choose_aggregators, complexity_of
from consensus.answers import AnswerKind
from consensus.asking import OnCrash, Panelist, Terms, ask
from consensus.ending import Ending
from consensus.errors import SpendingError
from consensus.merging import instructions
from consensus.merging.checks import Checked, Checks
from consensus.merging.release import Release
from consensus.merging.sources import Sources
from consensus.merging.support import Support
from consensus.prompts import MAX_ANSWER_CHARS, cut_middle
from consensus.spending import Allotment, PricedCall, plan_spend, spent_usd
from consensus.streaming import ask_streaming
from providers.provider import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.merging.checks import Agrees
    from consensus.transcript import Attempt, Failure
    from consensus.verdict import Consensus
    from consensus.wall_bounce import Deliberation, InputBound
    from providers.messages import Prompt

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
        attempts: every call made, in order; none of them is a vote.
        removed: sentences of the merged text that no answer supports, left out of ``text``.
        repaired: whether the aggregator had to write its text again.
        note: why nothing was merged; None when it was.
        broken: why ``text`` ends where it does, let go to who streams and not whole; None when it is.
        waited_s: seconds spent waiting for vendors.
        spent_usd: the most that may have been billed; None without a budget.
    """

    text: str
    aggregator: str | None
    attempts: tuple[Attempt, ...] = ()
    removed: tuple[str, ...] = ()
    repaired: bool = False
    note: str | None = None
    broken: Failure | None = None
    waited_s: float = 0.0
    spent_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Streaming:
    """How a merged text is let go while it is written.

    Attributes:
        let_go: takes the next characters; they cannot be taken back.
        typed: whether types tell the answers to the question apart: then nothing is let go before the
            text states the winner's.
    """

    let_go: Callable[[str], None]
    typed: bool


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """Has a model of the panel merge the answers. Holds no state of a request.

    Attributes:
        panel: everybody who may be asked, by name.
        input_bound: bounds a prompt's tokens, for budgets.
        on_crash: told of a provider that raised something else than a ProviderError; must log it.
        preference: who merges best, by the question's complexity.
        embedder: aligns merged sentences with the answers'; None leaves that to their words.
        entailment: finds contradictions that words do not show; None leaves that to the rules.
    """

    panel: Mapping[str, Panelist]
    input_bound: InputBound
    on_crash: OnCrash
    preference: Preference = field(default_factory=lambda: PREFERENCE)
    embedder: Embedder | None = None
    entailment: Entailment | None = None

    async def run(  # noqa: PLR0913 - the question, what came of it, and on what terms it is merged
        self,
        prompt: Prompt,
        deliberation: Deliberation,
        deadline: Deadline,
        *,
        agrees: Agrees,
        budget_usd: float | None = None,
        streaming: Streaming | None = None,
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
            streaming: lets the merged text go while it is written; None hands it over whole. A text that
                is the winner's own is never let go here.

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
        if _is_program(consensus):
            note = "programs are not merged, for parts of several need not work together"
            return _nothing_merged(verbatim, f"{note}: the best supported one is returned", left)
        names = choose_aggregators(
            complexity_of(prompt.question), consensus.ranking, tuple(said), self.preference
        )
        # Nobody may take over what he was not shown.
        shown = [cut_middle(answer, MAX_ANSWER_CHARS, "\n\n") for answer in answers]
        sources = Sources(prompt.question, shown)
        merging = _Merging(
            self,
            instructions.merge(prompt, answers, sources.read),
            transcript.rounds + 1,
            Checks(agrees, Support(sources, self.embedder, self.entailment)),
            budget_usd=left,
            streaming=streaming,
        )
        return await merging.run(names, verbatim, deadline)


def _is_program(consensus: Consensus) -> bool:
    """Whether the winner answers with a program, and not with what one yields."""
    finals = (v.final_answer for v in consensus.votes if v.attempt.provider == consensus.winner)
    return any(
        final is not None
        and final.kind is AnswerKind.CODE
        and not (isinstance(final.value, tuple) and final.value[0] == "literal")
        for final in finals
    )


def leaving_time(deadline: Deadline, now: float) -> Deadline:
    """The deadline of a deliberation that a synthesis is to follow."""
    return Deadline(now + deadline.remaining(now) * (1 - SYNTHESIS_SHARE))


def _nothing_merged(verbatim: str, note: str, budget_usd: float | None) -> Synthesis:
    return Synthesis(verbatim, None, note=note, spent_usd=None if budget_usd is None else 0.0)


class _Merging:
    """One synthesis on its way."""

    def __init__(  # noqa: PLR0913 - the parts of one synthesis
        self,
        synthesizer: Synthesizer,
        prompt: Prompt,
        number: int,
        checks: Checks,
        *,
        budget_usd: float | None,
        streaming: Streaming | None,
    ) -> None:
        self._synthesizer = synthesizer
        self._prompt = prompt
        self._round = number
        self._checks = checks
        self._budget_usd = budget_usd
        self._streaming = streaming
        self._attempts: tuple[Attempt, ...] = ()
        self._why: list[str] = []
        self._spent_usd = 0.0
        self._waited_s = 0.0
        self._may_repair = True

    async def run(self, names: tuple[str, ...], verbatim: str, deadline: Deadline) -> Synthesis:
        loop = asyncio.get_running_loop()
        end = Ending.before(deadline, loop.time())
        for behind, name in zip(range(len(names) - 1, -1, -1), names, strict=True):
            left = end.calls.remaining(loop.time())
            if left <= 0:
                self._why.append("no time was left")
                break
            share = left * FALLBACK_SHARE if behind else left
            merged = await self._merge(name, end.shortened(share, loop.time()), end)
            if merged is not None:
                return merged
        note = f"the best supported answer is returned verbatim: {'; '.join(self._why)}"
        return self._synthesis(verbatim, None, note)

    async def _merge(self, name: str, until: Ending, end: Ending) -> Synthesis | None:
        """What an aggregator makes of it, in two calls at most; None when nothing may go out.

        ``until`` is its share of the time, ``end`` the request's: who streams and has let go of something
        may write until then.
        """
        checked = await self._ask(name, self._prompt, until, end)
        repaired = False
        left = until.calls.remaining(asyncio.get_running_loop().time())
        # One repair a request: another model is a better bet than a third try of the same.
        if isinstance(checked, Checked) and checked.unsupported and self._may_repair and left > 0:
            self._may_repair, repaired = False, True
            prompt = instructions.repair(self._prompt, checked.text, checked.unsupported)
            checked = await self._ask(name, prompt, until, end)
        if isinstance(checked, _BrokenOff):
            synthesis = self._synthesis(checked.text, name, None)
            return replace(synthesis, broken=checked.failure, repaired=repaired)
        if checked is None or checked.failure is not None:
            return None
        synthesis = self._synthesis(checked.text, name, None)
        return replace(synthesis, removed=checked.removed, repaired=repaired)

    async def _ask(
        self, name: str, prompt: Prompt, until: Ending, end: Ending
    ) -> Checked | _BrokenOff | None:
        """One call and what its text is worth; None without a text."""
        panelist = self._synthesizer.panel[name]
        try:
            allotment = self._allot(panelist, prompt)
        except SpendingError as refused:
            self._why.append(f"{name}: {refused}")
            return None
        if allotment is not None:
            prompt = replace(prompt, max_tokens=allotment.max_tokens)
        asked = partial(self._terms, allotment)
        on_crash = self._synthesizer.on_crash
        shown = None
        if self._streaming is None:
            attempt = await ask(panelist, prompt, asked(until), until.cut_at, on_crash)
            checked = None if attempt.text is None else self._checks(attempt.text)
        else:
            shown = _LettingGo(self._checks, self._streaming)
            attempt = await ask_streaming(
                panelist,
                prompt,
                asked(end),
                until.calls.at,
                end.cut_at,
                reader=shown,
                on_crash=on_crash,
            )
            checked = None if attempt.text is None else shown.finish()
        if checked is not None and checked.failure is not None:
            # What it was billed for stays.
            attempt = replace(attempt, text=None, failure=checked.failure)
        self._attempts += (attempt,)
        self._waited_s += attempt.latency_ms / 1000
        if allotment is not None:
            self._spent_usd += spent_usd([attempt], allotment)
        if attempt.failure is not None:
            self._why.append(f"{name}: {attempt.failure.message}")
            if shown is not None and shown.shown:
                return _BrokenOff(shown.text, attempt.failure)
        return checked

    def _terms(self, allotment: Allotment | None, end: Ending) -> Terms:
        return Terms(self._round, end.calls, repeat_billed=allotment is None)

    def _allot(self, panelist: Panelist, prompt: Prompt) -> Allotment | None:
        """What the call may spend; None without a budget."""
        if self._budget_usd is None:
            return None
        provider = panelist.provider
        tokens = self._synthesizer.input_bound(prompt)
        call = PricedCall(provider.name, provider.model, panelist.price, tokens)
        return plan_spend([call], self._budget_usd - self._spent_usd, prompt.max_tokens)

    def _synthesis(self, text: str, aggregator: str | None, note: str | None) -> Synthesis:
        spent = None if self._budget_usd is None else self._spent_usd
        return Synthesis(
            text,
            aggregator,
            self._attempts,
            note=note,
            waited_s=self._waited_s,
            spent_usd=spent,
        )


@dataclass(frozen=True, slots=True)
class _BrokenOff:
    """A text that was let go in part, and why it is not whole."""

    text: str
    failure: Failure


class _LettingGo:
    """Lets a merged text go while it is read. See `consensus.streaming.Reader`."""

    def __init__(self, checks: Checks, streaming: Streaming) -> None:
        self._release = Release(checks, typed=streaming.typed)
        self._let_go = streaming.let_go
        self.text = ""

    def take(self, text: str) -> None:
        self._tell(self._release.feed(text))

    @property
    def shown(self) -> bool:
        return bool(self.text)

    @property
    def failure(self) -> Failure | None:
        return self._release.failure

    def finish(self) -> Checked:
        """The text is whole; what may go out of its rest does."""
        rest, checked = self._release.finish()
        self._tell(rest)
        return checked

    def _tell(self, text: str) -> None:
        if text:
            self.text += text
            self._let_go(text)
