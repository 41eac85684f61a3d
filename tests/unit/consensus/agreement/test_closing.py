"""Answers that close on a letter or value, whatever the question's type."""

import pytest

from consensus.agreement import closing


def same_closing(a, b):
    return closing.same_closing(closing.closing(a), closing.closing(b))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The answer is (C).", "FINAL ANSWER:\n<answer>\n(C)\n</answer>"),
        ("So the correct answer is **B**.", "The answer is B. 12 metres"),
        ("したがって答えはDです。", "答え：D"),
        ("Answer: 1,000", "**Answer:** 1000"),
        ("Answer: Blue whale", "Final answer: blue whale."),
    ],
)
def test_the_same_closing(one, other):
    assert same_closing(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [("The answer is (C).", "The answer is D."), ("Answer: 2", "Answer: -7")],
)
def test_another_closing(one, other):
    assert same_closing(one, other) is False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The answer is A car.", "The answer is (A)."),
        ("It is C.", "The answer is C."),
        ("The answer is (C)." + " And so on." * 60, "The answer is (C)."),
        ("Answer: to the north", "Answer: northwards"),
        ("", "The answer is (C)."),
    ],
)
def test_texts_that_do_not_both_close_on_one_tell_nothing(one, other):
    assert same_closing(one, other) is None
