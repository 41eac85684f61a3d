"""A pattern lives longer the more it is used, labelled and right; the store stays within its bound."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.lifetime import BASE_LIFE, Census, Use, dies_at, life

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)

uses = st.builds(
    Use,
    id=st.integers(1, 10_000),
    last_at=st.integers(0, 515).map(lambda days: NOW - days * DAY),
    count=st.integers(1, 1_000),
    labelled=st.integers(0, 5),
    reused=st.integers(0, 1_000),
    predictive=st.integers(-50, 50),
)


def doomed(found, now, *, at_most):
    """Told in two pages."""
    census = Census(now, at_most=at_most)
    census.add(found[: len(found) // 2])
    census.add(found[len(found) // 2 :])
    assert len(census) == len(found)
    return census.doomed()


many = st.lists(uses, max_size=40, unique_by=lambda use: use.id)


@pytest.mark.parametrize(
    ("use", "lives"),
    [
        pytest.param(Use(1, NOW), 1.0, id="unused, unlabelled: one base life"),
        pytest.param(Use(1, NOW, reused=1), 2.0, id="one reuse adds a life"),
        pytest.param(Use(1, NOW, reused=3), 3.0, id="three reuses add two"),
        pytest.param(Use(1, NOW, count=4), 3.0, id="repeats count as uses"),
        pytest.param(Use(1, NOW, labelled=1), 2.0, id="a label doubles"),
        pytest.param(Use(1, NOW, reused=10**6), 5.0, id="reuse adds four lives at most"),
        pytest.param(Use(1, NOW, reused=4, predictive=4), (1 + 2.321928) * 2, id="right each time"),
        pytest.param(
            Use(1, NOW, reused=4, predictive=-4), (1 + 2.321928) / 2, id="astray each time"
        ),
    ],
)
def test_a_life_is_as_long_as_its_use_label_and_skill_make_it(use, lives):
    assert life(use) / BASE_LIFE == pytest.approx(lives, rel=1e-6)


@given(uses, st.integers(1, 100))
def test_more_reuse_never_shortens_a_life_that_predicts_nothing(use, more):
    idle = Use(use.id, use.last_at, use.count, use.labelled, use.reused)
    assert life(Use(use.id, use.last_at, use.count, use.labelled, use.reused + more)) >= life(idle)


@given(uses, st.integers(1, 20))
def test_predicting_better_never_shortens_a_life(use, more):
    better = Use(
        use.id, use.last_at, use.count, use.labelled, use.reused + more, use.predictive + more
    )
    worse = Use(
        use.id, use.last_at, use.count, use.labelled, use.reused + more, use.predictive - more
    )
    assert life(better) >= life(worse)


@given(many, st.integers(0, 40))
def test_what_stays_is_alive_and_within_the_bound(found, at_most):
    gone = doomed(found, NOW, at_most=at_most)
    removed = {*gone.expired, *gone.crowded}
    stays = [use for use in found if use.id not in removed]
    assert all(dies_at(use) > NOW for use in stays)
    assert len(stays) <= at_most
    assert len(stays) == min(at_most, len(found) - len(gone.expired))


@given(many, st.integers(0, 40))
def test_who_is_crowded_out_would_have_died_before_all_who_stay(found, at_most):
    gone = doomed(found, NOW, at_most=at_most)
    crowded = [dies_at(use) for use in found if use.id in gone.crowded]
    stays = [dies_at(u) for u in found if u.id not in {*gone.expired, *gone.crowded}]
    assert not crowded or not stays or max(crowded) <= min(stays)


@given(many, st.integers(0, 40), st.randoms())
def test_the_order_in_which_patterns_are_read_makes_no_difference(found, at_most, rng):
    shuffled = list(found)
    rng.shuffle(shuffled)
    assert doomed(shuffled, NOW, at_most=at_most) == doomed(found, NOW, at_most=at_most)


def test_a_pattern_of_the_end_of_time_is_kept_and_breaks_nothing():
    last = Use(1, datetime.max.replace(tzinfo=UTC) - DAY)
    assert doomed([last], NOW, at_most=1).expired == ()


def test_a_bound_below_nothing_is_refused():
    with pytest.raises(ValueError, match="at_most"):
        doomed([], NOW, at_most=-1)
