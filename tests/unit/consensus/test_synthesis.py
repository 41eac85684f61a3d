"""Merging answers, with ranked fallbacks and the winner's own answer behind them."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from consensus.answers import AnswerKind, FinalAnswer
from consensus.asking import Panelist
from consensus.rounds import StopReason
from consensus.synthesis import Streaming, Synthesizer, leaving_time
from consensus.transcript import Attempt, Failure, Transcript
from consensus.wall_bounce import Deliberation
from providers.errors import ConnectionLostError, ServerError
from providers.messages import Completion, FinishReason, Prompt, TextDelta, Usage
from providers.provider import Deadline
from tests.support.deciding import decide_by_text
from tests.support.providers import SOME_TOKENS, Hangs, Says, ScriptedProvider, hangs, raises, says
from tests.support.virtual_time import in_virtual_time, run_in_virtual_time

QUESTION = Prompt.of("What is 2 + 2?")  # simple: gemini merges first, then claude, then gpt
SPENT_BEFORE = 3.0
CONTESTED = {"gpt": "It is 4.", "claude": "It is 5.", "gemini": "It is 4."}


@dataclass(frozen=True)
class Cent:
    """Output tokens cost a cent each, input tokens nothing."""

    max_output_tokens = 4_096

    def worst_case_usd(self, input_tokens, max_tokens):
        return max_tokens * 0.01

    def cost_usd(self, usage):
        return usage.output_tokens * 0.01


def states_four(text):
    """Whether a text says what the winner says."""
    return None if "2 + 2" in text else "4" in text


def stated_last(text):
    """The same of a text being written: its last figure is its answer."""
    figures = [c for c in text if c in "45"]
    return figures[-1] == "4" if figures else None


@dataclass
class Merge:
    """A synthesis of given answers by scripted aggregators."""

    aggregators: tuple[ScriptedProvider, ...]
    answers: dict = field(default_factory=lambda: CONTESTED)
    failed: tuple[str, ...] = ()
    crashes: list = field(default_factory=list)
    final: FinalAnswer | None = None
    let_go: list = field(default_factory=list)

    def decided(self, transcript):
        """The decision, each vote with the final answer that is set."""
        consensus = decide_by_text(transcript)
        votes = tuple(replace(vote, final_answer=self.final) for vote in consensus.votes)
        return replace(consensus, votes=votes)

    async def run(self, *, by=60.0, budget_usd=None, stream=False):
        """``budget_usd`` is what the deliberation left of the request's budget."""
        transcript = Transcript(
            tuple(Attempt(n, "v", "m", 1, 9.0, text=t) for n, t in self.answers.items())
            + tuple(
                Attempt(n, "v", "m", 1, 9.0, failure=Failure("overloaded", "", retryable=True))
                for n in self.failed
            )
        )
        return await Synthesizer(
            {p.name: Panelist(p, Cent()) for p in self.aggregators},
            input_bound=lambda prompt: len(prompt.question),
            on_crash=lambda name, crash: self.crashes.append((name, crash)),
        ).run(
            QUESTION,
            Deliberation(
                transcript,
                self.decided(transcript) if self.answers else None,
                StopReason.ONE_ROUND,
                waited_s=0.0,
                spent_usd=None if budget_usd is None else SPENT_BEFORE,
            ),
            Deadline(by),
            agrees=stated_last if stream else states_four,
            budget_usd=None if budget_usd is None else budget_usd + SPENT_BEFORE,
            streaming=Streaming(self._take, typed=True) if stream else None,
        )

    def _take(self, text):
        self.let_go.append((asyncio.get_running_loop().time(), text))

    @property
    def shown(self):
        return "".join(text for _, text in self.let_go)


def three(gemini=None, claude=None, gpt=None):
    return (
        gemini or says("gemini", "4"),
        claude or says("claude", "It's 4."),
        gpt or says("gpt", "The answer is 4."),
    )


