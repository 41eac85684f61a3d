"""A backtest as a document in Markdown: the same tables, how it was run, and on what."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gateway.cli.backtest_tables import footnotes, sheets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.cli.backtest_tables import Sheet


def document(figures: dict[str, Any], pictures: Sequence[Path], folder: Path) -> str:
    """The whole document.

    Args:
        figures: As JSON has them.
        pictures: Shown at the end.
        folder: Where the document lies: pictures are named from there.
    """
    about = figures["about"]
    parts = ["# Backtest of steering", *footnotes(figures)]
    parts += [_table(sheet) for sheet in sheets(figures) if sheet.rows]
    parts += [
        f"![{path.stem.replace('-', ' ')}]({os.path.relpath(path.resolve(), folder.resolve())})"
        for path in pictures
    ]
    parts.append("## On what")
    parts.append(
        "\n".join(
            [
                *(f"- {name}: `{digest}`" for name, digest in about["data"].items()),
                *(f"- {name}: {', '.join(of)}" for name, of in about["rows"].items()),
                *(f"- {name} {number}" for name, number in about["versions"].items()),
                f"- program: `{about['program']}`",
            ]
        )
    )
    return "\n\n".join(parts) + "\n"


def _table(sheet: Sheet) -> str:
    lines = [
        f"## {sheet.title}",
        "",
        _row(sheet.columns),
        _row(["---", *["---:"] * (len(sheet.columns) - 1)]),
        *map(_row, sheet.rows),
    ]
    for note in sheet.notes:
        lines += ["", note]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
