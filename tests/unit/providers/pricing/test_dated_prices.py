"""A call costs what the list in force on its day says."""

import os
from datetime import UTC, datetime

import orjson
import pytest

from providers.catalog import Catalog
from providers.messages import Usage
from providers.pricing.listed import SHIPPED
from providers.pricing.price_file import PriceFileError, read_prices

MILLION_EACH = Usage(1_000_000, output_tokens=1_000_000)


def seconds(day, hour=0):
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def shipped():
    return Catalog.load()


@pytest.mark.parametrize(
    ("model", "vendor", "at", "usd"),
    [
        # ai.google.dev/gemini-api/docs/pricing: half price through 2026-12-31
        ("gemini-3.8-flash", "google", seconds("2026-12-31", 23), 0.75 + 3.75),
        ("gemini-3.8-flash", "google", seconds("2027-01-01"), 1.5 + 7.5),
        # OpenAI's cut of 2026-07-30, short prompts only: a million tokens are over 272,000
        ("gpt-5.6-luna", "openai", seconds("2026-07-29", 23), 2 + 9),
        ("gpt-5.6-luna", "openai", seconds("2026-07-30"), 0.4 + 1.8),
    ],
)
def test_a_price_changes_on_its_day(shipped, model, vendor, at, usd):
    assert shipped.card(model, vendor).cost_usd(MILLION_EACH, at) == pytest.approx(usd)


def test_the_cards_clock_tells_the_day():
    now = [seconds("2026-12-31")]
    card = Catalog.load(clock=lambda: now[0]).card("gemini-3.8-flash", "google")
    assert card.cost_usd(MILLION_EACH) == pytest.approx(4.5)
    now[0] = seconds("2027-01-01")
    assert card.cost_usd(MILLION_EACH) == pytest.approx(9)


def test_a_call_that_may_end_on_the_next_day_is_bounded_by_the_dearer_price(shipped):
    card = shipped.card("gemini-3.8-flash", "google")
    assert card.worst_case_usd(0, 1_000_000, seconds("2026-12-31", 22)) == pytest.approx(3.75)
    assert card.worst_case_usd(0, 1_000_000, seconds("2026-12-31", 23)) == pytest.approx(7.5)


def test_the_shipped_file_is_one_an_operator_could_have_written():
    assert len(read_prices(SHIPPED).tariffs) >= 4


@pytest.fixture
def write(tmp_path):
    def written(text, name="prices.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


OWN = """
prices:
  - vendor: openai
    models: [gpt-5, house-model]
    from: 2026-06-01
    until: 2026-06-30
    per_million: {input: 1, cached: 0.5, output: 4}
    long_context:
      - {above: 1000, per_million: {input: 2, output: 8}}
    service_tiers:
      priority: {per_million: {input: 3, output: 12}}
    regions: {eu: 1.5}
    source: our contract
    read: 2026-05-01
billed_unasked:
  openai: [priority, eu]
"""


def test_an_operators_prices_go_before_all_others_in_their_time(write):
    catalog = Catalog.load(prices=write(OWN))
    card, june = catalog.card("gpt-5", "openai"), seconds("2026-06-15")
    assert card.cost_usd(Usage(1000, output_tokens=1000), june) == pytest.approx(5 / 1000)
    assert card.cost_usd(Usage(1000, output_tokens=1000), seconds("2026-07-01")) == pytest.approx(
        (1.25 + 10) / 1000
    )
    long = Usage(2000, cached_input_tokens=1000, output_tokens=1000)
    assert card.cost_usd(long, june) == pytest.approx((2 * 2 + 8) / 1000)  # no cached price there
    dear = Usage(1000, output_tokens=1000, service_tier="priority", region="eu")
    assert card.cost_usd(dear, june) == pytest.approx(1.5 * 15 / 1000)
    assert card.cost_usd(Usage(1000, service_tier="flex"), june) is None
    assert card.tariff(june).source == "our contract, read 2026-05-01"
    assert catalog.card("house-model", "openai").cost_usd(Usage(1000), june) == pytest.approx(0.001)
    assert (
        catalog.card("house-model", "openai").cost_usd(Usage(1000), seconds("2026-07-01")) is None
    )


def test_a_worst_case_covers_what_may_be_billed_unasked(write):
    card, june = Catalog.load(prices=write(OWN)).card("gpt-5", "openai"), seconds("2026-06-15")
    assert card.worst_case_usd(1000, 1000, june) == pytest.approx(1.5 * (3 + 12) / 1000)
    plain = Catalog.load().card("gpt-5", "openai")
    assert plain.worst_case_usd(1000, 1000) == pytest.approx((1.25 + 10) / 1000)


def test_json_says_the_same(write):
    told = {"prices": [{"vendor": "a", "models": ["m"], "per_million": {"input": 1, "output": 2}}]}
    book = read_prices(write(orjson.dumps(told).decode(), "prices.json"))
    assert book.tariffs["a", "m"][0].rates(5).output == pytest.approx(2e-6)


def test_a_dated_name_is_priced_by_the_list_of_the_undated(write):
    text = "prices: [{vendor: openai, models: [gpt-9], per_million: {input: 1, output: 2}}]"
    catalog = Catalog.load(prices=write(text))
    assert catalog.card("gpt-9-2026-10-01", "openai").rates.input == pytest.approx(1e-6)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("prices: [", "it cannot be parsed"),
        ("- a list", "the file: Input should be"),
        ("pricess: []", "pricess: Extra inputs are not permitted"),
        (
            "prices: [{vendor: a, models: [m], per_million: {input: -1, output: 1}}]",
            "prices[0].per_million.input: Input should be greater than or equal to 0",
        ),
        (
            "prices: [{vendor: a, models: [m], per_million: {input: .nan, output: 1}}]",
            "prices[0].per_million.input: Input should be a finite number",
        ),
        (
            "prices: [{vendor: a, models: [m], per_million: {input: true, output: 1}}]",
            "prices[0].per_million.input: Input should be a valid number",
        ),
        (
            "prices: [{vendor: a, models: [], per_million: {input: 1, output: 1}}]",
            "prices[0].models: Tuple should have at least 1 item",
        ),
        (
            "prices: [{vendor: a, models: [m], per_million: {input: 1}}]",
            "prices[0].per_million.output: Field required",
        ),
        (
            (
                "prices: [{vendor: a, models: [m], from: 2026-02-01, until: 2026-01-01, per_million: "
                "{input: 1, output: 1}}]"
            ),
            "until is before from",
        ),
        (
            "prices: [{vendor: a, models: [m, m], per_million: {input: 1, output: 1}}]",
            "two prices of m hold on the same day",
        ),
        (
            (
                "prices: [{vendor: a, models: [m], per_million: {input: 1, output: 1}, long_context: "
                "[{above: 2, per_million: {input: 1, output: 1}}, "
                "{above: 1, per_million: {input: 1, output: 1}}]}]"
            ),
            "the steps of long_context have to ascend",
        ),
    ],
)
def test_a_file_that_cannot_be_followed_is_refused_line_by_line(write, text, line):
    path = write(text)
    with pytest.raises(PriceFileError) as caught:
        read_prices(path)
    assert all(told.startswith(f"{path}: ") for told in caught.value.lines)
    assert line in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PriceFileError, match=r"none\.yaml: it cannot be read: No such file"):
        read_prices(tmp_path / "none.yaml")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(write):
    path = write(OWN)
    path.chmod(0)
    with pytest.raises(PriceFileError, match="Permission denied"):
        read_prices(path)
