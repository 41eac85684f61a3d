"""Equations that do not hold."""

import pytest

from consensus.arithmetic import false_equations


@pytest.mark.parametrize(
    "text",
    [
        "2 + 2 = 5",
        "So 17 × 24 = 409.",
        "3 + 4 * 2 = 14",
        "$5 * 3 = $16",
        "答えは２＋２＝５です",
        "7 - 9 = 2",
    ],
)
def test_a_false_equation_is_found(text):
    assert len(false_equations(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "2 + 2 = 4",
        "10 / 3 = 3.33",
        "7 / 2 = 3",
        "5 - 8 = -3",
        "1,000 + 1 = 1,001",
        "16 - 3 - 4 = 9",
        pytest.param("(2 + 3) * 4 = 20", id="brackets are not read"),
        pytest.param("2^3 + 1 = 9", id="nor powers"),
        pytest.param("x = 3 + 2 = 5", id="an unknown before it"),
        pytest.param("12 * 4 = 48 * 2 = 96", id="a chain goes on"),
        pytest.param("1/3 + 1/3 = 2/3", id="a fraction on the right"),
        pytest.param("It is wrong that 2 + 2 = 5.", id="denied"),
        pytest.param("2 + 2 = 5 は誤りです", id="denied in Japanese"),
        pytest.param("1 / 0 = 0", id="not computable"),
    ],
)
def test_what_holds_or_cannot_be_judged_is_left_alone(text):
    assert false_equations(text) == ()


def test_an_equation_quoted_from_the_question_is_not_the_answers_own():
    assert false_equations("You wrote 2+2=5.", quoted="Why does 2 + 2 = 5 look odd?") == ()
