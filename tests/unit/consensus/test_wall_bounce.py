"""A deliberation against scripted vendors, in virtual time."""

import asyncio
import re
from dataclasses import dataclass, field, replace

import pytest

from consensus.asking import Panelist
from consensus.errors import BudgetTooSmallError, UnknownPriceError
from consensus.flips import CONFORMED
from consensus.prompts import REVIEW_TOKENS
from consensus.rounds import Mode, Plan, StopReason
from consensus.wall_bounce import RoundEnded, VoteArrived, WallBounce
from providers import errors
from providers.messages import Message, Prompt, Usage
from providers.provider import Deadline
from tests.support.deciding import decide_by_text
from tests.support.providers import (
    Hangs,
    Raises,
    Says,
    ScriptedProvider,
    hangs,
    raises,
    says,
)
from tests.support.virtual_time import in_virtual_time, run_in_virtual_time

QUESTION = Prompt.of("What is 2 + 2?")


@dataclass(frozen=True)
class Cent:
    """Output tokens cost a cent each, input tokens nothing."""

    max_output_tokens = 4_096

    def worst_case_usd(self, input_tokens, max_tokens):
        return max_tokens * 0.01

    def cost_usd(self, usage):
        return usage.output_tokens * 0.01


@dataclass
class Panel:
    """A wall-bounce over scripted providers, with what it reported."""

    providers: tuple[ScriptedProvider, ...]
    price: Cent | None = None
    patience_s: float | None = None
    events: list = field(default_factory=list)
    crashes: list = field(default_factory=list)

    async def run(
        self,
        *,
        mode=Mode.PARALLEL,
        depth=3,
        budget_usd=None,
        prompt=QUESTION,
        by=60.0,
        decide=decide_by_text,
        **plan,
    ):
        bounce = WallBounce(
            {p.name: Panelist(p, self.price) for p in self.providers},
            input_bound=lambda prompt: sum(len(m.content) for m in prompt.messages),
            on_crash=lambda name, crash: self.crashes.append((name, crash)),
            patience_s=self.patience_s,
        )
        names = tuple(p.name for p in self.providers)
        return await bounce.run(
            prompt,
            Plan(names, mode, depth, budget_usd=budget_usd, **plan),
            Deadline(by),
            decide=decide,
            on_event=self.events.append,
        )

    @property
    def votes(self):
        return [e.attempt for e in self.events if isinstance(e, VoteArrived)]


def now():
    return asyncio.get_running_loop().time()


def outcome(deliberation):
    """Provider, round and reply of every attempt."""
    return [
        (a.provider, a.round, a.text if a.failure is None else a.failure.code)
        for a in deliberation.transcript.attempts
    ]


@in_virtual_time
async def test_all_of_a_round_are_asked_at_once_with_the_callers_own_conversation():
    conversation = Prompt((Message("system", "Be brief."), Message("user", "2 + 2?")), 99, 0.5)
    panel = Panel((says("gpt", "4", after_s=2), says("claude", "4", after_s=3)))
    done = await panel.run(prompt=conversation)
    assert [p.asked[0].at for p in panel.providers] == [0, 0]
    assert [p.asked[0].prompt for p in panel.providers] == [conversation] * 2
    assert now() == pytest.approx(3)
    assert done.waited_s == pytest.approx(3)
    assert done.stop is StopReason.ONE_ROUND
    assert done.consensus is not None
    assert done.consensus.winner == "gpt"


@in_virtual_time
async def test_time_in_which_our_own_loop_was_busy_is_no_wait_for_vendors():
    class Busy(ScriptedProvider):
        async def complete(self, prompt, deadline, *, repeat_billed=True):
            completion = await super().complete(prompt, deadline, repeat_billed=repeat_billed)
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.block, 5.0)  # another request's work, before ours goes on
            return completion

    panel = Panel((Busy("gpt", (Says("4", 1),)), says("claude", "4", after_s=10)))
    done = await panel.run()
    assert now() == pytest.approx(10)
    assert done.waited_s == pytest.approx(1 + 4)  # 0 to 1 and 6 to 10


@in_virtual_time
async def test_the_wait_for_a_call_that_is_cut_ends_with_the_cut():
    done = await Panel((says("gpt", "4", after_s=1), hangs("claude"))).run(by=20.0)
    assert done.waited_s == pytest.approx(now())


@in_virtual_time
async def test_votes_are_reported_as_they_arrive_and_kept_in_the_order_asked():
    panel = Panel((says("slow", "4", after_s=3), says("quick", "4", after_s=1)))
    done = await panel.run()
    assert [(v.provider, v.latency_ms) for v in panel.votes] == [
        ("quick", pytest.approx(1000)),
        ("slow", pytest.approx(3000)),
    ]
    assert panel.events[-1] == RoundEnded(1, done.consensus, done.rounds[0])
    assert [a.provider for a in done.transcript.attempts] == ["slow", "quick"]


