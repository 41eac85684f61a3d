"""What counts as the same answer where types alone cannot tell."""

import pytest

from tests.support.panels import decide_on, panel


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("When did the Second World War end?", "1945", "September 2, 1945"),
        ("Which organisation sends the troops?", "UN", "United Nations"),
        ("Which city hosted the games?", "New York", "New York City"),
        (
            "Explain in one word what plants make from light.",
            "sugar",
            "By photosynthesis plants make sugar from light, water and carbon dioxide.",
        ),
    ],
)
def test_the_same_answer_told_less_fully_agrees(question, one, other):
    assert decide_on(question, panel(one, other)).dissent == ()


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("When did the Second World War end?", "1945", "August 1944"),
        ("Which country borders it?", "Iran", "Iraq"),
        ("What is the capital of France?", "Paris", "Paris is not the capital of France."),
        (
            "Which is the largest planet?\nA) Earth\nB) Jupiter",
            "A",
            "It is a gas giant with a great red spot.",
        ),
        ("What is 6 times 7?", "42", "Multiplication is taught in school."),
    ],
)
def test_another_answer_dissents(question, one, other):
    assert decide_on(question, panel(one, one, other)).dissent == ("gemini",)


def test_programs_that_look_alike_agree_with_less_confidence_than_equal_results():
    question = "Write a Python function that reverses a string."
    slice_it = "```python\ndef rev(s):\n    return s[::-1]\n```"
    join_it = "```python\ndef reverse(text):\n    return ''.join(reversed(text))\n```"
    alike = decide_on(question, panel(slice_it, join_it))
    equal = decide_on(question, panel(slice_it, slice_it))

    assert alike.dissent == ()
    assert alike.confidence < equal.confidence
