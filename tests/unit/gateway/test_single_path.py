"""One provider asked alone: its reply handed on, and one record of it, however it ends."""

import asyncio

import pytest

from consensus.asking import Panelist
from gateway.api.hang_up import WhileThere
from gateway.errors import (
    BudgetTooSmallError,
    CallerGoneError,
    OverloadedError,
    ShuttingDownError,
)
from gateway.guard.admission import Admission
from gateway.problem_types import status_of
from gateway.single_failures import STATUSES, SingleFailedError, status_of_failure
from gateway.single_path import SingleAsk, SinglePath
from providers import errors
from providers.errors import (
    AuthenticationFailedError,
    CutReplyError,
    RejectedRequestError,
    ServerError,
    TruncatedReplyError,
)
from providers.messages import Completion, FinishReason, ImagePart, Message, Prompt, TextPart, Usage
from tests.support.pipelines import Cent
from tests.support.providers import Hangs, Raises, Says, ScriptedProvider
from tests.support.virtual_time import in_virtual_time

ASK = SingleAsk("gpt", Prompt.of("What is 17 + 25?"), user_id="ann", metadata={"team": "a"})


CENT = Cent()


class World:
    """One provider behind a single path; ``records`` as they were appended."""

    def __init__(self, *steps, price=CENT):
        self.provider = ScriptedProvider("gpt", steps, vendor="openai")
        self.records = []
        self.admission = Admission(1)
        self.path = SinglePath(
            panel={"gpt": Panelist(self.provider, price)},
            admission=self.admission,
            append=self.records.append,
            status_of=status_of,
            input_bound=lambda prompt: 100,
            instance="i",
            caller_salt="salt",
        )

    @property
    def record(self):
        (record,) = self.records
        return record


@in_virtual_time
async def test_a_reply_is_handed_on_and_recorded_outside_of_the_split():
    world = World(Says("42", after_s=2.0))
    answer = await world.path.answer(ASK, "r-1")
    assert (answer.completion.text, answer.attempt.latency_ms) == ("42", 2_000)
    record = world.record
    assert (record.request_id, record.status, record.code) == ("r-1", 200, None)
    assert (record.arm, record.mode, record.is_single) == (None, "single", True)
    assert (record.latency_ms, record.overhead_ms) == (2_000, 0)
    assert (record.cost_usd, record.usage) == (0.01, Usage(10, output_tokens=20))
    assert [(v.provider, v.vendor, v.error_code) for v in record.votes] == [("gpt", "openai", None)]
    assert (record.answer_source, record.metadata) == ("gpt", {"team": "a"})
    assert record.caller is not None
    assert "ann" not in record.caller


@in_virtual_time
async def test_the_provider_gets_the_prompt_as_it_is_and_the_request_s_whole_time():
    world = World(Says("42"))
    await world.path.answer(SingleAsk("gpt", ASK.prompt, timeout_ms=5_000), "r-1")
    (asked,) = world.provider.asked
    assert (asked.prompt, asked.deadline.at, asked.repeat_billed) == (ASK.prompt, 5.0, True)


@in_virtual_time
async def test_a_failure_is_raised_and_recorded_as_the_caller_is_told():
    world = World(Raises(ServerError("gpt", "answered 500"), after_s=1.0))
    with pytest.raises(SingleFailedError) as caught:
        await world.path.answer(ASK, "r-1")
    assert (caught.value.status, caught.value.attempt.latency_ms) == (502, 1_000)
    record = world.record
    assert (record.status, record.code, record.answer_source) == (502, "server_error", None)
    assert [v.error_code for v in record.votes] == ["server_error"]
    assert record.cost_usd is None


@in_virtual_time
async def test_a_reply_cut_at_its_limit_is_an_answer_to_who_asks_one_model_alone():
    cut = Completion("Forty", "gpt-1", FinishReason.LENGTH, Usage(10, output_tokens=5))
    error = TruncatedReplyError("gpt", "cut", usage=cut.usage, partial=cut)
    world = World(Raises(error))
    answer = await world.path.answer(ASK, "r-1")
    assert answer.completion is cut
    record = world.record
    assert (record.status, record.usage, record.cost_usd) == (200, cut.usage, 0.01)
    assert record.votes[0].error_code is None


@in_virtual_time
async def test_a_reply_that_broke_off_for_no_known_reason_is_a_failure_that_cost_what_it_cost():
    cut = Completion("Forty", "gpt-1", FinishReason.OTHER, Usage(10, output_tokens=5))
    error = CutReplyError("gpt", "it stopped", usage=cut.usage, partial=cut)
    world = World(Raises(error), Raises(error))

    async def write(piece):
        pass

    for asked in (world.path.answer(ASK, "r-1"), world.path.stream(ASK, "r-2", write)):
        with pytest.raises(SingleFailedError) as caught:
            await asked
        assert (caught.value.status, caught.value.attempt.cost_usd) == (502, 0.01)
    assert [(r.code, r.usage, r.cost_usd) for r in world.records] == [
        ("cut_reply", cut.usage, 0.01)
    ] * 2


