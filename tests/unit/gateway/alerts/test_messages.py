"""What people read."""

from dataclasses import replace

import pytest

from gateway.alerts.engine import Kind, Notification, Reading
from gateway.alerts.levels import Level
from gateway.alerts.messages import of_event, of_notification, trial
from gateway.alerts.rules import RULES, Measure
from gateway.rollout.state import RolloutEvent
from tests.support.records import NOON

BY_NAME = {rule.name: rule for rule in RULES}


def told(name, value, *, kind=Kind.FIRING, subject="", words="", lasted_s=0.0, known=True):
    reading = Reading(value, 250, words)
    notification = Notification(kind, BY_NAME[name], subject, reading, lasted_s, known)
    return of_notification(notification, "gateway-1")


@pytest.mark.parametrize(
    ("name", "value", "subject", "title"),
    [
        (
            "ErrorRateEmergency",
            0.042,
            "wall_bounce",
            "[EMERGENCY] wall_bounce: 4.2% of requests end in an error of ours (over 3%)",
        ),
        ("LatencyWarning", 6.1, "legacy", "[WARNING] legacy: p95 latency is 6.1 s (over 5 s)"),
        ("ConfidenceCritical", 0.655, "", "[CRITICAL] mean confidence is 0.66 (under 0.7)"),
        ("MemoryCritical", 1.1e9, "", "[CRITICAL] memory is 1100 MB (over 1000 MB)"),
        ("ProviderDown", 0.25, "gpt", "[WARNING] gpt answers 25% of its calls (under 50%)"),
        ("AllProvidersDown", 1.0, "", "[EMERGENCY] no answer from any vendor"),
        ("Crashed", 1.0, "gateway-2", "[EMERGENCY] a process of gateway-2 ended without a goodbye"),
        (
            "ProviderChanged",
            1.0,
            "gpt latency up",
            "[WARNING] a vendor has changed: gpt latency up",
        ),
        ("JournalDropping", 7.0, "", "[CRITICAL] 7 request records lost in five minutes"),
    ],
)
def test_the_title_says_how_loud_what_how_much_and_how_much_would_be_allowed(
    name, value, subject, title
):
    assert told(name, value, subject=subject).title == title


def test_the_body_says_for_how_long_of_how_many_requests_who_saw_it_and_what_to_do():
    body = told("LatencyWarning", 6.1, subject="legacy", lasted_s=300).body
    assert "250 requests in five minutes; for 5 min" in body
    assert "alert LatencyWarning, seen by gateway-1; what to do: docs/alerts.md" in body


def test_a_rollback_comes_with_its_reason():
    assert "a hunch; by op" in told("RolledBack", 1.0, words="a hunch; by op").body


def test_an_end_is_good_news_and_says_how_long_it_lasted():
    over = told("LatencyWarning", 6.1, kind=Kind.RESOLVED, subject="legacy", lasted_s=7500)
    assert over.title.startswith("[RESOLVED] legacy: p95")
    assert over.good_news
    assert "over after 2.1 h" in over.body


def test_an_end_for_lack_of_traffic_is_not_called_an_improvement():
    over = told("LatencyWarning", 6.1, kind=Kind.RESOLVED, lasted_s=600, known=False)
    assert "cannot be judged any more, for lack of traffic; after 10 min" in over.body


def test_a_repetition_says_that_it_is_one():
    assert told("AllProvidersDown", 1, kind=Kind.REPEATED).title == (
        "[EMERGENCY] still: no answer from any vendor"
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_words_and_a_limit_where_it_has_one(rule):
    title = told(rule.name, rule.limit).title
    has_limit = rule.limit != 0
    assert title.endswith(")") == has_limit


EVENT = RolloutEvent(7, NOON, "trip", "watcher@gateway-1", "error rate 13.04%")


def test_a_rollback_is_critical_at_once_and_says_why_and_by_whom():
    message = of_event(EVENT, "gateway-1")
    assert (message.level, message.good_news) == (Level.CRITICAL, False)
    assert message.title == "[CRITICAL] rolled back: all traffic takes the legacy path"
    assert (
        "reason: error rate 13.04%\nby watcher@gateway-1 at 2026-01-01 12:00:00 UTC" in message.body
    )


def test_an_acknowledgement_is_good_news():
    message = of_event(replace(EVENT, kind="acknowledge", reason=None), "gateway-1")
    assert message.good_news
    assert message.body.startswith("by watcher@gateway-1")


@pytest.mark.parametrize(
    ("kind", "level"),
    [("close", Level.CRITICAL), ("advance", Level.WARNING), ("hold", Level.WARNING)],
)
def test_what_takes_traffic_away_is_critical_and_what_moves_it_is_not(kind, level):
    assert of_event(replace(EVENT, kind=kind), "i").level is level


def test_a_move_that_has_no_words_here_is_told_by_its_name():
    assert "rollout changed: leap" in of_event(replace(EVENT, kind="leap"), "i").title


@pytest.mark.parametrize("level", Level)
def test_a_trial_says_that_nothing_is_wrong(level):
    assert trial(level, "i").title == f"[{level.upper()}] this is a test: nothing is wrong"


def test_every_measure_is_looked_at_by_some_rule():
    assert {rule.measure for rule in RULES} == set(Measure)
