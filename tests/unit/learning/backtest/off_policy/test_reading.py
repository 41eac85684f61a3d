"""Which records tell of a choice of the engine's."""

from datetime import UTC, datetime

import pytest

from learning.backtest.off_policy.policies import Choice, LoggedRequest
from learning.backtest.off_policy.reading import NOT_ITS_CHOICE, UNREADABLE, logged_request

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADVICE = {
    "panel": ["gemini", "claude", "gpt"],
    "opening_in_force": 1,
    "taken": ["providers", "opening"],
    "propensity": 0.25,
    "explored": True,
    "policy": 3,
}


def read(**changes):
    return logged_request(NOON, "basic", ADVICE | changes, True, 0.01)


def test_a_choice_is_read_with_its_propensity():
    assert read() == LoggedRequest(
        NOON, "basic", Choice(("gemini",), ("claude", "gpt")), 0.25, True, True, 0.01
    )


def test_what_was_done_counts_not_what_was_advised():
    assert read(providers=["gpt"], opening=2).choice == Choice(("gemini",), ("claude", "gpt"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"taken": ["weights"]}, NOT_ITS_CHOICE, id="only votes were weighed"),
        pytest.param({"taken": []}, NOT_ITS_CHOICE, id="the caller said whom"),
        pytest.param({"panel": []}, UNREADABLE, id="nobody"),
        pytest.param({"panel": [1]}, UNREADABLE, id="no names"),
        pytest.param({"propensity": 0}, UNREADABLE, id="impossible"),
        pytest.param({"propensity": "0.5"}, UNREADABLE, id="text"),
        pytest.param({"explored": None}, UNREADABLE, id="drawn or not"),
        pytest.param({"taken": None}, UNREADABLE, id="nothing taken"),
    ],
)
def test_what_tells_nothing_is_left_out_with_the_reason(changes, reason):
    assert read(**changes) == reason


@pytest.mark.parametrize(
    "missing", ["panel", "opening_in_force", "taken", "propensity", "explored"]
)
def test_advice_of_another_form_is_left_out(missing):
    advice = {name: value for name, value in ADVICE.items() if name != missing}
    assert logged_request(NOON, "basic", advice, None, None) == UNREADABLE