@in_virtual_time
async def test_an_answer_carries_what_it_cost_and_who_gave_it():
    panel = Panel((ScriptedProvider("gpt", (Says("4", 1),), "openai", "gpt-5"),), Cent())
    (attempt,) = (await panel.run()).transcript.attempts
    assert (attempt.vendor, attempt.model, attempt.usage, attempt.cost_usd) == (
        "openai",
        "gpt-5",
        Usage(input_tokens=10, output_tokens=20),
        pytest.approx(0.2),
    )


@pytest.mark.parametrize("kind", errors.ProviderError.__subclasses__())
def test_a_vendors_error_becomes_a_failed_vote_and_the_others_still_answer(kind):
    panel = Panel((raises("gpt", kind("gpt", "went wrong")), says("claude", "4")))
    done = run_in_virtual_time(panel.run())
    failure = done.transcript.attempts[0].failure
    assert (failure.code, failure.message, failure.retryable, failure.down) == (
        kind.code,
        "went wrong",
        kind.retryable,
        kind.down,
    )
    assert done.consensus.winner == "claude"


@pytest.mark.parametrize(
    "bug", [RuntimeError("a bug"), asyncio.CancelledError()], ids=["raises", "cancels itself"]
)
def test_a_broken_adapter_is_a_failed_vote_that_gives_nothing_away(bug):
    panel = Panel((raises("gpt", bug), says("claude", "4")))
    done = run_in_virtual_time(panel.run())
    failure = done.transcript.attempts[0].failure
    assert (failure.code, failure.retryable, failure.down) == ("internal", False, False)
    assert "bug" not in failure.message
    assert done.consensus.winner == "claude"


@in_virtual_time
async def test_the_bug_of_a_broken_adapter_is_handed_on_to_be_logged():
    bug = RuntimeError("a bug")
    panel = Panel((raises("gpt", bug), says("claude", "4")))
    await panel.run()
    assert panel.crashes == [("gpt", bug)]


@in_virtual_time
async def test_without_any_answer_there_is_no_consensus_but_every_reason():
    panel = Panel((raises("gpt", errors.ServerError("gpt", "500")), raises("claude", OSError())))
    done = await panel.run(mode=Mode.SEQUENTIAL)
    assert done.consensus is None
    assert done.stop is StopReason.ALL_FAILED
    assert outcome(done) == [("gpt", 1, "server_error"), ("claude", 1, "internal")]
    assert panel.events[-1] == RoundEnded(1, None, done.rounds[0])


@pytest.mark.parametrize(
    ("by", "latest"),
    [
        pytest.param(
            60.0, 59.875, id="250 ms before, half of it for adapters to end by themselves"
        ),
        pytest.param(1.0, 0.975, id="5 % of a short time"),
    ],
)
def test_stragglers_are_cut_shortly_before_the_deadline(by, latest):
    async def case():
        panel = Panel((says("gpt", "4", after_s=0.1), hangs("claude")))
        done = await panel.run(by=by)
        assert now() == pytest.approx(latest)
        assert panel.providers[1].cancelled
        return done

    done = run_in_virtual_time(case())
    assert outcome(done) == [("gpt", 1, "4"), ("claude", 1, "timeout")]
    failure = done.transcript.attempts[1].failure
    assert failure.retryable
    assert failure.down
    assert done.consensus.winner == "gpt"
    assert done.stop is StopReason.DEADLINE


@in_virtual_time
async def test_answers_that_agree_at_the_last_moment_have_agreed():
    panel = Panel((says("gpt", "4", after_s=9.8), says("claude", "4", after_s=9.8)))
    done = await panel.run(mode=Mode.SEQUENTIAL, by=10.0)  # calls end at 9.75, are cut at 9.875
    assert done.stop is StopReason.AGREED


@in_virtual_time
async def test_adapters_get_a_deadline_early_enough_to_end_by_themselves():
    panel = Panel((says("gpt", "4"),))
    await panel.run(by=10.0)
    assert panel.providers[0].asked[0].deadline == Deadline(9.75)


@in_virtual_time
async def test_a_deadline_already_past_asks_nobody():
    panel = Panel((says("gpt", "4"),))
    done = await panel.run(by=0.0)
    assert (done.stop, done.consensus, outcome(done)) == (StopReason.DEADLINE, None, [])
    assert panel.providers[0].asked == []


