"""What has been learned, as a table."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def trust_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """Kinds of question by row, providers by column."""
    out = console or Console(highlight=False)
    if not body["enabled"]:
        out.print("[yellow]LEARNING_ENABLED is off[/]: gateways judge by the shipped prior")
    if not body["lessons"]:
        out.print(
            "nothing is learned yet: POST /api/v1/feedback with `correct` teaches whom to believe"
        )
        return
    out.print(
        f"[bold]{body['lessons']}[/] labelled answers of at most {body['window']}; "
        f"one counts half after {body['half_life']} more"
    )
    out.print(_kinds(body["kinds"]))
    out.print("a provider's weight: what its vote counts, 1 as shipped", style="dim")


def _kinds(kinds: list[dict[str, Any]]) -> Table:
    providers = sorted({name for kind in kinds for name in kind["weights"]})
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("kind", no_wrap=True)
    for name in ("labelled", "right", "confidence"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    for name in providers:
        table.add_column(escape(name), justify="right", no_wrap=True)
    for kind in kinds:
        table.add_row(
            escape(kind["kind"]),
            str(kind["lessons"]),
            f"{kind['right'] * 100:.0f} %",
            f"{kind['confidence'] * 100:.0f} %",
            kind["source"],
            *(_weight(kind["weights"].get(name)) for name in providers),
        )
    return table


def _weight(weight: float | None) -> str:
    return "–" if weight is None else f"{weight:.2f}"
