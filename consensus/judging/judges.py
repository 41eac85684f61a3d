"""Asks the judges: two a pair, in both orders, all at once, within what budget and time are left.

The budget fails closed: the worst case of both calls of a pair is reserved before any call is made, and
a pair that it does not buy is not judged. Everything else fails open: a judge that fails, is late or
does not answer in one word leaves its pair as the rules have it, and the answer says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from consensus.asking import Terms, ask
from consensus.ending import Ending
from consensus.errors import SpendingError
from consensus.judging.pairs import two_judges
from consensus.judging.question import JUDGEMENT_TOKENS, judgement, read_judgement
from consensus.spending import PricedCall, plan_spend, spent_usd
from consensus.transcript import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.asking import OnCrash, Panelist
    from consensus.judging.pairs import OpenPair
    from consensus.spending import Allotment
    from consensus.transcript import Attempt, Transcript
    from consensus.wall_bounce import InputBound
    from providers.messages import Prompt
    from providers.provider import Deadline

NO_VERDICT = "no_verdict"
"""The failure code of a judge that answered something else than its one word."""


class Undecided(StrEnum):
    """Why a pair that was open still is."""

    JUDGES = "judges"  # there are no two of different vendors
    BUDGET = "budget"
    TIME = "time"
    NO_VERDICT = "no_verdict"  # a judge failed, was unsure, or said more than its word
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Judging:
    """What the judges found.

    Attributes:
        verdicts: by the two providers, where both judges agree: whether their answers say the same.
        undecided: why each other pair is still open.
        attempts: every judge asked; none of them is a vote.
        waited_s: seconds spent waiting for judges.
        spent_usd: the most that may have been billed; None without a budget.
    """

    verdicts: Mapping[frozenset[str], bool] = field(default_factory=dict)
    undecided: Mapping[frozenset[str], Undecided] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    waited_s: float = 0.0
    spent_usd: float | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A pair with its two judges, what each is asked, and what they may spend together."""

    pair: OpenPair
    asked: Mapping[str, Prompt]
    allotment: Allotment | None


@dataclass(frozen=True, slots=True)
class Judges:
    """Has models judge open pairs. Holds no state of a request.

    Attributes:
        panel: everybody who may be asked, by name.
        names: who judges, in order of preference; two vendors at least, or nothing is judged.
        input_bound: bounds a prompt's tokens, for budgets.
        on_crash: told of a provider that raised something else than a ProviderError; must log it.
    """

    panel: Mapping[str, Panelist]
    names: tuple[str, ...]
    input_bound: InputBound
    on_crash: OnCrash

    async def run(
        self,
        question: str,
        pairs: Sequence[OpenPair],
        transcript: Transcript,
        deadline: Deadline,
        *,
        budget_usd: float | None = None,
    ) -> Judging:
        """Judge ``pairs``; never raises for what vendors do. Cancelling closes every call.

        Args:
            question: what the caller asked.
            pairs: what is open.
            transcript: with the answers of all providers that ``pairs`` names.
            deadline: when the answer has to be out.
            budget_usd: what is left to spend; None is no bound.
        """
        end = Ending.before(deadline, asyncio.get_running_loop().time())
        if end.calls.remaining(asyncio.get_running_loop().time()) <= 0.0:
            late = {pair.providers: Undecided.TIME for pair in pairs}
            return Judging({}, late, spent_usd=None if budget_usd is None else 0.0)
        undecided: dict[frozenset[str], Undecided] = {}
        cases: list[_Case] = []
        left = budget_usd
        for pair in pairs:
            case = self._case(question, pair, transcript, left)
            if isinstance(case, Undecided):
                undecided[pair.providers] = case
                continue
            cases.append(case)
            if left is not None and case.allotment is not None:
                left -= case.allotment.total_usd
        judging = await self._judged(cases, undecided, Terms(transcript.rounds + 1, end.calls), end)
        return judging if budget_usd is not None else replace(judging, spent_usd=None)

    def _case(
        self, question: str, pair: OpenPair, transcript: Transcript, left_usd: float | None
    ) -> _Case | Undecided:
        """Who judges a pair and what it may cost, or why it is not judged."""
        of = {a.provider: a for a in transcript.answers}
        vendors = {name: self.panel[name].provider.vendor for name in self.names}
        authors = frozenset(of[name].vendor for name in pair.providers)
        judges = two_judges(self.names, vendors, authors)
        if judges is None:
            return Undecided.JUDGES
        first, second = (of[name].text or "" for name in (pair.first, pair.second))
        asked = {
            judges[0]: judgement(question, first, second),
            judges[1]: judgement(question, second, first),
        }
        try:
            allotment = self._allot(asked, left_usd)
        except SpendingError:
            return Undecided.BUDGET
        return _Case(pair, asked, allotment)

    def _allot(self, asked: Mapping[str, Prompt], left_usd: float | None) -> Allotment | None:
        """What both judges of a pair may spend; None without a budget."""
        if left_usd is None:
            return None
        calls = [
            PricedCall(
                name,
                self.panel[name].provider.model,
                self.panel[name].price,
                self.input_bound(prompt),
            )
            for name, prompt in asked.items()
        ]
        return plan_spend(calls, left_usd, JUDGEMENT_TOKENS)

    async def _judged(
        self,
        cases: Sequence[_Case],
        undecided: dict[frozenset[str], Undecided],
        terms: Terms,
        end: Ending,
    ) -> Judging:
        async with asyncio.TaskGroup() as group:
            hearings = [group.create_task(self._hear(case, terms, end.cut_at)) for case in cases]
        verdicts: dict[frozenset[str], bool] = {}
        attempts: list[Attempt] = []
        spent = 0.0
        for case, hearing in zip(cases, hearings, strict=True):
            heard = hearing.result()
            attempts += heard
            if case.allotment is not None:
                spent += spent_usd(heard, case.allotment)
            verdict = _verdict(heard)
            if isinstance(verdict, Undecided):
                undecided[case.pair.providers] = verdict
            else:
                verdicts[case.pair.providers] = verdict
        return Judging(
            verdicts,
            undecided,
            tuple(attempts),
            waited_s=max((a.latency_ms for a in attempts), default=0.0) / 1000,
            spent_usd=spent,
        )

    async def _hear(self, case: _Case, terms: Terms, cut_at: float) -> tuple[Attempt, ...]:
        """Both judges of a pair, asked at once."""
        if case.allotment is not None:
            terms = replace(terms, repeat_billed=False)
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(
                    ask(self.panel[name], _within(prompt, case), terms, cut_at, self.on_crash)
                )
                for name, prompt in case.asked.items()
            ]
        return tuple(_read(judge.result()) for judge in asked)


def _within(prompt: Prompt, case: _Case) -> Prompt:
    """The prompt with what its reply may spend."""
    if case.allotment is None:
        return prompt
    return replace(prompt, max_tokens=case.allotment.max_tokens)


def _read(attempt: Attempt) -> Attempt:
    """The attempt, failed if its text is no verdict. What it was billed for stays."""
    if attempt.text is None or read_judgement(attempt.text) is not None:
        return attempt
    failure = Failure(NO_VERDICT, "neither of the two words asked for", retryable=False)
    return replace(attempt, text=None, failure=failure)


def _verdict(heard: Sequence[Attempt]) -> bool | Undecided:
    """What both judges say, if they say the same."""
    said = [None if a.text is None else read_judgement(a.text) for a in heard]
    if said[0] is None or said[1] is None:
        return Undecided.NO_VERDICT
    return said[0] if said[0] is said[1] else Undecided.SPLIT
