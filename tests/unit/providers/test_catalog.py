"""Prices and limits from LiteLLM's table, without LiteLLM."""

import subprocess
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import Vendors
from providers.catalog import Catalog, ModelCard, input_tokens_bound
from providers.messages import Message, Prompt, Usage
from providers.pricing.rates import Rates

TABLE = {
    "gpt-x": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 1000,
        "max_output_tokens": 100,
        "input_cost_per_token": 4.0,
        "cache_read_input_token_cost": 1.0,
        "output_cost_per_token": 10.0,
        "input_cost_per_token_batches": 0.5,
    },
    "gemini/tiered": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "max_tokens": 64,
        "input_cost_per_token": 1.0,
        "cache_read_input_token_cost": 0.25,
        "output_cost_per_token": 2.0,
        "input_cost_per_token_above_200k_tokens": 3.0,
        "output_cost_per_token_above_200k_tokens": 5.0,
        "input_cost_per_token_above_200k_tokens_priority": 99.0,
    },
    "tiered": {
        "litellm_provider": "vertex_ai-language-models",
        "mode": "chat",
        "input_cost_per_token": 77.0,
        "output_cost_per_token": 77.0,
    },
    "claude-x": {
        "litellm_provider": "anthropic",
        "mode": "chat",
        "supports_sampling_params": False,
        "input_cost_per_token": 3.0,
        "cache_read_input_token_cost": 0.5,
        "cache_creation_input_token_cost": 4.0,
        "output_cost_per_token": 15.0,
    },
    "gemini/by-the-song": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "input_cost_per_token": 0,
        "output_cost_per_token": 0.0,
        "output_cost_per_image": 0.04,
    },
    "priceless": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 5},
    "picture": {"litellm_provider": "openai", "mode": "image_generation"},
}

tokens = st.integers(min_value=0, max_value=2_000_000)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalog") / "table.json"
    path.write_bytes(orjson.dumps(TABLE))
    return Catalog.load(path)


@pytest.fixture(scope="module")
def installed():
    return Catalog.load()


def test_a_card_holds_limits_and_the_standard_rates(catalog):
    card = catalog.card("gpt-x", "openai")
    assert (card.context_window, card.max_output_tokens, card.supports_temperature) == (
        1000,
        100,
        True,
    )
    assert card.rates == Rates(
        input=4.0, cached=1.0, cache_write=4.0, cache_write_1h=4.0, output=10.0, reasoning=10.0
    )


@pytest.mark.parametrize(
    ("model", "vendor"),
    [
        ("gpt-x-2025-08-07", "openai"),
        ("claude-x-20250929", "anthropic"),
        ("claude-x@20250929", "anthropic"),
        ("tiered-001", "google"),
        ("tiered", "gemini"),
        ("gemini/tiered", "gemini"),
    ],
)
def test_a_dated_or_prefixed_name_is_found(catalog, model, vendor):
    assert catalog.card(model, vendor).rates is not None


def test_the_vendors_own_entry_goes_before_a_resellers(catalog):
    assert catalog.card("tiered", "google").cost_usd(Usage(1)) == 1.0


def test_a_name_another_vendor_sells_has_no_price_here(catalog):
    assert catalog.card("gpt-x", "mistral") == ModelCard("gpt-x", "mistral")


def test_a_price_of_zero_stands_for_another_measure_and_is_unknown(catalog):
    assert catalog.card("by-the-song", "google").cost_usd(Usage(10, output_tokens=10)) is None


@pytest.mark.parametrize("model", ["unheard-of", "priceless", "picture"])
def test_an_unknown_price_is_none_never_zero(catalog, model):
    card = catalog.card(model, "openai")
    assert card.cost_usd(Usage(10, output_tokens=10)) is None
    assert card.worst_case_usd(10, 10) is None


def test_a_call_whose_tokens_nobody_told_has_an_unknown_cost(catalog):
    assert catalog.card("gpt-x", "openai").cost_usd(Usage()) is None


def test_a_model_that_takes_no_temperature_says_so(catalog):
    assert not catalog.card("claude-x", "anthropic").supports_temperature


def test_cached_written_and_reasoning_tokens_are_each_paid_once(catalog):
    usage = Usage(
        100, cached_input_tokens=30, cache_write_tokens=20, output_tokens=10, reasoning_tokens=8
    )
    # 50 fresh at 3, 30 cached at 0.5, 20 written at 4, 10 out at 15 of which 8 are reasoning
    assert catalog.card("claude-x", "anthropic").cost_usd(usage) == 150 + 15 + 80 + 150