@in_virtual_time
async def test_an_answer_that_slips_in_while_its_call_is_cut_still_counts():
    class Unstoppable(ScriptedProvider):
        async def complete(self, prompt, deadline, *, repeat_billed=True):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                return await super().complete(prompt, deadline)

    panel = Panel((Unstoppable("gpt", (Says("4"),)),))
    assert outcome(await panel.run()) == [("gpt", 1, "4")]


@in_virtual_time
async def test_a_call_that_will_not_close_does_not_hold_the_answer_up():
    panel = Panel((says("gpt", "4"), hangs("claude", closing_s=5)))
    done = await panel.run(by=10.0)
    assert now() < 10.0
    assert outcome(done) == [("gpt", 1, "4"), ("claude", 1, "timeout")]
    assert [(name, type(crash)) for name, crash in panel.crashes] == [("claude", TimeoutError)]
    await asyncio.sleep(10)  # it ends by itself


@pytest.mark.parametrize(
    ("replies", "patience_s", "ended_at"),
    [
        pytest.param([("4", 1), ("4", 2)], 3.0, 4.0, id="twice the slowest answer, 2 s"),
        pytest.param([("4", 1), ("4", 2)], 7.0, 7.0, id="the patience, if that is longer"),
        pytest.param([("4", 1), ("4", 2)], None, 20.0, id="no patience set: all are waited for"),
        pytest.param([("4", 1), ("5", 2)], 3.0, 20.0, id="contested: the third decides"),
    ],
)
def test_stragglers_are_cut_once_the_matter_is_settled_and_patience_ends(
    replies, patience_s, ended_at
):
    async def case():
        answering = [says(f"p{i}", text, after_s=s) for i, (text, s) in enumerate(replies)]
        panel = Panel((*answering, says("slow", "4", after_s=20)), patience_s=patience_s)
        done = await panel.run()
        assert now() == pytest.approx(ended_at)
        return panel, done

    panel, done = run_in_virtual_time(case())
    last = done.transcript.attempts[-1]
    if ended_at < 20:
        assert (last.failure.code, last.failure.retryable, last.failure.down) == (
            "cut_off",
            True,
            False,
        )
        assert panel.providers[-1].cancelled
        assert done.stop is StopReason.ONE_ROUND
    else:
        assert last.text == "4"


@in_virtual_time
async def test_an_answer_after_the_patience_can_settle_the_matter_at_once():
    panel = Panel(
        (
            says("a", "4", after_s=1),
            says("b", "5", after_s=2),
            says("c", "4", after_s=3),
            says("d", "4", after_s=8),
            hangs("e"),
        ),
        patience_s=4.0,
    )
    done = await panel.run()
    assert now() == pytest.approx(16)  # 3 of 5 agree at 8 s; twice that is waited for
    assert outcome(done)[-1] == ("e", 1, "cut_off")


@in_virtual_time
async def test_a_challenge_shows_what_is_contested_and_nobodys_name():
    shared = "Adding one to three gives four. "
    gpt = says("gpt", shared + "So 2 + 2 = 4.", "5")
    claude = says("claude", shared + "But 2 + 2 = 5, since both grow.", "5")
    done = await Panel((gpt, claude)).run(mode=Mode.SEQUENTIAL)
    assert [(provider, number) for provider, number, _ in outcome(done)] == [
        ("gpt", 1),
        ("claude", 1),
        ("gpt", 2),
        ("claude", 2),
    ]
    assert done.stop is StopReason.AGREED
    for provider in (gpt, claude):
        shown = provider.asked[1].prompt.question
        assert QUESTION.question in shown
        assert "But 2 + 2 = 5, since both grow." in shown
        assert shared.strip() not in shown, "what all say is not in dispute"
        assert "gpt" not in shown
        assert "claude" not in shown
    first_read = [p.asked[1].prompt.question.index("But 2 + 2 = 5") for p in (gpt, claude)]
    assert first_read[0] > first_read[1], "each begins with another position"


@in_virtual_time
async def test_who_has_not_answered_yet_is_asked_the_callers_own_question():
    gemini = ScriptedProvider(
        "gemini", (Raises(errors.OverloadedError("gemini", "busy")), Says("4"))
    )
    panel = Panel((says("gpt", "4"), says("claude", "5"), gemini))
    done = await panel.run(mode=Mode.SEQUENTIAL)
    assert gemini.asked[1].prompt == QUESTION
    assert panel.providers[0].asked[1].prompt != QUESTION
    assert done.rounds[1].arrived == ("gemini",)
    assert done.independence["gemini"] == 1.0


