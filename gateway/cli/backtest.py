"""`wallbounce backtest`: what steering by experience gains, on recorded answers and on this gateway's past."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.backtest_history import history
from gateway.cli.backtest_options import tracking, windows
from gateway.cli.backtest_search import search
from gateway.cli.environment import one_thread_for_matrices
from gateway.cli.recorded import as_json, make, named_paths, names, recorded_answers, write

if TYPE_CHECKING:
    from gateway.cli.backtest_options import Windows
    from gateway.tracking.opening import Kind
    from learning.backtest.steering import SteeringReport


class _ReplayByDefault(click.Group):
    """`backtest --data …` is `backtest replay --data …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is no command's name is for `replay`."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["replay", *args]
        return super().parse_args(ctx, args)


@click.group("backtest", cls=_ReplayByDefault)
def command() -> None:
    """Measure what learning gains: judged on the future, learned from the past.

    Without a command's name it is `replay`: `wallbounce backtest --data PATH… --json OUT`.
    """


command.add_command(history)
command.add_command(search)


@command.command("replay")
@recorded_answers
@windows
@click.option(
    "--policies",
    multiple=True,
    metavar="NAME",
    help="Only this policy besides those that the gains are of; may be repeated. Default: all, "
    "ablations too.",
)
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for pictures (PNG): accuracy over time, against calls, ablations.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write a readable report here (Markdown).",
)
@click.option(
    "--checkpoint",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep finished parts in this folder, for --resume.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with what --checkpoint holds; refused where options, data or program differ.",
)
@tracking
def replay(  # noqa: PLR0913 - one parameter an option
    *,
    given: tuple[Path, ...],
    more: tuple[Path, ...],
    roles: Path | None,
    sets: tuple[str, ...],
    out: Path | None,
    windows: Windows,
    policies: tuple[str, ...],
    plots: Path | None,
    report: Path | None,
    checkpoint: Path | None,
    resume: bool,
    track: Kind,
    place: str | None,
) -> None:
    """Replay recorded answers in the order of time, all sets as one stream, by every policy.

    Each policy decides a window of requests by what it had learned before, from the labels of the
    answers it gave out itself; labels come --delay requests late. The engine is held against the plain
    vote of all, the consensus without it, and itself without each of its parts.
    """
    if resume and checkpoint is None:
        raise click.UsageError("--resume goes on with the folder that --checkpoint names")
    one_thread_for_matrices()
    from gateway.cli.backtest_running import run  # noqa: PLC0415 - numpy and the models are slow
    from gateway.cli.backtest_tracking import note, tracked  # noqa: PLC0415 - as above
    from gateway.cli.recorded_rows import RecordedRows  # noqa: PLC0415 - as above
    from gateway.tracking.tracker import TrackingError  # noqa: PLC0415
    from learning.backtest.checkpoints import CheckpointError  # noqa: PLC0415
    from learning.backtest.records import EvaluationDataError  # noqa: PLC0415

    paths = named_paths(given, more)
    to_stdout = out is not None and str(out) == "-"
    files = [path for path in (None if to_stdout else out, report) if path is not None]
    for place_of in (plots, *(path.parent for path in files)):
        make(place_of)
    try:
        rows = RecordedRows.read(paths, roles, names(sets))
        options = windows.options(policies or None)
        with tracked(track, place, "backtest") as tracker:
            found = run(rows, options, checkpoint, resume=resume)
            if out is not None and not to_stdout:
                write(out, as_json(found.figures))
            written = _pictures(found.report, plots)
            if report is not None:
                from gateway.cli.backtest_report import document  # noqa: PLC0415 - rich is slow

                write(report, document(found.figures, written, report.parent))
            note(tracker, found, [*files, *written])
    except (EvaluationDataError, CheckpointError, TrackingError) as error:
        raise click.ClickException(str(error)) from None
    if to_stdout:
        click.echo(as_json(found.figures), nl=False)
        return
    from gateway.cli.backtest_tables import tables  # noqa: PLC0415 - rich is slow to import

    tables(found.figures)
    for path in (*files, *written):
        click.echo(f"written: {path}")
    if tracker.address:
        click.echo(f"tracked: {tracker.address}")


def _pictures(report: SteeringReport, folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    from gateway.cli.backtest_plots import draw  # noqa: PLC0415 - matplotlib is slow to import

    try:
        return draw(report, folder)
    except OSError as error:
        raise click.ClickException(f"cannot draw in {folder}: {error.strerror}") from None
