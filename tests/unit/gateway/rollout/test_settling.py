"""Requests count in the order they came in, not in the order they end."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.judge import Judge
from gateway.rollout.observation import CONTROL
from gateway.rollout.plan import MAIN_ARM
from gateway.rollout.rules import Rules
from gateway.rollout.settling import LONGEST_S, MOST_WAITING, START_S, Settling
from tests.support.observations import LIMITS, seen

FAR = 1e6


def ended(arrival, seconds, arm=MAIN_ARM, **how):
    """When a request ended that came in at ``arrival``, and the request."""
    return arrival + seconds, seen(arm, arrival, latency_ms=1000 * seconds, **how)


def settled(requests, settling=None):
    """All that is let go, with the time it was, of requests as they end."""
    settling = Settling() if settling is None else settling
    out = []
    for now, request in sorted(requests, key=lambda pair: pair[0]):
        settling.add(request, now)
        out += [(now, some) for some in settling.release(now)]
    return out


def known(seconds, arm=MAIN_ARM):
    """A settling that knows how long answers take."""
    settling = Settling()
    settled([ended(i, seconds, arm) for i in range(200)], settling)
    settling.clear()
    return settling


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, START_S), st.booleans()), max_size=19))
def test_what_takes_no_longer_than_the_horizon_is_let_go_in_the_order_of_arrivals(requests):
    settling = Settling()
    some = [ended(at, seconds, error=error) for at, seconds, error in requests]
    out = [r for _, r in settled(some, settling)]
    out += list(settling.release(FAR))
    assert len(out) == len(some)
    assert [r.at for r in out] == sorted(r.at for r in out)


def test_a_failure_waits_as_long_as_the_answers_of_its_time():
    settling = known(2.0)
    settling.add(*reversed(ended(1_000.0, 0.05, error=True)))
    assert list(settling.release(1_001.9)) == []
    assert len(list(settling.release(1_002.1))) == 1


def test_the_lag_is_the_p95_of_the_slower_side():
    settling = known(2.0)
    settled([ended(300 + i, 6.0, CONTROL) for i in range(200)], settling)
    assert settling.horizon == 6.0


def test_before_answers_are_known_the_longest_request_seen_sets_the_lag():
    settling = Settling()
    assert settling.horizon == START_S
    settled([ended(0, 8.0)], settling)
    assert settling.horizon == 8.0


def test_a_side_that_is_new_makes_the_others_wait_until_it_is_known():
    settling = known(1.0)
    settled([ended(1_000, 0.05, CONTROL, error=True)], settling)
    assert settling.horizon == START_S


def test_failures_say_nothing_of_how_long_answers_take():
    settling = Settling()
    settled([ended(i, 0.05, error=True) for i in range(100)], settling)
    assert settling.horizon == START_S


def test_no_request_makes_the_others_wait_for_longer_than_half_a_minute():
    assert known(500.0).horizon == LONGEST_S


def test_a_request_slower_than_the_lag_counts_as_it_ends():
    settling = known(2.0)
    now, slow = ended(1_000.0, 20.0)
    settling.add(slow, now)
    assert list(settling.release(now)) == [slow]


def test_too_many_that_wait_let_the_oldest_go():
    settling = Settling()
    out = settled([ended(i / 1e6, 0.05) for i in range(MOST_WAITING + 5)], settling)
    assert len(settling) == MOST_WAITING
    assert [r.at for _, r in out] == sorted(r.at for _, r in out)
    assert len(out) == 5


def test_a_restart_forgets_what_waits_and_not_how_long_answers_take():
    settling = known(9.0)
    settling.add(*reversed(ended(1_000.0, 0.05)))
    settling.clear()
    assert (len(settling), settling.horizon) == (0, 9.0)


def test_an_arm_that_is_gone_holds_nobody_up():
    settling = known(9.0)
    settling.keep({CONTROL})
    assert settling.horizon == START_S


def first_seconds(seed, errors=0.01, seconds=12):
    """200 requests a second, half of them the arm's, answered in 4 s, the control's in 2 s."""
    rng, requests = random.Random(seed), []
    for i in range(200 * seconds):
        to_arm, error = rng.random() < 0.5, rng.random() < 0.01
        error = error or (to_arm and rng.random() < errors - 0.01)
        takes = 0.05 if error else (4.0 if to_arm else 2.0) * rng.lognormvariate(0, 0.3)
        name = MAIN_ARM if to_arm else CONTROL
        requests.append(ended(i / 200, takes, name, share=0.5, error=error))
    return sorted(requests, key=lambda pair: pair[0])


LENIENT = Rules(replace(LIMITS, latency_ms=1e9))


def rolled_back(requests):
    judge = Judge(LENIENT)
    return any(judge.observe(request, now) is not None for now, request in requests)


def test_failures_that_end_before_any_answer_do_not_roll_back_a_harmless_slower_arm():
    assert sum(rolled_back(first_seconds(seed)) for seed in range(12)) <= 1


def test_an_arm_that_fails_is_still_rolled_back_within_seconds():
    assert all(rolled_back(first_seconds(seed, errors=0.2)) for seed in range(5))


def test_without_another_request_a_tick_finds_the_harm():
    judge = Judge(Rules(LIMITS))
    for i in range(20):
        now, request = ended(i / 10, 0.05, error=True)
        assert judge.observe(request, now) is None
    alarm = judge.tick(2.0 + START_S)
    assert alarm.arm == MAIN_ARM
    assert judge.tick(2.1 + START_S) is None


def test_a_request_that_nothing_hangs_on_raises_no_alarm_and_is_evidence():
    judge = Judge(Rules(LIMITS))
    for i in range(200):
        now, request = ended(i / 10, 0.05, error=True)
        assert judge.observe(request, now, armed=False) is None
    assert judge.tick(30.0).arm == MAIN_ARM
