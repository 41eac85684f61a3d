"""Arithmetic is found in prompts and computed exactly, and nothing else is evaluated."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.arithmetic import compute, find_expression, spell


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        pytest.param("What is 12 * (3 + 4)?", "84", id="precedence and brackets"),
        pytest.param("Compute 7 minus 10.", "-3", id="operators in words"),
        pytest.param("10 - 4 - 3 =", "3", id="from left to right"),
        pytest.param("What is 1,000 divided by 8?", "125", id="grouped digits"),
        pytest.param("12 × 12 はいくつですか", "144", id="Japanese, full-width digits"),
        pytest.param("6足す7は?", "13", id="Japanese operators"),
        pytest.param("what's 1/3", "0.333333", id="six decimals at most"),
        pytest.param("8*8", "64", id="nothing but an expression"),
        pytest.param("What is -5 + 3?", "-2", id="a leading minus"),
    ],
)
def test_arithmetic_in_a_prompt_is_computed(prompt, value):
    assert spell(compute(find_expression(prompt))) == value


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("What happened on 2024-01-15?", id="a date"),
        pytest.param("Tell me about teams of 3-5 people", id="a range"),
        pytest.param("What is the number 555-123-4567?", id="a phone number"),
        pytest.param("What is love?", id="no number"),
        pytest.param("What is 42?", id="no operator"),
    ],
)
def test_what_is_no_arithmetic_is_left_alone(prompt):
    assert find_expression(prompt) is None


@pytest.mark.parametrize(
    "expression", ["1/0", "1 +", "(1 + 2", "1 2", "", "9" * 16 + "+1", "+".join("1" * 99)]
)
def test_an_expression_without_a_value_has_none(expression):
    assert compute(expression) is None


sums = st.recursive(
    st.integers(0, 999).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    ),
    max_leaves=8,
)


@given(sums)
def test_values_are_those_of_exact_fractions(expression):
    from_python = expression.translate(str.maketrans({"(": " ( ", ")": " ) "})).split()
    exact = " ".join(f"Fraction({t})" if t.isdigit() else t for t in from_python)
    try:
        expected = eval(exact, {"Fraction": Fraction})
    except ZeroDivisionError:
        expected = None
    assert compute(expression) == expected


@given(st.text(alphabet="0123456789+-*/(). abc%^", max_size=80))
def test_any_text_is_read_without_an_error(text):
    expression = find_expression(text)
    assert expression is None or compute(expression) is None or spell(compute(expression))
