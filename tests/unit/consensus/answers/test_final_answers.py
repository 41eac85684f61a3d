"""The final answer of a free text, kind by kind, in English and in Japanese."""

from fractions import Fraction

import pytest

from consensus.answers import AnswerKind, Question, final_answer, read_question

K = AnswerKind


def read(prompt, answer):
    return final_answer(read_question(prompt), answer)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("42", id="bare"),
        pytest.param("The answer is 42.", id="the answer is"),
        pytest.param("First 40, then 2 more, so the answer is **42**.", id="bold after reasoning"),
        pytest.param("20 + 20 + 2 = 42", id="behind the equals sign"),
        pytest.param("So we get \\boxed{42}.", id="boxed"),
        pytest.param("20 and 22 make it.\n#### 42", id="four hashes"),
        pytest.param("<answer>\n42\n</answer>", id="tag"),
        pytest.param('```json\n{"reasoning": "7 * 6", "answer": "42"}\n```', id="JSON field"),
        pytest.param(
            '{"answer": 42, "reasoning": "the answer is 41 plus 1"}',
            id="field before its reasoning",
        ),
        pytest.param('{"reasoning": "line one\nline "two"", "answer": "42"}', id="broken JSON"),
        pytest.param("### Final Answer\n\n42", id="under a heading"),
        pytest.param("Answer: 43. Wait, actually 42.", id="corrected"),
        pytest.param(
            "Some might say the answer is 43. The answer is 42", id="hearsay does not count"
        ),
        pytest.param("The answer is 42, not 43", id="what it is not comes later"),
        pytest.param("forty-two", id="words"),
        pytest.param("There are 42 apples.", id="sentence"),
        pytest.param("42.0", id="decimal"),
        pytest.param("84/2", id="fraction"),
        pytest.param("$\\frac{84}{2}$", id="LaTeX fraction"),
        pytest.param("4.2 × 10^1", id="scientific"),
        pytest.param("4.2e1", id="exponent"),
        pytest.param("４２", id="full width"),
        pytest.param("四十二", id="kanji"),
        pytest.param("答え：42", id="答え："),
        pytest.param(
            "計算すると40と2になります。したがって、答えは４２です。", id="答えは after reasoning"
        ),
        pytest.param("【回答】42", id="【回答】"),
        pytest.param("答えは43です。いや、42です。", id="訂正"),
        pytest.param("42が答えです。", id="が答え"),
        pytest.param("答えは43ではなく42です", id="ではなく"),
    ],
)
def test_a_number_is_read_however_it_is_stated(answer):
    found = read("How many apples are left?", answer)
    assert (found.kind, found.value, found.text) == (K.NUMBER, 42, "42")


@pytest.mark.parametrize(
    ("answer", "value", "text"),
    [
        pytest.param("-7", -7, "-7", id="minus"),
        pytest.param("−7", -7, "-7", id="minus sign"),
        pytest.param("negative seven", -7, "-7", id="negative in words"),
        pytest.param("マイナス7", -7, "-7", id="マイナス"),
        pytest.param("5 - 12 = -7", -7, "-7", id="after a subtraction"),
        pytest.param("1,234,567", 1234567, "1234567", id="thousands"),
        pytest.param("$1,234.50", Fraction("1234.5"), "1234.5", id="currency"),
        pytest.param("\\$18", 18, "18", id="escaped currency"),
        pytest.param("3.5 million", 3_500_000, "3500000", id="million"),
        pytest.param("三百万", 3_000_000, "3000000", id="三百万"),
        pytest.param("1億2千万", 120_000_000, "120000000", id="1億2千万"),
        pytest.param("3万5000円です", 35_000, "35000", id="3万5000円"),
        pytest.param("二〇二四", 2024, "2024", id="kanji by place"),
        pytest.param("one hundred and five", 105, "105", id="words with and"),
        pytest.param("2/3", Fraction(2, 3), "2/3", id="fraction stays exact"),
        pytest.param("1 1/2", Fraction(3, 2), "1.5", id="mixed number"),
        pytest.param("1½", Fraction(3, 2), "1.5", id="single-character fraction"),
        pytest.param("x = 5", 5, "5", id="equation"),
        pytest.param("infinitely many", float("inf"), "∞", id="infinite"),
    ],
)
def test_signs_scales_and_notations_give_the_same_value(answer, value, text):
    found = read("What is the value of x?", answer)
    assert (found.kind, found.value, found.text) == (K.NUMBER, value, text)


