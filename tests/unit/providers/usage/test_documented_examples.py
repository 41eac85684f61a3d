"""The vendors' replies as they document them, in tokens and in dollars, each sum written out.

Where a page gives an example its counts are used, else they are made after the page's description of the
fields. Prices are those of the installed table on the day the pages were read.
"""

from typing import NamedTuple

import pytest

from providers.catalog import Catalog
from providers.messages import Usage
from providers.usage import anthropic, gemini, openai

MILLION = 1e6
READ = 1_795_305_600.0
"""2026-11-22: the day these pages and prices were read."""


class Example(NamedTuple):
    """A documented usage, what it means, and what it costs at the model's list price."""

    page: str
    vendor: str
    model: str
    told: dict
    usage: Usage
    usd: float


EXAMPLES = [
    Example(
        "developers.openai.com/api/docs/guides/prompt-caching: 1,920 of 2,006 tokens reused",
        "openai",
        "gpt-4o",
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        Usage(2006, 1920, 0, 300, 0),
        # gpt-4o: 2.50 in, 1.25 cached, 10 out
        (86 * 2.5 + 1920 * 1.25 + 300 * 10) / MILLION,
    ),
    Example(
        "developers.openai.com/api/docs/guides/prompt-caching: 2,000 read, 400 written, 200 neither",
        "openai",
        "gpt-5.6",
        {
            "prompt_tokens": 2600,
            "completion_tokens": 300,
            "total_tokens": 2900,
            "prompt_tokens_details": {"cached_tokens": 2000, "cache_write_tokens": 400},
        },
        Usage(2600, 2000, 400, 300, 0),
        # gpt-5.6: 4 in, 0.40 cached, writes 1.25 x 4, 20 out
        (200 * 4 + 2000 * 0.4 + 400 * 5 + 300 * 20) / MILLION,
    ),
    Example(
        "platform.openai.com/docs/guides/predicted-outputs: rejected tokens are billed as output",
        "openai",
        "gpt-4.1",
        {
            "prompt_tokens": 75,
            "completion_tokens": 53,
            "total_tokens": 128,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 31,
                "rejected_prediction_tokens": 12,
            },
        },
        Usage(75, 0, 0, 53, 0),
        # gpt-4.1: 2 in, 8 out; 12 rejected tokens are among the 53
        (75 * 2 + 53 * 8) / MILLION,
    ),
    Example(
        "platform.openai.com/docs/guides/reasoning: reasoning is a part of the output",
        "openai",
        "gpt-5",
        {
            "prompt_tokens": 75,
            "completion_tokens": 1186,
            "total_tokens": 1261,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 1024},
        },
        Usage(75, 0, 0, 1186, 1024),
        # gpt-5: 1.25 in, 10 out; 1,024 are paid once, within the 1,186
        (75 * 1.25 + 1186 * 10) / MILLION,
    ),
    Example(
        "platform.claude.com/docs/en/build-with-claude/prompt-caching, 1-hour cache: 456 + 100 written",
        "anthropic",
        "claude-sonnet-4-6",
        {
            "input_tokens": 2048,
            "cache_read_input_tokens": 1800,
            "cache_creation_input_tokens": 556,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 456,
                "ephemeral_1h_input_tokens": 100,
            },
            "output_tokens": 503,
            "service_tier": "standard",
        },
        Usage(2048 + 1800 + 556, 1800, 556, 503, 0, cache_write_1h_tokens=100),
        # claude-sonnet-4-6: 3 in, 0.30 read, 3.75 written for 5 minutes, 6 for an hour, 15 out
        (2048 * 3 + 1800 * 0.3 + 456 * 3.75 + 100 * 6 + 503 * 15) / MILLION,
    ),
    Example(
        "platform.claude.com/docs/en/about-claude/pricing, data residency: 1.1 times in the US",
        "anthropic",
        "claude-opus-4-6",
        {
            "input_tokens": 100,
            "output_tokens": 50,
            "output_tokens_details": {"thinking_tokens": 20},
            "inference_geo": "us",
        },
        Usage(100, 0, 0, 50, 20, region="us"),
        # claude-opus-4-6: 5 in, 25 out, thinking among it
        1.1 * (100 * 5 + 50 * 25) / MILLION,
    ),
    Example(
        "ai.google.dev/gemini-api/docs/thinking: thoughts beside the candidates",
        "google",
        "gemini-2.5-pro",
        {
            "promptTokenCount": 7477,
            "candidatesTokenCount": 2060,
            "thoughtsTokenCount": 1939,
            "totalTokenCount": 11476,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7477}],
        },
        Usage(7477, 0, 0, 2060 + 1939, 1939),
        # gemini-2.5-pro: 1.25 in, 10 out, thoughts too
        (7477 * 1.25 + 3999 * 10) / MILLION,
    ),
    Example(
        "ai.google.dev/api/generate-content#UsageMetadata: cached tokens within, tool use beside",
        "google",
        "gemini-2.5-flash",
        {
            "promptTokenCount": 11125,
            "cachedContentTokenCount": 7441,
            "toolUsePromptTokenCount": 300,
            "candidatesTokenCount": 20,
            "thoughtsTokenCount": 409,
            "totalTokenCount": 11125 + 300 + 20 + 409,
            "serviceTier": "standard",
        },
        Usage(11425, 7441, 0, 429, 409),
        # gemini-2.5-flash: 0.30 in, 0.03 cached, 2.50 out
        ((11425 - 7441) * 0.3 + 7441 * 0.03 + 429 * 2.5) / MILLION,
    ),
    Example(
        "ai.google.dev/gemini-api/docs/priority-inference: priority, as the reply says",
        "google",
        "gemini-2.5-pro",
        {
            "promptTokenCount": 210_000,
            "candidatesTokenCount": 1000,
            "totalTokenCount": 211_000,
            "serviceTier": "priority",
        },
        Usage(210_000, 0, 0, 1000, 0, service_tier="priority"),
        # gemini-2.5-pro, priority, over 200,000: 4.50 in, 27 out, for all tokens
        (210_000 * 4.5 + 1000 * 27) / MILLION,
    ),
]

