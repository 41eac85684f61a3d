"""Which round comes next: the pure heart of wall-bounce.

Theory of operation
-------------------
A deliberation is a sequence of rounds. The shell (`consensus.wall_bounce`) performs a move and
reports back by adding its attempts to the transcript; `next_move` looks at the transcript and says
what to do next. It keeps no state: whoever holds the transcript can resume.

    nothing asked yet ──► Ask, blind: everybody, or the plan's opening; shown the caller's own
                          conversation only
    the opening is in ──► Stop when it is enough; else Ask the rest, just as blind: one round together
    parallel ───────────► one blind round, then Stop
    sequential ─────────► until Stop: Ask, shown what the standing answers differ on; who has not
                          answered yet is asked blind

An opening is enough when nobody of it failed, no two answers differ and the confidence reaches
``Plan.enough``. Whoever of it is still silent when half of the time is gone has come up short as well,
or no time would be left to ask the others; the call goes on beside theirs, for it is paid already. No
clock but the deadline makes the others be asked: a slow answer is no reason to buy another. Both asks
are one round, with one number, one result and one place in ``depth``; the later ones know nothing of
the opening's answers.

Stops, the first that applies:

    enough        the opening was: the rest of the panel is not asked
    all_failed    nobody has ever answered; each adapter has already retried what can be retried
    one_round     parallel asks once
    agreed        two answers or more stand and none dissents: nothing is left to argue
    lone_answer   one answer stands: there is nothing to challenge it with
    depth         the last round allowed has been held
    fruitless     a challenge changed nobody's answer and brought no new evidence: another one could
                  only wear somebody down (`consensus.round_results.RoundResult.fruitless`)
    nobody_left   everybody's last failure was final, so a further round would ask nobody
    budget        the next ask's worst case does not fit into what is left (the shell's ledger). An
                  opening is begun with the rest's worst case set aside, where the budget buys both
    deadline      no time is left for another ask (the shell's clock)

Three rules hold in every deliberation:

* A model's first answer is always blind: the whole first round, and whoever failed in it later on.
  Independent answers are the only evidence that agreement means anything; once a model has seen
  another's answer its vote is no longer independent.
* Nobody is asked twice in a round, and nobody again whose last failure was final.
* A round adds, it never takes away: whoever fails in a later round stands by the answer given
  before (`consensus.transcript.Transcript.standing`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind
from consensus.transcript import CUT_OFF
from consensus.weighting import panel_weights
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt, Transcript
    from consensus.verdict import Consensus
    from consensus.weighting import Voter

DEFAULT_DEPTH = 3
"""Rounds at most in sequential mode (API.md, ``depth``)."""

MAJORITY = 0.5
"""A share of the weight above this cannot be outvoted by the rest."""

WEIGHT_GRAIN = 1e-9
"""Shares of the weight nearer than this are taken for equal (`consensus.panel.TIE_DIGITS`)."""

ENOUGH_TO_ARGUE = 2
"""Answers a challenge needs: one alone agrees or disagrees with nobody."""


class Mode(StrEnum):
    """How models take part: all once and apart, or in turns of challenge."""

    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"


class StopReason(StrEnum):
    """Why a deliberation ended; the module's docstring defines each."""

    ENOUGH = "enough"
    AGREED = "agreed"
    DEPTH = "depth"
    FRUITLESS = "fruitless"
    ONE_ROUND = "one_round"
    LONE_ANSWER = "lone_answer"
    ALL_FAILED = "all_failed"
    NOBODY_LEFT = "nobody_left"
    BUDGET = "budget"
    DEADLINE = "deadline"