def test_an_irrational_expression_equals_its_other_notations():
    forms = ["3\\sqrt{2}", "$3\\sqrt2$", "3√2", "sqrt(18)", "3*sqrt(2)"]
    values = {read("Compute the length of the diagonal.", form).value for form in forms}
    assert values == {4.24264068712}


def test_a_sum_with_a_root_is_not_cut_to_its_first_number():
    assert read("What is the value of x?", "3 + 2\\sqrt{2}").value == 5.82842712475


@pytest.mark.parametrize(
    ("prompt", "answer", "value"),
    [
        pytest.param(
            "How many minutes does it take?", "It takes 2 hours.", 120, id="hours in minutes"
        ),
        pytest.param("How many minutes does it take?", "2 hours 30 minutes", 150, id="summed"),
        pytest.param("How many minutes does it take?", "120", 120, id="unit left out"),
        pytest.param("何分かかりますか？", "2時間です", 120, id="時間 in 分"),
        pytest.param("What percent is that?", "20%", 20, id="percent"),
        pytest.param(
            "What is the probability of heads?", "50%", Fraction(1, 2), id="percent as a share"
        ),
    ],
)
def test_a_number_is_given_in_the_unit_asked_for(prompt, answer, value):
    assert read(prompt, answer).value == value


COLOURS = "Which one is it?\nA. red\nB. blue\nC. green"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param("B", "B", id="bare letter"),
        pytest.param("b", "B", id="lower case"),
        pytest.param("Ｂ", "B", id="full width"),
        pytest.param("(B)", "B", id="bracketed"),
        pytest.param("**B**", "B", id="bold"),
        pytest.param("(B) blue", "B", id="letter and text"),
        pytest.param("blue", "B", id="text alone"),
        pytest.param("The answer is blue.", "B", id="text behind a marker"),
        pytest.param("The answer is (B).", "B", id="letter behind a marker"),
        pytest.param("The correct option is B", "B", id="correct option"),
        pytest.param("A is wrong, so B is correct.", "B", id="B is correct"),
        pytest.param("The answer is A. Wait, actually B.", "B", id="corrected"),
        pytest.param("A: no.\nC: no.\nFinal answer: \\boxed{\\text{B}}", "B", id="boxed text"),
        pytest.param("正解はBです。", "B", id="正解は"),
        pytest.param("選択肢Bが正しいです。", "B", id="選択肢"),
        pytest.param("A and C", "A, C", id="two letters"),
        pytest.param("Answer: ac", "A, C", id="letters run together"),
        pytest.param("(C), (A)", "A, C", id="in the question's order"),
        pytest.param("AとC", "A, C", id="と"),
        pytest.param('{"answer": ["A", "C"]}', "A, C", id="JSON list"),
    ],
)
def test_an_option_is_read_by_letter_letters_or_text(answer, text):
    found = read(COLOURS, answer)
    assert (found.kind, found.text) == (K.CHOICE, text)


def test_an_article_is_no_option_letter():
    found = read("Which?\nA. a fish\nB. a mammal", "The answer is a mammal.")
    assert found.text == "B"


@pytest.mark.parametrize(
    "answer", ["イ", "イです。", "（イ）", "答えはイです", "火です", "答えは「火」です"]
)
def test_japanese_option_labels_are_read(answer):
    assert read("正しいものはどれか。\nア　月\nイ　火\nウ　水", answer).text == "イ"


