"""The alerts as tables. Only the command that prints them imports this."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.tables import moment

_COLOURS = {"warning": "yellow", "critical": "red", "emergency": "bold red"}


def alert_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """What is wrong, who is told, and by which rules."""
    out = console or Console(highlight=False)
    if body["alerts"] is None:
        out.print("no gateway runs here: what is wrong is not known")
    elif not body["alerts"]:
        out.print(f"nothing is wrong, as {escape(body['instance'])} sees it")
    else:
        out.print(_alerts(body["alerts"]))
    if body.get("quiet"):
        out.print("quiet hours: warnings wait")
    if body["channels"]:
        out.print(_channels(body["channels"]))
    else:
        out.print("no channel is configured (WALLBOUNCE_ALERT_URLS): alerts are logged only")
    out.print(_rules(body["rules"]))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _level(level: str) -> str:
    return f"[{_COLOURS[level]}]{level}[/]"


def _alerts(alerts: list[dict[str, Any]]) -> Table:
    table = _table("alert", "level", "of", "state", "since (UTC)", "value", "limit")
    for alert in alerts:
        table.add_row(
            alert["alert"],
            _level(alert["level"]),
            escape(alert["subject"] or ""),
            alert["state"],
            moment(alert["since"]),
            f"{alert['value']:.4g}",
            f"{alert['limit']:g}",
        )
    return table


def _channels(channels: list[dict[str, Any]]) -> Table:
    table = _table("channel", "told from", "sent", "failed", "last failure")
    for channel in channels:
        table.add_row(
            escape(channel["name"]),
            _level(channel["level"]),
            str(channel.get("sent", "–")),
            str(channel["failed"] + channel["dropped"] if "failed" in channel else "–"),
            escape(channel.get("last_failure") or ""),
        )
    return table


def _rules(rules: list[dict[str, Any]]) -> Table:
    table = _table("rule", "level", "when", "for", "of at least")
    for rule in rules:
        sign = "<" if rule["is"] == "below" else ">"
        table.add_row(
            rule["alert"],
            _level(rule["level"]),
            f"{rule['measure']} {sign} {rule['limit']:g}",
            f"{rule['for_s'] / 60:g} min" if rule["for_s"] else "at once",
            str(rule["minimum"] or ""),
        )
    return table
