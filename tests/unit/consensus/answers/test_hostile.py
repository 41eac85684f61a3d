"""Answers made to hurt: whatever comes, reading it ends, raises nothing, and keeps values small."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.answers import (
    algebra,
    code,
    dates,
    final_answer,
    lists,
    read_question,
    same_answer,
    stated_answers,
    symbols,
    times,
)
from consensus.answers.enclosed import MAX_MARKS
from consensus.answers.kinds import AnswerKind
from consensus.answers.markers import statements
from consensus.answers.prose_picks import picked_in_prose

PROMPTS = [
    "How many are there?",
    "いくつですか。",
    "Which one?\nA. red\nB. blue",
    "Is it safe?",
    "行かないのですか？",
    "When did it happen?",
    "What time is it?",
    "Which city is it?",
    "Name the three primary colours, separated by commas.",
    "What does this return? f(1) == ??",
    "Write a Python function.",
    "Return a JSON object.",
    "Factor x^2 - 1.",
    "Find all real solutions of x^2 = 1.",
    "What is the ratio of a to b?",
    "Explain tides.",
]
MAX_VALUE = 8_000
"""Characters of a canonical value, whatever the text: 64 items of a few dozen at most."""

BOMBS = {
    "backslashes": "\\" * 100_000,
    "fractions in fractions": "\\frac{1}{" * 20_000,
    "closed fractions in fractions": "\\frac{1}{" * 200 + "2" + "}" * 200,
    "roots in roots": "\\sqrt{" * 20_000,
    "tower of powers": "2^" * 50_000 + "2",
    "tower in braces": "2^{" * 20_000 + "2" + "}" * 20_000,
    "factorials": "9" + "!" * 50_000,
    "big binomial": r"\boxed{\binom{0170" + "0" * 90 + "}{0100" + "0" * 90 + "}}",
    "binomials": r"\binom{170}{85}" * 8_000,
    "boxed factorials": r"\boxed{" + "170!" * 90 + "}",
    "product of factorials": r"\boxed{" + "170!" * 39 + "}",
    "dollars around a product of factorials": "$" + "170!" * 29 + "$",
    "powers of a factorial": r"\boxed{((170!)^{64})^{64}}",
    "dollars and factorials": "$9!" * 30_000,
    "big factorial": "99999999!",
    "big power": "x^99999999999",
    "absolute values": "|" * 50_000,
    "brackets": "(" * 50_000 + "x" + ")" * 50_000,
    "factors": "(x+1)" * 20_000,
    "sums": "x+" * 50_000 + "x",
    "commas": "1, " * 50_000,
    "alternatives": "1 or " * 50_000,
    "plus or minus": "±1" * 20_000,
    "unions": "(1,2)∪" * 20_000,
    "relations": "1<" * 50_000,
    "matrix": "\\begin{pmatrix}" + "1 & " * 20_000 + "\\end{pmatrix}",
    "times": "3:30 " * 30_000,
    "years in Japanese": "1年" * 50_000,
    "spans": "March 3 to " * 10_000,
    "fractions in words": "one and two thirds " * 10_000,
    "分の": "三分の" * 30_000,
    "kanji scales": "億万千百十" * 20_000,
    "marks": "答えは" * 30_000,
    "right to left": "\u202e42\u202c\u200f" * 30_000,
    "combining": "a" + "\u0301" * 100_000,
    "surrogates": "\ud800\udfff" * 20_000,
    "nulls": "\x00" * 100_000,
    "not knowing": "I don't know. " * 10_000,
    "bullets": "- a\n" * 30_000,
    "ten megabytes": "The answer is (" * 700_000,
    "digits": "7" * 100_000,
    "decimal commas": "0,5" * 30_000,
    "Roman": "M" * 100_000,
    "ratio": "1:" * 50_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_hostile_answer_is_read_and_its_value_stays_small(text):
    for prompt in PROMPTS:
        question = read_question(prompt)
        for answer in (text, f"The answer is {text}", f"\\boxed{{{text}}}"):
            found = final_answer(question, answer)
            assert len(repr(found.value)) <= MAX_VALUE
            assert len(found.text) <= 120
            assert same_answer(found, found) is True


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_hostile_prompt_is_read(text):
    assert read_question(text).asks in AnswerKind


SIGNS = "0123456789.,:;()[]{}|^_+-*/=<>±∪√!%°$\\&'\"`#~\n x年月日時分と、はがの"
WORDS = "\\frac|\\sqrt|sin|log_2|answer is |\\boxed{|and |or |to |half |third|one |I don't know|no solution|3:30|pm"
PIECES = st.sampled_from([*SIGNS, *WORDS.split("|"), "\ud800", "\u202e"])


@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from(PROMPTS))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_reading_or_comparing_raise(text, prompt):
    question = read_question(prompt)
    found = final_answer(question, text)
    other = final_answer(question, f"The answer is {text} and {text}")
    assert same_answer(found, other) in {True, False, None}
    assert same_answer(found, found) is True
    stated_answers(question, text)


@given(st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_comparing_does_not_depend_on_the_order_of_the_two(a, b):
    assert symbols.agree(a, b) is symbols.agree(b, a)


def test_work_is_bounded_by_counts_and_not_by_the_text():
    assert len(dates.dates("1年 " * 10_000)) <= 6 * dates.MAX_DATES
    assert len(times.times("3:30 " * 10_000)) <= 3 * times.MAX_TIMES
    assert len(statements("答えは1。" * 10_000, "答えは1。" * 10_000)) <= 4 * MAX_MARKS
    assert lists.numbers_listed("1, " * 10_000, lambda _: None, ordered=False) is None
    with pytest.raises(algebra.NotAlgebraError):
        algebra.parsed("x+" * 10_000)


def test_a_program_of_more_words_and_signs_than_any_honest_one_is_not_parsed():
    rich = "1," * (code.MAX_CODE_TOKENS // 2)
    assert code.parses(rich)
    assert len(rich) < code.MAX_CODE_CHARS
    assert not code.parses(rich + "1")
    assert code.program(rich + "1") != code.program(rich + "2")


def test_of_endless_options_named_the_last_one_counts():
    options = (("A", "red"), ("B", "blue"))
    assert picked_in_prose(options, "It is **A**, or else " * 2_000 + "**B**") == ("B",)
    assert picked_in_prose(options, "I say **A** " + "and **Q** " * 2_000) is None