READERS = {"openai": openai.usage_of, "anthropic": anthropic.usage_of, "google": gemini.usage_of}


@pytest.fixture(scope="module")
def catalog():
    return Catalog.load(clock=lambda: READ)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.page)
def test_a_documented_reply_is_read_and_priced_as_documented(catalog, example):
    usage = READERS[example.vendor](example.told)
    assert usage == example.usage
    card = catalog.card(example.model, example.vendor)
    assert card.cost_usd(usage) == pytest.approx(example.usd, rel=1e-9)
    assert sum(part.usd for part in card.parts(usage)) == pytest.approx(example.usd, rel=1e-9)


def test_cached_tokens_are_not_paid_twice_as_in_litellm_14849(catalog):
    # Reported there: 262,960 tokens in, 257,955 of them cached, 1,744 out; charged 0.7642 USD for it.
    usage = gemini.usage_of(
        {
            "promptTokenCount": 262_960,
            "cachedContentTokenCount": 257_955,
            "candidatesTokenCount": 1_744,
            "totalTokenCount": 264_704,
        }
    )
    # over 200,000 tokens: 2.50 in, 0.25 cached, 15 out
    usd = (5_005 * 2.5 + 257_955 * 0.25 + 1_744 * 15) / MILLION
    card = catalog.card("gemini-2.5-pro", "google")
    assert card.cost_usd(usage) == pytest.approx(usd, rel=1e-9)


def test_reasoning_is_not_paid_instead_of_the_output_as_in_litellm_18599(catalog):
    # Reported there: 17 tokens in, 482 out, 448 of them reasoning, of which only the 448 were charged.
    usage = openai.usage_of(
        {
            "prompt_tokens": 17,
            "completion_tokens": 482,
            "total_tokens": 499,
            "completion_tokens_details": {"reasoning_tokens": 448},
        }
    )
    card = catalog.card("gpt-5-nano", "openai")
    # gpt-5-nano: 0.05 in, 0.40 out
    assert card.cost_usd(usage) == pytest.approx((17 * 0.05 + 482 * 0.4) / MILLION, rel=1e-9)


def test_a_count_that_leaves_the_cached_part_out_has_no_cost_as_in_litellm_39125(catalog):
    # Reported there of Vertex: now and then the prompt's count is that of its fresh part alone.
    told = {"promptTokenCount": 25, "cachedContentTokenCount": 2_100, "candidatesTokenCount": 9}
    usage = gemini.usage_of(told | {"totalTokenCount": 34})
    card = catalog.card("gemini-2.5-flash", "google")
    assert card.cost_usd(usage) is None
    assert card.unknown_because(usage) == "the vendor's counts of tokens contradict one another"


