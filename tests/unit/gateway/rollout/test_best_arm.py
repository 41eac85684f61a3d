"""Which arm is best is said only when it is known."""

import pytest

from gateway.rollout.best_arm import best_arm
from tests.support.verdicts import comparison, verdict


def read(**arms):
    return best_arm(
        {
            name: verdict(
                name,
                comparisons=[comparison(m, interval=i) for m, i in intervals.items()],
            )
            for name, intervals in arms.items()
        }
    )


def test_an_arm_is_best_when_every_other_one_s_interval_lies_above_another_s():
    reading = read(
        deep={"quality": (-0.2, -0.1)},
        plain={"quality": (-0.05, 0.05)},
        cheap={"quality": (0.1, 0.2)},
    )
    assert reading.best == "deep"
    assert set(reading.beaten) == {"plain", "cheap"}


def test_overlapping_intervals_name_a_leader_and_no_best_arm():
    reading = read(deep={"quality": (-0.2, 0.1)}, plain={"quality": (-0.1, 0.2)})
    assert (reading.best, reading.leader) == (None, "deep")
    assert "not proven" in reading.said


def test_a_beaten_arm_is_told_while_others_are_still_alike():
    reading = read(
        a={"quality": (-0.2, 0.0)}, b={"quality": (-0.1, 0.1)}, c={"quality": (0.3, 0.5)}
    )
    assert (reading.best, reading.beaten) == (None, ("c",))


def test_where_quality_tells_nothing_apart_the_error_rate_decides():
    reading = read(
        a={"quality": (-0.1, 0.1), "error_rate": (-0.01, 0.0)},
        b={"quality": (-0.1, 0.1), "error_rate": (0.02, 0.05)},
    )
    assert (reading.measure, reading.best) == ("error_rate", "a")


@pytest.mark.parametrize("missing", [{}, {"quality": None}])
def test_an_arm_without_data_keeps_the_others_from_being_called_best(missing):
    reading = read(a={"quality": (-0.2, -0.1)}, b=missing)
    assert (reading.best, reading.leader) == (None, None)
    assert "no arm" in reading.said