@in_virtual_time
async def test_a_remark_is_kept_beside_the_answer_and_read_by_the_others_in_the_next_round():
    def remarks(text):
        def said(prompt):
            tag = re.search(r"<(review-[0-9a-f]+)>", prompt.question)[1]
            return f"<{tag}>The question asks for 2 + 2 in base 3.</{tag}>\n{text}"

        return said

    gpt, claude = says("gpt", "4", remarks("11")), says("claude", "5", "5")
    done = await Panel((gpt, claude)).run(mode=Mode.SEQUENTIAL)
    attempt = next(a for a in done.transcript.attempts if (a.provider, a.round) == ("gpt", 2))
    assert attempt.text == "11"
    assert attempt.review == "The question asks for 2 + 2 in base 3."
    assert "The question asks for 2 + 2 in base 3." in claude.asked[2].prompt.question


@in_virtual_time
async def test_sequential_mode_ends_at_its_depth():
    moving = says("gpt", "4", "6", "7", "8", "9")
    panel = Panel((moving, says("claude", "5")))
    done = await panel.run(mode=Mode.SEQUENTIAL, depth=4)
    assert (done.stop, done.transcript.rounds) == (StopReason.DEPTH, 4)
    assert [e.round for e in panel.events if isinstance(e, RoundEnded)] == [1, 2, 3, 4]


@in_virtual_time
async def test_sequential_mode_ends_when_a_challenge_moved_nobody_and_brought_nothing():
    panel = Panel((says("gpt", "4"), says("claude", "5")))
    done = await panel.run(mode=Mode.SEQUENTIAL, depth=5)
    assert (done.stop, done.transcript.rounds) == (StopReason.FRUITLESS, 2)


@in_virtual_time
async def test_whoever_has_not_been_heard_is_challenged_once_more():
    failing = ScriptedProvider(
        "claude", (Says("5"), Raises(errors.OverloadedError("claude", "busy")), Says("4"))
    )
    done = await Panel((says("gpt", "4"), failing)).run(mode=Mode.SEQUENTIAL)
    assert (done.stop, done.transcript.rounds) == (StopReason.AGREED, 3)
    assert done.rounds[1].unheard == ("claude",)


@in_virtual_time
async def test_a_change_of_mind_is_told_with_what_it_brought():
    panel = Panel((says("gpt", "4"), says("claude", "4"), says("gemini", "5", "4")))
    done = await panel.run(mode=Mode.SEQUENTIAL)
    (flip,) = done.rounds[1].flips
    assert (flip.provider, flip.before, flip.after, flip.evidence) == ("gemini", "5", "4", ())
    assert flip.conformed
    assert done.independence == {"gpt": 1.0, "claude": 1.0, "gemini": CONFORMED}
    assert done.rounds[1].gain.agreement > 0


@in_virtual_time
async def test_the_decision_after_a_round_is_given_who_conformed():
    seen = []

    def watching(transcript):
        seen.append(transcript.independence)
        return decide_by_text(transcript)

    panel = Panel((says("gpt", "4"), says("claude", "4"), says("gemini", "5", "4")))
    await panel.run(mode=Mode.SEQUENTIAL, decide=watching)
    assert seen == [
        {"gpt": 1.0, "claude": 1.0, "gemini": 1.0},
        {"gpt": 1.0, "claude": 1.0, "gemini": CONFORMED},
    ]


@in_virtual_time
async def test_each_round_tells_whom_it_asked_what_it_cost_and_how_long_it_took():
    panel = Panel((says("gpt", "4", after_s=2), says("claude", "5", "4", after_s=3)), Cent())
    done = await panel.run(mode=Mode.SEQUENTIAL)
    assert [(r.round, r.providers) for r in done.rounds] == [
        (1, ("gpt", "claude")),
        (2, ("gpt", "claude")),
    ]
    assert [r.latency_ms for r in done.rounds] == [pytest.approx(3000)] * 2
    assert [r.cost_usd for r in done.rounds] == [pytest.approx(0.4)] * 2
    assert done.rounds[0].gain is None


@in_virtual_time
async def test_a_budget_that_leaves_short_replies_asks_for_no_remark():
    panel = Panel((says("gpt", "4"), says("claude", "5")), Cent())
    await panel.run(mode=Mode.SEQUENTIAL, budget_usd=6.5)
    shown = panel.providers[0].asked[1].prompt
    assert shown.max_tokens < REVIEW_TOKENS
    assert "<review-" not in shown.question


