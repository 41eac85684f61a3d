"""What other choices would have been worth, as tables people read."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

ESTIMATES = (("ips", "IPS"), ("snips", "SNIPS"), ("doubly_robust", "DR"))


def history_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """Everything found, within 80 columns but for long names of choices."""
    out = console or Console(highlight=False)
    out.print(
        f"{body['requests']:,} requests on which the engine chose whom to ask "
        f"({body['explored']:,} drawn, {body['labelled']:,} labelled) of {body['recorded']:,} "
        f"in {escape(body['database'])}"
    )
    for reason, count in body["left_out"].items():
        out.print(f"left out: {count:,}, {reason}", style="dim")
    if not body["policies"]:
        out.print(
            "nothing to estimate from: the engine chooses whom to ask with LEARNING_STEERING=full, and "
            "tries other choices with LEARNING_EXPLORATION"
        )
        return
    out.print(_made(body["choices"]))
    out.print(_estimates("Accuracy, %", body["policies"], "accuracy", 100, 1))
    out.print(_estimates("Cost, USD a thousand requests", body["policies"], "cost_usd", 1000, 2))
    for name, policy in body["policies"].items():
        for told in ("accuracy", "cost_usd"):
            found = policy[told]
            if found is not None and found["refused"]:
                kind = told.removesuffix("_usd")
                out.print(f"{escape(name)}, {kind}: {escape(found['refused'])}", style="yellow")
    out.print(
        "effective: requests seen under the policy that would tell as much; intervals: 95 %, normal; "
        f"weights clipped at {body['clip']:g}",
        style="dim",
    )


def _made(choices: dict[str, Any]) -> Table:
    table = _table("Choices made", "choice", ["requests", "labelled"])
    for name, seen in choices.items():
        table.add_row(escape(name), f"{seen['requests']:,}", f"{seen['labelled']:,}")
    return table


def _estimates(
    title: str, policies: dict[str, Any], figure: str, scale: float, digits: int
) -> Table:
    table = _table(
        title, "policy", [*(short for _, short in ESTIMATES), "− as it was", "effective"]
    )
    for name, policy in policies.items():
        found = policy[figure]
        if found is None:
            table.add_row(escape(name), *["–"] * len(ESTIMATES), "–", "0")
            continue
        table.add_row(
            escape(name),
            *(_value(found.get(key), scale, digits) for key, _ in ESTIMATES),
            _interval(found.get("minus_logged"), scale, digits),
            f"{found['effective']:.0f}",
        )
    return table


def _value(estimate: dict[str, float] | None, scale: float, digits: int) -> str:
    return "–" if estimate is None else f"{scale * estimate['value']:.{digits}f}"


def _interval(estimate: dict[str, float] | None, scale: float, digits: int) -> str:
    if estimate is None:
        return "–"
    value, low, high = (
        f"{scale * estimate[end]:+.{digits}f}".replace("-", "−") for end in ("value", "low", "high")
    )
    return f"{value} [{low} {high}]"


def _table(title: str, first: str, columns: list[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column(first, overflow="fold", max_width=30)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table
