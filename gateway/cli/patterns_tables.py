"""Patterns as tables people read. Only commands that print import this."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.tables import moment, usd

WORDS = 80
"""Characters of the words a line shows."""
DATE = len("2026-01-31")
COLOURS = {"right": "green", "wrong": "red", "mixed": "yellow", "failed": "red", "open": "dim"}


def list_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """The newest patterns, one a line."""
    out = console or Console(highlight=False)
    if not body["enabled"]:
        out.print("[yellow]LEARNING_ENABLED or LEARNING_PATTERNS is off[/]: nothing new is kept")
    if not body["patterns"]:
        grows = ": each answered request becomes one, or adds to one" if body["enabled"] else ""
        out.print(f"no patterns yet{grows}")
        return
    shown = body["listed"]
    out.print(f"[bold]{body['patterns']}[/] patterns; {len(shown)} shown, the newest first")
    if shown:
        out.print(_lines(shown))


def pattern_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """One pattern, all of it."""
    out = console or Console(highlight=False)
    outcome = body["outcome"]
    out.print(
        f"pattern [bold]{body['id']}[/] · {escape(body['task'])} · asks for {escape(body['kind'])} · "
        f"{escape(body['language'])} · [{COLOURS[outcome]}]{outcome}[/]"
    )
    out.print(f"asked with the words: {escape(' '.join(body['words'])) or '(none kept)'}")
    out.print(
        f"{body['count']} requests from {moment(body['first_at'])} to {moment(body['last_at'])} UTC; "
        f"{body['right']} right, {body['wrong']} wrong; confidence {_figure(body['confidence'])}; "
        f"{usd(body['cost_usd'])} and {_figure(body['latency_ms'])} ms a request"
    )
    out.print(
        f"asked {escape(', '.join(body['providers']))}, {escape(body['mode'])}; advice rested on it "
        f"{body['reused']} times; kept until {moment(body['kept_until'])} UTC unless used again",
    )
    out.print(_vendors(body["vendors"]))
    if body["failure"]:
        for name, text in body["failure"].items():
            out.print(f"  {name}: {escape(text)}")
    if body["lesson"]:
        out.print(f"lesson: {escape(body['lesson'])}")


def search_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """What is like the question, most alike first."""
    out = console or Console(highlight=False)
    asks = f"asks for {escape(body['kind'])}, {escape(body['language'])}"
    out.print(f"{asks}; looked for by: {escape(' '.join(body['words'])) or '(no words)'}")
    if not body["found"]:
        out.print("no patterns yet: each answered request becomes one, or adds to one")
        return
    out.print(_lines(body["found"], alike=True))


def _lines(rows: list[dict[str, Any]], *, alike: bool = False) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("id", justify="right", no_wrap=True)
    if alike:
        table.add_column("alike", justify="right", no_wrap=True)
    for name in ("last", "kind", "asked"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "right"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("words", overflow="fold")  # alone may be narrowed where room is short
    for row in rows:
        colour = COLOURS[row["outcome"]]
        table.add_row(
            str(row["id"]),
            *([f"{row['similarity']:.3f}"] if alike else []),
            row["last_at"][:DATE],
            escape(row["kind"]),
            escape(",".join(row["providers"])),
            str(row["count"]),
            f"{row['right']}/{row['right'] + row['wrong']}",
            f"[{colour}]{row['outcome']}[/]",
            escape(" ".join(row["words"])[:WORDS]),
        )
    return table


def _vendors(vendors: dict[str, dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("vendor", no_wrap=True)
    for name in ("asked", "right", "wrong", "untold", "failed", "ms", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, told in vendors.items():
        counts = (str(told[key]) for key in ("asked", "right", "wrong", "untold", "failed"))
        table.add_row(escape(name), *counts, _figure(told["latency_ms"]), usd(told["cost_usd"]))
    return table


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
