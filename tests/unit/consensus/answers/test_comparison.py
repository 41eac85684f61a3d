"""Whether two answers are the same, and whether one answer contradicts itself."""

import pytest

from consensus.answers import AnswerKind, final_answer, read_question, same_answer, stated_answers


def same(prompt, a, b):
    question = read_question(prompt)
    return same_answer(final_answer(question, a), final_answer(question, b))


CAPITAL = "What is the capital of France?"
SUM = "What is 40 + 2?"


@pytest.mark.parametrize(
    ("prompt", "a", "b", "expected"),
    [
        pytest.param(SUM, "It is 42.", "forty-two", True, id="one number"),
        pytest.param(SUM, "It is 42.", "It is 43.", False, id="two numbers"),
        pytest.param("Is it safe?", "Yes, it is safe.", "It's safe.", True, id="both affirm"),
        pytest.param(
            "Is it safe?", "Yes, it is safe.", "No, it is not safe.", False, id="polarity"
        ),
        pytest.param(CAPITAL, "Paris", "The capital of France is Paris.", True, id="one phrase"),
        pytest.param(CAPITAL, "Paris", "Lyon", False, id="two phrases"),
        pytest.param(
            "Which place is it?", "New York", "New York City", None, id="perhaps a short form"
        ),
        pytest.param(
            "Which country is it?", "USA", "United States of America", None, id="perhaps initials"
        ),
        pytest.param("Which country is it?", "日本", "Japan", None, id="two scripts"),
        pytest.param("Which one was it?", "none known", "nobody", None, id="two denials"),
        pytest.param("When was it?", "2024-03-04", "March 4, 2024", True, id="one day"),
        pytest.param("When was it?", "2024-03-04", "2024-03-05", False, id="two days"),
        pytest.param("When was it?", "03/04/2024", "2024-04-03", None, id="ambiguous day"),
        pytest.param("When was it?", "03/04/2024", "2024-05-04", False, id="neither reading"),
        pytest.param("When was it?", "2024", "2024-05-04", None, id="told less exactly"),
        pytest.param(
            "Explain tides.", "The moon pulls.", "Gravity of the moon.", None, id="free text"
        ),
        pytest.param(SUM, "I can't help with that.", "42", False, id="refusal against answer"),
        pytest.param(SUM, "I can't help with that.", "お答えできません。", True, id="two refusals"),
        pytest.param(
            "Explain tides.",
            "I can't help with that.",
            "The moon pulls.",
            False,
            id="refusal against prose",
        ),
        pytest.param(
            "Write a function.",
            "```python\ndef f(): return 1\n```",
            "```python\ndef g(): return 1\n```",
            None,
            id="two programs",
        ),
    ],
)
def test_types_decide_where_they_can_and_say_so_where_they_cannot(prompt, a, b, expected):
    assert same(prompt, a, b) is expected
    assert same(prompt, b, a) is expected


@pytest.mark.parametrize(
    ("prompt", "answer", "texts"),
    [
        pytest.param(
            SUM, "The answer is 42. Let me check. Final answer: 43", ["42", "43"], id="numbers"
        ),
        pytest.param(SUM, "The answer is 42. So \\boxed{42}.", ["42"], id="said twice is one"),
        pytest.param(
            SUM, "The answer is 41. Wait, actually 42.", ["41", "42"], id="a correction shows"
        ),
        pytest.param(
            "Is it safe?",
            "Yes, it is safe. Therefore the answer is no.",
            ["yes", "no"],
            id="yes then no",
        ),
        pytest.param(
            "いくつですか。",
            "答えは41です。最終的な答えは42です。",
            ["41", "42"],
            id="答えは twice",
        ),
        pytest.param(
            "Which?\nA. x\nB. y", "The answer is A.\nFinal answer: B", ["A", "B"], id="letters"
        ),
        pytest.param(SUM, "42", ["42"], id="unmarked"),
        pytest.param(
            "Explain tides.", "The moon pulls the sea.", [], id="free text commits to nothing"
        ),
    ],
)
def test_the_distinct_answers_a_text_commits_to_are_listed_in_order(prompt, answer, texts):
    assert [a.text for a in stated_answers(read_question(prompt), answer)] == texts


def test_a_contradicting_json_reply_keeps_its_field_as_the_final_answer():
    reply = '{"reasoning": "so the answer is 41", "answer": 42}'
    question = read_question(SUM)
    assert final_answer(question, reply).text == "42"
    assert [a.text for a in stated_answers(question, reply)] == ["41", "42"]


def test_kinds_read_as_their_names_on_the_wire():
    assert AnswerKind.YES_NO == "yes_no"
