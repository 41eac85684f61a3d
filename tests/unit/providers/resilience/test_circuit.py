"""When an endpoint is left alone, and tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.resilience import verdict
from providers.resilience.circuit import Circuit, CircuitTerms, Outcome, State
from providers.resilience.yardstick import Yardstick

WELL, FAILED, SLOW, SILENT = Outcome.WELL, Outcome.FAILED, Outcome.SLOW, Outcome.SILENT
TERMS = CircuitTerms()


def circuit(draw=lambda: 0.0):
    """Draws of 0 keep it open as long as it may be."""
    return Circuit(TERMS, draw)


def call(of, outcome, now):
    """A whole call in one moment: whether it was let pass."""
    ticket = of.admit(now, None)
    if ticket is not None:
        of.settle(ticket, outcome, now)
    return ticket is not None


def opened(now=0.0, outcome=FAILED):
    of = circuit()
    for _ in range(TERMS.run):
        call(of, outcome, now)
    assert of.state is State.OPEN
    return of


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        pytest.param([FAILED] * 4, State.CLOSED, id="a handful of failures opens nothing"),
        pytest.param([FAILED] * 5, State.OPEN, id="five in a row do"),
        pytest.param([FAILED, SLOW] * 2 + [SLOW], State.OPEN, id="failed or slow, it is ill"),
        pytest.param([FAILED] * 4 + [SILENT] + [FAILED], State.OPEN, id="who says nothing interrupts nothing"),
        pytest.param([FAILED] * 4 + [WELL] + [FAILED] * 4, State.CLOSED, id="9 calls are too few for a share"),
        pytest.param([WELL, FAILED] * 5, State.OPEN, id="half of ten"),
        pytest.param([FAILED, WELL, WELL] * 20, State.CLOSED, id="a third never"),
        pytest.param([WELL] * 15 + [FAILED, FAILED, WELL] * 5, State.OPEN, id="10 of the last 20"),
    ],
)  # fmt: skip
def test_it_opens_where_enough_calls_of_the_last_were_ill(outcomes, state):
    of = circuit()
    for number, outcome in enumerate(outcomes):
        if of.state is State.OPEN:
            break
        call(of, outcome, number / 10)
    assert of.state is state


def test_failures_long_ago_are_no_share_of_now():
    of = circuit()
    for n in range(8):
        call(of, FAILED if n % 2 else WELL, 0.0)
    for _ in range(2):
        call(of, FAILED, 100.0)
        call(of, WELL, 100.0)
    assert of.state is State.CLOSED


@pytest.mark.parametrize(("outcome", "reason"), [(FAILED, FAILED), (SLOW, SLOW)])
def test_it_knows_why_it_opened(outcome, reason):
    assert opened(outcome=outcome).reason is reason


def test_open_it_refuses_for_a_second_then_lets_two_probes_pass():
    of = opened(now=10.0)
    assert of.admit(10.9, None) is None
    assert of.wait_s(10.4) == pytest.approx(0.6)
    first, second = of.admit(11.0, None), of.admit(11.0, None)
    assert None not in {first, second}
    assert of.state is State.HALF_OPEN
    assert of.admit(11.0, None) is None
    of.settle(first, WELL, 11.1)
    assert of.state is State.HALF_OPEN
    of.settle(second, WELL, 11.2)
    assert of.state is State.CLOSED
    assert of.reason is None


def test_while_probes_fail_it_stays_open_twice_as_long_but_never_over_five_seconds():
    of, now, waits = opened(), 0.0, []
    for _ in range(5):
        wait = of.wait_s(now)
        waits.append(wait)
        now += wait
        assert call(of, FAILED, now)
    assert waits == pytest.approx([1, 2, 4, 5, 5])


def test_a_probe_that_says_nothing_makes_room_for_another():
    of = opened()
    for _ in range(10):
        assert call(of, SILENT, 1.0)
    assert of.state is State.HALF_OPEN


def test_once_closed_it_begins_with_a_second_again():
    of = opened()
    call(of, FAILED, 1.0)
    assert of.wait_s(1.0) == pytest.approx(2.0)
    call(of, WELL, 3.0)
    call(of, WELL, 3.0)
    assert of.state is State.CLOSED
    for _ in range(5):
        call(of, FAILED, 3.0)
    assert of.wait_s(3.0) == pytest.approx(1.0)


def test_overruled_calls_that_end_well_close_it_as_probes_do():
    of = opened()
    for _ in range(2):
        of.settle(of.overrule(), WELL, 0.1)
    assert of.state is State.CLOSED


def test_overruled_calls_that_fail_do_not_keep_it_open_longer():
    of = opened()
    for n in range(10):
        of.settle(of.overrule(), FAILED, n / 20)
    assert of.admit(1.0, None) is not None


def test_calls_begun_before_it_opened_say_nothing_more():
    of = circuit()
    early = [of.admit(0.0, None) for _ in range(8)]
    for ticket in early[:5]:
        of.settle(ticket, FAILED, 0.1)
    assert of.state is State.OPEN
    for ticket in early[5:]:
        of.settle(ticket, WELL, 0.2)
    assert of.state is State.OPEN


def test_probes_that_hang_do_not_keep_it_shut():
    of = opened()
    hanging = [of.admit(1.0, None) for _ in range(TERMS.probes)]
    assert None not in hanging
    assert of.refuses(1.0 + TERMS.longest_open_s - 0.1)
    assert call(of, WELL, 1.0 + TERMS.longest_open_s)
    assert call(of, WELL, 1.0 + 2 * TERMS.longest_open_s)
    assert of.state is State.CLOSED
    for ticket in hanging:
        of.settle(ticket, FAILED, 60.0)
    assert of.state is State.CLOSED


def test_a_batch_of_long_calls_that_others_overtake_opens_nothing():
    of = circuit()
    long = [of.admit(0.0, 3.0) for _ in range(30)]
    for n in range(100):
        short = of.admit(n / 10, 3.0)
        of.settle(short, WELL, n / 10 + 0.05)
    assert of.state is State.CLOSED
    for ticket in long[:5]:
        of.settle(ticket, SLOW, 60.0)
    assert of.state is State.OPEN, "each is slow when it ends"


def test_a_vendor_that_hangs_is_noticed_by_the_calls_that_come_after():
    of = circuit()
    hanging = [of.admit(n / 10, 1.0) for n in range(5)]
    assert of.admit(1.3, 1.0) is not None, "only four are overdue by now"
    assert of.admit(1.5, 1.0) is None
    assert (of.state, of.reason) == (State.OPEN, SLOW)
    for ticket in hanging:
        of.settle(ticket, FAILED, 60.0)
    assert of.opens == 1, "their end is no news"


def test_an_overdue_call_is_counted_once():
    of = circuit()
    late = of.admit(0.0, 1.0)
    for n in range(3):
        call(of, FAILED, 2.0 + n)  # the late one is the first of four
    of.settle(late, SLOW, 9.0)
    assert of.state is State.CLOSED
    call(of, FAILED, 9.1)
    assert of.state is State.OPEN


STEPS = st.lists(
    st.tuples(st.sampled_from(["call", "begin", "end", "overrule"]), st.sampled_from(list(Outcome)), st.floats(0, 3)),
    max_size=120,
)  # fmt: skip


@given(STEPS, st.floats(0, 1, exclude_max=True))
def test_whatever_happens_it_lets_a_call_pass_within_five_seconds_and_few_at_once_while_half_open(
    steps, drawn
):
    of, now, out = Circuit(TERMS, lambda: drawn), 0.0, []
    ill = 0
    for kind, outcome, seconds in steps:
        now += seconds
        if kind == "end" and out:
            ticket, _ = out.pop(0)
            of.settle(ticket, outcome, now)
        elif kind == "overrule":
            of.settle(of.overrule(), outcome, now)
        elif (ticket := of.admit(now, 2.0)) is not None:
            if kind == "call":
                of.settle(ticket, outcome, now)
            else:
                out.append((ticket, now))
        ill += outcome in {FAILED, SLOW} or kind == "begin"
        if of.opens:
            assert ill >= TERMS.run or len(steps) >= TERMS.run
        if of.state is State.HALF_OPEN:
            young = [t for t, begun in out if now - begun < TERMS.longest_open_s]
            assert sum(t.probe and t.epoch == of._epoch for t in young) <= TERMS.probes
        assert of.wait_s(now) <= TERMS.longest_open_s
    for ticket, _ in out:
        of.settle(ticket, SILENT, now)
    assert of.admit(now + TERMS.longest_open_s, None) is not None


def usual(*seconds):
    measured = Yardstick()
    for n, taken in enumerate(seconds or [0.1] * 20):
        measured.learn(taken, float(n))
    return measured


@pytest.mark.parametrize(
    ("error", "seconds", "says"),
    [
        pytest.param(errors.ServerError("p", ""), 0.1, FAILED, id="down"),
        pytest.param(errors.ConnectionLostError("p", ""), 0.1, FAILED, id="down too"),
        pytest.param(errors.TimedOutError("p", ""), 0.05, SILENT, id="a caller's own haste"),
        pytest.param(errors.TimedOutError("p", ""), 0.2, FAILED, id="longer than 99 of 100 calls"),
        pytest.param(errors.RateLimitedError("p", ""), 0.1, SILENT, id="the limiter's business"),
        pytest.param(errors.AuthenticationFailedError("p", ""), 0.1, SILENT, id="the key's fault"),
        pytest.param(errors.UnsupportedError("p", ""), 0.0, SILENT, id="nothing was sent"),
        pytest.param(errors.RejectedRequestError("p", ""), 0.1, WELL, id="it is there"),
        pytest.param(errors.FilteredReplyError("p", ""), 0.1, WELL, id="it is there, too"),
    ],
)
def test_a_failure_counts_where_it_says_that_the_vendor_is_down(error, seconds, says):
    assert verdict.of_failure(error, seconds, usual()) is says


@pytest.mark.parametrize(("seconds", "says"), [(4.9, SILENT), (5.0, FAILED)])
def test_of_an_unknown_vendor_only_a_time_out_of_five_seconds_counts(seconds, says):
    assert verdict.of_failure(errors.TimedOutError("p", ""), seconds, Yardstick()) is says


@pytest.mark.parametrize(
    ("seconds", "answered", "left"), [(0.2, WELL, SILENT), (0.4, SLOW, SLOW)], ids=["usual", "slow"]
)
def test_a_call_over_three_times_the_p95_is_slow_answered_or_given_up(seconds, answered, left):
    assert verdict.of_answer(seconds, usual()) is answered
    assert verdict.of_giving_up(seconds, usual()) is left
    assert verdict.of_answer(seconds, Yardstick()) is WELL
    assert verdict.of_giving_up(seconds, Yardstick()) is SILENT