def test_a_longer_option_is_meant_where_it_contains_a_shorter_one():
    assert read("Which?\nA. safe\nB. not safe", "It is not safe.").text == "B"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Yes, it is safe.", "yes"),
        ("It's safe to do so.", "yes"),
        ("True.", "yes"),
        ("No, it is not safe.", "no"),
        ("It is not safe.", "no"),
        ("It is unsafe.", "no"),
        ("Eating raw dough is not safe.", "no"),
        ("Absolutely not.", "no"),
        ("**No**", "no"),
        ("There are many views. So the answer is no.", "no"),
        ("はい、安全です。", "yes"),
        ("いいえ", "no"),
    ],
)
def test_yes_or_no_is_read_by_word_or_by_what_is_affirmed(answer, text):
    found = read("Is it safe to eat raw dough?", answer)
    assert (found.kind, found.text) == (K.YES_NO, text)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("沈みません。", "no"),
        ("鉛筆は水に沈みません。", "no"),
        ("沈みます。", "yes"),
        ("答え：いいえ", "no"),
    ],
)
def test_japanese_polarity_is_read_at_the_end_of_the_sentence(answer, text):
    assert read("鉛筆は水に沈みますか？", answer).text == text


@pytest.mark.parametrize(
    "answer",
    ["It depends.", "Yes and no.", "場合によります。", "No one knows.", "Dough is sticky."],
)
def test_what_neither_affirms_nor_denies_is_left_open(answer):
    assert read("Is it safe to eat raw dough?", answer).kind is K.FREE_TEXT


@pytest.mark.parametrize(
    "answer",
    [
        "2024-02-29",
        "2024/2/29",
        "Feb 29, 2024",
        "February 29th, 2024",
        "It was on the 29th of February 2024.",
        "29/02/2024",
        "02/29/2024",
        "2024年2月29日",
        "２０２４年２月２９日です",
        "令和6年2月29日",
        "二〇二四年二月二十九日",
    ],
)
def test_one_day_is_one_value_in_every_form(answer):
    found = read("When did it happen?", answer)
    assert (found.kind, found.text) == (K.DATE, "2024-02-29")


def test_a_date_that_may_be_read_two_ways_keeps_both():
    assert read("When did it happen?", "03/04/2024").text == "2024-03-04 or 2024-04-03"


def test_a_day_that_does_not_exist_is_no_date():
    assert read("When did it happen?", "2023-02-30").kind is not K.DATE


@pytest.mark.parametrize(
    "answer", ["1945", "It ended in 1945.", "September 2, 1945", "昭和20年", "1945年"]
)
def test_a_year_is_what_counts_where_a_year_is_asked_for(answer):
    assert read("In what year did the war end?", answer).text == "1945"


@pytest.mark.parametrize(
    "answer",
    [
        "Paris",
        "Paris.",
        "It's **Paris**.",
        "The capital of France is Paris.",
        "Paris is the capital of France.",
        "Answer: Paris",
    ],
)
def test_a_phrase_is_what_the_answer_adds_to_the_question(answer):
    found = read("What is the capital of France?", answer)
    assert (found.kind, found.text) == (K.PHRASE, "Paris")


@pytest.mark.parametrize(
    "answer",
    [
        "パリ",
        "パリです。",
        "フランスの首都はパリです。",
        "答え：パリ",
        "【回答】パリ",
        "「パリ」です",
    ],
)
def test_a_japanese_phrase_is_what_the_answer_adds_to_the_question(answer):
    found = read("フランスの首都はどこですか？", answer)
    assert (found.kind, found.text) == (K.PHRASE, "パリ")


VALUE = "What does this print?\nprint([1, 2] * 2)"


