"""The shipped questions rehearse what a consensus has to cope with, and are found in any layout."""

from collections import Counter

import pytest

from providers.simulator.question_data import read_question, shipped
from providers.simulator.text import words
from providers.simulator.vendors import Turn, Vendor

LIBRARY = shipped()
QUESTIONS = LIBRARY.questions


def answers_of(question):
    return {vendor: voice.answer for vendor, voice in question.voices.items() if not voice.refuses}


def dissenters():
    for question in QUESTIONS:
        answers = answers_of(question)
        counted = Counter(answers.values())
        if sorted(counted.values()) == [1, 2]:
            lone = min(counted, key=counted.get)
            yield question, next(v for v, a in answers.items() if a == lone), lone


def test_there_are_at_least_45_questions_in_two_languages_over_all_kinds():
    kinds = {(q.language, q.kind) for q in QUESTIONS}
    assert len(QUESTIONS) >= 45
    for language in ("en", "ja"):
        for kind in ("number", "choice", "yes_no", "phrase", "date", "code", "json", "open"):
            assert (language, kind) in kinds


def test_every_vendor_is_alone_at_times():
    assert {vendor for _, vendor, _ in dissenters()} == set(Vendor)


def test_a_lone_vendor_is_sometimes_the_one_who_is_right():
    assert any(lone == question.right for question, _, lone in dissenters())


def test_a_question_divides_the_vendors_three_ways():
    assert any(len(set(answers_of(q).values())) == 3 for q in QUESTIONS)


def test_every_vendor_refuses_at_times():
    assert {v for q in QUESTIONS for v, voice in q.voices.items() if voice.refuses} == set(Vendor)


def test_someone_knows_the_right_answer_to_every_question():
    for question in QUESTIONS:
        assert question.right in answers_of(question).values(), question.id


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_vendors_word_their_answers_differently(question):
    assert len({voice.says for voice in question.voices.values()}) >= 2


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_unequal_answers_are_not_told_by_the_same_words(question):
    said = {words(v.says): v.answer for v in question.voices.values()}
    for voice in question.voices.values():
        assert said[words(voice.says)] == voice.answer


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_every_question_is_found_by_its_own_prompt(question):
    for ask in (question.prompt, *question.ask):
        assert LIBRARY.find((Turn("user", ask),)) is question


def test_a_question_is_found_inside_a_longer_turn():
    text = "Please be brief.\n\n<q>WHAT IS  17+25</q>\nThank you."
    assert LIBRARY.find((Turn("user", text),)).id == "sum-17-25"


def test_the_last_turn_that_asks_something_known_is_answered():
    turns = (
        Turn("user", "What is 17 + 25?"),
        Turn("self", "42"),
        Turn("user", "Is 91 a prime number?"),
        Turn("self", "No."),
        Turn("user", "Are you sure? Others disagree."),
    )
    assert LIBRARY.find(turns).id == "is-91-prime"


def test_what_the_vendor_said_itself_asks_nothing():
    assert LIBRARY.find((Turn("user", "Hello"), Turn("self", "What is 17 + 25?"))) is None


def valid():
    voice = {"answer": "4", "says": "It is 4, as 2 and 2 make it."}
    return {"id": "x", "language": "en", "kind": "number", "ask": ["2+2?"], "right": "4",
            "gpt": voice, "claude": voice, "gemini": voice}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"kind": "poem"}, "kind 'poem' is unknown", id="an unknown kind"),
        pytest.param(
            {"evidence": ["two pairs"]}, "nobody who is right says", id="evidence nobody gives"
        ),
        pytest.param(
            {"evidence": ["2 2"], "ask": ["2 2"]},
            "nobody who is right",
            id="evidence in the question",
        ),
        pytest.param(
            {"answers": {"5": {}}}, "nobody gives the answers", id="an answer nobody gives"
        ),
        pytest.param({"kind": "code"}, "states", id="code without its words"),
        pytest.param(
            {"kind": "choice", "options": {"A": "5"}}, "4", id="an answer that is no option"
        ),
        pytest.param(
            {"gpt": {"answer": "4", "says": "4", "stance": "moody"}},
            "no stance 'moody'",
            id="a stance",
        ),
    ],
)
def test_a_question_that_contradicts_itself_is_named(change, message):
    with pytest.raises(ValueError, match=f"question x: .*{message}"):
        read_question({**valid(), **change})