@in_virtual_time
async def test_the_aggregator_of_choice_merges_all_answers_the_best_supported_first():
    gemini, claude, gpt = three()
    merged = await Merge((gemini, claude, gpt)).run()
    assert (merged.text, merged.aggregator, merged.note) == ("4", "gemini", None)
    asked = gemini.asked[0].prompt.question
    assert QUESTION.question in asked
    assert asked.index("It is 4.") < asked.index("It is 5.")
    assert (claude.asked, gpt.asked) == ([], [])


@pytest.mark.parametrize(
    ("gemini", "code"),
    [
        pytest.param(raises("gemini", ServerError("gemini", "500")), "server_error", id="error"),
        pytest.param(raises("gemini", RuntimeError("bug")), "internal", id="bug"),
        pytest.param(says("gemini", " \n"), "empty_reply", id="empty"),
        pytest.param(says("gemini", "It is 5."), "contradicts_consensus", id="overrules the vote"),
        pytest.param(hangs("gemini"), "timeout", id="hangs"),
        pytest.param(
            says("gemini", "4, or " + "so " * 9_000), "unsupported_synthesis", id="endless"
        ),
    ],
)
def test_when_an_aggregator_fails_the_next_one_merges(gemini, code):
    merged = run_in_virtual_time(Merge(three(gemini)).run())
    assert (merged.text, merged.aggregator) == ("It's 4.", "claude")
    assert [a.failure and a.failure.code for a in merged.attempts] == [code, None]


@in_virtual_time
async def test_a_synthesis_that_cannot_be_compared_is_accepted():
    merged = await Merge(three(says("gemini", "It is 2 + 2."))).run()
    assert merged.aggregator == "gemini"


@in_virtual_time
async def test_when_all_fail_the_winner_is_returned_verbatim_and_the_note_says_why():
    merge = Merge(
        three(
            raises("gemini", ServerError("gemini", "answered 500")),
            says("claude", "It is 5."),
            says("gpt", ""),
        )
    )
    merged = await merge.run()
    assert (merged.text, merged.aggregator) == ("It is 4.", None)
    assert len(merged.attempts) == 3
    for why in ("verbatim", "gemini: answered 500", "claude: its final answer", "gpt: an empty"):
        assert why in merged.note


@in_virtual_time
async def test_hanging_aggregators_leave_time_for_the_next_and_never_pass_the_deadline():
    merge = Merge((hangs("gemini"), hangs("claude"), hangs("gpt")))
    merged = await merge.run(by=20.25)  # 20 s before the margin: 10, 5 and what then is left
    assert merged.text == "It is 4."
    assert [a.failure.code for a in merged.attempts] == ["timeout"] * 3
    assert [p.asked[0].at for p in merge.aggregators] == pytest.approx([0, 10, 15], abs=0.3)
    assert asyncio.get_running_loop().time() < 20.25
    assert all(p.cancelled for p in merge.aggregators)


@in_virtual_time
async def test_an_aggregator_that_will_not_close_does_not_hold_the_answer_up():
    stubborn = tuple(hangs(name, closing_s=5) for name in ("gemini", "claude", "gpt"))
    await Merge(stubborn).run(by=0.1)
    assert asyncio.get_running_loop().time() < 0.1
    await asyncio.sleep(10)  # it ends by itself


@in_virtual_time
async def test_the_time_spent_waiting_for_aggregators_is_told():
    failing = raises("gemini", ServerError("gemini", "500"), after_s=2)
    merged = await Merge(three(failing, says("claude", "4", after_s=3))).run()
    assert merged.waited_s == pytest.approx(5)


@in_virtual_time
async def test_without_time_nobody_is_asked():
    merged = await Merge(three()).run(by=0.0)
    assert (merged.text, merged.aggregator, merged.attempts) == ("It is 4.", None, ())
    assert "no time" in merged.note


