"""Whom to ask first, and when that is enough."""

import pytest

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.advice.locality import Local, LocalFit
from learning.advice.openings import (
    FEWEST,
    LONE_ENOUGH,
    Standing,
    choose,
    dissent,
    standings,
)
from learning.lessons import Lesson
from tests.support.ballots import plain

ORDER = ("gpt", "claude", "gemini")
MODELS = {name: f"{name}-1" for name in ORDER}
AGREED, SPLIT = plain("gpt claude gemini"), plain("gpt gemini", "claude")
SURE = Standing(right=0.99, seen=40, told=100, told_right=99)


def opening(known, ballots=(AGREED,) * 40, *, alone=True, points_a_call=0.0075):
    return choose(known, ballots, ORDER, alone=alone, points_a_call=points_a_call)


def test_one_whom_labels_found_right_nearly_always_is_asked_alone_first():
    found = opening({"gemini": SURE})
    assert (found.providers[0], found.opening, found.enough) == ("gemini", 1, LONE_ENOUGH)
    assert set(found.providers) == set(ORDER)


def test_never_where_one_alone_is_not_allowed():
    assert opening({"gemini": SURE}, alone=False).opening == 2


def test_a_pair_opens_where_nothing_is_known():
    found = opening({}, ())
    assert (found.providers, found.opening) == (ORDER, 2)


@pytest.mark.parametrize(
    ("told_right", "points", "opened"),
    [
        pytest.param(99, 0.0075, 1, id="0.3 * 1.5 / 101 = 0.0045 < 0.0075 * 1.01 calls"),
        pytest.param(98, 0.0075, 1, id="0.3 * 2.5 / 101 = 0.0074 < 0.0076"),
        pytest.param(97, 0.0075, 2, id="0.3 * 3.5 / 101 = 0.0104 > 0.0076"),
        pytest.param(97, 0.012, 1, id="calls of a higher price"),
        pytest.param(100, 0.0, 2, id="calls that cost nothing are always made"),
    ],
)
def test_one_opens_alone_where_it_loses_less_than_the_calls_are_worth(told_right, points, opened):
    known = {"gemini": Standing(0.5, 40, 100, told_right)}
    assert opening(known, points_a_call=points).opening == opened


def test_few_labels_are_no_ground_for_asking_one_alone():
    assert opening({"gemini": Standing(0.99, 40, FEWEST - 1, FEWEST - 1)}).opening == 2


def test_a_pair_that_often_differs_makes_one_alone_worth_more():
    known = {"gemini": Standing(0.97, 40, 100, 97)}
    assert opening(known, (AGREED,) * 40).opening == 2
    assert opening(known, (SPLIT,) * 40).opening == 1


def test_two_are_asked_as_one_panel():
    found = choose({}, (), ORDER[:2], alone=True)
    assert (found.opening, found.calls) == (0, 2.0)


def test_how_often_two_differ_is_read_off_the_ballots_both_are_in():
    ballots = [AGREED] * 30 + [SPLIT] * 10 + [plain("gpt", "gemini")] * 50
    rate, seen = dissent(ballots, ("gpt", "claude"))
    assert seen == 40
    assert rate == pytest.approx(0.25, abs=0.01)


def test_offsets_move_what_is_expected_of_a_provider_alone():
    fit = LocalFit(LogitTrust(shipped_prior()))
    lessons = [Lesson(AGREED, 0, correct=True)] * 20
    plainly = standings(fit, Local(), lessons, MODELS)
    better = standings(fit, Local({"gpt": 2.0}), lessons, MODELS)
    assert better["gpt"].right > plainly["gpt"].right
    assert better["claude"].right == plainly["claude"].right


def test_neighbours_that_another_model_answered_say_nothing_of_this_one():
    fit = LocalFit(LogitTrust(shipped_prior()))
    known = standings(fit, Local(), [Lesson(AGREED, 0, correct=True)], {"gpt": "gpt-2"})
    assert known == {}


def test_labels_tell_of_who_said_what_was_given_out_and_of_who_denied_what_was_right():
    fit = LocalFit(LogitTrust(shipped_prior()))
    right, wrong = Lesson(SPLIT, 0, correct=True), Lesson(SPLIT, 0, correct=False)
    known = standings(fit, Local(), [right] * 3 + [wrong] * 2, MODELS)
    assert (known["gpt"].told, known["gpt"].told_right) == (5, 3)
    assert (known["claude"].told, known["claude"].told_right) == (3, 0)
