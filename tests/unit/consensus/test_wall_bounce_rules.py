"""What holds of every deliberation, whatever the vendors do and whenever they do it."""

import asyncio
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from consensus.asking import Panelist
from consensus.errors import BudgetTooSmallError
from consensus.rounds import Mode, Plan, StopReason
from consensus.wall_bounce import RoundEnded, WallBounce
from providers import errors
from providers.messages import Prompt, Usage
from providers.provider import Deadline
from tests.support.deciding import decide_by_text
from tests.support.providers import Hangs, Raises, Says, ScriptedProvider
from tests.support.virtual_time import run_in_virtual_time

QUESTION = Prompt.of("What is 2 + 2?")
LONGEST = 256
"""Tokens of the longest scripted reply; every budget that buys a round buys as many."""


@dataclass(frozen=True)
class Cent:
    """Input characters cost a hundredth of a cent, output tokens a cent."""

    max_output_tokens = 1_000

    def worst_case_usd(self, input_tokens, max_tokens):
        return input_tokens * 0.0001 + max_tokens * 0.01

    def cost_usd(self, usage):
        return self.worst_case_usd(usage.input_tokens, usage.output_tokens)


def length(prompt):
    return sum(len(message.content) for message in prompt.messages)


_after = st.sampled_from([0.0, 0.1, 1.0, 3.0, 9.9, 50.0])
_replies = st.builds(
    Says,
    st.sampled_from(["4", "5", "6"]),
    _after,
    st.builds(Usage, input_tokens=st.just(14), output_tokens=st.integers(0, LONGEST)),
)
_errors = st.sampled_from(
    [kind("gpt", "went wrong") for kind in errors.ProviderError.__subclasses__()]
    + [RuntimeError("a bug"), ValueError("another")]
)
_steps = st.one_of(_replies, _replies, st.builds(Raises, _errors, _after), st.just(Hangs(0.01)))


@given(
    scripts=st.lists(st.lists(_steps, min_size=1, max_size=5), min_size=1, max_size=5),
    course=st.tuples(
        st.sampled_from(Mode),
        st.integers(3, 5),
        st.integers(0, 4),
        st.sampled_from([0.0, 0.6, 1.0]),
    ),
    timeout_s=st.sampled_from([0.1, 2.0, 10.0, 60.0]),
    patience_s=st.sampled_from([None, 0.5, 2.0]),
    budget_usd=st.none() | st.floats(0.5, 60.0),
)
def test_every_deliberation_keeps_its_rules(scripts, course, timeout_s, patience_s, budget_usd):
    """In time, within budget, first round blind, nobody twice a round, every vote told, no leak."""
    mode, depth, opening, enough = course
    panel = [ScriptedProvider(f"p{i}", tuple(script)) for i, script in enumerate(scripts)]
    told = []

    async def deliberate():
        done = await WallBounce(
            {p.name: Panelist(p, Cent()) for p in panel},
            input_bound=length,
            on_crash=lambda name, crash: None,
            patience_s=patience_s,
        ).run(
            QUESTION,
            Plan(
                tuple(p.name for p in panel),
                mode,
                depth,
                budget_usd=budget_usd,
                opening=opening,
                enough=enough,
            ),
            Deadline(timeout_s),
            decide=decide_by_text,
            on_event=told.append,
        )
        ended_at = asyncio.get_running_loop().time()
        await asyncio.sleep(1)  # what was cut closes
        return done, ended_at

    try:
        done, ended_at = run_in_virtual_time(deliberate())
    except BudgetTooSmallError:
        assert not any(p.asked for p in panel)
        return
    attempts = done.transcript.attempts

    assert ended_at <= timeout_s
    assert done.waited_s <= timeout_s
    assert (done.consensus is None) == (not done.transcript.answers)
    assert done.transcript.rounds <= (1 if mode is Mode.PARALLEL else depth)

    seats = [(a.round, a.provider) for a in attempts]
    assert len(set(seats)) == len(seats)
    assert sorted(seats) == sorted(
        (e.attempt.round, e.attempt.provider) for e in told if hasattr(e, "attempt")
    )
    assert all((a.text is None) != (a.failure is None) for a in attempts)
    for provider in panel:
        asked = [call.prompt.messages for call in provider.asked]
        rounds = [a.round for a in attempts if a.provider == provider.name]
        first = min(
            (a.round for a in attempts if a.provider == provider.name and a.text is not None),
            default=depth,
        )
        for number, messages in zip(rounds, asked, strict=True):
            assert (messages == QUESTION.messages) == (number <= first), "its own answer first"
        assert len(asked) == sum(a.provider == provider.name for a in attempts)

    assert [r.round for r in done.rounds] == list(range(1, done.transcript.rounds + 1))
    assert [name for r in done.rounds for name in r.providers] == [a.provider for a in attempts]
    assert done.independence.keys() == {a.provider for a in done.transcript.answers}
    assert all(0.0 < figure <= 1.0 for figure in done.independence.values())
    assert all(flip.round > 1 for r in done.rounds for flip in r.flips)

    ended = [e for e in told if isinstance(e, RoundEnded)]
    assert ended == [
        RoundEnded(r.round, told_of.consensus, r)
        for r, told_of in zip(done.rounds, ended, strict=True)
    ]
    if done.stop is StopReason.ENOUGH:
        assert [a.provider for a in attempts] == [p.name for p in panel[:opening]]
        assert not done.consensus.dissent
        assert done.consensus.confidence >= enough
    elif done.stop not in {StopReason.BUDGET, StopReason.DEADLINE}:
        assert {a.provider for a in attempts} == {p.name for p in panel}
    for call in (call for provider in panel for call in provider.asked):
        assert call.ended is not None

    if done.stop is StopReason.AGREED:
        assert len({a.text for a in done.transcript.answers}) == 1

    if budget_usd is not None:
        assert done.spent_usd <= budget_usd * (1 + 1e-12)
        assert worst_bill(panel) <= budget_usd * (1 + 1e-12)


def worst_bill(panel):
    """What vendors could charge who bill all they may: cut and failed calls in full."""
    total = 0.0
    for provider in panel:
        for number, call in enumerate(provider.asked):
            step = provider.steps[min(number, len(provider.steps) - 1)]
            if call.ended == "failed" and not getattr(step.error, "billable", True):
                continue
            if call.ended == "answered" and step.usage.output_tokens:
                total += Cent().cost_usd(step.usage)
            else:
                total += Cent().worst_case_usd(length(call.prompt), call.prompt.max_tokens)
    return total