@in_virtual_time
async def test_a_later_round_cut_by_the_deadline_leaves_the_earlier_answers_standing():
    gpt = ScriptedProvider("gpt", (Says("4", 1), Hangs()))
    claude = ScriptedProvider("claude", (Says("5", 1), Hangs()))
    done = await Panel((gpt, claude)).run(mode=Mode.SEQUENTIAL, by=10.0)
    assert [a.text for a in done.transcript.answers] == ["4", "5"]
    assert done.consensus.ranking == ("gpt", "claude")
    assert done.stop is StopReason.DEADLINE
    assert now() < 10.0


@in_virtual_time
async def test_a_straggler_of_an_early_round_is_cut_so_that_the_others_can_argue():
    panel = Panel((says("gpt", "4", "4"), says("claude", "5", "4"), hangs("gemini")))
    done = await panel.run(mode=Mode.SEQUENTIAL, by=20.25)
    assert outcome(done)[:3] == [("gpt", 1, "4"), ("claude", 1, "5"), ("gemini", 1, "cut_off")]
    assert panel.providers[0].asked[1].at == pytest.approx(10)  # half of the 20 s before the margin
    assert panel.providers[2].asked[1].at == pytest.approx(10)  # retryable: asked again


@in_virtual_time
async def test_a_round_that_could_bring_no_answer_in_time_is_not_begun():
    panel = Panel((says("gpt", "4", after_s=6), says("claude", "5", after_s=6)))
    done = await panel.run(mode=Mode.SEQUENTIAL, by=10.0)
    assert (done.stop, done.transcript.rounds) == (StopReason.DEADLINE, 1)
    assert now() == pytest.approx(6)


def truncated(usage):
    return raises("claude", errors.TruncatedReplyError("claude", "cut", usage=usage))


@in_virtual_time
async def test_a_billed_reply_that_is_no_answer_counts_in_tokens_and_cost():
    panel = Panel((says("gpt", "4"), truncated(Usage(5, output_tokens=300))), Cent())
    done = await panel.run()
    assert outcome(done)[1] == ("claude", 1, "truncated")
    attempt = done.transcript.attempts[1]
    assert (attempt.usage, attempt.cost_usd) == (Usage(5, output_tokens=300), pytest.approx(3.0))
    assert done.transcript.usage == Usage(15, output_tokens=320)
    assert done.transcript.cost_usd == pytest.approx(3.2)


@in_virtual_time
async def test_a_failure_of_unknown_cost_leaves_the_cost_of_the_answers_known():
    panel = Panel((says("gpt", "4"), truncated(None)), Cent())
    done = await panel.run()
    assert done.transcript.attempts[1].cost_usd is None
    assert done.transcript.cost_usd == pytest.approx(0.2)


@in_virtual_time
async def test_an_answer_of_unknown_price_makes_the_whole_cost_unknown():
    panel = Panel((says("gpt", "4"), truncated(Usage(5, output_tokens=300))), price=None)
    done = await panel.run()
    assert done.transcript.cost_usd is None
    assert done.transcript.usage == Usage(15, output_tokens=320)


@in_virtual_time
async def test_under_a_budget_a_truncated_reply_counts_with_its_reported_cost():
    panel = Panel((says("gpt", "4"), truncated(Usage(5, output_tokens=300))), Cent())
    done = await panel.run(budget_usd=10.0)  # 500 tokens each, 5 USD at worst
    assert done.spent_usd == pytest.approx(0.2 + 3.0)


@in_virtual_time
async def test_a_budget_bounds_the_replies_and_forbids_to_repeat_billed_calls():
    panel = Panel((says("gpt", "4"), says("claude", "4")), Cent())
    done = await panel.run(budget_usd=10.0)
    for provider in panel.providers:
        assert provider.asked[0].prompt.max_tokens == 500
        assert provider.asked[0].repeat_billed is False
    assert done.spent_usd == pytest.approx(0.4)


@in_virtual_time
async def test_without_a_budget_nothing_is_bounded_and_nothing_reckoned():
    panel = Panel((says("gpt", "4"),))
    done = await panel.run()
    assert panel.providers[0].asked[0].prompt.max_tokens is None
    assert panel.providers[0].asked[0].repeat_billed is True
    assert done.spent_usd is None


@in_virtual_time
async def test_a_budget_too_small_for_the_first_round_is_refused_before_anybody_is_asked():
    panel = Panel((says("gpt", "4"), says("claude", "4")), Cent())
    with pytest.raises(BudgetTooSmallError):
        await panel.run(budget_usd=5.0)
    assert [p.asked for p in panel.providers] == [[], []]


@in_virtual_time
async def test_an_unknown_price_under_a_budget_is_refused_before_anybody_is_asked():
    panel = Panel((says("gpt", "4"),), price=None)
    with pytest.raises(UnknownPriceError, match="gpt-1"):
        await panel.run(budget_usd=5.0)
    assert panel.providers[0].asked == []


