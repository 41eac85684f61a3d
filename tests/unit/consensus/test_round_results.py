"""What came of a round."""

import pytest

from consensus.answers import read_question
from consensus.flips import Flip
from consensus.round_results import Gain, round_result, support_of
from consensus.transcript import Attempt, Failure, Transcript
from tests.support.panels import decide_on, panel

ASKED = "What is 2 + 2?"
QUESTION = read_question(ASKED)
BUSY = Failure("overloaded", "busy", retryable=True, down=True)
FOR_GOOD = Failure("rejected", "no", retryable=False)


def attempt(name, said, number, **fields):
    text, failure = (None, said) if isinstance(said, Failure) else (said, None)
    return Attempt(name, name, "m", number, 10.0, text=text, failure=failure, **fields)


def held(*attempts, before=Transcript(), flips=()):  # noqa: B008 - a value that nothing changes
    after = Transcript(before.attempts + attempts, before.flips + flips)
    return round_result(QUESTION, before, after, None, None)


FIRST = Transcript((attempt("gpt", "4", 1), attempt("claude", "5", 1)))


def test_a_round_tells_whom_it_asked_how_long_it_took_and_what_it_cost():
    result = held(attempt("gpt", "4", 1, cost_usd=0.25), attempt("claude", BUSY, 1, cost_usd=None))
    assert (result.round, result.providers) == (1, ("gpt", "claude"))
    assert (result.latency_ms, result.cost_usd) == (10.0, 0.25)


def test_an_answer_of_unknown_price_makes_the_cost_of_its_round_unknown_and_of_no_other():
    first = held(attempt("gpt", "4", 1))
    second = held(attempt("gpt", "4", 2, cost_usd=0.5), before=FIRST)
    assert (first.cost_usd, second.cost_usd) == (None, 0.5)


def test_the_gain_is_what_the_figures_rose_by():
    before, after = panel("4", "4", "5"), panel("4", "4", "4")
    was, now = decide_on(ASKED, before), decide_on(ASKED, after)
    result = round_result(QUESTION, Transcript(before), Transcript(before + after), was, now)
    assert result.gain == Gain(
        now.agreement - was.agreement,
        now.confidence - was.confidence,
        pytest.approx(1 / 3),
    )
    assert (support_of(was), support_of(now)) == (pytest.approx(2 / 3), 1.0)


@pytest.mark.parametrize(
    ("attempts", "flips", "fruitless"),
    [
        pytest.param(
            (attempt("gpt", "4", 2), attempt("claude", "5", 2)), (), True, id="all say it again"
        ),
        pytest.param(
            (attempt("gpt", "4", 2, review="None."), attempt("claude", "5", 2, review="なし。")),
            (),
            True,
            id="and remark nothing",
        ),
        pytest.param(
            (attempt("gpt", "4", 2), attempt("claude", FOR_GOOD, 2)),
            (),
            True,
            id="who failed for good will not be heard",
        ),
        pytest.param(
            (attempt("gpt", "4", 2), attempt("claude", BUSY, 2)),
            (),
            False,
            id="who is busy may be heard yet",
        ),
        pytest.param(
            (attempt("gpt", "4", 2), attempt("claude", "4", 2)),
            (Flip("claude", 2, "5", "4"),),
            False,
            id="one moved",
        ),
        pytest.param(
            (attempt("gpt", "4", 2), attempt("claude", "5", 2, review="In base 3 it is 11.")),
            (),
            False,
            id="nobody moved but there is news",
        ),
        pytest.param(
            (attempt("gpt", "4", 2), attempt("gemini", "5", 2)), (), False, id="a first answer"
        ),
    ],
)
def test_a_round_is_fruitless_when_another_one_could_bring_nothing(attempts, flips, fruitless):
    assert held(*attempts, before=FIRST, flips=flips).fruitless is fruitless
