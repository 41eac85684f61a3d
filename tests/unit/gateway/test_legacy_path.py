"""The legacy path: one vendor, and the next of its chain when it fails."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from consensus.asking import Panelist
from gateway.errors import (
    AllProvidersFailedError,
    AnswerInterruptedError,
    BudgetTooSmallError,
    DeadlineExceededError,
)
from gateway.events import Delta, VoteSeen
from gateway.legacy_path import LegacyPath
from gateway.paths import Asked
from gateway.requests import GenerateRequest
from gateway.selection import Selection
from providers.errors import CircuitOpenError, CutReplyError, RateLimitedError, ServerError
from providers.messages import Completion, FinishReason, TextDelta, Usage
from providers.provider import Deadline
from tests.support.providers import ScriptedProvider, hangs, raises, says
from tests.support.virtual_time import in_virtual_time


@dataclass(frozen=True)
class PerToken:
    """A price of a millionth of a dollar a token, either way."""

    max_output_tokens: int = 100_000

    def worst_case_usd(self, input_tokens, max_tokens):
        return (input_tokens + max_tokens) / 1e6

    def cost_usd(self, usage):
        return (usage.input_tokens + usage.output_tokens) / 1e6


def path_of(*providers):
    panel = {p.name: Panelist(p, PerToken()) for p in providers}
    return LegacyPath(panel, tuple(panel), lambda prompt: 100, on_crash=fail)


def fail(provider, crash):
    raise AssertionError(f"{provider} crashed") from crash


async def ask(path, emit=lambda event: None, timeout_s=60.0, **body):
    request = GenerateRequest(prompt="Which?", **body)
    deadline = Deadline(asyncio.get_running_loop().time() + timeout_s)
    selection = Selection(("unused",), "the chain decides")
    return await path.answer(Asked(request, request.to_prompt(), selection, deadline, emit))


@in_virtual_time
async def test_the_first_of_the_chain_answers_alone():
    second = says("gpt", "never asked")
    outcome = await ask(path_of(says("gemini", "42"), second))
    assert (outcome.content, outcome.answer_source) == ("42", "gemini")
    assert outcome.consensus is None
    assert second.asked == []


@in_virtual_time
async def test_who_would_be_refused_is_asked_last_unless_the_caller_names_the_chain():
    gemini, gpt = says("gemini", "42"), says("gpt", "42")
    path = replace(path_of(gemini, gpt), away=lambda: {"gemini": "has failed lately"})
    assert (await ask(path)).answer_source == "gpt"
    assert (await ask(path, providers=["gemini", "gpt"])).answer_source == "gemini"


@in_virtual_time
async def test_whom_a_circuit_refused_is_asked_after_all_when_nobody_else_answers():
    refused = raises("gemini", CircuitOpenError("gemini", "failed lately"))
    path = path_of(refused, raises("gpt", ServerError("gpt", "500")))
    insisting = {"gemini": Panelist(says("gemini", "42"), PerToken())}
    outcome = await ask(replace(path, insisting=insisting))
    assert outcome.answer_source == "gemini"
    assert [a.provider for a in outcome.attempts] == ["gpt", "gemini"]
    with pytest.raises(AllProvidersFailedError):
        await ask(path)


@in_virtual_time
async def test_whom_a_circuit_refuses_again_is_asked_no_third_time():
    refused = raises("gemini", CircuitOpenError("gemini", "failed lately"))
    path = replace(path_of(refused), insisting={"gemini": Panelist(refused, PerToken())})
    with pytest.raises(AllProvidersFailedError):
        await ask(path)
    assert len(refused.asked) == 2


@in_virtual_time
async def test_the_next_answers_when_the_first_fails_and_both_are_told():
    outcome = await ask(path_of(raises("gemini", ServerError("gemini", "500")), says("gpt", "42")))
    assert outcome.answer_source == "gpt"
    assert [a.failure.code if a.failure else None for a in outcome.attempts] == [
        "server_error",
        None,
    ]


@in_virtual_time
async def test_a_vendor_that_hangs_leaves_its_fallback_half_of_the_time():
    fallback = says("gpt", "42", after_s=20)
    outcome = await ask(path_of(hangs("gemini"), fallback))
    assert outcome.content == "42"
    assert fallback.asked[0].at == pytest.approx(30, abs=0.5)


@in_virtual_time
async def test_when_nobody_answers_each_is_named():
    gemini = raises("gemini", ServerError("gemini", "broken"))
    gpt = raises("gpt", RateLimitedError("gpt", "too fast"))
    with pytest.raises(AllProvidersFailedError) as refused:
        await ask(path_of(gemini, gpt))
    assert "gemini: broken" in refused.value.detail
    assert "gpt: too fast" in refused.value.detail


@in_virtual_time
async def test_when_the_last_is_silent_to_the_end_the_deadline_is_to_blame():
    with pytest.raises(DeadlineExceededError):
        await ask(path_of(hangs("gemini"), hangs("gpt")), timeout_s=10)
    assert asyncio.get_running_loop().time() <= 10


@in_virtual_time
async def test_a_caller_who_names_providers_sets_the_chain():
    outcome = await ask(path_of(says("gemini", "a"), says("gpt", "b")), providers=["gpt"])
    assert outcome.answer_source == "gpt"


@in_virtual_time
async def test_a_budget_bounds_the_reply_and_is_never_spent_twice():
    lost = raises("gemini", CutReplyError("gemini", "cut"))
    spare = says("gpt", "42")
    with pytest.raises(AllProvidersFailedError):
        await ask(path_of(lost, spare), budget_usd=0.0005)
    assert lost.asked[0].prompt.max_tokens == 400
    assert lost.asked[0].repeat_billed is False
    assert spare.asked == []


@in_virtual_time
async def test_a_budget_that_buys_nothing_asks_nobody():
    gemini = says("gemini", "42")
    with pytest.raises(BudgetTooSmallError):
        await ask(path_of(gemini), budget_usd=0.0002)
    assert gemini.asked == []


@in_virtual_time
async def test_streamed_pieces_are_handed_on_as_they_come():
    seen = []
    outcome = await ask(path_of(says("gemini", "forty-two")), seen.append, stream=True)
    assert "".join(e.text for e in seen if isinstance(e, Delta)) == "forty-two" == outcome.content
    assert isinstance(seen[-1], VoteSeen)


class WritesSlowly(ScriptedProvider):
    """Begins at once and takes 40 s to the end."""

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        for _ in range(4):
            yield TextDelta("ten ")
            await asyncio.sleep(10)
        yield Completion("ten " * 4, "m", FinishReason.STOP, Usage(1, output_tokens=4))


@in_virtual_time
async def test_a_stream_that_has_begun_may_take_all_of_the_time():
    outcome = await ask(path_of(WritesSlowly("gemini", ()), says("gpt", "42")), stream=True)
    assert outcome.content == "ten ten ten ten "


class SilentStream(ScriptedProvider):
    """Never begins."""

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        await asyncio.Event().wait()
        yield TextDelta("")


@in_virtual_time
async def test_a_stream_that_does_not_begin_leaves_its_fallback_half_of_the_time():
    outcome = await ask(path_of(SilentStream("gemini", ()), says("gpt", "42")), stream=True)
    assert outcome.answer_source == "gpt"
    assert asyncio.get_running_loop().time() == pytest.approx(30, abs=0.5)


class CutAfterAPiece(ScriptedProvider):
    """Writes half of its answer and breaks."""

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        yield TextDelta("forty-")
        raise CutReplyError(self.name, "cut")


class NeverFinishes(ScriptedProvider):
    """Ends its stream without the completion that makes it whole."""

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        yield TextDelta("forty-")


@pytest.mark.parametrize("kind", [CutAfterAPiece, NeverFinishes])
def test_a_stream_cut_after_its_first_piece_is_an_error_and_nobody_else_is_asked(kind):
    @in_virtual_time
    async def scenario():
        fallback = says("gpt", "42")
        with pytest.raises(AnswerInterruptedError) as refused:
            await ask(path_of(kind("gemini", ()), fallback), stream=True)
        assert refused.value.attempts[0].failure.code == "cut_reply"
        assert fallback.asked == []

    scenario()


@in_virtual_time
async def test_a_stream_that_fails_before_its_first_piece_falls_back():
    gemini = raises("gemini", ServerError("gemini", "500"))
    outcome = await ask(path_of(gemini, says("gpt", "42")), stream=True)
    assert outcome.answer_source == "gpt"


@in_virtual_time
async def test_what_a_streamed_reply_cost_is_counted():
    class Whole(ScriptedProvider):
        async def stream(self, prompt, deadline, *, repeat_billed=False):
            yield TextDelta("42")
            yield Completion("42", "m", FinishReason.STOP, Usage(100, output_tokens=900))

    outcome = await ask(path_of(Whole("gemini", ())), stream=True)
    assert outcome.cost_usd == pytest.approx(0.001)