@in_virtual_time
async def test_a_round_the_rest_of_the_budget_cannot_pay_is_not_begun():
    costly = Usage(output_tokens=300)
    panel = Panel(
        tuple(ScriptedProvider(n, (Says(t, 0, costly),)) for n, t in (("a", "4"), ("b", "5"))),
        Cent(),
    )
    done = await panel.run(mode=Mode.SEQUENTIAL, budget_usd=11.0)  # 6 spent, 5 left, 5.12 needed
    assert (done.stop, done.transcript.rounds) == (StopReason.BUDGET, 1)
    assert done.spent_usd == pytest.approx(6.0)
    assert done.consensus is not None


@in_virtual_time
async def test_a_cut_call_counts_at_its_worst_case_so_later_rounds_cannot_overspend():
    panel = Panel((says("a", "4"), says("b", "5"), hangs("c")), Cent())
    done = await panel.run(mode=Mode.SEQUENTIAL, budget_usd=30.0)  # 1000 tokens for each, 10 for c
    second = panel.providers[0].asked[1].prompt.max_tokens
    assert second == 653  # (30 - 10 - 0.4) / 3, in cents
    assert done.spent_usd <= 30.0


@in_virtual_time
async def test_cancelling_cancels_every_call_and_leaves_no_task_behind():
    panel = Panel((hangs("gpt", closing_s=0.02), hangs("claude"), says("gemini", "4", after_s=1)))
    running = asyncio.create_task(panel.run())
    await asyncio.sleep(2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [p.asked[0].ended for p in panel.providers] == ["cancelled", "cancelled", "answered"]


@in_virtual_time
async def test_an_error_of_a_listener_is_raised_and_leaves_no_call_running():
    class ClientGoneError(Exception):
        pass

    def gone(event):
        raise ClientGoneError

    straggler = hangs("claude")
    bounce = WallBounce(
        {p.name: Panelist(p) for p in (says("gpt", "4"), straggler)},
        input_bound=lambda prompt: 0,
        on_crash=lambda name, crash: None,
        patience_s=None,
    )
    with pytest.raises(ClientGoneError):
        await bounce.run(
            QUESTION,
            Plan(("gpt", "claude")),
            Deadline(60.0),
            decide=decide_by_text,
            on_event=gone,
        )
    assert straggler.cancelled


@in_virtual_time
async def test_a_plan_naming_a_stranger_is_refused_before_anybody_is_asked():
    panel = Panel((says("gpt", "4"),))
    bounce = WallBounce({"gpt": Panelist(panel.providers[0])}, lambda _: 0, lambda *_: None, None)
    with pytest.raises(KeyError, match="nobody"):
        await bounce.run(QUESTION, Plan(("gpt", "nobody")), Deadline(60.0), decide=decide_by_text)
    assert panel.providers[0].asked == []


@in_virtual_time
async def test_a_failed_vendor_is_asked_again_in_the_next_round_when_that_may_help():
    recovering = ScriptedProvider(
        "gemini", (Raises(errors.OverloadedError("gemini", "busy")), Says("4"))
    )
    rejected = raises("mistral", errors.RejectedRequestError("mistral", "too long"))
    panel = Panel((says("gpt", "4"), says("claude", "5", "4"), recovering, rejected))
    done = await panel.run(mode=Mode.SEQUENTIAL)
    assert done.stop is StopReason.AGREED
    assert (len(recovering.asked), len(rejected.asked)) == (2, 1)


def opening(first, enough=0.5, **more):
    """``first`` of the panel are asked before the others; the rest are wishes of `Panel.run`."""
    return {"opening": first, "enough": enough} | more


@in_virtual_time
async def test_an_opening_that_agrees_spares_the_others():
    panel = Panel(
        (says("gpt", "4", after_s=2), says("claude", "4", after_s=3), says("gemini", "4"))
    )
    done = await panel.run(**opening(2))
    assert (done.stop, now()) == (StopReason.ENOUGH, pytest.approx(3))
    assert outcome(done) == [("gpt", 1, "4"), ("claude", 1, "4")]
    assert panel.providers[2].asked == []
    (held,) = done.rounds
    assert (held.providers, held.escalated) == (("gpt", "claude"), ())


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    "second",
    [
        pytest.param(says("claude", "5", "4"), id="dissent"),
        pytest.param(raises("claude", errors.RejectedRequestError("claude", "no")), id="failure"),
    ],
)
def test_an_opening_that_is_not_enough_brings_in_the_others_blind(mode, second):
    second = ScriptedProvider(second.name, second.steps)
    panel = Panel((says("gpt", "4"), second, says("gemini", "4")))
    done = run_in_virtual_time(panel.run(**opening(2, mode=mode)))
    assert [(a.provider, a.round) for a in done.transcript.attempts][:3] == [
        ("gpt", 1),
        ("claude", 1),
        ("gemini", 1),
    ]
    assert panel.providers[2].asked[0].prompt == QUESTION
    assert done.rounds[0].escalated == ("gemini",)
    assert done.consensus.winner == "gpt"


