"""What has been learned, by kind of question."""

import pytest

from gateway.teaching.summary import learned_by_kind
from learning.lessons import Lesson
from tests.support.ballots import TallyLearner, ballot


def test_each_kind_tells_how_often_answers_were_right_and_whom_it_believes():
    numbers = [Lesson(ballot("gpt", "claude"), 0, correct) for correct in (True, True, False)]
    choices = [Lesson(ballot("gemini", kind="choice"), 0, correct=True)]
    lessons = [*choices, *numbers]
    number, choice = learned_by_kind(lessons, TallyLearner().fit(lessons))
    assert (number.kind, number.lessons, number.right) == ("number", 3, pytest.approx(2 / 3))
    assert set(number.weights) == {"gpt", "claude"}
    assert number.weights["gpt"] > number.weights["claude"]
    assert (choice.kind, choice.lessons, choice.right) == ("choice", 1, 1.0)
    assert set(choice.weights) == {"gemini"}


def test_the_confidence_beside_the_rate_is_the_models_of_the_same_answers():
    lessons = [Lesson(ballot("gpt", "claude"), 0, correct=True)] * 2
    model = TallyLearner().fit(lessons)
    (entry,) = learned_by_kind(lessons, model)
    assert entry.confidence == pytest.approx(model.probabilities(lessons[0].ballot, {})[0])


def test_without_lessons_there_is_nothing_to_tell():
    assert learned_by_kind((), TallyLearner().fit(())) == ()
