"""What a search found, as tables people read."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHOWN = 10
"""Trials shown, the best first."""


def search_tables(figures: dict[str, Any], console: Console | None = None) -> None:
    """The best trials, the settings in force beside the best, and the verdict."""
    out = console or Console(highlight=False)
    names = list(figures["in_force"]["settings"])
    trials = _table(f"Best of {len(figures['trials'])} trials", ["trial", "score", *names])
    ranked = sorted(figures["trials"], key=lambda trial: (-trial["score"], trial["number"]))
    for trial in ranked[:SHOWN]:
        trials.add_row(
            str(trial["number"]),
            f"{trial['score']:.4f}",
            *(_setting(trial["settings"][name]) for name in names),
        )
    out.print(trials)
    judged = _table(
        "On later requests no trial saw",
        ["", "score", "accuracy, %", "calls"],
    )
    for name, row in (("in force", figures["in_force"]), ("best found", figures["best"])):
        later = row["later"]
        judged.add_row(
            name,
            f"{later['score']:.4f}",
            f"{100 * later['accuracy']:.2f}",
            f"{later['calls']:.2f}",
        )
    out.print(judged)
    verdict = figures["verdict"]
    out.print(f"[{'green' if verdict['better'] else 'yellow'}]{escape(verdict['words'])}[/]")
    out.print(
        f"searched on the earlier {figures['requests']['earlier']:,} requests, judged on the later "
        f"{figures['requests']['later']:,}; "
        "interval: 95 %, paired bootstrap",
        style="dim",
    )


def _table(title: str, columns: list[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
