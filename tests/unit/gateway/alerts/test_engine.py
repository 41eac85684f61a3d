"""When an alert is told, told again, and told to be over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.alerts.engine import Kind, Phase, Reading, step
from gateway.alerts.levels import Level
from gateway.alerts.rules import RULES, Measure, Rule

SLOW = Rule("Slow", Level.WARNING, Measure.LATENCY, 5.0, 300.0, calm_s=60.0, minimum=20)
SLOWER = Rule("Slower", Level.CRITICAL, Measure.LATENCY, 10.0, 60.0, calm_s=60.0, minimum=20)
BROKEN = Rule("Broken", Level.EMERGENCY, Measure.ERROR_RATE, 0.03, 0.0, calm_s=60.0, minimum=20)
UNSURE = Rule("Unsure", Level.WARNING, Measure.CONFIDENCE, 0.8, 0.0, below=True, calm_s=0.0)
REPEAT_S = 3600.0


class Life:
    """Looks at rules every ten seconds, and keeps what was told and when."""

    def __init__(self, *rules):
        self.rules = rules
        self.now = 0.0
        self.alerts = {}
        self.told = []

    def goes(self, seconds, *, quiet=False, **readings):
        """A while in which each measure has one value, or (value, requests), or None."""
        until = self.now + seconds
        while self.now < until:
            self.alerts, notifications = step(
                self.rules,
                self.alerts,
                _readings(readings),
                self.now,
                quiet=quiet,
                repeat_s=REPEAT_S,
            )
            self.told += [(self.now, n.kind, n.rule.name) for n in notifications]
            self.last = notifications
            self.now += 10.0
        return self


def _readings(given_):
    measures = {"p95": Measure.LATENCY, "errors": Measure.ERROR_RATE, "sure": Measure.CONFIDENCE}
    found = {}
    for name, value in given_.items():
        if value is not None:
            number, count = value if isinstance(value, tuple) else (value, 100)
            found[measures[name], "arm"] = Reading(number, count)
    return found


def test_a_condition_is_told_once_it_held_for_the_rules_time_and_not_before():
    life = Life(SLOW).goes(300, p95=6.0)
    assert life.told == []
    assert life.alerts["Slow", "arm"].phase is Phase.PENDING
    assert life.goes(10, p95=6.0).told == [(300.0, Kind.FIRING, "Slow")]


def test_an_emergency_does_not_wait():
    assert Life(BROKEN).goes(10, errors=0.04).told == [(0.0, Kind.FIRING, "Broken")]


def test_a_figure_equal_to_its_limit_is_within_it():
    assert Life(BROKEN, UNSURE).goes(600, errors=0.03, sure=0.8).told == []


def test_a_condition_that_breaks_off_begins_anew():
    life = Life(SLOW).goes(290, p95=6.0).goes(10, p95=4.0).goes(300, p95=6.0)
    assert life.told == []


def test_what_goes_on_is_told_once_and_again_after_the_repetition_time():
    life = Life(BROKEN).goes(2 * REPEAT_S, errors=0.04)
    assert life.told == [(0.0, Kind.FIRING, "Broken"), (REPEAT_S, Kind.REPEATED, "Broken")]


def test_the_end_is_told_once_the_figure_has_been_back_for_the_rules_calm():
    life = Life(BROKEN).goes(100, errors=0.04).goes(60, errors=0.0)
    assert [kind for _, kind, _ in life.told] == [Kind.FIRING]
    life.goes(300, errors=0.0)
    assert life.told[1:] == [(160.0, Kind.RESOLVED, "Broken")]
    assert life.alerts == {}


def test_a_figure_that_swings_around_its_limit_makes_one_alert_of_it():
    life = Life(BROKEN)
    for _ in range(30):
        life.goes(10, errors=0.04).goes(50, errors=0.0)
    assert [kind for _, kind, _ in life.told] == [Kind.FIRING]


def test_a_condition_that_never_fired_ends_without_a_word():
    assert Life(SLOW).goes(200, p95=6.0).goes(300, p95=1.0).told == []


def test_too_few_requests_are_no_alert():
    assert Life(BROKEN).goes(600, errors=(1.0, 19)).told == []
    assert len(Life(BROKEN).goes(10, errors=(1.0, 20)).told) == 1


@pytest.mark.parametrize("silence", [None, (1.0, 19)], ids=["no figure", "too few requests"])
def test_an_alert_of_which_nothing_is_known_any_more_is_over_and_says_it_is_not_known(silence):
    life = Life(BROKEN).goes(100, errors=0.04).goes(70, errors=silence)
    (over,) = life.last
    assert (over.kind, over.known) == (Kind.RESOLVED, False)
    life = Life(BROKEN).goes(100, errors=0.04).goes(70, errors=0.0)
    assert life.last[0].known


def test_a_louder_alert_of_the_same_figure_keeps_the_quieter_one_silent():
    life = Life(SLOW, SLOWER).goes(1000, p95=12.0)
    assert life.told == [(60.0, Kind.FIRING, "Slower")]
    # The louder one is over first, and what is left is told.
    life.goes(200, p95=6.0)
    assert life.told[1:] == [(1060.0, Kind.RESOLVED, "Slower"), (1060.0, Kind.FIRING, "Slow")]


def test_a_quieter_alert_that_was_told_before_the_louder_one_still_tells_its_end():
    life = Life(SLOW, SLOWER).goes(400, p95=6.0).goes(100, p95=12.0).goes(200, p95=1.0)
    assert [(kind, name) for _, kind, name in life.told] == [
        (Kind.FIRING, "Slow"),
        (Kind.FIRING, "Slower"),
        (Kind.RESOLVED, "Slower"),
        (Kind.RESOLVED, "Slow"),
    ]


def test_a_louder_alert_of_another_arm_silences_nobody():
    reading = {
        (Measure.LATENCY, "legacy"): Reading(12.0, 100),
        (Measure.LATENCY, "wall_bounce"): Reading(6.0, 100),
    }
    alerts, told = {}, []
    for now in range(0, 400, 10):
        alerts, new = step((SLOW, SLOWER), alerts, reading, now, quiet=False, repeat_s=REPEAT_S)
        told += [(n.rule.name, n.subject) for n in new]
    assert told == [("Slower", "legacy"), ("Slow", "wall_bounce")]


def test_a_warning_waits_for_the_end_of_the_quiet_hours():
    life = Life(UNSURE).goes(1000, quiet=True, sure=0.5)
    assert life.told == []
    assert life.goes(10, sure=0.5).told == [(1000.0, Kind.FIRING, "Unsure")]


def test_a_warning_that_is_over_before_the_quiet_hours_are_is_never_told():
    life = Life(UNSURE).goes(1000, quiet=True, sure=0.5).goes(100, quiet=True, sure=0.9)
    assert life.goes(1000, sure=0.9).told == []


def test_a_warning_whose_figure_is_back_when_the_quiet_hours_end_is_not_told():
    life = Life(SLOW).goes(1000, quiet=True, p95=6.0).goes(30, quiet=True, p95=1.0)
    assert life.alerts["Slow", "arm"].phase is Phase.FIRING
    assert life.goes(300, p95=1.0).told == []


def test_critical_alerts_and_emergencies_know_no_quiet_hours():
    life = Life(SLOWER, BROKEN).goes(100, quiet=True, p95=12.0, errors=0.5)
    assert {name for _, _, name in life.told} == {"Slower", "Broken"}


def test_a_warning_that_ends_in_quiet_hours_tells_so_when_they_are_over():
    life = Life(UNSURE).goes(100, sure=0.5).goes(500, quiet=True, sure=0.9)
    assert [kind for _, kind, _ in life.told] == [Kind.FIRING]
    assert life.goes(10, sure=0.9).told[1:] == [(600.0, Kind.RESOLVED, "Unsure")]
    assert life.goes(1000, sure=0.9).alerts == {}


def test_a_warning_that_ends_and_returns_in_quiet_hours_just_goes_on():
    life = Life(UNSURE).goes(100, sure=0.5).goes(100, quiet=True, sure=0.9)
    life.goes(100, quiet=True, sure=0.5).goes(100, sure=0.5)
    assert [kind for _, kind, _ in life.told] == [Kind.FIRING]


def test_an_end_that_another_message_tells_is_silent():
    silent = replace(BROKEN, silent_end=True)
    life = Life(silent).goes(100, errors=0.04).goes(300, errors=0.0)
    assert [kind for _, kind, _ in life.told] == [Kind.FIRING]
    assert life.alerts == {}


def test_the_loudest_is_told_first():
    life = Life(UNSURE, BROKEN).goes(10, errors=0.5, sure=0.1)
    assert [name for _, _, name in life.told] == ["Broken", "Unsure"]


MOMENTS = st.lists(
    st.tuples(
        st.dictionaries(
            st.tuples(st.sampled_from(list(Measure)), st.sampled_from(["", "a", "b"])),
            st.builds(
                Reading,
                value=st.sampled_from([0.0, 0.025, 0.05, 0.75, 0.9, 6.0, 12.0, 9e8, 2e9]),
                count=st.sampled_from([0, 4, 19, 20, 1000]),
            ),
            max_size=6,
        ),
        st.booleans(),
        st.floats(0.5, 200.0),
    ),
    max_size=40,
)


@given(MOMENTS)
def test_whatever_happens_each_alert_is_told_begun_and_over_in_turn(moments):
    alerts, now, open_ = {}, 0.0, set()
    for readings, quiet, passed in moments:
        alerts, told = step(RULES, alerts, readings, now, quiet=quiet, repeat_s=REPEAT_S)
        for notification in told:
            key = notification.key
            assert not (quiet and notification.rule.level is Level.WARNING)
            match notification.kind:
                case Kind.FIRING:
                    assert key not in open_
                    assert notification.lasted_s >= notification.rule.wait_s
                    assert readings[notification.rule.measure, key[1]] == notification.reading
                    open_.add(key)
                case Kind.REPEATED:
                    assert key in open_
                case Kind.RESOLVED:
                    open_.remove(key)
        open_ &= alerts.keys()  # a silent end
        assert {key for key, alert in alerts.items() if alert.told_at is not None} == open_
        now += passed


@given(MOMENTS)
def test_whatever_happened_healthy_figures_end_everything_out_of_quiet_hours(moments):
    alerts, now = {}, 0.0
    for readings, quiet, passed in moments:
        alerts, _ = step(RULES, alerts, readings, now, quiet=quiet, repeat_s=REPEAT_S)
        now += passed
    for later in (0.0, 121.0):
        alerts, _ = step(RULES, alerts, {}, now + later, quiet=False, repeat_s=REPEAT_S)
    assert alerts == {}
