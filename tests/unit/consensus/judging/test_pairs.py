"""Which pairs are open, who may judge them, and what a verdict changes."""

from dataclasses import replace

import pytest

from consensus.agreement import Likeness
from consensus.answers import read_question
from consensus.judging.pairs import MAX_PAIRS, open_pairs, two_judges, with_verdicts
from consensus.panel import read_panel
from tests.support.panels import panel

QUESTION = read_question("Why does bread rise?")
TEXTS = ("Yeast makes gas.", "Gas of the yeast, mostly.", "Steam expands in the oven.")
REFUSAL = "I'm sorry, but I can't help with that."


def compared(*degrees, texts=TEXTS, typed=False):
    """A panel whose pairs (in order asked) have these degrees of likeness."""
    read = read_panel(QUESTION, panel(*texts), {}, None)
    n = len(texts)
    grid = [list(row) for row in read.likeness]
    left = iter(degrees)
    for i in range(n):
        for j in range(i + 1, n):
            degree = next(left)
            grid[i][j] = grid[j][i] = Likeness(degree >= 0.5, degree, typed=typed)
    return replace(read, likeness=tuple(map(tuple, grid)))


def opened(read):
    return [(pair.first, pair.second) for pair in open_pairs(read)]


def test_a_pair_is_open_where_its_likeness_is_unsure_the_most_unsure_first():
    assert opened(compared(0.7, 0.5, 0.1)) == [("gpt", "gemini"), ("gpt", "claude")]
    assert opened(compared(0.9, 0.05, 1.0)) == []


def test_what_types_decided_is_not_open():
    assert opened(compared(0.5, 0.5, 0.5, typed=True)) == []


def test_a_refusal_is_not_open():
    assert opened(compared(0.5, 0.5, 0.5, texts=(TEXTS[0], REFUSAL, TEXTS[2]))) == [
        ("gpt", "gemini")
    ]


def test_a_large_panel_has_a_bounded_number_of_open_pairs():
    texts = [f"{TEXTS[n % 3]} {n}" for n in range(6)]
    assert len(open_pairs(compared(*[0.5] * 15, texts=texts))) == MAX_PAIRS


VENDORS = {
    "gpt": "openai",
    "mini": "openai",
    "claude": "anthropic",
    "gemini": "google",
    "qwen": "alibaba",
}


@pytest.mark.parametrize(
    ("judges", "authors", "chosen"),
    [
        pytest.param(("gpt", "claude"), {"google"}, ("gpt", "claude"), id="in order"),
        pytest.param(
            ("gpt", "claude", "gemini", "qwen"),
            {"openai", "anthropic"},
            ("gemini", "qwen"),
            id="no author",
        ),
        pytest.param(
            ("gpt", "claude", "gemini"), {"openai", "google"}, ("claude", "gpt"), id="one outsider"
        ),
        pytest.param(("gpt", "mini"), {"google"}, None, id="one vendor is no two"),
        pytest.param(("gpt", "mini", "claude"), {"google"}, ("gpt", "claude"), id="of two vendors"),
        pytest.param((), {"google"}, None, id="nobody"),
    ],
)
def test_two_judges_of_different_vendors_authors_last(judges, authors, chosen):
    assert two_judges(judges, VENDORS, frozenset(authors)) == chosen


def test_a_verdict_decides_its_pair_alone():
    read = compared(0.5, 0.5, 0.5)
    judged = with_verdicts(
        read, {frozenset(("gpt", "claude")): True, frozenset(("claude", "gemini")): False}
    )
    assert (judged.likeness[0][1].same, judged.likeness[0][1].degree) == (True, 1.0)
    assert (judged.likeness[2][1].same, judged.likeness[1][2].degree) == (False, 0.0)
    assert judged.likeness[0][2] == read.likeness[0][2]


def test_a_verdict_never_overrules_a_type():
    read = compared(1.0, 1.0, 1.0, typed=True)
    assert with_verdicts(read, {frozenset(("gpt", "claude")): False}) == read


def test_a_verdict_makes_and_breaks_a_majority():
    same, other = frozenset(("claude", "gemini")), frozenset(("gpt", "claude"))
    judged = with_verdicts(compared(0.6, 0.1, 0.4), {same: True, other: False})
    assert [judged.agreeing(i) for i in range(3)] == [(0,), (1, 2), (1, 2)]