@in_virtual_time
async def test_a_rejected_synthesis_is_still_billed_and_recorded():
    merged = await Merge(three(says("gemini", "It is 5."))).run(budget_usd=10.0)
    rejected = merged.attempts[0]
    assert (rejected.usage, rejected.cost_usd) == (
        Usage(input_tokens=10, output_tokens=20),
        pytest.approx(0.2),
    )
    assert rejected.round == 2
    assert merged.spent_usd == pytest.approx(0.4)


@in_virtual_time
async def test_a_failed_aggregator_leaves_the_next_only_what_it_cannot_have_spent():
    gemini, claude, gpt = three(hangs("gemini"))
    merged = await Merge((gemini, claude, gpt)).run(budget_usd=44.005)
    assert gemini.asked[0].prompt.max_tokens == 4096
    assert claude.asked[0].prompt.max_tokens == 304  # 44.005 - 40.96 USD, in cents
    assert gemini.asked[0].repeat_billed is False
    assert merged.spent_usd == pytest.approx(40.96 + 0.2)


@in_virtual_time
async def test_a_budget_that_buys_no_synthesis_returns_the_winner_and_says_so():
    gemini, claude, gpt = three()
    merged = await Merge((gemini, claude, gpt)).run(budget_usd=1.0)
    assert (merged.text, merged.aggregator, merged.spent_usd) == ("It is 4.", None, 0.0)
    assert "budget" in merged.note
    assert [p.asked for p in (gemini, claude, gpt)] == [[], [], []]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        pytest.param({"gpt": "It is 4."}, "only one answer", id="lone"),
        pytest.param({"gpt": "It is 4.", "claude": "It is 4."}, "the same", id="identical"),
    ],
)
def test_where_nothing_is_to_merge_nobody_is_asked(answers, why):
    gemini, claude, gpt = three()
    merged = run_in_virtual_time(Merge((gemini, claude, gpt), answers=answers).run())
    assert (merged.text, merged.aggregator, merged.attempts) == ("It is 4.", None, ())
    assert why in merged.note


UNSUPPORTED = "4 has 17 fans."
TOLD = {
    "gpt": "It is 4. Four is even.",
    "claude": "It is 5.",
    "gemini": "It is 4. Four is a square.",
}


@in_virtual_time
async def test_what_no_answer_states_is_taken_out_where_the_rest_stands():
    merge = Merge(three(says("gemini", "It is 4. Four is even. It has 17 fans.")), answers=TOLD)
    merged = await merge.run()
    assert (merged.text, merged.aggregator) == ("It is 4. Four is even.", "gemini")
    assert merged.removed == ("It has 17 fans.",)
    assert (merged.repaired, len(merged.attempts)) == (False, 1)


@in_virtual_time
async def test_where_the_rest_does_not_stand_the_aggregator_writes_it_again_once():
    gemini = says("gemini", UNSUPPORTED, "It is 4. Four is a square.")
    merged = await Merge(three(gemini), answers=TOLD).run()
    assert (merged.text, merged.aggregator) == ("It is 4. Four is a square.", "gemini")
    assert (merged.repaired, merged.removed) == (True, ())
    assert [a.failure and a.failure.code for a in merged.attempts] == [
        "unsupported_synthesis",
        None,
    ]
    again = gemini.asked[1].prompt
    assert again.messages[-2].content == UNSUPPORTED
    assert UNSUPPORTED in again.question


@in_virtual_time
async def test_after_a_repair_in_vain_the_next_aggregator_merges_and_repairs_no_more():
    gemini, claude = says("gemini", UNSUPPORTED), says("claude", UNSUPPORTED)
    merged = await Merge(three(gemini, claude), answers=TOLD).run()
    assert merged.aggregator == "gpt"
    assert (len(gemini.asked), len(claude.asked)) == (2, 1)


@in_virtual_time
async def test_when_no_aggregator_keeps_to_the_answers_the_winner_is_returned_verbatim():
    merge = Merge(
        tuple(says(name, UNSUPPORTED) for name in ("gemini", "claude", "gpt")), answers=TOLD
    )
    merged = await merge.run()
    assert (merged.text, merged.aggregator) == (TOLD["gpt"], None)
    assert "no answer supports" in merged.note


