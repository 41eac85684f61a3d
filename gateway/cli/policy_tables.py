"""Policies as tables. Only the commands that print them import this."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.tables import moment


def list_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """All policies, and the moves that put them in force."""
    out = console or Console(highlight=False)
    if not body["policies"]:
        out.print(
            "there is no policy yet: `wallbounce policy create` makes one of what is in force"
        )
        return
    table = _table("", "version", "made (UTC)", "by", "labels", "accuracy", "model", "note")
    for row in body["policies"]:
        mark = "*" if row["version"] == body["in_force"] else ""
        cells = [mark, str(row["version"]), moment(row["created_at"])]
        if "unreadable" in row:
            table.add_row(*cells, "", "", "", "", f"[red]{escape(row['unreadable'])}[/]")
            continue
        table.add_row(
            *cells,
            escape(row["created_by"]),
            str(row["labels"]),
            _figure(row["figures"].get("accuracy")),
            "frozen" if row["frozen"] else "learns on",
            escape(row["note"]),
        )
    out.print(table)
    if body["moves"]:
        moves = _table("move", "when (UTC)", "by", "put in force", "reason")
        for move in reversed(body["moves"]):
            moves.add_row(
                str(move["number"]),
                moment(move["at"]),
                escape(move["by"]),
                str(move["version"]),
                escape(move["reason"] or ""),
            )
        out.print(moves)
    else:
        out.print("none is in force: labels teach from the shipped prior")


def policy_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """One policy, in full but for the parameters of its model."""
    out = console or Console(highlight=False)
    policy = body["policy"]
    calibration, fitted = policy["calibration"], policy["fitted_on"]
    force = "in force" if body["in_force"] else "not in force"
    model = "its model judges" if calibration["frozen"] else "gateways learn on"
    out.print(f"[bold]policy {policy['version']}[/], {force}; {model}")
    if policy["note"]:
        out.print(escape(policy["note"]))
    out.print(
        f"made {moment(policy['created_at'])} UTC by {escape(policy['created_by'])} with version "
        f"{escape(policy['program'])}, digest {body['digest']}",
        style="dim",
    )
    span = f", {moment(fitted['first_at'])} to {moment(fitted['last_at'])}"
    out.print(
        f"fitted on {fitted['labels']} labelled answers{span if fitted['first_at'] else ''}; "
        f"{fitted['patterns']} patterns stored"
    )
    if policy["figures"]:
        figures = _table("figure", "value", "95 %", "of")
        for name, figure in policy["figures"].items():
            figures.add_row(escape(name), f"{figure['value']:.4g}", _ends(figure), _count(figure))
        out.print(figures)
    if policy["weights"]["providers"]:
        out.print(_weights(policy["weights"]["providers"]))
    if policy["weights"]["layers"]:
        layers = _table("layer of the index", "weight")
        for name, weight in policy["weights"]["layers"].items():
            layers.add_row(escape(name), f"{weight:.3f}")
        out.print(layers)


def _weights(kinds: dict[str, dict[str, float]]) -> Table:
    providers = sorted({name for weights in kinds.values() for name in weights})
    table = _table("kind", *map(escape, providers))
    for kind, weights in kinds.items():
        cells = [f"{weights[name]:.2f}" if name in weights else "–" for name in providers]
        table.add_row(escape(kind), *cells)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _figure(figure: dict[str, Any] | None) -> str:
    return "–" if figure is None else f"{figure['value']:.3f}"


def _ends(figure: dict[str, Any]) -> str:
    low, high = figure["low"], figure["high"]
    return "–" if low is None or high is None else f"{low:.4g} to {high:.4g}"


def _count(figure: dict[str, Any]) -> str:
    return "–" if figure["n"] is None else str(figure["n"])
