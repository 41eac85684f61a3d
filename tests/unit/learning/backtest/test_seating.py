"""Who sits where, and what only judging may see."""

import pytest

from learning.backtest.records import EvaluationDataError
from learning.backtest.roles import Role
from learning.backtest.seating import seated
from tests.support.recordings import MODELS, answer, panel, record, row

ROLE = Role("eggs", "eggs", MODELS)


def seat(*rows):
    return seated(ROLE, [record(r) for r in rows])


def test_the_models_sit_as_gpt_claude_and_gemini_whoever_made_them():
    (asked,) = seat(panel(0, ["1", "2", "3"], "2"))
    assert [(a.provider, a.vendor, a.model, a.text) for a in asked.attempts] == [
        ("gpt", "openai", "m-gpt", "1"),
        ("claude", "anthropic", "m-claude", "2"),
        ("gemini", "google", "m-gemini", "3"),
    ]
    assert asked.correct == (False, True, False)


def test_models_that_have_no_seat_are_not_heard():
    more = panel(0, ["1", "2", "3"], "2")
    more["answers"].insert(0, answer("other", "9", True))
    assert [a.text for a in seat(more)[0].attempts] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"truncated": True}, "truncated"),
        ({"text": ""}, "empty_reply"),
        ({"error": True}, "empty_reply"),
    ],
)
def test_a_reply_that_is_no_answer_is_a_failed_vote(fault, code):
    broken = panel(0, ["1", "2", "3"], "2")
    broken["answers"][1] |= fault
    (asked,) = seat(broken)
    assert asked.attempts[1].text is None
    assert asked.attempts[1].failure.code == code


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param(panel(1, ["1", "2", "3"], "2", requires_image=True), id="needs an image"),
        pytest.param(row(1, answer("m-gpt", "1", True)), id="two were not asked"),
        pytest.param(
            row(1, *(answer(m, "1", None if m == "m-claude" else True) for m in MODELS)),
            id="nobody can judge one",
        ),
    ],
)
def test_what_cannot_be_judged_for_all_three_is_left_out(left_out):
    assert [a.record.order for a in seat(panel(0, ["1", "2", "3"], "2"), left_out)] == [0]


def test_of_an_answer_of_another_model_it_does_not_matter_whether_it_can_be_judged():
    judged = panel(0, ["1", "2", "3"], "2")
    judged["answers"].append(answer("other", "1", None))
    assert len(seat(judged)) == 1


def test_a_model_that_is_nowhere_is_told_with_those_that_are():
    with pytest.raises(
        EvaluationDataError, match="m-claude is in no record of eggs; there are m-gpt"
    ):
        seat(row(0, answer("m-gpt", "1", True)))


def test_a_row_of_which_nothing_is_left_is_refused():
    with pytest.raises(EvaluationDataError, match="no record has a judged answer of all"):
        seat(panel(0, ["1", "2", "3"], "2", requires_image=True))
