"""The sentences that an entailment model is given to read of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.agreement.conclusion import SHORT_CHARS, conclusion
from consensus.answers import read_question
from consensus.reading import read_answer
from consensus.relevance import question_words

QUESTION = "Can a diesel engine run on vegetable oil?"
FILLER = "The history of engines is long and full of detours. " * 12


def told(question, text):
    asked = read_question(question)
    return conclusion(read_answer(asked, text), question_words(asked), asked.language)


def test_a_short_answer_is_read_whole():
    assert told(QUESTION, " It can, once converted. ") == "It can, once converted."


def test_of_a_long_answer_the_sentence_that_concludes_is_read():
    end = "Therefore a diesel engine can run on vegetable oil."
    assert end in told(QUESTION, f"{FILLER}{end} {FILLER}")


def test_of_a_long_japanese_answer_the_conclusion_is_read():
    filler = "エンジンの歴史は長く、多くの回り道がありました。" * 12
    assert "植物油でも動きます" in told(
        "ディーゼルエンジンは植物油で動きますか。",
        f"{filler}したがって、植物油でも動きます。{filler}",
    )


@pytest.mark.parametrize(("start", "opening"), [("Yes.", "Yes."), ("No.", "No.")])
def test_the_yes_or_no_a_long_answer_begins_with_is_kept(start, opening):
    assert told(QUESTION, f"{start} {FILLER}").startswith(opening)


@given(st.text(max_size=3_000))
def test_whatever_the_answer_says_a_bounded_part_is_read(text):
    assert len(told(QUESTION, text)) <= SHORT_CHARS["en"]
