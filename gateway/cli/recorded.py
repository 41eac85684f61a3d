"""What commands on recorded answers share: the options that name them, and files of what was found."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

DATA_VARIABLE = "WALLBOUNCE_EVAL_DATA"

_OPTIONS = (
    click.option(
        "--data",
        "given",
        multiple=True,
        metavar="PATH…",
        type=click.Path(path_type=Path),
        help="Files or folders of *.jsonl.gz and *.jsonl; several may follow. "
        f"Default: {DATA_VARIABLE}, several apart by '{os.pathsep}'.",
    ),
    click.argument("more", nargs=-1, metavar="", type=click.Path(path_type=Path)),
    click.option(
        "--roles",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A YAML file of `NAME: [model of gpt, of claude, of gemini]`; NAME, or its first word, is "
        "the set. Default: the rows that come with the program.",
    ),
    click.option(
        "--sets",
        multiple=True,
        metavar="NAME",
        help="Only rows or sets of this name; may be repeated, or separated by commas.",
    ),
    click.option(
        "--json",
        "out",
        type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
        help="Write all figures here; `-` prints them instead of the tables.",
    ),
)


def recorded_answers(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--data``, paths behind it, ``--roles``, ``--sets`` and ``--json``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def named_paths(given: tuple[Path, ...], more: tuple[Path, ...]) -> tuple[Path, ...]:
    """The paths given, else those of the environment."""
    if paths := (*given, *more):
        return paths
    named = os.environ.get(DATA_VARIABLE, "")
    paths = tuple(Path(part) for part in named.split(os.pathsep) if part)
    if not paths:
        raise click.UsageError(f"name recorded answers with --data, or in {DATA_VARIABLE}")
    return paths


def names(said: tuple[str, ...]) -> list[str]:
    """Names repeated or separated by commas."""
    return [name.strip() for several in said for name in several.split(",") if name.strip()]


def make(folder: Path | None) -> None:
    """A folder that cannot be written is told before minutes of work, not after."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from None


def write(path: Path, text: str) -> None:
    """All or nothing: a reader never finds half a file."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def as_json(figures: dict[str, Any]) -> str:
    """Figures as they are written and printed."""
    return json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