@in_virtual_time
async def test_an_opening_that_failed_whole_is_made_good_by_the_others():
    panel = Panel((raises("gpt", errors.OverloadedError("gpt", "busy")), says("claude", "4")))
    done = await panel.run(**opening(1))
    assert outcome(done) == [("gpt", 1, "overloaded"), ("claude", 1, "4")]
    assert len(panel.providers[0].asked) == 1
    assert done.consensus.winner == "claude"


@in_virtual_time
async def test_both_asks_of_an_escalated_round_are_told_as_one_round():
    panel = Panel((says("gpt", "4", after_s=2), says("claude", "5", after_s=3)))
    done = await panel.run(**opening(1, 1.0, decide=unsure))
    told = [e for e in panel.events if isinstance(e, RoundEnded)]
    assert told == [RoundEnded(1, done.consensus, done.rounds[0])]
    (held,) = done.rounds
    assert (held.round, held.providers) == (1, ("gpt", "claude"))
    assert held.latency_ms == pytest.approx(5000)
    assert (held.gain, held.arrived) == (None, ("gpt", "claude"))
    assert [v.provider for v in panel.votes] == ["gpt", "claude"]
    assert done.waited_s == pytest.approx(5)


def of_own_vendors(*providers, patience_s):
    for provider in providers:
        provider.vendor = provider.name
    return Panel(providers, patience_s=patience_s)


def unsure(transcript):
    """As by text, but never sure."""
    return replace(decide_by_text(transcript), confidence=0.4)


@in_virtual_time
async def test_an_escalation_takes_nothing_from_the_depth():
    moving = says("gpt", "4", "6", "7", "8", "9")
    panel = Panel((moving, says("claude", "5"), says("gemini", "5")))
    done = await panel.run(**opening(2, mode=Mode.SEQUENTIAL, depth=4))
    assert (done.stop, done.transcript.rounds) == (StopReason.DEPTH, 4)
    assert [e.round for e in panel.events if isinstance(e, RoundEnded)] == [1, 2, 3, 4]
    assert [r.escalated for r in done.rounds] == [("gemini",), (), (), ()]
    assert len(moving.asked) == 4


@in_virtual_time
async def test_an_opening_still_silent_at_half_time_goes_on_beside_the_others():
    slow = says("gpt", "4", after_s=15)
    panel = Panel((slow, says("claude", "4", after_s=1), says("gemini", "4", after_s=1)))
    done = await panel.run(**opening(2, by=20.25))
    assert panel.providers[2].asked[0].at == pytest.approx(10)  # half of the 20 s before the margin
    assert len(slow.asked) == 1
    assert slow.asked[0].ended == "answered"
    assert outcome(done) == [("gpt", 1, "4"), ("claude", 1, "4"), ("gemini", 1, "4")]
    assert [v.provider for v in panel.votes] == ["claude", "gemini", "gpt"]
    assert now() == pytest.approx(15)
    assert done.waited_s == pytest.approx(15)
    assert done.rounds[0].latency_ms == pytest.approx(15_000)


@in_virtual_time
async def test_an_opening_of_one_that_hangs_leaves_the_others_their_time():
    panel = Panel((hangs("gpt"), says("claude", "4", after_s=2), says("gemini", "4", after_s=2)))
    done = await panel.run(**opening(1, by=20.25))
    assert [p.asked[0].at for p in panel.providers] == [0, pytest.approx(10), pytest.approx(10)]
    assert outcome(done) == [("gpt", 1, "timeout"), ("claude", 1, "4"), ("gemini", 1, "4")]
    assert done.consensus.winner == "claude"
    assert now() < 20.25


@in_virtual_time
async def test_a_hanging_opening_is_cut_by_patience_once_the_others_have_settled_the_matter():
    panel = of_own_vendors(
        hangs("gpt"),
        says("claude", "4", after_s=2),
        says("gemini", "4", after_s=2),
        patience_s=3.0,
    )
    done = await panel.run(**opening(1, by=20.25))
    assert outcome(done)[0] == ("gpt", 1, "cut_off")
    assert now() == pytest.approx(10 + 4)  # twice the slowest of the answers that are in


