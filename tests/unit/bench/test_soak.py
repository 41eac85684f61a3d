"""The soak: what its requests are, what counts as an error, and how memory and leaks are judged."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bench.mock_vendors import WIRES, application
from bench.questions import total
from bench.soak.faulty_vendors import STATS, faulty_application
from bench.soak.leaks import DATABASE_HANDLES, Held
from bench.soak.memory import Sample, since, slope
from bench.soak.outcomes import GOOD, Outcome, Seen, outcome, spared
from bench.soak.scenes import CHAT, GENERATE, SILENT, VENDORS, Fault, Scene, fault_in, scene
from providers.anthropic import Anthropic
from providers.errors import ProviderError
from providers.gemini import Gemini
from providers.http_client import open_client
from providers.messages import Completion, Message, Prompt, TextDelta
from providers.openai import OpenAI
from providers.provider import Deadline

NUMBERS = st.integers(min_value=0, max_value=200_000)


@given(NUMBERS, st.booleans())
def test_a_request_is_decided_by_its_number_alone_and_tells_the_vendors_its_faults(number, chat):
    acted = scene(number, chat=chat)
    assert acted == scene(number, chat=chat)
    raw = str(acted.body)
    assert {v: fault_in(raw, v) for v in VENDORS if fault_in(raw, v)} == dict(acted.faults)


@given(NUMBERS)
def test_a_silent_vendor_meets_a_short_deadline_so_that_the_soak_ends(number):
    acted = scene(number, chat=True)
    if not SILENT.isdisjoint(acted.faults.values()):
        assert acted.body.get("wallbounce", acted.body)["timeout_ms"] <= 3_000


def test_a_thousand_requests_hold_every_kind():
    acted = [scene(number, chat=True) for number in range(1_000)]
    assert {a.path for a in acted} == {GENERATE, CHAT}
    assert {a.stream for a in acted} == {True, False}
    assert {(v, f) for a in acted for v, f in a.faults.items()} >= {
        (v, f) for v in VENDORS for f in Fault
    }
    assert len({a.hang_up for a in acted}) == 3
    assert {scene(n, chat=False).path for n in range(1_000)} == {GENERATE}


def asked(**faults: str) -> Scene:
    return Scene(7, GENERATE, {}, stream=False, faults={v: Fault(f) for v, f in faults.items()})


def through_chat(**faults: str) -> Scene:
    return Scene(7, CHAT, {}, stream=True, faults={v: Fault(f) for v, f in faults.items()})


def told(**figures) -> dict:
    return {"error": {"message": "…", "wallbounce": figures}}


def problem(**codes: str) -> dict:
    return {"providers": [{"provider": p, "error": {"code": code}} for p, code in codes.items()]}


@pytest.mark.parametrize(
    ("acted", "seen", "expected"),
    [
        pytest.param(asked(), Seen(200, text=f"It is {total(7)}."), Outcome.ANSWERED, id="right"),
        pytest.param(asked(), Seen(200, text="It is"), Outcome.WRONG, id="cut, shown as whole"),
        pytest.param(asked(), Seen(), Outcome.UNENDED, id="no end"),
        pytest.param(asked(), Seen(429, problem={}), Outcome.REFUSED, id="refused"),
        pytest.param(
            asked(), Seen(500, problem={"code": "internal"}), Outcome.ERROR, id="our own fault"
        ),
        pytest.param(
            asked(gpt="error", claude="cut"),
            Seen(503, problem=problem(gpt="server_error", claude="cut_reply")),
            Outcome.FAILED_AS_DUE,
            id="all asked were struck",
        ),
        pytest.param(
            asked(gpt="error", claude="slow"),
            Seen(503, problem=problem(gpt="server_error", claude="timeout")),
            Outcome.ERROR,
            id="a slow one was there",
        ),
        pytest.param(
            asked(gpt="error"),
            Seen(503, problem=problem(gpt="server_error", claude="circuit_open")),
            Outcome.FAILED_AS_DUE,
            id="one was spared for what it did before",
        ),
        pytest.param(
            Scene(7, GENERATE, {}, stream=False, spared=frozenset({"gpt"})),
            Seen(503, problem=problem(gpt="rate_limited")),
            Outcome.FAILED_AS_DUE,
            id="the one asked had asked to be left alone",
        ),
        pytest.param(
            through_chat(gpt="limited"),
            Seen(429, problem=told(provider="gpt", code="rate_limited")),
            Outcome.FAILED_AS_DUE,
            id="the one model asked was struck",
        ),
        pytest.param(
            through_chat(claude="cut"),
            Seen(502, problem=told(provider="gpt", code="cut_reply")),
            Outcome.ERROR,
            id="another than the one asked was struck",
        ),
        pytest.param(
            through_chat(gpt="cut", claude="cut"),
            Seen(
                503, problem=told(votes=problem(gpt="cut_reply", claude="cut_reply")["providers"])
            ),
            Outcome.FAILED_AS_DUE,
            id="all asked through the OpenAI-compatible face were struck",
        ),
        pytest.param(
            through_chat(gpt="cut"),
            Seen(500, problem=told(code="internal")),
            Outcome.ERROR,
            id="our own fault in OpenAI's shape",
        ),
    ],
)
def test_an_error_is_the_faults_due_or_ours(acted, seen, expected):
    assert outcome(acted, seen) is expected


def test_a_vendor_that_would_have_answered_and_was_not_asked_is_told_apart_from_one_that_was_struck():
    seen = problem(gpt="circuit_open", claude="server_error", gemini="circuit_open")
    assert spared(asked(gpt="error", claude="error"), seen) == [("gemini", "circuit_open")]


def test_answers_due_failures_and_planned_hang_ups_are_no_errors():
    assert {Outcome.ANSWERED, Outcome.FAILED_AS_DUE, Outcome.HUNG_UP} == GOOD


@given(
    st.integers(min_value=-5_000, max_value=5_000), st.integers(min_value=0, max_value=2_000_000)
)
def test_the_slope_is_that_of_the_line_although_memory_steps_once(bytes_a_request, step):
    samples = [
        Sample(n, 200_000_000 + bytes_a_request * n + step * (n > 1_500))
        for n in range(0, 20_000, 100)
    ]
    assert slope(samples) == pytest.approx(bytes_a_request, abs=step / 10_000 + 1e-6)


def test_a_slope_needs_two_samples_of_different_times():
    assert slope([]) is None
    assert slope([Sample(5, 1), Sample(5, 9)]) is None
    assert since([Sample(1, 1), Sample(5, 1), Sample(9, 1)], 5) == [Sample(5, 1), Sample(9, 1)]


def test_what_is_held_beyond_idle_is_leaked_and_less_of_one_makes_up_for_no_other():
    idle = Held(10, 2, 30, 6, 0, 0)
    after = Held(
        tasks=13,
        connections=0,
        file_descriptors=31,
        database_handles=DATABASE_HANDLES,
        calls=1,
        requests=0,
    )
    assert after.beyond(idle) == Held(3, 0, 1, 0, 1, 0)
    assert after.beyond(idle).total == 5


def test_handles_of_the_database_are_a_leak_where_no_pool_explains_them():
    idle, after = Held(0, 0, 0, 6, 0, 0), Held(0, 0, 0, DATABASE_HANDLES + 7, 0, 0)
    assert after.beyond(idle).total == 7


@pytest.fixture
async def faulty():
    async with TestServer(faulty_application(), host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def client():
    opened = open_client()
    yield opened
    await opened.aclose()


def adapters(url: str, client) -> dict:
    key = SecretStr("bench")
    common = {"client": client, "api_key": key}
    return {
        "gpt": OpenAI(name="gpt", model="gpt-5", base_url=f"{url}/v1", **common),
        "claude": Anthropic(name="claude", model="claude-x", base_url=url, **common),
        "gemini": Gemini(name="gemini", model="gemini-x", base_url=url, **common),
    }


def says(text: str) -> Prompt:
    return Prompt((Message("user", text),), max_tokens=500)


def within(seconds: float) -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + seconds)


async def complete(adapter, text: str) -> str:
    return (await adapter.complete(says(text), within(0.7))).text


async def streamed(adapter, text: str) -> str:
    pieces, whole = [], None
    async for item in adapter.stream(says(text), within(0.7)):
        if isinstance(item, TextDelta):
            pieces.append(item.text)
        elif isinstance(item, Completion):
            whole = item
    assert whole is not None, "the stream ended without its reply"
    assert whole.text == "".join(pieces)
    return whole.text


@pytest.mark.parametrize("ask", [complete, streamed])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_mock_vendor_is_read_by_our_adapter_whole_and_as_a_stream(
    vendor, ask, faulty, client
):
    adapter = adapters(faulty, client)[vendor]
    assert "5000" in await ask(adapter, "Please add 1000 and 4000.")
    assert "5000" in await ask(adapter, f"Please add 1000 and 4000. {vendor}!slow")


@pytest.mark.parametrize("fault", [f for f in Fault if f is not Fault.SLOW])
@pytest.mark.parametrize("ask", [complete, streamed])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_struck_vendor_never_gives_an_answer(vendor, ask, fault, faulty, client):
    adapter = adapters(faulty, client)[vendor]
    with pytest.raises(ProviderError):
        await ask(adapter, f"Please add 1000 and 4000. {vendor}!{fault}")


async def test_a_call_that_was_given_up_is_not_open_any_more(faulty):
    async with aiohttp.ClientSession() as session:

        async def stats() -> dict:
            async with session.get(faulty + STATS) as answer:
                return await answer.json()

        body = {"messages": [{"role": "user", "content": "add 1 and 2 gpt!hang"}]}
        with pytest.raises(TimeoutError):
            await session.post(
                faulty + WIRES[0].path, json=body, timeout=aiohttp.ClientTimeout(total=0.2)
            )
        for _ in range(100):
            if (seen := await stats())["open"] == 0:
                break
            await asyncio.sleep(0.02)
        assert seen == {"open": 0, "seen": 1, "strikes": {"hang": 1}}


def test_the_plain_mock_has_the_same_addresses():
    def paths(app):
        return {route.resource.canonical for route in app.router.routes()}

    assert paths(faulty_application()) - {STATS} == paths(application())
