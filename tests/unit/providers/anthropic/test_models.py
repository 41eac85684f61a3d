"""Which generation a name is of."""

import pytest

from providers.anthropic.models import traits_of


@pytest.mark.parametrize(
    ("name", "thinking", "grammars"),
    [
        ("claude-2.1", "none", False),
        ("claude-3-opus-20240229", "none", False),
        ("claude-3-5-sonnet-latest", "none", False),
        ("claude-3-7-sonnet-20250219", "budget", False),
        ("claude-opus-4-20250514", "budget", False),
        ("claude-opus-4-1-20250805", "budget", False),
        ("claude-haiku-4-5-20251001", "budget", True),
        ("anthropic.claude-sonnet-4-6-v1:0", "adaptive", True),
        ("claude-sonnet-4.6", "adaptive", True),
        ("claude-opus-4-8", "adaptive", True),
        ("claude-mythos-preview", "adaptive", True),
        ("claude-sonnet-5-5", "adaptive", True),
        ("claude-opus-10", "adaptive", True),
        ("a-name-of-our-own", "adaptive", True),
    ],
)
def test_a_generation_is_read_off_the_name_and_a_date_is_no_version(name, thinking, grammars):
    traits = traits_of(name)
    assert (traits.thinking, traits.grammars) == (thinking, grammars)


def test_a_name_that_says_nothing_is_taken_to_take_everything():
    traits = traits_of("model-1")
    assert traits.samples
    assert traits.both
    assert traits.forced_tools
    assert traits.efforts == ("low", "medium", "high", "xhigh")