@in_virtual_time
async def test_a_budget_that_buys_no_repair_leaves_the_draft_out():
    gemini, claude, gpt = three(says("gemini", UNSUPPORTED))
    merged = await Merge((gemini, claude, gpt), answers=TOLD).run(budget_usd=2.7)
    assert (merged.text, merged.aggregator) == (TOLD["gpt"], None)
    assert len(gemini.asked) == 1
    assert merged.spent_usd == pytest.approx(0.2)


@in_virtual_time
async def test_a_repair_keeps_to_the_aggregator_s_time():
    draft = ScriptedProvider("gemini", (Says(UNSUPPORTED, 6), Hangs()))
    merged = await Merge(three(draft), answers=TOLD).run(by=20.25)  # 20 s before the margin
    assert merged.aggregator == "claude"
    assert asyncio.get_running_loop().time() == pytest.approx(10, abs=0.3)


@in_virtual_time
async def test_programs_are_not_merged():
    final = FinalAnswer(AnswerKind.CODE, ("program", "print(4)"), "print(4)")
    merged = await Merge(three(), final=final).run()
    assert (merged.text, merged.aggregator, merged.attempts) == ("It is 4.", None, ())
    assert "programs" in merged.note


@in_virtual_time
async def test_what_a_program_yields_is_merged_as_any_answer():
    merged = await Merge(three(), final=FinalAnswer(AnswerKind.CODE, ("literal", "4"), "4")).run()
    assert merged.aggregator == "gemini"


@in_virtual_time
async def test_only_providers_that_answered_are_asked_to_merge():
    gemini, claude, gpt = three()
    merge = Merge(
        (gemini, claude, gpt),
        answers={"gpt": "It is 4.", "claude": "It is 4!"},
        failed=("gemini",),
    )
    merged = await merge.run()
    assert merged.aggregator == "claude"
    assert gemini.asked == []


@in_virtual_time
async def test_cancelling_a_synthesis_closes_its_call():
    merge = Merge(three(hangs("gemini")))
    running = asyncio.create_task(merge.run())
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert merge.aggregators[0].cancelled


@in_virtual_time
async def test_a_deliberation_without_an_answer_cannot_be_merged():
    with pytest.raises(ValueError, match="nobody answered"):
        await Merge(three(), answers={}, failed=("gpt",)).run()


def test_a_deliberation_leaves_a_third_of_the_time_to_the_synthesis():
    assert leaving_time(Deadline(130.0), 100.0) == Deadline(pytest.approx(120.0))


class Writes(ScriptedProvider):
    """Streams its pieces, a second apart; an exception among them is raised."""

    def __init__(self, name, *pieces):
        super().__init__(name, ())
        self.pieces = pieces
        self.closed = False

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        self.asked.append(prompt)
        said = []
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                said.append(piece)
                yield TextDelta(piece)
                await asyncio.sleep(1)
            yield Completion("".join(said), self.model, FinishReason.STOP, SOME_TOKENS)
        finally:
            self.closed = True


BROKEN = ConnectionLostError("gemini", "lost")


@in_virtual_time
async def test_who_streams_gets_each_sentence_once_it_is_written_and_checked():
    gemini = Writes("gemini", "It is 4. Four", " is even. It has 17 fans. ", "Four is a square.")
    merge = Merge(three(gemini), answers=TOLD)
    merged = await merge.run(stream=True)
    assert merge.let_go == [(0, "It is 4."), (1, " Four is even."), (3, " Four is a square.")]
    assert merged.text == merge.shown
    assert merged.removed == ("It has 17 fans.",)


