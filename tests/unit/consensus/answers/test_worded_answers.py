"""Answers in words: several names, times, spans, fractions, roundings, not knowing, denying questions."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers import AnswerKind, final_answer, read_question, same_answer

K = AnswerKind


def same(prompt, a, b):
    question = read_question(prompt)
    first, second = final_answer(question, a), final_answer(question, b)
    said = same_answer(first, second)
    assert same_answer(second, first) is said
    return said


TRAIN = "What time does the train leave?"
GASES = "Which two gases make up most of the air?"
COLOURS = "Which of these?\nA. red\nB. blue\nC. green"
CAPITAL = "What is the capital of Wakanda?"
CAPITAL_JA = "ワカンダの首都はどこですか？"
LEAVING = "行かないのですか？"


@pytest.mark.parametrize(
    ("prompt", "a", "b", "expected"),
    [
        pytest.param(TRAIN, "It leaves at 3:30 p.m.", "15:30", True, id="12 and 24 hours"),
        pytest.param(TRAIN, "Half past three.", "3:30 pm", None, id="morning or evening untold"),
        pytest.param(TRAIN, "10:15 am", "10:45 am", False, id="two times"),
        pytest.param(
            "電車は何時に出ますか？", "午後3時半です。", "15時30分です", True, id="午後3時半"
        ),
        pytest.param(
            "When was the war?", "1939-1945", "From 1939 to 1945", True, id="span of years"
        ),
        pytest.param(
            "When was the meeting held?",
            "March 3 to March 5, 2024",
            "2024-03-03 to 2024-03-05",
            True,
            id="span of days",
        ),
        pytest.param(
            "When was the meeting held?",
            "March 3, 2024 to March 5, 2024",
            "March 3, 2024",
            None,
            id="span against day",
        ),
        pytest.param(GASES, "Nitrogen and oxygen", "Oxygen and nitrogen.", True, id="two names"),
        pytest.param(
            GASES,
            "The two gases are nitrogen and oxygen.",
            "- Oxygen\n- Nitrogen",
            True,
            id="sentence and bullets",
        ),
        pytest.param(GASES, "Nitrogen and oxygen", "Nitrogen and argon", False, id="one differs"),
        pytest.param(
            "三原色を3つ挙げてください。", "赤、青、黄", "黄、赤と青です。", True, id="と and 、"
        ),
        pytest.param(
            "Name the first two presidents in order.",
            "Washington, Adams",
            "Adams, Washington",
            False,
            id="order asked for",
        ),
        pytest.param(
            "What is 1/3? Round your answer to two decimal places.",
            "0.33",
            "1/3",
            True,
            id="rounded as asked",
        ),
        pytest.param("What is 1/3?", "0.33", "1/3", False, id="not asked to round"),
        pytest.param(
            "円周率を小数第2位まで答えてください。値はいくつですか。",
            "3.14",
            "3.14159",
            True,
            id="小数第2位まで",
        ),
        pytest.param("What is the weight?", "1.234,5 kg", "1234.5 kg", True, id="decimal comma"),
        pytest.param("What is half of one?", "0,5", "0.5", True, id="decimal comma behind zero"),
        pytest.param("How long does it take?", "2 hours", "120 minutes", True, id="other unit"),
        pytest.param(
            "How long does it take?", "2 hours 30 minutes", "2.5 hours", True, id="two units"
        ),
        pytest.param("How long does it take?", "1時間半です", "90分です", True, id="1時間半"),
        pytest.param("Compute the probability.", "3/4", "75%", True, id="percent of a share"),
        pytest.param("What is the price?", "$17,500, a bargain.", "17500", True, id="comma after"),
        pytest.param(COLOURS, "blue", "The answer is B.", True, id="option without its letter"),
        pytest.param(COLOURS, "The answer is none of these options.", "B", False, id="no option"),
        pytest.param(COLOURS, "B and C", "C, B", True, id="several letters"),
        pytest.param(CAPITAL, "I don't know.", "I'm not sure.", True, id="neither knows"),
        pytest.param(CAPITAL, "I don't know.", "Birnin Zana", False, id="not knowing is no answer"),
        pytest.param(
            CAPITAL, "I don't know.", "I can't help with that.", False, id="nor a refusal"
        ),
        pytest.param(CAPITAL_JA, "分かりません。", "わかりません", True, id="分かりません"),
        pytest.param(CAPITAL_JA, "分かりません。", "パリです", False, id="分かりません is none"),
        pytest.param(
            "How many were inside?",
            "The answer cannot be determined from the information given.",
            "480",
            False,
            id="cannot be determined",
        ),
        pytest.param(LEAVING, "はい、行きません。", "いいえ、行きます。", False, id="はい denies"),
        pytest.param(
            LEAVING, "はい、行きません。", "行きません。", True, id="the predicate counts"
        ),
        pytest.param(
            "Isn't Paris the capital of France?", "Yes, it is.", "Yes.", True, id="yes affirms"
        ),
        pytest.param(
            "Isn't Paris the capital of France?", "No, it isn't.", "Yes, it is.", False, id="no"
        ),
    ],
)
def test_wordings_of_one_answer_are_the_same_and_of_two_are_not(prompt, a, b, expected):
    assert same(prompt, a, b) is expected


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        pytest.param("two thirds", Fraction(2, 3), id="two thirds"),
        pytest.param("The answer is three-quarters.", Fraction(3, 4), id="hyphen"),
        pytest.param("half", Fraction(1, 2), id="half"),
        pytest.param("one and a half", Fraction(3, 2), id="mixed"),
        pytest.param("三分の二です", Fraction(2, 3), id="三分の二"),
        pytest.param("2と3分の1", Fraction(7, 3), id="帯分数"),
        pytest.param("半分です", Fraction(1, 2), id="半分"),
        pytest.param("XIV", 14, id="Roman"),
    ],
)
def test_fractions_in_words_and_roman_numerals_are_numbers(answer, value):
    found = final_answer(read_question("What number is it?"), answer)
    assert (found.kind, found.value) == (K.NUMBER, value)


def test_an_ordinal_is_no_fraction():
    assert final_answer(read_question("Which place did he take?"), "the third").kind is K.PHRASE


@given(st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)))
def test_a_time_is_one_value_in_every_form(time):
    question = read_question(TRAIN)
    half = dt.time(time.hour % 12 or 12, time.minute).strftime("%I:%M").lstrip("0")
    forms = (
        time.strftime("%H時%M分") if time.hour > 12 else None,
        f"The answer is {half} {'a.m.' if time.hour < 12 else 'p.m.'}",
        f"It leaves at {half}{'am' if time.hour < 12 else 'pm'}.",
        f"{'午前' if time.hour < 12 else '午後'}{time.hour % 12}時{time.minute}分です。",
    )
    found = {final_answer(question, form).text for form in forms if form}
    assert found == {time.strftime("%H:%M")}


NAMES = ["Paris", "Lyon", "Nice", "Lille", "Nantes", "Dijon"]


@given(
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True),
    st.randoms(use_true_random=False),
)
def test_names_are_the_same_in_any_order_unless_the_question_orders_them(names, random):
    shuffled = random.sample(names, len(names))
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    bullets = "\n".join(f"- {name}" for name in shuffled)
    assert same("Which five cities did they visit?", listed, bullets) is True
    ordered = same("Which five cities did they visit, in order?", listed, bullets)
    assert ordered is (names == shuffled)


def test_an_answer_that_guesses_after_all_is_not_taken_for_not_knowing():
    question = read_question("How many were inside?")
    assert final_answer(question, "I don't know exactly, but my best guess is 480.").text == "480"


def test_prose_that_ends_without_an_option_is_not_knowing():
    found = final_answer(
        read_question(COLOURS),
        "The provided text does not give enough information to solve the question.",
    )
    assert found.kind is K.UNKNOWN


def test_brackets_of_a_formula_are_no_options():
    prompt = "Let a, b, c be roots. Find the value of \\frac{a}{(a - b)(a - c)} + \\frac{b}{(b - a)(b - c)}."
    assert read_question(prompt).asks is not K.CHOICE


def test_a_sentence_about_a_value_does_not_replace_the_field_that_holds_it():
    question = read_question("Complete: assert f('ab') == ??")
    reply = '{"reasoning": "reversed", "answer": "\'ba\'"}\n\nThe answer is the reversed string.'
    assert final_answer(question, reply).text == "'ba'"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("So the answer is (C).", "Answer: **C**", True, id="one letter"),
        pytest.param("So the answer is (C).", "The answer is (D).", False, id="two letters"),
        pytest.param("So the answer is (C).", "It is 16 microfarads.", None, id="letter and words"),
    ],
)
def test_letters_of_options_are_compared_although_the_prompt_shows_no_options(a, b, expected):
    assert same("What is the capacitance of the circuit?", a, b) is expected