@in_virtual_time
async def test_pieces_are_handed_on_in_order_and_each_write_is_waited_for():
    world = World(Says("forty-two"))
    written = []

    async def write(piece):
        await asyncio.sleep(1)
        written.append(piece.text)

    answer = await world.path.stream(ASK, "r-1", write)
    assert "".join(written) == answer.completion.text == "forty-two"
    assert asyncio.get_running_loop().time() == len(written)
    assert world.record.status == 200


@in_virtual_time
async def test_a_stream_without_its_completion_is_a_cut_one():
    world = World(Says("forty-two"))

    async def only_pieces(prompt, deadline, **terms):
        yield TextPart("forty")

    world.provider.stream = only_pieces

    async def write(piece):
        pass

    with pytest.raises(SingleFailedError) as caught:
        await world.path.stream(ASK, "r-1", write)
    assert caught.value.error.code == "cut_reply"
    assert (world.record.status, world.record.code) == (502, "cut_reply")


@in_virtual_time
async def test_a_caller_who_leaves_cancels_the_call_and_is_recorded_as_gone():
    world = World(Hangs())

    async def receive():
        await asyncio.sleep(3)
        return {"type": "http.disconnect"}

    with pytest.raises(CallerGoneError):
        async with WhileThere(receive):
            await world.path.answer(ASK, "r-1")
    assert world.provider.cancelled
    assert (world.record.status, world.record.code) == (499, "client_gone")
    assert world.admission.in_flight == 0


@in_virtual_time
async def test_beyond_the_limit_a_request_is_refused_and_recorded():
    world = World(Hangs())
    first = asyncio.create_task(world.path.answer(ASK, "r-1"))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await world.path.answer(ASK, "r-2")
    first.cancel()
    await asyncio.wait([first])
    assert [(r.request_id, r.status, r.code) for r in world.records] == [
        ("r-2", 503, "overloaded"),
        ("r-1", 499, "client_gone"),
    ]


@in_virtual_time
async def test_the_end_of_the_process_is_no_fault_of_the_vendor_or_the_caller():
    world = World(Hangs())
    asked = asyncio.create_task(world.path.answer(ASK, "r-1"))
    await asyncio.sleep(0)
    world.admission.put_out()
    with pytest.raises(ShuttingDownError):
        await asked
    assert (world.record.status, world.record.code) == (503, "shutting_down")
    assert not world.record.is_error


@in_virtual_time
async def test_an_adapter_that_breaks_is_our_error():
    world = World(Raises(RuntimeError("broken")))
    with pytest.raises(RuntimeError):
        await world.path.answer(ASK, "r-1")
    assert (world.record.status, world.record.code) == (500, "internal")


@in_virtual_time
async def test_a_budget_lowers_the_limit_of_tokens_and_forbids_paying_twice():
    # At worst a token costs the 8,192nd part of a dollar: an eighth buys 1,024.
    world = World(Says("42"))
    await world.path.answer(SingleAsk("gpt", ASK.prompt, budget_usd=0.125), "r-1")
    (asked,) = world.provider.asked
    assert (asked.prompt.max_tokens, asked.repeat_billed) == (1_024, False)


@in_virtual_time
async def test_a_budget_that_buys_nothing_asks_nobody():
    world = World(Says("42"))
    with pytest.raises(BudgetTooSmallError):
        await world.path.answer(SingleAsk("gpt", ASK.prompt, budget_usd=0.001), "r-1")
    assert not world.provider.asked
    assert (world.record.status, world.record.code) == (422, "budget_too_small")


@in_virtual_time
async def test_a_price_nobody_knows_is_no_cost_of_zero():
    world = World(Says("42"), price=None)
    answer = await world.path.answer(ASK, "r-1")
    assert answer.attempt.cost_usd is None
    assert world.record.cost_usd is None


@in_virtual_time
async def test_prompts_are_told_apart_by_words_turns_and_images_and_not_kept():
    image = ImagePart(url="https://example.com/a.png")
    prompts = [
        Prompt.of("ab"),
        Prompt((Message("user", "a"), Message("user", "b"))),
        Prompt((Message.of_parts("user", (TextPart("ab"), image)),)),
    ]
    world = World(Says("42"))
    for number, prompt in enumerate(prompts):
        await world.path.answer(SingleAsk("gpt", prompt), f"r-{number}")
    assert len({record.prompt_sha256 for record in world.records}) == len(prompts)


ALL_KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.ProviderError)
]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_failure_has_a_status_a_client_knows_and_never_401(kind):
    status = status_of_failure(kind("gpt", "failed"))
    assert status in {400, 429, 502, 503, 504}
    assert (status in {400, 429}) <= (kind.code in STATUSES)


def test_our_key_s_refusal_is_a_bad_gateway_and_a_missing_model_is_the_vendor_s_404():
    assert status_of_failure(AuthenticationFailedError("gpt", "no", status=401)) == 502
    assert status_of_failure(RejectedRequestError("gpt", "no", status=404)) == 404
    assert status_of_failure(RejectedRequestError("gpt", "no", status=422)) == 400
