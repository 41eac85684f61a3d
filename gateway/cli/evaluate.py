"""`wallbounce evaluate`: how good the consensus would have been on recorded answers."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.recorded import as_json, make, named_paths, names, recorded_answers, write


@click.group("evaluate")
def command() -> None:
    """Measure the consensus offline, on recorded answers: no key, no network."""


@command.command("consensus")
@recorded_answers
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the reliability diagram and the risk-coverage plot (PNG). Default: where --json "
    "writes; without it none are drawn.",
)
@click.option(
    "--entailment",
    default="shipped",
    show_default=True,
    metavar="NAME",
    help="The entailment model, as WALLBOUNCE_ENTAILMENT names it: shipped, off, or one by name.",
)
@click.option(
    "--items",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what came of each request here, a line of JSON each: no prompt, no answer.",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the bootstrap."
)
@click.option(
    "--delay",
    default=20,
    show_default=True,
    type=click.IntRange(1),
    help="Requests between an answer and its label.",
)
@click.option(
    "--refit-every",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Labels between two fits of the model of trust.",
)
def consensus(  # noqa: PLR0913, PLR0917 - one parameter an option
    given: tuple[Path, ...],
    more: tuple[Path, ...],
    roles: Path | None,
    sets: tuple[str, ...],
    out: Path | None,
    plots: Path | None,
    entailment: str,
    items: Path | None,
    seed: int,
    delay: int,
    refit_every: int,
) -> None:
    """Replay recorded answers in the order of time, with feedback and without.

    Every row of three models is replayed by itself: the answers are read as free text, labels arrive
    --delay requests late, and nothing later is ever used. The figures are held against every single
    vendor, the plain vote, embedding cosine and the oracle, with bootstrap intervals.
    """
    from gateway.cli.evaluate_running import Evaluation  # noqa: PLC0415 - numpy and the models are slow to import
    from learning.backtest.records import EvaluationDataError  # noqa: PLC0415

    paths, wanted = named_paths(given, more), names(sets)
    to_stdout = out is not None and str(out) == "-"
    folder = plots or (out.parent if out is not None and not to_stdout else None)
    written = [path for path in (None if to_stdout else out, items) if path is not None]
    for place in (folder, *(path.parent for path in written)):
        make(place)
    try:
        evaluation = Evaluation.prepare(paths, roles, wanted)
        found = evaluation.run(
            seed=seed, delay=delay, refit_every=refit_every, entailment=entailment
        )
    except EvaluationDataError as error:
        raise click.ClickException(str(error)) from None
    if out is not None and not to_stdout:
        write(out, as_json(found.figures))
    if items is not None:
        write(items, "".join(f"{json.dumps(item)}\n" for item in found.items()))
    if folder is not None and found.replays:
        from gateway.cli.evaluate_plots import draw  # noqa: PLC0415 - matplotlib is slow to import

        try:
            written += draw(found.replays, folder)
        except OSError as error:
            raise click.ClickException(f"cannot draw in {folder}: {error.strerror}") from None
    if to_stdout:
        click.echo(as_json(found.figures), nl=False)
        return
    from gateway.cli.evaluate_tables import tables  # noqa: PLC0415 - rich is slow to import

    tables(found.figures)
    for path in written:
        click.echo(f"written: {path}")
