"""Every vendor down, as seen by callers in a row."""

import pytest

from gateway.rollout.outage import Outage
from tests.support.observations import seen

DOWN = {"error": True, "all_down": True, "alive": False}


def run_of(*requests):
    outage = Outage()
    for request in requests:
        outage.add(request)
    return outage


def down(caller=None):
    return seen(caller=caller, **DOWN)


@pytest.mark.parametrize(
    ("callers", "total"),
    [
        pytest.param("ab", False, id="two callers are two callers' trouble"),
        pytest.param("abc", True, id="the third makes it everybody's"),
        pytest.param("aaaaaa", False, id="one caller who tries again and again"),
        pytest.param("aabbc", True, id="three callers, some of them twice"),
    ],
)
def test_three_different_callers_in_a_row_make_an_outage(callers, total):
    assert run_of(*(down(caller) for caller in callers)).is_total is total


def test_a_request_without_id_is_its_own_caller():
    assert run_of(down(), down()).is_total is False
    assert run_of(down(), down(), down()).is_total is True
    assert run_of(down("a"), down(), down("b")).is_total is True


def test_any_sign_of_life_ends_the_run():
    assert run_of(down(), down(), seen(), down()).callers == 1


def test_a_request_that_nobody_could_reply_to_neither_adds_nor_ends():
    impatient = seen(error=False, alive=False)
    assert run_of(down(), impatient, down(), impatient, down()).is_total is True


def test_a_long_outage_is_remembered_in_bounded_memory():
    outage = run_of(*(down(str(i)) for i in range(1_000)), *(down() for _ in range(1_000)))
    assert outage.callers <= 6
