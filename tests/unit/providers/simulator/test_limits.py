"""What a simulated model reads and writes at most."""

import pytest

from providers.catalog import Catalog
from providers.simulator.anthropic_wire import MODELS as CLAUDES
from providers.simulator.gemini_wire import MODELS as GEMINIS
from providers.simulator.limits import Limits, limits_of, tokens_over
from providers.simulator.openai_wire import MODELS as GPTS
from providers.simulator.vendors import Turn

LISTED = [
    *(("openai", model) for model in GPTS),
    *(("anthropic", model) for model in (*CLAUDES, "claude-sonnet-4-6", "claude-opus-4-5")),
    *(("google", model) for model in GEMINIS),
]


@pytest.mark.parametrize(("vendor", "model"), LISTED, ids=lambda value: value)
def test_no_listed_model_writes_less_than_the_catalogue_says_it_does(installed, vendor, model):
    card = installed.card(model, vendor)
    limits = limits_of(model)
    assert limits is not None
    assert limits.output >= (card.max_output_tokens or 0)


@pytest.fixture(scope="module")
def installed():
    return Catalog.load()


def test_a_model_of_no_known_family_has_no_limits():
    assert limits_of("claude-x") is None
    assert tokens_over([Turn("user", "word " * 1000)], None) is None


@pytest.mark.parametrize(
    ("texts", "over"),
    [
        pytest.param(["ab " * 10], None, id="30 characters, 10 tokens and a space: they fit"),
        pytest.param(["ab " * 20], 21, id="20 tokens and a space"),
        pytest.param(["ab " * 6, "cd " * 6], 14, id="all turns count"),
    ],
)
def test_a_prompt_is_too_long_by_its_tokens_not_by_its_characters(texts, over):
    turns = [Turn("user", text) for text in texts]
    assert tokens_over(turns, Limits(input=12, output=1)) == over
