"""Whom to ask first, and when that is enough."""

import pytest

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.advice.locality import Local, LocalFit
from learning.advice.openings import FEWEST, Standing, choose, dissent, lone_enough, standings
from learning.lessons import Lesson
from tests.support.ballots import plain

ORDER = ("gpt", "claude", "gemini")
MODELS = {name: f"{name}-1" for name in ORDER}
AGREED, SPLIT = plain("gpt claude gemini"), plain("gpt gemini", "claude")
SURE = Standing(right=0.99, enough=0.95, seen=40)


def opening(known, ballots=(AGREED,) * 40, *, alone=True):
    return choose(known, ballots, ORDER, alone=alone, enough=0.95)


def test_one_known_to_be_good_enough_is_asked_alone_first():
    found = opening({"gemini": SURE})
    assert (found.providers[0], found.opening, found.enough) == ("gemini", 1, 0.95)
    assert set(found.providers) == set(ORDER)


def test_never_where_one_alone_is_not_allowed():
    assert opening({"gemini": SURE}, alone=False).opening == 2


def test_a_pair_opens_where_nothing_is_known():
    found = opening({}, ())
    assert (found.providers, found.opening) == (ORDER, 2)


def test_one_who_is_often_not_enough_would_take_more_calls_than_a_pair():
    assert opening({"gemini": Standing(0.9, 0.3, 40)}).opening == 2


def test_few_neighbours_are_no_ground_for_asking_one_alone():
    assert opening({"gemini": Standing(0.99, 0.95, FEWEST - 1)}).opening == 2


def test_a_pair_that_often_differs_makes_one_alone_worth_more():
    known = {"gemini": Standing(0.97, 0.45, 40)}
    assert opening(known, (AGREED,) * 40).opening == 2
    assert opening(known, (SPLIT,) * 40).opening == 1


def test_two_are_asked_as_one_panel():
    found = choose({}, (), ORDER[:2], alone=True, enough=0.9)
    assert (found.opening, found.calls) == (0, 2.0)


@pytest.mark.parametrize(
    ("kept_back", "points", "expected"),
    [
        pytest.param(2, 0.0075, 0.95, id="2 calls for 1.5 points at 0.3 rescued: 1 - 0.015 / 0.3"),
        pytest.param(1, 0.0075, 0.975, id="1 call: 1 - 0.0075 / 0.3"),
        pytest.param(2, 0.0, 1.0, id="calls that cost nothing are always made"),
        pytest.param(2, 0.5, 0.5, id="never below one half"),
    ],
)
def test_enough_is_where_asking_on_is_not_worth_its_price(kept_back, points, expected):
    assert lone_enough(kept_back, points) == pytest.approx(expected)


def test_how_often_two_differ_is_read_off_the_ballots_both_are_in():
    ballots = [AGREED] * 30 + [SPLIT] * 10 + [plain("gpt", "gemini")] * 50
    rate, seen = dissent(ballots, ("gpt", "claude"))
    assert seen == 40
    assert rate == pytest.approx(0.25, abs=0.01)


def test_offsets_move_what_is_expected_of_a_provider_alone():
    fit = LocalFit(LogitTrust(shipped_prior()))
    lessons = [Lesson(AGREED, 0, correct=True)] * 20
    plainly = standings(fit, Local(), lessons, MODELS, 0.9)
    better = standings(fit, Local({"gpt": 2.0}), lessons, MODELS, 0.9)
    assert better["gpt"].right > plainly["gpt"].right
    assert better["claude"].right == plainly["claude"].right
    assert better["gpt"].enough > 0.9 > plainly["gpt"].enough


def test_neighbours_that_another_model_answered_say_nothing_of_this_one():
    fit = LocalFit(LogitTrust(shipped_prior()))
    known = standings(fit, Local(), [Lesson(AGREED, 0, correct=True)], {"gpt": "gpt-2"}, 0.9)
    assert known == {}
