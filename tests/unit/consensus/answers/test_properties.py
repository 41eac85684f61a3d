"""What holds for all texts: no error, bounded size, one value in every format, the last word wins."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.answers import AnswerKind, final_answer, read_question, same_answer, stated_answers

PROMPTS = (
    "How many are there?",
    "Is it safe?",
    "Who wrote Hamlet?",
    "When was it?",
    "Which?\nA. red\nB. blue\nC. green",
    "Write a Python function.",
    "What does this print? print(1)",
    "Return JSON.",
    "Explain it.",
    "いくつですか。",
)
MAX_TEXT = 130
MAX_VALUE = 2_000

FRAGMENTS = st.sampled_from(
    ["The answer is ", "42", "答えは", "\\boxed{", "}", '{"answer": "', '"}', "####", "**", "```\n", "1,234", "-", "e9",
     "Wait, actually ", "yes", "いいえ", "2024-02-30", "(A)", "\\frac{1}{", "百万", "\n", "<answer>", "[[", "²", "½", "\ud800"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(FRAGMENTS, max_size=30).map("".join))


@given(prompt=st.one_of(st.sampled_from(PROMPTS), TEXTS), a=TEXTS, b=TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_into_a_bounded_answer_and_compared_symmetrically(prompt, a, b):
    question = read_question(prompt)
    first, second = final_answer(question, a), final_answer(question, b)
    for answer in (first, second, *stated_answers(question, a)):
        assert len(answer.text) <= MAX_TEXT
        assert len(repr(answer.value)) <= MAX_VALUE
        assert same_answer(answer, answer) is True
    assert same_answer(first, second) == same_answer(second, first)
    assert final_answer(question, a) == first


FORMATS = (
    str,
    lambda n: f"{n:,}",
    lambda n: f"**{n:,}**",
    lambda n: f"${n:,}.00",
    lambda n: f"The answer is {n}.",
    lambda n: f"x = {n}",
    lambda n: f"\\boxed{{{n}}}",
    lambda n: f'{{"answer": "{n}"}}',
    lambda n: f"答えは{n}です。",
    lambda n: str(n).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}),
    lambda n: f"{n} apples",
    lambda n: f"{n}個です",
)


@given(
    number=st.integers(0, 10**12),
    write=st.sampled_from(FORMATS),
    prompt=st.sampled_from(["How many are there?", "何個ありますか？"]),
)
@settings(max_examples=200, deadline=None)
def test_a_number_is_one_value_in_every_format(number, write, prompt):
    found = final_answer(read_question(prompt), write(number))
    assert (found.kind, found.value, found.text) == (
        AnswerKind.NUMBER,
        Fraction(number),
        str(number),
    )


DIGITS = "〇一二三四五六七八九"


def kanji_number(number):
    """The number as Japanese writes it in kanji: 12345 is 一万二千三百四十五."""

    def below_myriad(n):
        parts = ""
        for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, n = divmod(n, scale)
            if digit:
                parts += ("" if digit == 1 and name else DIGITS[digit]) + name
        return parts

    written = ""
    for scale, name in ((10**8, "億"), (10**4, "万"), (1, "")):
        group, number = divmod(number, scale)
        if group:
            written += below_myriad(group) + name
    return written or "〇"


@given(st.integers(0, 10**12 - 1))
def test_a_number_written_in_kanji_is_read_back(number):
    found = final_answer(read_question("いくつですか。"), f"答え：{kanji_number(number)}")
    assert found.value == number


ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def english_number(number):
    """The number in English words, up to the billions."""
    for scale, name in (
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if number >= scale:
            head, rest = divmod(number, scale)
            return f"{english_number(head)} {name}" + (f" {english_number(rest)}" if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")


@given(st.integers(0, 10**11))
def test_a_number_written_in_english_words_is_read_back(number):
    found = final_answer(
        read_question("How many are there?"), f"The answer is {english_number(number)}."
    )
    assert found.value == number


@given(date=st.dates(), form=st.sampled_from(["%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%Y年%m月%d日"]))
def test_a_date_is_one_value_in_every_format(date, form):
    if date.year < 1000:
        date = date.replace(year=date.year + 1000, day=min(date.day, 28))
    found = final_answer(
        read_question("When did it happen?"), f"The answer is {date.strftime(form)}."
    )
    assert found.text == date.isoformat()


@given(
    noise=st.lists(st.integers(0, 999), max_size=20),
    number=st.integers(0, 10**6),
    marker=st.sampled_from(["The answer is ", "Final answer: ", "答えは", "【回答】", "#### "]),
)
def test_a_marked_answer_beats_whatever_number_stands_before_it(noise, number, marker):
    reasoning = " ".join(f"We count {n} here." for n in noise)
    found = final_answer(read_question("How many are there?"), f"{reasoning}\n{marker}{number}")
    assert found.value == number


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 10_000_000, id="ten megabytes"),
        pytest.param("1" * 100_000, id="a hundred thousand digits"),
        pytest.param("[" * 100_000, id="open brackets"),
        pytest.param('{"answer": ' * 20_000, id="nested answers"),
        pytest.param("\\boxed{" * 20_000, id="nested boxes"),
        pytest.param("-" * 100_000 + "1", id="signs"),
        pytest.param("9**9**9**9**9", id="powers"),
        pytest.param("1e999999999", id="an exponent"),
        pytest.param(" " * 100_000, id="spaces"),
        pytest.param("answer to " * 10_000, id="half a marker"),
        pytest.param("A. B. " * 20_000, id="labels without end"),
        pytest.param("一" * 100_000, id="kanji digits"),
        pytest.param("it is a " * 10_000, id="copulas"),
        pytest.param("1は、" * 20_000, id="topics"),
        pytest.param("`a(1)` " * 10_000, id="code spans"),
        pytest.param("so 1 = 1, because " * 5_000, id="conclusions"),
    ],
)
def test_hostile_texts_are_read_in_bounded_size(text):
    for prompt in (*PROMPTS, text[:200_000]):
        question = read_question(prompt)
        for answer in (text, f"The answer is {text}"):
            found = final_answer(question, answer)
            assert len(found.text) <= MAX_TEXT
            assert len(repr(found.value)) <= MAX_VALUE


def test_digits_too_many_for_arithmetic_are_still_compared_exactly():
    question = read_question("What is the value?")
    a, b = ("1" * 5_000, "1" * 4_999 + "2")
    assert final_answer(question, a).value == final_answer(question, a).value
    assert final_answer(question, a).value != final_answer(question, b).value


def test_the_end_of_an_overlong_answer_is_read():
    assert (
        final_answer(read_question("How many?"), "x " * 1_000_000 + "\nThe answer is 42.").text
        == "42"
    )
