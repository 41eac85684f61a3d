"""An answer is read once, however often its request is decided on."""

from consensus.answers import read_question
from consensus.reading import REMEMBERED_CHARS, read_answer

SUM = read_question("What is 40 plus 2?")
CITY = read_question("Which city is the capital of France?")


def test_an_answer_read_again_is_the_reading_that_is_remembered():
    assert read_answer(SUM, "The answer is 42.") is read_answer(SUM, "The answer is 42.")


def test_what_is_remembered_is_of_one_question():
    of_sum, of_city = (read_answer(question, "Paris 42") for question in (SUM, CITY))

    assert of_sum.final != of_city.final


def test_an_overlong_answer_is_read_anew_and_the_same():
    text = "The answer is 42. " * (REMEMBERED_CHARS // 10)
    once, again = read_answer(SUM, text), read_answer(SUM, text)

    assert once is not again
    assert once == again
