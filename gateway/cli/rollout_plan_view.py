"""A plan for people: its stages, what it holds the arms to, and what it costs at least."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.tables import span

LEGEND = """requests: of each arm; traffic: the whole service's, till those are there
warning, rollback: the arm's own error rate, whatever the control's is
at risk: what an arm at that limit adds to the whole service's error rate"""
AFTER = {
    "restart": "the first stage, once acknowledged",
    "same": "the stage that was rolled back, once acknowledged",
}


def plan_tables(body: dict[str, Any], told: str, console: Console | None = None) -> None:
    """The plan, most important first."""
    out = console or Console(highlight=False)
    by = "by itself" if body["advance"] == "automatic" else "by hand"
    least = timedelta(seconds=sum(s["minimum_time_s"] for s in body["stages"]))
    out.print(f"plan [bold]{escape(body['name'])}[/] ({escape(told)}), advances {by}")
    out.print()
    out.print(stages_table(body["stages"]))
    out.print(LEGEND, style="dim")
    out.print()
    out.print(_margins(body["margins"]))
    out.print()
    out.print(f"takes at least {span(least)}")
    out.print(f"alpha {body['alpha']:g}: how rarely harm may be found where none is")
    out.print(f"after a rollback: {AFTER[body['after_rollback']]}")
    if body["shadow"]:
        out.print(
            f"shadow: {body['shadow']:g} % of the legacy path's requests run the new path too"
        )
    if len(body["arms"]) > 1 or any(_policy(arm) for arm in body["arms"]):
        out.print()
        out.print(_arms(body["arms"]))


def stages_table(stages: list[dict[str, Any]]) -> Table:
    """A row a stage: what must have passed before it ends, who must consent before it begins."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("stage", justify="right", no_wrap=True)
    for name in ("at least", "requests", "traffic", "approvals", "warning", "rollback", "at risk"):
        table.add_column(name, justify="right", no_wrap=True)
    for stage in stages:
        now = stage.get("is_now", False)
        table.add_row(
            f"{'▶ ' if now else ''}{stage['percentage']:g} %",
            span(timedelta(seconds=stage["minimum_time_s"])),
            f"{stage['minimum_sample']:,}",
            f"{stage['minimum_sample'] * 100 / stage['percentage']:,.0f}",
            str(stage["approvals"] or "–"),
            f"{stage['error_rate_warning']:.2%}",
            f"{stage['error_rate_rollback']:.2%}",
            f"{stage['percentage'] / 100 * stage['error_rate_rollback']:.3%}",
            style="bold" if now else "",
        )
    return table


def _margins(margins: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("against the control, more than this is harm", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_row("error rate", f"{margins['error_rate']:+.2%}")
    table.add_row("wrong answers, by feedback", f"{margins['quality']:+.2%}")
    table.add_row("p95 latency", f"{margins['latency']:g} ×")
    table.add_row("cost", f"{margins['cost']:g} ×")
    table.add_row("fall of confidence, against its own past", f"{margins['confidence']:g}")
    return table


def _arms(arms: list[dict[str, Any]]) -> Table:
    whole = sum(arm["split"] for arm in arms)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("arm", no_wrap=True)
    table.add_column("of the new path", justify="right", no_wrap=True)
    table.add_column("asks", overflow="fold")
    for arm in arms:
        policy = _policy(arm) or "as requests and settings have it"
        table.add_row(escape(arm["name"]), f"{arm['split'] / whole:.1%}", escape(policy))
    return table


def _policy(arm: dict[str, Any]) -> str:
    weights = ", ".join(f"{name} {weight:g}" for name, weight in (arm["weights"] or {}).items())
    parts = [
        ", ".join(arm["providers"] or ()),
        f"weights {weights}" if weights else "",
        arm["mode"] or "",
        f"depth {arm['depth']}" if arm["depth"] else "",
    ]
    return "; ".join(part for part in parts if part)
