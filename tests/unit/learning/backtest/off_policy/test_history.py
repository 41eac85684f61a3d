"""What other choices would have been worth on requests answered by one choice each."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from learning.backtest.off_policy.history import BEST_BY_TASK, UNEXPLORED, best_by_task, judge
from learning.backtest.off_policy.policies import Choice, LoggedRequest

PAIR, LONE = Choice.of(("gemini", "claude"), 0), Choice.of(("gemini",), 0)
RIGHT = {(PAIR, "basic"): 0.9, (LONE, "basic"): 0.6, (PAIR, "premium"): 0.5, (LONE, "premium"): 0.8}
PRICE = {PAIR: 0.02, LONE: 0.01}
BEST = {"basic": PAIR, "premium": LONE}


def traffic(count, explored=0.3, seed=0, best=BEST):
    """The best choice of each task, and at times the other; two labels of three arrive."""
    dice, other = Random(seed), {PAIR: LONE, LONE: PAIR}
    requests = []
    for n in range(count):
        task = dice.choice(list(best))
        drawn = dice.random() < explored
        choice = other[best[task]] if drawn else best[task]
        requests.append(
            LoggedRequest(
                at=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n),
                task=task,
                choice=choice,
                propensity=explored if drawn else 1 - explored,
                explored=drawn,
                correct=dice.random() < RIGHT[choice, task] if dice.random() < 2 / 3 else None,
                cost_usd=PRICE[choice],
            )
        )
    return requests


@pytest.mark.parametrize(
    ("policy", "accuracy", "cost"),
    [
        pytest.param(f"always {PAIR}", 0.7, 0.02, id="pair"),
        pytest.param(f"always {LONE}", 0.7, 0.01, id="lone"),
        pytest.param(UNEXPLORED, 0.85, 0.015, id="greedy"),
        pytest.param(BEST_BY_TASK, 0.85, 0.015, id="table"),
    ],
)
def test_every_estimate_finds_what_a_policy_is_worth(policy, accuracy, cost):
    found = judge(traffic(6000))["policies"][policy]
    for name in {"ips", "snips", "doubly_robust"} & found["accuracy"].keys():
        assert found["accuracy"][name]["low"] <= accuracy <= found["accuracy"][name]["high"]
        assert found["cost_usd"][name]["value"] == pytest.approx(cost, rel=0.05)


def test_what_exploration_costs_is_told_with_an_interval_that_leaves_no_doubt():
    gained = judge(traffic(6000))["policies"][UNEXPLORED]["accuracy"]["minus_logged"]
    # 0.3 of the requests lose 0.3 of accuracy each.
    assert 0 < gained["low"] < 0.09 < gained["high"]


def test_what_the_engine_would_have_done_where_it_drew_is_not_guessed():
    found = judge(traffic(600))["policies"]
    assert "doubly_robust" not in found[UNEXPLORED]["accuracy"]
    assert "doubly_robust" in found[f"always {PAIR}"]["accuracy"]


def test_without_exploration_nothing_can_be_said_of_what_was_not_done():
    certain = [
        LoggedRequest(r.at, r.task, BEST[r.task], 1.0, explored=False, correct=True, cost_usd=0.01)
        for r in traffic(600)
    ]
    found = judge(certain)["policies"]
    for choice in (PAIR, LONE):
        assert "support is missing" in found[f"always {choice}"]["accuracy"]["refused"]
        assert "snips" not in found[f"always {choice}"]["accuracy"]
    assert found[UNEXPLORED]["accuracy"]["snips"]["value"] == 1


def test_the_table_of_the_earlier_half_is_judged_on_the_later_half_alone():
    requests = traffic(4000)
    turned = [
        LoggedRequest(
            r.at, r.task, r.choice, r.propensity, r.explored,
            None if r.correct is None else not r.correct, r.cost_usd,
        )
        for r in requests[2000:]
    ]  # fmt: skip
    found = judge(requests[:2000] + turned)["policies"][BEST_BY_TASK]
    assert found["table"] == {task: str(choice) for task, choice in BEST.items()}
    assert found["accuracy"]["requests"] < 2000
    assert found["accuracy"]["snips"]["high"] < 0.3


def test_a_task_of_too_few_requests_takes_what_is_best_on_all():
    requests = traffic(2000, best={"basic": PAIR})
    few = traffic(5, best={"premium": PAIR}, seed=1)
    table = best_by_task(requests + few)
    assert table.table == {"basic": PAIR}
    assert table.choice(few[0]) == PAIR


def test_labels_that_come_more_often_for_one_choice_can_be_seen():
    seen = judge(traffic(600))["choices"]
    assert seen[str(PAIR)]["requests"] + seen[str(LONE)]["requests"] == 600
    assert 0 < seen[str(PAIR)]["labelled"] < seen[str(PAIR)]["requests"]


def test_no_requests_give_no_policies():
    assert judge([])["policies"] == {}


def test_requests_without_labels_are_judged_by_their_cost_alone():
    unlabelled = [
        LoggedRequest(r.at, r.task, r.choice, r.propensity, r.explored, None, r.cost_usd)
        for r in traffic(600)
    ]
    found = judge(unlabelled)["policies"][f"always {PAIR}"]
    assert found["accuracy"] is None
    assert found["cost_usd"]["snips"]["value"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("panel", "opening", "shown"),
    [
        pytest.param(("gemini", "claude"), 0, "claude+gemini", id="all at once"),
        pytest.param(("gemini", "claude"), 2, "claude+gemini", id="an opening of all"),
        pytest.param(
            ("gemini", "claude", "gpt"), 1, "gemini, then claude+gpt", id="one, then the rest"
        ),
    ],
)
def test_a_choice_is_who_is_asked_first_and_who_then(panel, opening, shown):
    assert str(Choice.of(panel, opening)) == shown
