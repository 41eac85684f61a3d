"""Runs a search for settings: reads the stream, tries settings with a bar, judges the best, notes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from gateway.cli.backtest_identity import identity
from gateway.cli.backtest_tracking import flat
from gateway.cli.evaluate_entailment import entailment_that_judges
from gateway.cli.evaluate_progress import bar
from learning.backtest.records import EvaluationDataError
from learning.backtest.report import rounded
from learning.backtest.search.optuna_door import best, search
from learning.backtest.search.steered import Searched
from learning.backtest.search.verdict import verdict
from learning.backtest.steering.running import read_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gateway.cli.evaluate_progress import Bar
    from gateway.cli.recorded_rows import RecordedRows
    from gateway.tracking.tracker import Tracker
    from learning.backtest.search.optuna_door import Trial
    from learning.backtest.search.space import Setting
    from learning.backtest.search.steered import Goal, Went
    from learning.backtest.steering import Options


def searched(  # noqa: PLR0913 - what a search is told, by keyword
    rows: RecordedRows,
    options: Options,
    *,
    goal: str,
    price: float,
    part: float,
    trials: int,
    study: Path | None,
) -> dict[str, Any]:
    """Search, and judge; everything found, as JSON has it.

    Raises:
        EvaluationDataError: There is no row, a row has no data or too little to be cut in two, or there is
            no such entailment model.
        SearchError: The study cannot be used, or Optuna is missing.
    """
    if not rows.rows:
        raise rows.no_row()
    entailment_that_judges(options.entailment)
    what = identity(rows, options) | {"goal": goal, "price": price, "part": part}
    with bar(0) as shown:
        cases = read_cases(rows.recordings, rows.rows, options, shown.at)
        try:
            stream = Searched(cases, round(part * len(cases)), cast("Goal", goal), options, price)
        except ValueError as error:
            raise EvaluationDataError(str(error)) from None
        tried = 0

        def score(settings: Mapping[str, Setting]) -> float:
            return stream.earlier(settings, _steps(shown, f"trial {tried + 1}", stream.cut)).score

        def one_more(trial: Trial) -> None:
            nonlocal tried
            tried = trial.number

        found = search(
            stream.space,
            score,
            trials=trials,
            seed=options.seed,
            first=stream.in_force,
            file=study,
            identity=what,
            on_trial=one_more,
        )
        top = best(found)
        later = {
            name: stream.later(settings, _steps(shown, f"judging {name}", len(cases)))
            for name, settings in (("in force", stream.in_force), ("best", top.settings))
        }
    said = verdict(later["best"].values, later["in force"].values, options.seed)
    plain: dict[str, Any] = rounded(
        {
            "about": {**what, "left_out": list(rows.left_out)},
            "goal": goal,
            "requests": {"earlier": stream.cut, "later": len(cases) - stream.cut},
            "trials": [asdict(trial) for trial in found],
            "in_force": {"settings": stream.in_force, "later": _told(later["in force"])},
            "best": {
                "trial": top.number,
                "settings": dict(top.settings),
                "earlier": top.score,
                "later": _told(later["best"]),
            },
            "verdict": asdict(said),
        }
    )
    return plain


def note_search(tracker: Tracker, figures: dict[str, Any], out: Path | None) -> None:
    """Note a search: how it was told, each trial as a step, the verdict.

    Raises:
        TrackingError: The place does not take it.
    """
    about = figures["about"]
    tracker.parameters(
        flat({name: about[name] for name in ("options", "goal", "price", "part", "data")})
        | flat({"best": figures["best"]["settings"], "in_force": figures["in_force"]["settings"]})
        | {"verdict": figures["verdict"]["words"]}
    )
    highest = -float("inf")
    for trial in figures["trials"]:
        highest = max(highest, trial["score"])
        told = {"trial/score": trial["score"], "trial/best": highest}
        settings = {
            f"trial/{name}": float(value)
            for name, value in trial["settings"].items()
            if isinstance(value, int | float)
        }
        tracker.metrics(told | settings, trial["number"])
    last = figures["trials"][-1]["number"]
    tracker.metrics({f"verdict/{n}": figures["verdict"][n] for n in ("gain", "low", "high")}, last)
    if out is not None:
        tracker.artifact(out)


def _steps(shown: Bar, stage: str, of: int) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        shown.at(stage, done, of)

    return advance


def _told(went: Went) -> dict[str, Any]:
    return {
        "requests": went.requests,
        "accuracy": went.accuracy,
        "calls": went.calls,
        "score": went.score,
    }
