"""Judges over simulated vendors: off unless configured, for open pairs alone, within budget and time."""

import httpx
import pytest

OPEN = (
    "Is it worth writing tests before the code?"  # Claude says often, Gemini always, in like words
)
TYPED = "What is 17 + 25?"
JUDGES = {"WALLBOUNCE_JUDGES": "gpt,claude", "WALLBOUNCE_ENTAILMENT": "off"}


@pytest.fixture
def court(start_gateway):
    """A gateway with judges; Claude and Gemini answer, GPT only judges."""
    with httpx.Client(base_url=start_gateway(**JUDGES).url, timeout=30, trust_env=False) as client:
        yield client


def ask(gateway, prompt=OPEN, **body):
    asked = {"prompt": prompt, "providers": ["claude", "gemini"]} | body
    reply = gateway.post("/api/v1/generate", json=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


def seen(vendors):
    return sum(counts["seen"] for counts in vendors.stats().values())


def judges(body):
    return [(call["provider"], call["content"]) for call in body["history"]]


def test_without_judges_configured_nobody_else_is_asked(gateway, vendors):
    body = ask(gateway)
    assert body["history"] == []
    assert seen(vendors) == 2


def test_an_open_pair_is_judged_by_two_vendors_and_the_verdict_decides(court, vendors):
    body = ask(court)
    assert judges(body) == [("gpt", "DIFFERENT"), ("claude", "DIFFERENT")]
    assert body["consensus"]["status"] == "contested"
    assert len(body["consensus"]["dissent"]) == 1
    assert (
        "Two judges found that claude and gemini say different things."
        in (body["consensus"]["reasoning"])
    )
    assert len(body["votes"]) == 2
    assert seen(vendors) == 4


def test_what_judges_cost_is_in_the_answer_s_cost_and_usage(court):
    body = ask(court)
    calls = body["votes"] + body["history"]
    assert body["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in calls))
    tokens = sum(call["usage"]["output_tokens"] for call in calls)
    assert body["usage"]["output_tokens"] == tokens


def test_what_types_decide_is_not_judged(court, vendors):
    body = ask(court, TYPED)
    assert body["history"] == []
    assert seen(vendors) == 2


def test_a_budget_that_buys_the_answers_alone_buys_no_judges(court, vendors):
    body = ask(court, budget_usd=0.013)
    assert body["history"] == []
    assert "the budget does not buy two judges" in body["consensus"]["reasoning"]
    assert body["cost_usd"] <= 0.013
    assert seen(vendors) == 2


def test_a_budget_that_buys_judges_is_kept(court):
    body = ask(court, budget_usd=0.2)
    assert len(body["history"]) == 2
    assert body["cost_usd"] <= 0.2


@pytest.mark.parametrize("fault", ["500", "malformed", "empty", "filtered"])
def test_one_judge_failing_leaves_the_pair_to_the_rules(court, vendors, fault):
    vendors.set_fault("gpt", fault)
    body = ask(court)
    assert "left to the rules: a judge gave no verdict." in body["consensus"]["reasoning"]
    assert body["content"]


def test_a_judge_that_never_answers_does_not_hold_the_answer_up(court, vendors):
    vendors.set_fault("gpt", "timeout")
    body = ask(court, timeout_ms=3_000)
    assert "left to the rules: a judge gave no verdict." in body["consensus"]["reasoning"]
    assert body["processing_time_ms"] <= 3_000


def test_a_merged_answer_is_judged_first_and_pays_for_both(court):
    body = ask(court, aggregation="synthesize")
    assert [call["round"] for call in body["history"]][:2] == [2, 2]
    assert "Two judges found" in body["consensus"]["reasoning"]
    assert body["cost_usd"] == pytest.approx(
        sum(call["cost_usd"] for call in body["votes"] + body["history"])
    )
