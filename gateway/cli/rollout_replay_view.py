"""A dry run for people: each stage as it was passed through, and what it came to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.rollout_view import COLOURS
from gateway.cli.tables import shown, span

OUTCOMES = {
    "advanced": "green",
    "finished": "green",
    "rolled back": "red",
    "not finished": "yellow",
}


def replay_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """The stages, what ended them, and the sentence that says where it led."""
    out = console or Console(highlight=False)
    out.print(f"plan [bold]{escape(body['plan']['name'])}[/] on {escape(body['traffic']['told'])}")
    out.print()
    out.print(_stages(body["stages"]))
    out.print()
    for closing in body["closed"]:
        out.print(
            f"[red]arm {escape(closing['arm'])} closed[/] at {_percent(body, closing['stage'])}: "
            + escape("; ".join(closing["reasons"]))
        )
    out.print(_sentence(body))
    _last_words(body, out)
    for note in body["traffic"]["notes"]:
        out.print(f"note: {escape(note)}", style="dim")


def _stages(stages: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("stage", justify="right", no_wrap=True)
    for name in ("after", "lasted", "new path", "legacy"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("health", no_wrap=True)
    table.add_column("then", no_wrap=True)
    for stage in stages:
        legacy = stage["requests"].get("legacy", 0)
        ours = sum(n for arm, n in stage["requests"].items() if arm not in {"legacy", "shadow"})
        health = " ".join(dict.fromkeys(v["health"] for v in stage["verdicts"].values()))
        table.add_row(
            f"{stage['percentage']:g} %",
            span(timedelta(seconds=stage["after_s"])),
            span(timedelta(seconds=stage["lasted_s"])),
            f"{ours:,}",
            f"{legacy:,}",
            f"[{COLOURS.get(health, 'default')}]{health}[/]",
            f"[{OUTCOMES[stage['outcome']]}]{stage['outcome']}[/]",
        )
    return table


def _sentence(body: dict[str, Any]) -> str:
    after = f"after {span(timedelta(seconds=body['lasted_s']))} and {body['requests']:,} requests"
    if body["rolled_back"] is not None:
        reason = escape(body["rolled_back"]["reason"])
        return (
            f"[red]would have rolled back[/] at {body['reached_percentage']:g} % {after}: {reason}"
        )
    if body["complete"]:
        return f"[green]would have gone through[/] to {body['reached_percentage']:g} % {after}"
    return f"[yellow]would stand at {body['reached_percentage']:g} %[/] {after}: the traffic ended"


def _last_words(body: dict[str, Any], out: Console) -> None:
    """The figures of a rollback, or what the last stage still waits for."""
    if body["rolled_back"] is not None:
        figures = body["rolled_back"]["figures"]
        known = (f"{name.replace('_', ' ')} {shown(value)}" for name, value in figures.items())
        out.print("seen in the window: " + ", ".join(known), style="dim")
    elif not body["complete"]:
        for verdict in body["stages"][-1]["verdicts"].values():
            for reason in verdict["reasons"]:
                out.print(f"  • {escape(verdict['arm'])}: {escape(reason)}")


def _percent(body: dict[str, Any], stage: int) -> str:
    return f"{body['stages'][stage]['percentage']:g} %"
