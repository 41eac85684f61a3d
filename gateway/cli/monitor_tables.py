"""The performance monitor as tables in a terminal of 80 columns."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.monitor_words import (
    chance,
    change_sentence,
    codes,
    said,
    share,
    slope,
    span,
)

LEVELS = {"warning": "yellow", "critical": "red", "emergency": "bold red"}
NOTHING = "no request in these days"
EVIDENT = 0.5
"""The part of the needed evidence from which on a watch is worth a look."""


def daily_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """Two tables of arms and two of providers: how they did, what they cost."""
    out = console or Console(highlight=False)
    out.print(span(body))
    if not body["days"]:
        out.print(NOTHING)
        return
    out.print(_arms(body["days"]))
    out.print(_arms_spent(body["days"]))
    out.print(_providers(body["days"]))
    out.print(_providers_spent(body["days"]))
    failures = codes(
        {
            f"{name}: {code}": count
            for name, figures in body["total"]["providers"].items()
            for code, count in figures["codes"].items()
        }
    )
    if failures:
        out.print(f"failed calls: {escape(failures)}")
    out.print("accuracy by labels, with its 95 % interval; p50, p95 within 2.2 %", style="dim")


def trend_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """What moves, the harmful first; then what is steady, in a line."""
    out = console or Console(highlight=False)
    out.print(span(body))
    if not body["trends"]:
        out.print("no figure has five days with 20 requests or labels: too few for a trend")
        return
    moving = [t for t in body["trends"] if t["verdict"] != "steady"]
    steady = len(body["trends"]) - len(moving)
    if moving:
        table = _table("figure", "of", "> from", "> to", "> a day", "> chance")
        for found in sorted(moving, key=lambda t: (not t["harm"], t["chance"])):
            arrow = "↑" if found["verdict"] == "rising" else "↓"
            table.add_row(
                f"{found['measure']} [{'red' if found['harm'] else 'none'}]{arrow}[/]",
                escape(found["subject"]),
                said(found["measure"], found["first"]),
                said(found["measure"], found["last"]),
                slope(found["measure"], found["slope"]),
                chance(found["chance"]),
            )
        out.print(table)
        out.print("in red what moves the wrong way, and first", style="dim")
    else:
        out.print("nothing rises or falls that chance would not explain")
    out.print(
        f"{steady} of {len(body['trends'])} series are steady as far as these days tell",
        style="dim",
    )


def alerts_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """What was wrong, what changed, and what is watched with how much evidence."""
    out = console or Console(highlight=False)
    out.print(span(body))
    if body["alerts"]:
        table = _table("day", "level", "alert", "of", "what")
        for alert in body["alerts"]:
            table.add_row(
                str(alert["day"]),
                f"[{LEVELS[alert['level']]}]{alert['level']}[/]",
                alert["name"],
                escape(alert["subject"]),
                escape(alert["words"]),
            )
        out.print(table)
    else:
        out.print("nothing was wrong with these days")
    for change in body["changes"]:
        out.print(f"[yellow]changed[/]: {escape(change_sentence(change))}")
    if body["watched"]:
        out.print(_watched(body["watched"]))


def _watched(watched: list[dict[str, Any]]) -> Table:
    table = _table("watched", "of", "> usual", "> since then", "> evidence")
    for entry in watched:
        evidence = entry["evidence"]
        shown = "–" if evidence is None else f"{evidence * 100:.0f} %"
        table.add_row(
            entry["measure"],
            escape(entry["provider"]),
            said(entry["measure"], entry["before"])
            if evidence is not None
            else f"learning, {entry['collected']} seen",
            str(entry["observations"]),
            f"[yellow]{shown}[/]" if evidence is not None and evidence >= EVIDENT else shown,
        )
    return table


def _arms(days: list[dict[str, Any]]) -> Table:
    table = _table(
        "day", "arm", "> requests", "> errors", "> accuracy", "> conf.", "> ECE", "> p95"
    )
    for day, name, figures in _rows(days, "arms"):
        table.add_row(
            day,
            name,
            str(figures["requests"]),
            share(figures["error_rate"]),
            share(figures["accuracy"], interval=True),
            said("confidence", figures["confidence"])[:4],
            said("ece", figures["calibration_error"])[:4],
            said("_ms", figures["latency_p95_ms"]),
        )
    return table


def _arms_spent(days: list[dict[str, Any]]) -> Table:
    table = _table("day", "arm", "> agree", "> refused", "> p50", "> cost", "> each", "> tokens")
    for day, name, figures in _rows(days, "arms"):
        table.add_row(
            day,
            name,
            said("agreement", figures["agreement"])[:4],
            share(figures["refusal_rate"]),
            said("_ms", figures["latency_p50_ms"]),
            _usd(figures["cost_usd"]),
            said("_usd", figures["cost_per_request_usd"]),
            f"{figures['input_tokens'] + figures['output_tokens']:,}",
        )
    return table


def _providers(days: list[dict[str, Any]]) -> Table:
    table = _table("day", "vendor", "> calls", "> failed", "> accuracy", "> returned", "> p95")
    for day, name, figures in _rows(days, "providers"):
        table.add_row(
            day,
            name,
            str(figures["requests"]),
            share(figures["error_rate"]),
            share(figures["accuracy"], interval=True),
            share(figures["with_returned"]),
            said("_ms", figures["latency_p95_ms"]),
        )
    return table


def _providers_spent(days: list[dict[str, Any]]) -> Table:
    table = _table("day", "vendor", "> refused", "> length", "> p50", "> cost", "> tokens")
    for day, name, figures in _rows(days, "providers"):
        table.add_row(
            day,
            name,
            share(figures["refusal_rate"]),
            said("length", figures["length_p50_tokens"]),
            said("_ms", figures["latency_p50_ms"]),
            _usd(figures["cost_usd"]),
            f"{figures['input_tokens'] + figures['output_tokens']:,}",
        )
    return table


def _rows(days: list[dict[str, Any]], kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Day (without its year), name and figures; the day once."""
    found = []
    for day in days:
        shown = f"{day['day']:%m-%d}"
        for name, figures in day[kind].items():
            found.append((shown, escape(name), figures))
            shown = ""
    return found


def _usd(cost: float | None) -> str:
    return "–" if cost is None else f"${cost:,.2f}"


def _table(*columns: str) -> Table:
    """A table; columns that begin with ``>`` hold numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        name = column.removeprefix("> ")
        table.add_column(
            name,
            justify="right" if name != column else "left",
            overflow="fold",
            no_wrap=name == "figure",
        )
    return table