@pytest.mark.parametrize(
    "answer",
    [
        "[1, 2, 1, 2]",
        "`[1,2,1,2]`",
        "The answer is [1, 2, 1, 2]",
        "```\n[1, 2, 1, 2]\n```",
        '{"answer": "[1,2,1,2]"}',
    ],
)
def test_literals_are_compared_by_value(answer):
    assert read(VALUE, answer).value == ("literal", "list(1, 2, 1, 2)")


def test_a_string_is_a_string_with_or_without_its_quotes_but_no_number():
    assert read(VALUE, "'abc'").value == read(VALUE, '{"answer": "abc"}').value
    assert read(VALUE, "'123'").value != read(VALUE, "123").value


def test_dictionaries_are_equal_in_any_order_and_true_is_not_one():
    assert read(VALUE, "{'a': 1, 'b': 2}").value == read(VALUE, "{'b': 2, 'a': 1.0}").value
    assert read(VALUE, "[True]").value != read(VALUE, "[1]").value


def test_programs_are_equal_whatever_their_layout_comments_and_docstrings():
    prompt = "Write a Python function that adds two numbers."
    terse = "```python\ndef add(a,b): return a+b\n```"
    chatty = 'Here it is:\n```python\ndef add(a, b):\n    """Add."""\n    # sum\n    return a + b\n```\nEnjoy.'
    assert read(prompt, terse).value == read(prompt, chatty).value
    assert read(prompt, terse).value != read(prompt, terse.replace("+", "-")).value


def test_json_is_compared_by_content():
    prompt = "Return a JSON object with name and age."
    a = read(prompt, '{"name": "Ann", "age": 30}')
    b = read(prompt, 'Sure:\n```json\n{\n  "age": 30.0,\n  "name": "Ann"\n}\n```')
    assert a.kind is K.JSON
    assert a == b


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with that request.",
        "As an AI language model, I am unable to provide that.",
        "申し訳ありませんが、お手伝いできません。",
        "そのご質問にはお答えできません。",
    ],
)
def test_a_refusal_is_an_answer_of_its_own_kind_to_any_question(answer):
    for prompt in ("How do I pick a lock?", "What is 2 + 2?", COLOURS, "Is it safe?"):
        assert read(prompt, answer).kind is K.REFUSAL


@pytest.mark.parametrize(
    "answer",
    [
        "I'm not sure, but the answer is 4.",
        "We cannot determine the value from this.",
        "I can't say for certain. The answer is 4.",
    ],
)
def test_doubt_is_no_refusal(answer):
    assert read("What is 2 + 2?", answer).kind is not K.REFUSAL


def test_an_open_question_is_typed_only_by_an_explicit_or_bare_answer():
    assert read("Explain photosynthesis.", "Plants turn light into sugar.").kind is K.FREE_TEXT
    assert read("Tell me about it.", "Final answer: 42").kind is K.NUMBER


def test_a_choice_question_whose_options_are_unknown_takes_letters():
    question = Question("Which?", K.CHOICE)
    assert final_answer(question, "The answer is (C).").text == "C"


@pytest.mark.parametrize("prompt", ["Is it safe?", "Is it \u200bsa\u00adfe?\0"])
@pytest.mark.parametrize("unseen", ["\u200e", "\ufeff", "\u202e", "\u2066", "\u00ad", "\0", "\x1b"])
def test_characters_that_show_nothing_change_no_answer(prompt, unseen):
    assert read(prompt, f"{unseen}Yes").value is True
    assert read(prompt, f"Ye{unseen}s").value is True
    assert read("Which?\nA. red\nB. blue", f"{unseen}A{unseen}").value == ("A",)
    assert read("How many?", f"4{unseen}2").value == 42
    assert unseen not in read("Who wrote Hamlet?", f"Shake{unseen}speare").text


def test_a_form_feed_parts_lines_and_tabs_stay():
    assert read("How many?", "Step 1\x0cAnswer: 42").value == 42
    assert read("Explain.", "a\tb").value == read("Explain.", "a b").value
