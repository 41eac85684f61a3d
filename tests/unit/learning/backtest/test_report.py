"""What an evaluation found, as plain JSON."""

import json

import pytest

from learning.backtest.baselines import Pick
from learning.backtest.items import items
from learning.backtest.replay import Replay
from learning.backtest.report import report
from learning.backtest.roles import Role
from learning.backtest.seating import seated
from learning.backtest.walk_forward import Outcome, Step
from tests.support.recordings import MODELS, answer, panel, record

FIGURES = {
    "accuracy",
    "accuracy_minus_best_single",
    "accuracy_minus_vote",
    "auroc",
    "ece",
    "brier",
    "coverage_at_95",
}


def replayed(name, rows, seats, confidence=0.8):
    """A row whose run with feedback returns these seats; the cold one always the first."""
    role = Role(name, "eggs", MODELS)
    requests = seated(role, [record(row) for row in rows])

    def outcome(request, seat, stated):
        return Outcome(seat, request.correct[seat], stated, learned=stated != 0.5, lessons=0)

    steps = [
        Step(outcome(request, seat, confidence), outcome(request, 0, 0.5), cpu_ms=float(i))
        for i, (request, seat) in enumerate(zip(requests, seats, strict=True))
    ]
    return Replay(role, requests, steps, [Pick(1.0, 0.5)] * len(requests))


@pytest.fixture
def replay():
    rows = [
        panel(0, ["1", "2", "2"], "1"),
        panel(1, ["1", "2", "2"], "2"),
        panel(2, ["3", "3", "3"], "3"),
        panel(3, ["4", "5", "6"], "6"),
    ]
    return replayed("eggs", rows, seats=[0, 1, 0, 1])


def told(*replays, **more):
    options = {"extraction": {}, "pairs": {}, "seed": 0, "about": {"delay": 20}} | more
    return report(replays, options.pop("extraction"), options.pop("pairs"), **options)


def test_mean_and_worst_hold_every_figure_with_and_without_feedback(replay):
    found = told(replay)
    for run in (found, found["cold"]):
        for kind in ("mean", "worst"):
            assert run[kind].keys() >= FIGURES
            assert run[kind]["intervals"].keys() == FIGURES
    assert found["latency_ms"] == {"p50": 1.5, "p99": pytest.approx(2.97)}
    assert found["about"] == {"delay": 20, "seed": 0}


def test_a_row_tells_itself_its_runs_and_what_they_are_held_against(replay):
    row = told(replay)["sets"]["eggs"]
    assert row.keys() >= FIGURES
    assert (row["n"], row["models"], row["errors"]) == (4, list(MODELS), 1)
    # Right 1 1 1 0; the vote 0 1 1 1/3; the best single is gemini with 0 1 1 1.
    assert row["accuracy"] == 0.75
    assert row["accuracy_minus_vote"] == pytest.approx(0.75 - 7 / 12, abs=1e-6)
    assert row["accuracy_minus_best_single"] == 0.0
    assert (row["dissent_rescued"], row["dissent_lost"]) == (0.25, pytest.approx(1 / 12, abs=1e-6))
    assert row["cold"]["accuracy"] == 0.5
    held = row["baselines"]
    assert held["single"] == {"gpt": 0.5, "claude": 0.5, "gemini": 0.75}
    assert (held["best_single"], held["best_single_provider"]) == (0.75, "gemini")
    assert held["oracle"] == 1.0
    assert held["cosine"]["accuracy"] == 1.0
    assert held["vote"]["accuracy"] == pytest.approx(7 / 12, abs=1e-6)
    assert held["vote_first"]["accuracy"] == 0.5
    assert "asked_thrice" not in held


def test_the_mean_is_over_rows_and_the_worst_is_the_worst_row(replay):
    other = replayed("more eggs", [panel(0, ["1", "1", "2"], "1")], seats=[2])
    found = told(replay, other)
    assert found["mean"]["accuracy"] == 0.375
    assert found["worst"]["accuracy_minus_vote"] == -1.0
    assert found["worst"]["sets"]["accuracy_minus_vote"] == "more eggs"
    assert list(found["sets"]) == ["eggs", "more eggs"]


def test_a_figure_that_is_undefined_is_null_and_all_is_plain_json(replay):
    found = told(replay, pairs={"p": float("nan")}, extraction={"eggs": 2 / 3})
    assert found["mean"]["auroc"] is None
    assert found["pairs"] == {"p": None}
    assert found["extraction"] == {"eggs": 0.666667}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_another_seed_changes_intervals_alone():
    rows = [panel(i, ["1", "2", "3"], "123"[i * i % 3]) for i in range(97)]
    many = replayed("eggs", rows, seats=[0] * 97)
    one, same, other = (told(many, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one["mean"]["intervals"] != other["mean"]["intervals"]
    assert one["sets"]["eggs"]["accuracy"] == other["sets"]["eggs"]["accuracy"]


def test_one_vendor_asked_three_times_is_told_where_samples_exist():
    sampled = panel(0, ["1", "2", "2"], "1")
    sampled["answers"][0]["samples"] = [answer("", "1", True), answer("", "3", False)]
    row = told(replayed("eggs", [sampled], seats=[0]))["sets"]["eggs"]
    assert row["baselines"]["asked_thrice"] == {"gpt": 1.0}


def test_pairs_alone_make_a_report(replay):
    assert told(pairs={"p": 0.5}).keys() == {"about", "extraction", "pairs"}


def test_extraction_compares_what_is_read_with_what_the_benchmark_extracted(replay):
    assert replay.extraction() == 1.0


def test_an_item_tells_what_came_of_a_request_without_its_texts(replay):
    first, *_ = items(replay)
    assert first["id"] == "eggs-0"
    assert (first["returned"], first["right"], first["confidence"]) == ("gpt", True, 0.8)
    assert first["correct"] == {"gpt": True, "claude": False, "gemini": False}
    assert first["cold"]["learned"] is False
    assert "eggs are left" not in json.dumps(list(items(replay)))
