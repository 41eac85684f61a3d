"""When a dead worker is replaced, and when no worker has a chance any more."""

import pytest

from gateway.workers import LONGEST_PAUSE_S, STEADY_S, TRIES, Restarts


def dies(restarts, place, now, *, excused=False):
    restarts.started(place, now)
    restarts.died(place, now + 1, excused=excused)


def test_a_worker_that_had_served_is_replaced_at_once():
    restarts = Restarts(1)
    restarts.started(0, 0.0)
    restarts.died(0, STEADY_S, excused=False)
    assert restarts.waits(0)
    assert restarts.due(0, STEADY_S)
    restarts.started(0, STEADY_S)
    assert not restarts.waits(0)


def test_all_failing_often_enough_is_hopeless():
    restarts = Restarts(2)
    for attempt in range(TRIES):
        for place in (0, 1):
            assert not restarts.hopeless
            dies(restarts, place, attempt * 2.0)
    assert restarts.hopeless


def test_while_one_serves_the_others_are_tried_for_ever_at_growing_intervals():
    restarts = Restarts(2)
    restarts.started(0, 0.0)
    now, pauses = STEADY_S, []
    for _ in range(8):
        dies(restarts, 1, now)
        now += 1
        died = now
        while not restarts.due(1, now):
            now += 1
        pauses.append(now - died)
        restarts.alive(0, now)
    assert pauses == [0, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert not restarts.hopeless


@pytest.mark.parametrize("lives", [STEADY_S, 60.0])
def test_a_worker_that_lives_forgets_its_failures(lives):
    restarts = Restarts(1)
    for attempt in range(TRIES - 1):
        dies(restarts, 0, attempt * 2.0)
    restarts.started(0, 100.0)
    restarts.alive(0, 100.0 + lives)
    dies(restarts, 0, 200.0)
    assert not restarts.hopeless
    assert restarts.due(0, 201.0)


def test_a_worker_that_only_just_lives_has_not_proved_itself():
    restarts = Restarts(1)
    for attempt in range(TRIES):
        dies(restarts, 0, attempt * 2.0)
        restarts.started(0, 50.0)
        restarts.alive(0, 50.5)
    assert restarts.hopeless


def test_a_death_that_says_nothing_of_the_start_is_no_failure():
    restarts = Restarts(1)
    for attempt in range(TRIES * 3):
        dies(restarts, 0, attempt * 2.0, excused=True)
        assert restarts.due(0, attempt * 2.0 + 1)
    assert not restarts.hopeless
