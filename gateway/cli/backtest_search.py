"""`wallbounce backtest search`: looks for better settings of the engine, and judges them where it did not look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.backtest_options import tracking, windows
from gateway.cli.environment import one_thread_for_matrices
from gateway.cli.parameters import FiniteRange
from gateway.cli.recorded import as_json, make, named_paths, names, recorded_answers, write

if TYPE_CHECKING:
    from gateway.cli.backtest_options import Windows
    from gateway.tracking.opening import Kind


@click.command("search")
@recorded_answers
@windows
@click.option(
    "--trials",
    default=30,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Settings to try in all, those of an earlier call on the same --study counted.",
)
@click.option(
    "--goal",
    type=click.Choice(["lift", "cheaper"]),
    default="lift",
    show_default=True,
    help="lift: accuracy, all vendors asked. cheaper: accuracy less --price for each vendor call.",
)
@click.option(
    "--price",
    type=FiniteRange(0, 1),
    default=0.0075,
    show_default=True,
    help="Accuracy, as a fraction of 1, that a vendor call is worth.",
)
@click.option(
    "--part",
    type=FiniteRange(0.1, 0.9),
    default=0.6,
    show_default=True,
    help="Share of the stream, the earlier part, that settings are tried on.",
)
@click.option(
    "--study",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="An SQLite file that keeps the study; the same command goes on with it.",
)
@tracking
def search(  # noqa: PLR0913 - one parameter an option
    *,
    given: tuple[Path, ...],
    more: tuple[Path, ...],
    roles: Path | None,
    sets: tuple[str, ...],
    out: Path | None,
    windows: Windows,
    trials: int,
    goal: str,
    price: float,
    part: float,
    study: Path | None,
    track: Kind,
    place: str | None,
) -> None:
    """Look for better settings of the engine with Optuna, on the earlier part of recorded answers.

    The settings in force are tried first. The best found is then judged on the later part, which no
    trial saw, against the settings in force; unless it is better there beyond doubt, they should stay.
    Nothing is changed anywhere.
    """
    one_thread_for_matrices()
    from gateway.cli.backtest_searching import note_search, searched  # noqa: PLC0415 - numpy, models
    from gateway.cli.backtest_tracking import tracked  # noqa: PLC0415 - as above
    from gateway.cli.recorded_rows import RecordedRows  # noqa: PLC0415 - as above
    from gateway.tracking.tracker import TrackingError  # noqa: PLC0415
    from learning.backtest.records import EvaluationDataError  # noqa: PLC0415
    from learning.backtest.search.optuna_door import SearchError  # noqa: PLC0415

    paths = named_paths(given, more)
    to_stdout = out is not None and str(out) == "-"
    if out is not None and not to_stdout:
        make(out.parent)
    try:
        rows = RecordedRows.read(paths, roles, names(sets))
        options = windows.options()
        with tracked(track, place, "search") as tracker:
            figures = searched(
                rows, options, goal=goal, price=price, part=part, trials=trials, study=study
            )
            if out is not None and not to_stdout:
                write(out, as_json(figures))
            note_search(tracker, figures, None if to_stdout else out)
    except (EvaluationDataError, SearchError, TrackingError) as error:
        raise click.ClickException(str(error)) from None
    if to_stdout:
        click.echo(as_json(figures), nl=False)
        return
    from gateway.cli.backtest_search_tables import search_tables  # noqa: PLC0415 - rich is slow

    search_tables(figures)
    if out is not None:
        click.echo(f"written: {out}")
    if tracker.address:
        click.echo(f"tracked: {tracker.address}")
