"""Every fault × every vendor × stream and not × every way of answering.

No hang, no 500, no cut text shown as a whole one, nothing billed twice. What a vendor fails with is the
simulator's list (`providers.simulator.faults.Fault`), so that a new fault is in the matrix at once.
"""

import time

import httpx
import pytest

from providers.simulator import Fault, RunningSimulator, SimulatorConfig
from tests.api.conftest import OPERATOR_KEY, acknowledge
from tests.support.fault_matrix import ask, check
from tests.support.gateway_process import RunningGateway

ALL = ("gpt", "claude", "gemini")
OPEN = "Should a small team start with a monolith or with microservices?"
CONTESTED = "Is 91 a prime number?"
UNKNOWN = "Why is the sky blue in the evening?"

PARALLEL = {"prompt": OPEN, "task_type": "critical"}
SEQUENTIAL = {"prompt": CONTESTED, "task_type": "critical", "mode": "sequential"}
SYNTHESIZE = {"prompt": UNKNOWN, "task_type": "critical", "aggregation": "synthesize"}
WAYS = {"parallel": PARALLEL, "sequential": SEQUENTIAL, "synthesize": SYNTHESIZE}

SILENT = {Fault.TIMEOUT, *(f for f in Fault if "stall" in f or "hang" in f)}
"""Faults that last to the deadline."""

HARMLESS = {Fault.SLOW}
"""Faults that a vendor answers well under."""

CODES = {
    "401": {"unauthorized", "rejected"},
    "404": {"rejected"},
    "429": {"rate_limited"},
    "500": {"server_error"},
    "502": {"server_error"},
    "529": {"overloaded"},
    "refused": {"connection_failed", "connection_lost"},
    "timeout": {"timeout", "cut_off"},
    "reset": {"connection_lost"},
    "malformed": {"malformed_reply"},
    "wrong-shape": {"malformed_reply"},
    "empty": {"empty_reply"},
    "cut": {"connection_lost", "malformed_reply"},
    "stall": {"timeout", "cut_off"},
    "stall-first": {"timeout", "cut_off"},
    "error-event": {"server_error", "overloaded"},
    "truncated": {"truncated"},
    "filtered": {"content_filtered"},
}
"""What a vote fails with, votes being asked for whole. One that is not needed any more is cut off."""

FAULTS = list(Fault)
STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
FAILING = pytest.mark.parametrize("fault", FAULTS, ids=str)

ENVIRONMENT = {
    "AUTO_ROLLBACK_ERROR_RATE": "1",
    "AUTO_ROLLBACK_MIN_REQUESTS": "2000",
    "LEARNING_ENABLED": "false",
    "WALLBOUNCE_OPERATOR_KEYS": OPERATOR_KEY,
    # One case must not change the next: circuits, second calls and learned limits have tests of their own.
    "WALLBOUNCE_CIRCUIT_BREAKERS": "false",
    "WALLBOUNCE_HEDGING_SHARE": "0",
    "WALLBOUNCE_RETRY_ATTEMPTS": "1",
}


def deadline_of(fault):
    return 500 if fault in SILENT else 10_000


@pytest.fixture(scope="module")
def simulated():
    with RunningSimulator(SimulatorConfig(latency_scale=0.02, retry_after_s=0)) as running:
        yield running


@pytest.fixture
def vendors(simulated):
    """In place of the shared vendors: these answer sooner."""
    simulated.reset()
    return simulated


@pytest.fixture(scope="module")
def new_path(simulated, tmp_path_factory):
    yield from _gateway(simulated, tmp_path_factory, SRP_TRAFFIC_PERCENTAGE="100")


@pytest.fixture
def wall(new_path):
    """The wall-bounce path: no vendor that is down in one case sends the next one down the legacy path."""
    if new_path.get("/api/v1/rollout").json()["tripped"]:
        acknowledge(new_path)
    return new_path


@pytest.fixture(scope="module")
def legacy(simulated, tmp_path_factory):
    yield from _gateway(simulated, tmp_path_factory, SRP_TRAFFIC_PERCENTAGE="0")