@in_virtual_time
async def test_nothing_is_let_go_before_the_panel_s_answer_is_stated():
    merge = Merge(
        three(Writes("gemini", "Four is even. ", "Four is a square. ", "It is 4. ")), answers=TOLD
    )
    await merge.run(stream=True)
    assert [at for at, _ in merge.let_go] == [2]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([BROKEN], id="fails at once"),
        pytest.param(["It is", BROKEN], id="breaks in its first sentence"),
        pytest.param(["It is 5. "], id="states another answer"),
        pytest.param([" "], id="is empty"),
        pytest.param(["Of 2 + 2 ", *["so "] * 100], id="takes too long to its first sentence"),
    ],
)
def test_an_aggregator_that_fails_before_anything_is_let_go_is_followed_by_the_next(pieces):
    merge = Merge(three(Writes("gemini", *pieces)), answers=TOLD)
    merged = run_in_virtual_time(merge.run(stream=True))
    assert (merged.aggregator, merged.text, merged.broken) == ("claude", "It's 4.", None)
    assert merge.shown == merged.text


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        pytest.param([BROKEN], "connection_lost", id="breaks"),
        pytest.param(["It is 5. "], "contradicts_consensus", id="states another answer"),
        pytest.param(["so " for _ in range(100)], "timeout", id="does not end"),
        pytest.param(
            ["Tigers sail. ", "Mice drive. ", "Pigs sing. ", "Ants write. "],
            "unsupported_synthesis",
            id="goes astray",
        ),
    ],
)
def test_an_aggregator_that_fails_after_that_breaks_the_answer_off(pieces, code):
    gemini, claude, gpt = three(Writes("gemini", "It is 4. ", *pieces))
    merge = Merge((gemini, claude, gpt), answers=TOLD)
    merged = run_in_virtual_time(merge.run(stream=True))
    assert (merged.broken.code, merged.aggregator, merged.text) == (code, "gemini", "It is 4.")
    assert merge.shown == "It is 4."
    assert [a.failure.code for a in merged.attempts] == [code]
    assert (gemini.closed, claude.asked, gpt.asked) == (True, [], [])


@in_virtual_time
async def test_a_text_that_goes_wrong_for_good_is_not_waited_for():
    gemini = Writes("gemini", "It is 4. \n", "```\nrm()\n```\n", *["Four is even. "] * 20)
    merged = await Merge(three(gemini), answers=TOLD).run(stream=True)
    assert merged.broken.code == "unsupported_synthesis"
    assert gemini.closed
    assert asyncio.get_running_loop().time() < 3


@in_virtual_time
async def test_a_text_that_let_nothing_go_is_written_again_once():
    gemini = says("gemini", UNSUPPORTED, "It is 4. Four is a square.")
    merge = Merge(three(gemini), answers=TOLD)
    merged = await merge.run(stream=True)
    assert (merged.text, merged.repaired) == ("It is 4. Four is a square.", True)
    assert merge.shown == merged.text


@in_virtual_time
async def test_when_all_fail_nothing_was_let_go_and_the_winner_s_own_answer_is_handed_over():
    merge = Merge((hangs("gemini"), says("claude", "It is 5."), says("gpt", "")), answers=TOLD)
    merged = await merge.run(stream=True)
    assert (merged.text, merged.aggregator, merge.let_go) == (TOLD["gpt"], None, [])


@in_virtual_time
async def test_a_streaming_aggregator_keeps_to_the_budget_and_is_billed_once():
    gemini = says("gemini", "It is 4. Four is even.")
    merged = await Merge(three(gemini), answers=TOLD).run(stream=True, budget_usd=10.0)
    assert gemini.asked[0].prompt.max_tokens == 1_000
    assert merged.spent_usd == pytest.approx(0.2)
    assert [a.usage for a in merged.attempts] == [SOME_TOKENS]


@in_virtual_time
async def test_a_caller_who_leaves_closes_the_stream():
    gemini = Writes("gemini", *["It is 4. "] * 30)
    running = asyncio.create_task(Merge(three(gemini), answers=TOLD).run(stream=True))
    await asyncio.sleep(5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert gemini.closed