@value(frozen=True, slots=True)
class Plan:
    """Who is asked, and how.

    ``providers`` are asked in this order, the first ``opening`` of them before the others, who are
    asked only when the opening's confidence, in [0, 1], stays below ``enough`` or it came up short
    otherwise; 0, or as many as there are, asks all at once. ``depth`` bounds the rounds of sequential mode.
    ``weights`` say how much each provider's vote counts when a majority is looked for (empty:
    everybody equally; a missing one is `consensus.weighting.DEFAULT_WEIGHT`, as in the decision).
    ``budget_usd`` is never exceeded; None is no bound.
    """

    providers: tuple[str, ...]
    mode: Mode = Mode.PARALLEL
    depth: int = DEFAULT_DEPTH
    weights: Mapping[str, float] = field(default_factory=dict)
    budget_usd: float | None = None
    opening: int = 0
    enough: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a plan that no deliberation could follow.

        Raises:
            ValueError: nobody to ask, somebody named twice, no round, a weight or an opening below 0,
                or a confidence outside of [0, 1].
        """
        if not self.providers:
            raise ValueError("a plan needs at least one provider")
        if len(set(self.providers)) != len(self.providers):
            raise ValueError(f"a provider is named twice: {', '.join(self.providers)}")
        if self.depth < 1:
            raise ValueError(f"depth must be at least 1, not {self.depth}")
        if any(not weight >= 0 for weight in self.weights.values()):
            raise ValueError("a weight must be 0 or more")
        if self.opening < 0:
            raise ValueError(f"an opening must be 0 or more, not {self.opening}")
        if not 0.0 <= self.enough <= 1.0:
            raise ValueError(f"enough is a confidence in [0, 1], not {self.enough}")

    @property
    def first(self) -> tuple[str, ...]:
        """Who is asked before anything is known."""
        return self.providers[: self.opening or len(self.providers)]


@value(frozen=True, slots=True)
class Ask:
    """Ask these providers, all at once. ``shown`` are the standing answers they are challenged with.

    Empty is blind; so is every provider that has no answer among them. ``kept_back``: who else may be
    asked in this round, depending on what these answer.
    """

    round: int
    providers: tuple[str, ...]
    shown: tuple[Attempt, ...] = ()
    kept_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """The deliberation is over."""

    reason: StopReason


Move = Ask | Stop


def next_move(
    transcript: Transcript,
    consensus: Consensus | None,
    plan: Plan,
    last: RoundResult | None = None,
    *,
    silent: Collection[str] = (),
) -> Move:
    """What follows from the rounds held so far.

    Args:
        transcript: all attempts so far.
        consensus: what the standing answers amount to; None while nobody has answered.
        plan: who is asked, and how.
        last: what came of the last round; None does not stop for its lack of fruit.
        silent: who of the opening was asked, has said nothing yet, and has used up the opening's time.
    """
    asked = {attempt.provider for attempt in transcript.attempts}.union(silent)
    if not asked:
        return Ask(1, plan.first, kept_back=plan.providers[len(plan.first) :])
    if rest := tuple(name for name in plan.providers if name not in asked):
        if not silent and _suffices(transcript, consensus, plan):
            return Stop(StopReason.ENOUGH)
        return Ask(1, rest)
    if stop := _reason_to_stop(transcript, consensus, plan, last):
        return Stop(stop)
    askable = tuple(name for name in plan.providers if _may_be_asked(name, transcript))
    if not askable:
        return Stop(StopReason.NOBODY_LEFT)
    return Ask(transcript.rounds + 1, askable, shown=transcript.answers)


def _suffices(transcript: Transcript, consensus: Consensus | None, plan: Plan) -> bool:
    """Whether an opening's answers leave no reason to ask the rest."""
    failures = (a.failure for a in transcript.attempts if a.failure is not None)
    if any(failure.code != CUT_OFF for failure in failures):
        return False
    if consensus is None or consensus.dissent:
        return False
    return consensus.confidence >= plan.enough


def _reason_to_stop(
    transcript: Transcript, consensus: Consensus | None, plan: Plan, last: RoundResult | None
) -> StopReason | None:
    answers = len(transcript.answers)
    if answers == 0:
        return StopReason.ALL_FAILED
    if plan.mode is Mode.PARALLEL:
        return StopReason.ONE_ROUND
    if consensus is not None and consensus.unanimous:
        return StopReason.AGREED
    if answers < ENOUGH_TO_ARGUE:
        return StopReason.LONE_ANSWER
    if transcript.rounds >= plan.depth:
        return StopReason.DEPTH
    fruitless = last is not None and last.round > 1 and last.fruitless
    return StopReason.FRUITLESS if fruitless else None


def _may_be_asked(name: str, transcript: Transcript) -> bool:
    last = next((a for a in reversed(transcript.attempts) if a.provider == name), None)
    return last is None or last.failure is None or last.failure.retryable


def settled(consensus: Consensus, voters: Sequence[Voter], weights: Mapping[str, float]) -> bool:
    """Whether the answers still out could no longer change the winner.

    That is so when those who agree with the winner hold more than half of the weight that the
    decision would give were everybody in (`consensus.weighting.panel_weights`): then whatever the
    rest say, all of them alike at worst, is outvoted. One answer alone never settles anything, however
    heavy: it has not been agreed with. Nor do refusals, which any answer goes before.

    Args:
        consensus: of the answers that are in, of this round alone.
        voters: everybody whose answer the decision may count: those asked in this round, and those
            who stand by an earlier answer.
        weights: as in `Plan`.
    """
    supporters = set(consensus.ranking) - set(consensus.dissent)
    if len(supporters) < ENOUGH_TO_ARGUE or _refuses(consensus):
        return False
    shares = zip(voters, panel_weights(voters, weights), strict=True)
    held = math.fsum(share for voter, share in shares if voter.provider in supporters)
    return held > MAJORITY + WEIGHT_GRAIN


def _refuses(consensus: Consensus) -> bool:
    finals = (v.final_answer for v in consensus.votes if v.attempt.provider == consensus.winner)
    return any(final is not None and final.kind is AnswerKind.REFUSAL for final in finals)


def worth_beginning(transcript: Transcript, remaining_s: float) -> bool:
    """Whether a round begun now could bring an answer.

    The first round is begun as long as any time is left. A later one must give at least the
    quickest answer of this request the time it took before: less would bill every vendor for
    replies that are all cut.

    Args:
        transcript: all attempts so far.
        remaining_s: seconds until answers are cut.
    """
    quickest_ms = min((a.latency_ms for a in transcript.attempts if a.text is not None), default=0)
    return remaining_s > quickest_ms / 1000


def round_share_s(remaining_s: float, ask: Ask, plan: Plan) -> float:
    """Seconds a round may take before its stragglers are cut for the sake of the next round.

    The last round has no such bound; one with rounds to follow takes half of what is left, so that no
    straggler of the first round keeps the panel from ever arguing. It is a soft bound: the shell
    applies it only once two answers are in, because an answer is worth more than a challenge.

    After half of what is left an opening's stragglers are not cut: the others are asked beside them.
    """
    if ask.kept_back:
        return remaining_s / 2
    last = plan.mode is Mode.PARALLEL or ask.round >= plan.depth
    return math.inf if last else remaining_s / 2