def _gateway(simulated, tmp_path_factory, **env):
    folder = tmp_path_factory.mktemp("gateway")
    told = simulated.environment | ENVIRONMENT | env
    told = {name: value for name, value in told.items() if value is not None}
    with (
        RunningGateway(told, folder) as running,
        httpx.Client(base_url=running.url, timeout=30, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def whole(simulated, new_path):
    """Every text that is whole: what vendors say and what mergers make of it, when all is well."""
    texts = set()

    def gather(**body):
        outcome = ask(new_path, stream=False, timeout_ms=10_000, **body)
        assert outcome.answered
        texts.add(outcome.body["content"])
        texts.update(call["content"] for call in outcome.attempts if call["content"])

    simulated.reset()
    for body in WAYS.values():
        gather(**body)
        for missing in ALL:
            present = [name for name in ALL if name != missing]
            gather(**{**body, "task_type": "basic", "providers": present})
    for merging in ALL:
        for name in ALL:
            simulated.set_fault(name, None if name == merging else "500", skip=1)
        gather(**SYNTHESIZE)
        simulated.reset()
    return texts


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", ALL)
@FAILING
@STREAMED
def test_one_vendor_failing_is_made_up_for_by_the_others(  # noqa: PLR0917 - the matrix's dimensions
    wall, vendors, whole, way, vendor, fault, stream
):
    vendors.set_fault(vendor, fault)
    timeout_ms = deadline_of(fault)
    outcome = ask(wall, stream=stream, timeout_ms=timeout_ms, **WAYS[way])
    check(outcome, vendors, whole, timeout_ms=timeout_ms)
    assert outcome.answered, outcome.body
    failed = {v["provider"]: v["error"]["code"] for v in outcome.body["votes"] if v["error"]}
    if fault not in HARMLESS:
        assert set(failed) == {vendor}
        assert failed[vendor] in CODES[fault]
        assert outcome.body["consensus"]["status"] == "degraded"


@pytest.mark.parametrize("way", WAYS)
@FAILING
@STREAMED
def test_all_vendors_failing_is_told_of_each(  # noqa: PLR0917 - the matrix's dimensions
    wall, vendors, whole, way, fault, stream
):
    for vendor in ALL:
        vendors.set_fault(vendor, fault)
    timeout_ms = deadline_of(fault)
    outcome = ask(wall, stream=stream, timeout_ms=timeout_ms, **WAYS[way])
    check(outcome, vendors, whole, timeout_ms=timeout_ms)
    if fault in HARMLESS:
        assert outcome.answered
        return
    assert outcome.body["code"] in {"all_providers_failed", "deadline_exceeded"}
    assert {p["provider"] for p in outcome.body["providers"]} == set(ALL)
    assert all(p["error"]["code"] in CODES[fault] for p in outcome.body["providers"])
    assert all(name in outcome.body["detail"] for name in ALL)
    late = outcome.body["code"] == "deadline_exceeded"
    assert (outcome.status, late) == ((504, True) if fault in SILENT else (503, False))
    assert outcome.deltas == ""


@pytest.mark.parametrize("count", [1, None], ids=["the first", "every"])
@FAILING
@STREAMED
def test_an_aggregator_failing_is_followed_by_the_next_or_breaks_off_in_words(  # noqa: PLR0917 - the matrix's dimensions
    wall, vendors, whole, fault, stream, count
):
    healthy = ask(wall, stream=False, timeout_ms=10_000, **SYNTHESIZE)
    merging = healthy.body["history"][-1]["provider"]
    vendors.reset()
    for vendor in ALL if count is None else [merging]:
        vendors.set_fault(vendor, fault, skip=1)
    timeout_ms = 1_000 if fault in SILENT else 10_000
    outcome = ask(wall, stream=stream, timeout_ms=timeout_ms, **SYNTHESIZE)
    check(outcome, vendors, whole, timeout_ms=timeout_ms)
    if not stream or not outcome.deltas:
        assert outcome.answered, "nothing was shown: somebody else's text takes its place"
    if not outcome.answered:
        assert outcome.body["code"] in {"answer_interrupted", "deadline_exceeded"}
        assert any(outcome.deltas in text for text in whole), "what was shown had been checked"


@pytest.mark.parametrize("vendor", ALL)
@FAILING
@STREAMED
def test_on_the_legacy_path_the_next_answers_unless_a_part_was_shown(  # noqa: PLR0917 - the matrix's dimensions
    legacy, vendors, whole, vendor, fault, stream
):
    vendors.set_fault(vendor, fault)
    behind = next(name for name in ALL if name != vendor)
    timeout_ms = deadline_of(fault)
    outcome = ask(
        legacy, stream=stream, timeout_ms=timeout_ms, prompt=OPEN, providers=[vendor, behind]
    )
    check(outcome, vendors, whole, timeout_ms=timeout_ms)
    if outcome.answered:
        source = vendor if fault in HARMLESS else behind
        assert outcome.body["answer_source"] == source
        return
    assert stream
    assert outcome.deltas, "before its first piece a failing vendor is followed by the next"
    assert outcome.body["code"] in {"answer_interrupted", "deadline_exceeded"}
    assert outcome.deltas not in whole
    assert vendors.stats()[behind]["seen"] == 0


@FAILING
@STREAMED
def test_on_the_legacy_path_a_chain_that_fails_is_told_of_each(
    legacy, vendors, whole, fault, stream
):
    for vendor in ALL:
        vendors.set_fault(vendor, fault)
    timeout_ms = deadline_of(fault)
    outcome = ask(legacy, stream=stream, timeout_ms=timeout_ms, prompt=OPEN, providers=list(ALL))
    check(outcome, vendors, whole, timeout_ms=timeout_ms)
    assert outcome.answered == (fault in HARMLESS)
    if not outcome.answered and not outcome.deltas:
        assert {p["provider"] for p in outcome.body["providers"]} == set(ALL)


@STREAMED
def test_a_reply_cut_at_its_limit_is_never_the_answer(wall, vendors, whole, stream):
    outcome = ask(wall, stream=stream, timeout_ms=10_000, max_tokens=1, **PARALLEL)
    check(outcome, vendors, whole, timeout_ms=10_000)
    assert not outcome.answered
    assert {p["error"]["code"] for p in outcome.body["providers"]} <= {"truncated", "empty_reply"}


@pytest.fixture(scope="module")
def as_shipped(simulated, tmp_path_factory):
    """A gateway as it comes: circuits, second calls and repetitions on."""
    shipped = {
        name: None
        for name in ENVIRONMENT
        if name
        in {"WALLBOUNCE_CIRCUIT_BREAKERS", "WALLBOUNCE_HEDGING_SHARE", "WALLBOUNCE_RETRY_ATTEMPTS"}
    }
    yield from _gateway(simulated, tmp_path_factory, SRP_TRAFFIC_PERCENTAGE="100", **shipped)


@pytest.mark.parametrize("vendor", ALL)
@FAILING
@STREAMED
def test_within_a_budget_nothing_is_billed_twice_with_all_there_is_to_repeat_calls(  # noqa: PLR0917 - the matrix's dimensions
    as_shipped, vendors, whole, vendor, fault, stream
):
    """Circuits stay as the cases before left them: whom they refuse is not asked, and billed nothing."""
    vendors.set_fault(vendor, fault)
    timeout_ms = deadline_of(fault)
    outcome = ask(as_shipped, stream=stream, timeout_ms=timeout_ms, budget_usd=0.5, **PARALLEL)
    check(outcome, vendors, whole, timeout_ms=timeout_ms, retries=3)
    if outcome.answered:
        assert outcome.body["cost_usd"] <= 0.5
        return
    refused = {
        p["provider"] for p in outcome.body["providers"] if p["error"]["code"] == "circuit_open"
    }
    assert refused == set(ALL) - {vendor}, "whoever was asked and well would have answered"


def test_vendors_that_were_all_down_for_long_answer_again_when_they_are_up(
    as_shipped, vendors, whole
):
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    for number in range(8):
        outcome = ask(
            as_shipped, stream=number % 2 == 0, timeout_ms=5_000, user_id=str(number), **PARALLEL
        )
        check(outcome, vendors, whole, timeout_ms=5_000, retries=3 * (number + 1))
        assert outcome.body["code"] == "all_providers_failed"
    for vendor in ALL:
        vendors.set_fault(vendor, None)
    acknowledge(as_shipped)  # all vendors down is what the path rolls itself back for
    until = time.monotonic() + 15
    while time.monotonic() < until:
        outcome = ask(as_shipped, stream=True, timeout_ms=5_000, **PARALLEL)
        if outcome.answered and len(outcome.body["providers_used"]) == len(ALL):
            return
        time.sleep(0.1)  # circuits close by the clock of another process
    pytest.fail(f"not all vendors were asked again: {outcome.body}")
