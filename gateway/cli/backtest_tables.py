"""A backtest of steering as tables people read, on a terminal or in a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: ``rows`` of cells as they are shown, the first of each names it. ``notes`` stand below."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def sheets(figures: dict[str, Any]) -> list[Sheet]:
    """All tables of a backtest, the answer to its question first."""
    return [
        _gains(figures),
        _policies(figures["policies"]),
        _orders(figures["policies"]),
        *_sets(figures["policies"]),
        _ablations(figures["ablations"]),
        *_halves(figures["halves"]),
    ]


def tables(figures: dict[str, Any], console: Console | None = None) -> None:
    """Print them."""
    out = console or Console(highlight=False)
    for sheet in sheets(figures):
        if not sheet.rows:
            continue
        table = Table(
            title=escape(sheet.title),
            title_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            padding=(0, 1, 0, 0),
        )
        table.add_column(sheet.columns[0], overflow="fold", max_width=36)
        for name in sheet.columns[1:]:
            table.add_column(escape(name), justify="right", no_wrap=True)
        for row in sheet.rows:
            table.add_row(*map(escape, row))
        out.print(table)
        for note in sheet.notes:
            out.print(escape(note), style="dim")
    for line in footnotes(figures):
        out.print(escape(line), style="dim")


def footnotes(figures: dict[str, Any]) -> list[str]:
    """How it was run, and what it cannot tell."""
    about = figures["about"]
    options = about["options"]
    train = f"{options['train']} newest" if options["train"] else "all"
    step = options["step"] or options["test"]
    walked = (
        f"{train} labels learned from, {options['test']} requests a test window, a step of {step}; "
        f"labels {options['delay']} requests late, {options['purge']} purged; seed {options['seed']}; "
        "intervals: 95 %, paired bootstrap"
    )
    limits = (
        "only what was asked and given out is learned from; costs are list prices of today for tokens "
        "estimated from recorded texts"
    )
    lines = [walked, limits]
    if about["left_out"]:
        lines.append(f"no data here for: {', '.join(about['left_out'])}")
    return lines


def _gains(figures: dict[str, Any]) -> Sheet:
    lift, cheaper = figures["lift"], figures["cheaper"]
    rows = [
        [
            "engine − plain vote of all",
            _points(lift["accuracy"], lift.get("low"), lift.get("high")),
            f"cost × {_plain(lift.get('cost_ratio'), 2)}",
        ]
    ]
    if "over_consensus" in lift:
        ends = lift.get("over_consensus_low"), lift.get("over_consensus_high")
        rows.append(["engine − consensus without it", _points(lift["over_consensus"], *ends), ""])
    rows.append(
        [
            "cheaper engine − engine asking all",
            _points(cheaper["accuracy_change"], cheaper.get("low"), cheaper.get("high")),
            f"{_percent(cheaper['calls_saved'])} % fewer calls",
        ]
    )
    if "against_vote" in cheaper:
        saved = cheaper.get("cost_saved")
        rows.append(
            [
                "cheaper engine − plain vote of all",
                _points(cheaper["against_vote"]),
                "" if saved is None else f"{_percent(saved)} % cheaper",
            ]
        )
    return Sheet("What steering gains, in points of accuracy", ["", "points", ""], rows)


def _policies(policies: dict[str, Any]) -> Sheet:
    return Sheet(
        "Policies",
        ["policy", "accuracy", "− vote", "calls", "USD/1000", "regret"],
        [
            [
                name,
                _percent(row["accuracy"]),
                _points(*(row["against_vote"][end] for end in ("lift", "low", "high"))),
                _plain(row["calls"], 2),
                _plain(None if row["cost_usd"] is None else 1000 * row["cost_usd"], 2),
                _percent(row["regret"]),
            ]
            for name, row in policies.items()
        ],
        ["accuracy, regret: %; − vote: points; calls: vendors asked a request"],
    )


def _orders(policies: dict[str, Any]) -> Sheet:
    """How well the order of vendors that a policy expects is the order they came in."""
    told = ("rank_correlation", "first_choice_hits", "exact_order_hits")
    return Sheet(
        "Order of vendors, expected and found",
        ["policy", "rank correlation", "first choice, %", "exact order, %"],
        [
            [name, _plain(row[told[0]], 3), _percent(row[told[1]]), _percent(row[told[2]])]
            for name, row in policies.items()
            if any(row[figure] is not None for figure in told)
        ],
    )


def _sets(policies: dict[str, Any]) -> list[Sheet]:
    """Accuracy by set: of as many policies a table as fit beside each other."""
    names = sorted({name for row in policies.values() for name in row["by_set"]})
    wide = 4
    shown = [name for name in policies if policies[name]["by_set"]]
    return [
        Sheet(
            "Accuracy by set, %",
            ["set", *shown[at : at + wide]],
            [
                [name, *(_percent(policies[p]["by_set"].get(name)) for p in shown[at : at + wide])]
                for name in names
            ],
        )
        for at in range(0, min(len(shown), wide), wide)
    ]


def _ablations(ablations: dict[str, Any]) -> Sheet:
    return Sheet(
        "What each part gains, in points of accuracy",
        ["part", "points", "verdict"],
        [
            [name, _points(*(row[end] for end in ("lift", "low", "high"))), verdict(row)]
            for name, row in ablations.items()
        ],
        ["with the part, less without it"],
    )


def verdict(row: dict[str, float | None]) -> str:
    """Whether a part shows a gain: only an interval above 0 does."""
    low, high = row["low"], row["high"]
    if low is not None and low > 0:
        return "gains"
    if high is not None and high < 0:
        return "harms"
    return "shows none"


def _halves(halves: dict[str, Any]) -> list[Sheet]:
    if not halves:
        return []
    figures = list(dict.fromkeys(figure for row in halves.values() for figure in row))
    return [
        Sheet(
            "The same by halves of the stream, in points and %",
            ["half", *(figure.replace("_", " ") for figure in figures)],
            [
                [name, *(_signed(row.get(figure)) for figure in figures)]
                for name, row in halves.items()
            ],
        )
    ]


def _points(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A difference in points of a hundred, with its interval where there is one."""
    if low is None or high is None:
        return _signed(value)
    return f"{_signed(value)} [{_signed(low)} {_signed(high)}]"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.2f}".replace("-", "−")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _plain(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