def test_what_is_written_to_the_cache_for_an_hour_costs_twice_the_input(catalog):
    usage = Usage(100, cache_write_tokens=20, cache_write_1h_tokens=15, output_tokens=10)
    # 80 fresh at 3, 5 written for 5 minutes at 4, 15 for an hour at 2 x 3, 10 out at 15
    assert catalog.card("claude-x", "anthropic").cost_usd(usage) == 240 + 20 + 90 + 150


@pytest.mark.parametrize(
    ("input_tokens", "usd"),
    [(200_000, 200_000 * 1.0 + 2.0), (200_001, 200_001 * 3.0 + 5.0)],
    ids=["at the threshold", "above: all tokens at the higher rates"],
)
def test_a_long_prompt_pays_the_rates_of_its_tier(catalog, input_tokens, usd):
    card = catalog.card("tiered", "google")
    assert card.cost_usd(Usage(input_tokens, output_tokens=1)) == usd


def test_a_tier_keeps_the_cached_rate_it_does_not_change(catalog):
    card = catalog.card("tiered", "google")
    rates = card.tariff().rates(300_000)
    assert (rates.input, rates.cached, rates.cache_write, rates.output) == (3.0, 0.25, 3.0, 5.0)


@given(data=st.data(), bound=tokens, limit=tokens)
def test_no_call_within_the_bounds_costs_more_than_the_worst_case(catalog, data, bound, limit):
    model, vendor = data.draw(
        st.sampled_from([("gpt-x", "openai"), ("tiered", "google"), ("claude-x", "anthropic")])
    )
    fresh = data.draw(st.integers(0, bound))
    cached = data.draw(st.integers(0, bound - fresh))
    written = data.draw(st.integers(0, bound - fresh - cached))
    hour = data.draw(st.integers(0, written))
    output = data.draw(st.integers(0, limit))
    reasoned = data.draw(st.integers(0, output))
    card = catalog.card(model, vendor)
    usage = Usage(fresh + cached + written, cached, written, output, reasoned, hour)
    cost = card.cost_usd(usage)
    assert (cost or 0.0) <= card.worst_case_usd(bound, limit) + 1e-6


@given(tokens, tokens, tokens, tokens)
def test_the_worst_case_never_falls_when_a_bound_rises(catalog, a, b, more_in, more_out):
    card = catalog.card("tiered", "google")
    assert card.worst_case_usd(a, b) <= card.worst_case_usd(a + more_in, b + more_out)


@pytest.mark.parametrize(
    ("field", "vendor"),
    [("openai_model", "openai"), ("anthropic_model", "anthropic"), ("gemini_model", "google")],
)
def test_the_installed_table_knows_prices_and_limits_of_the_default_models(
    installed, field, vendor
):
    card = installed.card(Vendors.model_fields[field].default, vendor)
    assert card.cost_usd(Usage(1000, output_tokens=1000)) > 0
    assert card.context_window >= 200_000
    assert card.max_output_tokens >= 8192


def test_loading_does_not_import_litellm():
    code = (
        "import sys; from providers.catalog import Catalog; "
        "print(Catalog.load().card('gpt-5', 'openai').rates is not None, 'litellm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_a_table_that_is_gone_is_said_to_be_gone(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="litellm"):
        Catalog.load()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_the_bound_on_a_prompts_tokens_covers_a_token_for_each_byte(texts):
    prompt = Prompt(tuple(Message("user", text) for text in texts))
    assert input_tokens_bound(prompt) > sum(len(text.encode()) + 4 for text in texts)


def test_the_bound_covers_tokenizers_that_normalise_first():
    # U+FDFA is 3 bytes, and 33 after NFKC
    assert input_tokens_bound(Prompt.of("ﷺ" * 100)) >= 3300


@pytest.mark.parametrize(
    "text", ["", "hello world", "こんにちは、世界。" * 20, "🦉" * 50, "ﷺ" * 20, "\x00\x01"]
)
def test_a_real_tokenizer_stays_within_the_bound(text):
    tiktoken = pytest.importorskip("tiktoken", reason="comes with litellm")
    encoding = tiktoken.Encoding(  # bytes alone: what any byte-level BPE falls back to
        "bytes",
        pat_str=r"(?s).",
        mergeable_ranks={bytes([i]): i for i in range(256)},
        special_tokens={},
    )
    assert len(encoding.encode(text)) <= input_tokens_bound(Prompt.of(text))