def test_reasoning_beside_the_output_is_added_once():
    # xAI's count, told by the total; OpenAI's own holds reasoning within completion_tokens.
    beside = {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 235}
    details = {"completion_tokens_details": {"reasoning_tokens": 194}}
    assert openai.usage_of(beside | details) == Usage(32, 0, 0, 203, 194)
    within = {"prompt_tokens": 32, "completion_tokens": 203, "total_tokens": 235}
    assert openai.usage_of(within | details) == Usage(32, 0, 0, 203, 194)


@pytest.mark.parametrize(
    ("told", "tier"),
    [("default", None), ("auto", None), ("", None), ("priority", "priority"), ("flex", "flex")],
)
def test_openai_bills_by_the_tier_its_reply_names(told, tier):
    assert openai.usage_of({"prompt_tokens": 1}, told).service_tier == tier


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        pytest.param(
            {"input_tokens": 5, "output_tokens": 5, "server_tool_use": {"web_search_requests": 2}},
            "2 web search requests: billed by another measure than tokens",
            id="searches cost by the search",
        ),
        pytest.param(
            {"input_tokens": 5, "output_tokens": 5, "service_tier": "priority"},
            "the price of claude-sonnet-4-6 in service tier priority at 5 tokens is unknown",
            id="a committed tier is priced by contract",
        ),
        pytest.param(
            {"input_tokens": 5, "output_tokens": 5, "inference_geo": "mars"},
            "the price of claude-sonnet-4-6 processed in mars is unknown",
            id="a region nobody lists",
        ),
        pytest.param(
            {"input_tokens": 5, "output_tokens": 5, "iterations": [{"type": "compaction"}]},
            "a pass of kind compaction: billed by another measure than tokens",
            id="passes the totals leave out",
        ),
        pytest.param(
            {
                "input_tokens": 5,
                "cache_creation_input_tokens": 1,
                "cache_creation": {"ephemeral_1h_input_tokens": 9},
                "output_tokens": 5,
            },
            "the vendor's counts of tokens contradict one another",
            id="more for an hour than at all",
        ),
    ],
)
def test_what_tokens_alone_do_not_price_has_no_cost_and_says_why(catalog, usage, why):
    card = catalog.card("claude-sonnet-4-6", "anthropic")
    read = anthropic.usage_of(usage)
    assert card.cost_usd(read) is None
    assert card.parts(read) == ()
    assert card.unknown_because(read) == why


def test_what_costs_nothing_beyond_its_tokens_has_a_cost(catalog):
    told = {"input_tokens": 5, "output_tokens": 5, "server_tool_use": {"web_fetch_requests": 3}}
    usage = anthropic.usage_of(told | {"inference_geo": "global", "speed": "standard"})
    assert usage == Usage(5, output_tokens=5)
    assert catalog.card("claude-sonnet-4-6", "anthropic").cost_usd(usage) is not None


def test_a_total_that_google_does_not_explain_has_no_cost(catalog):
    usage = gemini.usage_of(
        {"promptTokenCount": 10, "candidatesTokenCount": 10, "totalTokenCount": 50}
    )
    assert catalog.card("gemini-2.5-pro", "google").cost_usd(usage) is None


def test_audio_costs_its_own_price_where_that_is_known(catalog):
    usage = gemini.usage_of(
        {
            "promptTokenCount": 100,
            "candidatesTokenCount": 10,
            "totalTokenCount": 110,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 40},
                {"modality": "AUDIO", "tokenCount": 60},
            ],
        }
    )
    # gemini-2.5-flash: 0.30 in, 1 for audio, 2.50 out; gemini-2.5-pro lists no price of audio
    usd = (40 * 0.3 + 60 * 1 + 10 * 2.5) / MILLION
    assert catalog.card("gemini-2.5-flash", "google").cost_usd(usage) == pytest.approx(usd)
    assert catalog.card("gemini-2.5-pro", "google").cost_usd(usage) is None


def test_images_that_a_model_draws_have_no_price_by_the_token(catalog):
    usage = gemini.usage_of(
        {
            "promptTokenCount": 10,
            "candidatesTokenCount": 1290,
            "totalTokenCount": 1300,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
        }
    )
    assert usage.billed_apart == ("1290 tokens of image output",)
    assert catalog.card("gemini-2.5-flash", "google").cost_usd(usage) is None
