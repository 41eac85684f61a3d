"""What the consensus is compared with."""

import numpy as np
import pytest

from learning.backtest.baselines import asked_thrice, nearest, oracle, vote, vote_first
from learning.backtest.roles import Role
from learning.backtest.seating import seated
from tests.support.recordings import MODELS, answer, panel, record, row


def seat(*rows):
    return seated(Role("eggs", "eggs", MODELS), [record(r) for r in rows])


def asked(extracted, correct):
    answers = zip(MODELS, extracted, correct, strict=True)
    return seat(row(0, *(answer(m, "…", c) | {"extracted": e} for m, e, c in answers)))[0]


@pytest.mark.parametrize(
    ("extracted", "correct", "mean", "first", "stated"),
    [
        pytest.param("aaa", [1, 1, 1], 1, 1, 1, id="unanimous"),
        pytest.param("abb", [1, 0, 0], 0, 0, 2 / 3, id="a majority that is wrong"),
        pytest.param("abc", [0, 0, 1], 1 / 3, 0, 1 / 3, id="a tie of three, one right"),
        pytest.param(["a", "b", None], [1, 0, 0], 1 / 2, 1, 1 / 3, id="of a tie of two, one right"),
        pytest.param([None, None, "a"], [0, 0, 1], 1, 1, 1 / 3, id="without an answer: abstains"),
        pytest.param([None] * 3, [0, 0, 0], 0, 0, 0, id="no answer at all"),
    ],
)
def test_the_plain_vote_takes_the_most_frequent_answer(extracted, correct, mean, first, stated):
    request = asked(extracted, map(bool, correct))
    assert vote(request) == pytest.approx((mean, stated))
    assert vote_first(request) == pytest.approx((first, stated))


def test_the_oracle_is_right_where_anybody_is():
    assert oracle(asked("abc", [False, False, True])) == 1.0
    assert oracle(asked("abc", [False, False, False])) == 0.0


class Directions:
    """Embeds a text as the angle it names, in degrees."""

    def embed(self, texts):
        angles = np.radians([float(text or 0) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_cosine_returns_the_answer_in_the_middle_and_states_its_mean_cosine():
    (request,) = seat(panel(0, ["0", "60", "90"], "60"))
    right, stated = nearest(request, Directions())
    assert right == 1.0
    assert stated == pytest.approx((np.cos(np.radians(60)) + np.cos(np.radians(30))) / 2)


def test_a_truncated_reply_takes_part_in_cosine():
    cut = panel(0, ["0", "60", "90"], "60")
    cut["answers"][1]["truncated"] = True
    assert nearest(seat(cut)[0], Directions()).right == 1.0


def test_one_vendor_asked_three_times_votes_with_itself():
    samples = [answer("", "7", False), answer("", "7", False)]
    right = [answer("", "42", True), answer("", "7", False)]
    rows = []
    for order, more in enumerate((samples, right)):
        rows.append(panel(order, ["42", "1", "1"], "42"))
        rows[-1]["answers"][0]["samples"] = more
    requests = seat(*rows)
    assert asked_thrice(requests, 0) == 0.5
    assert asked_thrice(requests, 1) is None
