"""`wallbounce evaluate`: how good the consensus would have been on recorded answers."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

DATA_VARIABLE = "WALLBOUNCE_EVAL_DATA"


@click.group("evaluate")
def command() -> None:
    """Measure the consensus offline, on recorded answers: no key, no network."""


@command.command("consensus")
@click.option(
    "--data",
    "given",
    multiple=True,
    metavar="PATH…",
    type=click.Path(path_type=Path),
    help="Files or folders of *.jsonl.gz and *.jsonl; several may follow. "
    f"Default: {DATA_VARIABLE}, several apart by '{os.pathsep}'.",
)
@click.argument("more", nargs=-1, metavar="", type=click.Path(path_type=Path))
@click.option(
    "--roles",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of `NAME: [model of gpt, of claude, of gemini]`; NAME, or its first word, is "
    "the set. Default: the rows that come with the program.",
)
@click.option(
    "--sets",
    multiple=True,
    metavar="NAME",
    help="Only rows or sets of this name; may be repeated, or separated by commas.",
)
@click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Write all figures here; `-` prints them instead of the tables.",
)
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

    paths = (*given, *more) or _from_environment()
    wanted = [name.strip() for names in sets for name in names.split(",") if name.strip()]
    to_stdout = out is not None and str(out) == "-"
    folder = plots or (out.parent if out is not None and not to_stdout else None)
    written = [path for path in (None if to_stdout else out, items) if path is not None]
    for place in (folder, *(path.parent for path in written)):
        _make(place)
    try:
        evaluation = Evaluation.prepare(paths, roles, wanted)
        found = evaluation.run(
            seed=seed, delay=delay, refit_every=refit_every, entailment=entailment
        )
    except EvaluationDataError as error:
        raise click.ClickException(str(error)) from None
    if out is not None and not to_stdout:
        _write(out, _as_json(found.figures))
    if items is not None:
        _write(items, "".join(f"{json.dumps(item)}\n" for item in found.items()))
    if folder is not None and found.replays:
        from gateway.cli.evaluate_plots import draw  # noqa: PLC0415 - matplotlib is slow to import

        try:
            written += draw(found.replays, folder)
        except OSError as error:
            raise click.ClickException(f"cannot draw in {folder}: {error.strerror}") from None
    if to_stdout:
        click.echo(_as_json(found.figures), nl=False)
        return
    from gateway.cli.evaluate_tables import tables  # noqa: PLC0415 - rich is slow to import

    tables(found.figures)
    for path in written:
        click.echo(f"written: {path}")


def _from_environment() -> tuple[Path, ...]:
    named = os.environ.get(DATA_VARIABLE, "")
    paths = tuple(Path(part) for part in named.split(os.pathsep) if part)
    if not paths:
        raise click.UsageError(f"name recorded answers with --data, or in {DATA_VARIABLE}")
    return paths


def _make(folder: Path | None) -> None:
    """A folder that cannot be written is told before minutes of work, not after."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    """All or nothing: a reader never finds half a file."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def _as_json(figures: dict[str, Any]) -> str:
    return json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
