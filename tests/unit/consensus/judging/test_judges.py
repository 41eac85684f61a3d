"""Judges asked against scripted vendors, in virtual time."""

import asyncio
from dataclasses import dataclass, field

import pytest

from consensus.asking import Panelist
from consensus.judging.account import account
from consensus.judging.judges import Judges, Undecided
from consensus.judging.pairs import OpenPair
from consensus.transcript import Attempt, Transcript
from providers.errors import ServerError
from providers.provider import Deadline
from tests.support.providers import Says, ScriptedProvider, hangs, raises
from tests.support.virtual_time import in_virtual_time, run_in_virtual_time

PAIR = frozenset(("gpt", "claude"))
OTHER = frozenset(("gpt", "gemini"))


@dataclass(frozen=True)
class Cent:
    """Output tokens cost a cent each, input tokens nothing."""

    max_output_tokens = 4_096

    def worst_case_usd(self, input_tokens, max_tokens):
        return max_tokens * 0.01

    def cost_usd(self, usage):
        return usage.output_tokens * 0.01


def judge(name, vendor, *texts, after_s=1.0):
    return ScriptedProvider(name, tuple(Says(text, after_s) for text in texts), vendor)


def of(provider, vendor):
    provider.vendor = vendor
    return provider


@dataclass
class Court:
    """Open pairs of three answers before scripted judges."""

    judges: tuple[ScriptedProvider, ...]
    crashes: list = field(default_factory=list)

    async def run(self, *pairs, by=60.0, budget_usd=None):
        vendors = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}
        said = Transcript(
            tuple(Attempt(n, v, "m", 1, 9.0, text=f"Answer of {n}.") for n, v in vendors.items())
        )
        return await Judges(
            {p.name: Panelist(p, Cent()) for p in self.judges},
            tuple(p.name for p in self.judges),
            lambda prompt: len(prompt.question),
            lambda name, crash: self.crashes.append((name, crash)),
        ).run(
            "Why?",
            [OpenPair(*sorted(pair, reverse=True), 0.5) for pair in pairs or (PAIR,)],
            said,
            Deadline(by),
            budget_usd=budget_usd,
        )


def two(first="SAME", second="SAME"):
    return judge("one", "alibaba", first), judge("two", "mistral", second)


@in_virtual_time
async def test_two_judges_read_the_answers_in_different_order_each_once_at_the_same_time():
    one, other = two()
    judging = await Court((one, other)).run()
    first, second = one.asked[0].prompt.question, other.asked[0].prompt.question
    assert first.index("Answer of gpt.") < first.index("Answer of claude.")
    assert second.index("Answer of claude.") < second.index("Answer of gpt.")
    assert judging.verdicts == {PAIR: True}
    assert (len(one.asked), len(other.asked)) == (1, 1)
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)
    assert judging.waited_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        pytest.param("SAME", "DIFFERENT", Undecided.SPLIT, id="split"),
        pytest.param("SAME", "UNSURE", Undecided.NO_VERDICT, id="unsure"),
        pytest.param("SAME", "Well, it depends.", Undecided.NO_VERDICT, id="more than its word"),
    ],
)
def test_a_verdict_takes_both(first, second, why):
    judging = run_in_virtual_time(Court(two(first, second)).run())
    assert (judging.verdicts, judging.undecided) == ({}, {PAIR: why})


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(raises("two", ServerError("two", "500")), id="error"),
        pytest.param(raises("two", RuntimeError("bug")), id="bug"),
        pytest.param(hangs("two"), id="hangs"),
    ],
)
def test_one_judge_failing_is_no_verdict(broken):
    judging = run_in_virtual_time(Court((two()[0], of(broken, "mistral"))).run(by=10.0))
    assert judging.undecided == {PAIR: Undecided.NO_VERDICT}
    assert [a.failure is None for a in judging.attempts] == [True, False]


@in_virtual_time
async def test_a_judge_s_other_words_are_kept_as_a_failure_that_was_billed():
    judging = await Court(two("SAME", "I think so")).run()
    assert judging.attempts[1].failure.code == "no_verdict"
    assert judging.attempts[1].cost_usd == pytest.approx(0.2)
    assert {a.round for a in judging.attempts} == {2}


@in_virtual_time
async def test_the_worst_case_of_both_judges_is_reserved_before_they_are_asked():
    court = two()
    judging = await Court(court).run(budget_usd=6.0)
    assert [p.asked[0].prompt.max_tokens for p in court] == [300, 300]
    assert not any(p.asked[0].repeat_billed for p in court)
    assert judging.spent_usd == pytest.approx(0.4)


@in_virtual_time
async def test_a_budget_that_buys_no_two_judges_asks_none():
    court = two()
    judging = await Court(court).run(budget_usd=5.0)
    assert (judging.undecided, judging.spent_usd) == ({PAIR: Undecided.BUDGET}, 0.0)
    assert [p.asked for p in court] == [[], []]


@in_virtual_time
async def test_each_pair_is_reserved_for_until_the_money_is_spent():
    judging = await Court(two()).run(PAIR, OTHER, budget_usd=42.0)  # 40.96 for the first pair
    assert (judging.verdicts, judging.undecided) == ({PAIR: True}, {OTHER: Undecided.BUDGET})


@in_virtual_time
async def test_without_time_nobody_is_asked():
    court = two()
    judging = await Court(court).run(by=0.0)
    assert judging.undecided == {PAIR: Undecided.TIME}
    assert court[0].asked == []


@in_virtual_time
async def test_judges_never_pass_the_deadline():
    await Court((of(hangs("one"), "alibaba"), of(hangs("two"), "mistral"))).run(PAIR, OTHER, by=8.0)
    assert asyncio.get_running_loop().time() < 8.0


@in_virtual_time
async def test_authors_judge_only_where_no_other_vendor_can():
    gpt, claude, gemini = (
        judge("gpt", "openai", "SAME"),
        judge("claude", "anthropic", "SAME"),
        judge("gemini", "google", "SAME"),
    )
    await Court((gpt, claude, gemini)).run(PAIR)
    assert (len(gpt.asked), len(claude.asked), len(gemini.asked)) == (1, 0, 1)


@in_virtual_time
async def test_judges_of_one_vendor_are_no_two():
    judging = await Court((judge("one", "x", "SAME"), judge("two", "x", "SAME"))).run()
    assert judging.undecided == {PAIR: Undecided.JUDGES}


@in_virtual_time
async def test_cancelling_closes_every_call():
    court = (of(hangs("one"), "alibaba"), of(hangs("two"), "mistral"))
    running = asyncio.create_task(Court(court).run(PAIR, OTHER))
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert all(call.ended == "cancelled" for p in court for call in p.asked)


def test_what_they_found_is_told_in_both_languages():
    found = run_in_virtual_time(Court(two()).run())
    assert account(found, "en") == "Two judges found that claude and gpt say the same."
    assert account(found, "ja") == "判定者二者はclaudeとgptの回答を同じと判定しました。"
    split = run_in_virtual_time(Court(two("SAME", "DIFFERENT")).run())
    assert account(split, "en").endswith("left to the rules: the two judges disagree.")
    assert "二者の判定が分かれたため" in account(split, "ja")