@in_virtual_time
async def test_the_opening_s_answers_count_when_those_who_came_later_are_waited_for():
    panel = of_own_vendors(
        says("gpt", "4", after_s=2), says("claude", "4", after_s=2), hangs("gemini"), patience_s=3.0
    )
    done = await panel.run(**opening(2, 0.9, decide=unsure))
    assert outcome(done)[2] == ("gemini", 1, "cut_off")
    assert now() == pytest.approx(2 + 4)  # twice the slowest answer, from the escalation on


@in_virtual_time
async def test_an_opening_settles_nothing_that_the_rest_could_still_change():
    panel = of_own_vendors(
        says("a", "4"), says("b", "4"), hangs("c"), says("d", "5"), says("e", "5"), patience_s=1.0
    )
    done = await panel.run(**opening(3, by=20.25))
    assert panel.providers[3].asked[0].at == pytest.approx(10)  # not before half time
    assert outcome(done)[2:] == [("c", 1, "timeout"), ("d", 1, "5"), ("e", 1, "5")]


@in_virtual_time
async def test_those_of_the_opening_who_are_still_out_keep_their_say():
    panel = of_own_vendors(
        hangs("a"), hangs("b"), says("c", "4"), says("d", "4"), says("e", "5"), patience_s=1.0
    )
    done = await panel.run(**opening(2, by=20.25))
    assert [code for _, _, code in outcome(done)] == ["timeout", "timeout", "4", "4", "5"]


@in_virtual_time
async def test_a_budget_keeps_the_price_of_an_escalation_aside():
    panel = Panel((says("gpt", "4"), says("claude", "5"), says("gemini", "4")), Cent())
    done = await panel.run(**opening(2, budget_usd=15.0))
    assert [p.asked[0].prompt.max_tokens for p in panel.providers[:2]] == [500, 500]
    assert panel.providers[2].asked[0].prompt.max_tokens == 1460  # 15 - 0.4, in cents
    assert all(p.asked[0].repeat_billed is False for p in panel.providers)
    assert done.spent_usd == pytest.approx(0.6)


@in_virtual_time
async def test_a_budget_that_buys_the_opening_alone_stops_with_what_is_there():
    costly = Usage(output_tokens=300)
    panel = Panel(
        (
            *(ScriptedProvider(n, (Says(t, 0, costly),)) for n, t in (("a", "4"), ("b", "5"))),
            says("c", "4"),
        ),
        Cent(),
    )
    done = await panel.run(**opening(2, budget_usd=7.0))  # all three take 7.68; 6 spent, 1 left
    assert (done.stop, done.spent_usd) == (StopReason.BUDGET, pytest.approx(6.0))
    assert outcome(done) == [("a", 1, "4"), ("b", 1, "5")]
    assert done.consensus is not None
    assert [e.round for e in panel.events if isinstance(e, RoundEnded)] == [1]


@in_virtual_time
async def test_who_is_out_is_waited_for_when_the_budget_buys_nobody_else():
    panel = Panel((says("a", "4", after_s=15), says("b", "5"), says("c", "4")), Cent())
    done = await panel.run(**opening(2, budget_usd=5.2, by=20.25))
    # At half time 5.2 - 2.6 - 0.2 is left; once the straggler is in, 4.8.
    assert panel.providers[2].asked[0].at == pytest.approx(15)
    assert outcome(done) == [("a", 1, "4"), ("b", 1, "5"), ("c", 1, "4")]
    assert done.rounds[0].escalated == ("c",)
    assert done.spent_usd == pytest.approx(0.6)


@in_virtual_time
async def test_a_budget_too_small_for_the_opening_is_refused_before_anybody_is_asked():
    panel = Panel((says("gpt", "4"), says("claude", "4")), Cent())
    with pytest.raises(BudgetTooSmallError):
        await panel.run(**opening(1, budget_usd=2.0))
    assert [p.asked for p in panel.providers] == [[], []]


@in_virtual_time
async def test_cancelling_between_two_asks_leaves_no_call_running():
    panel = Panel((hangs("gpt"), hangs("claude"), hangs("gemini")))
    running = asyncio.create_task(panel.run(**opening(1, by=20.25)))
    await asyncio.sleep(12)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [p.asked[0].ended for p in panel.providers] == ["cancelled"] * 3


@in_virtual_time
async def test_an_error_while_the_next_ask_is_decided_on_leaves_no_call_running():
    def broken(transcript):
        raise ArithmeticError

    panel = Panel((hangs("gpt"), says("claude", "4"), says("gemini", "4")))
    with pytest.raises(ArithmeticError):
        await panel.run(**opening(2, by=20.25, decide=broken))
    assert panel.providers[0].cancelled
    assert panel.providers[2].asked == []
