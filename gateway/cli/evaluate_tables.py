"""An evaluation as tables people read: accuracy, what feedback gains, confidence, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from learning.backtest.figures import MIN_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

PROVIDERS = ("gpt", "claude", "gemini")
NAME_WIDTH = 15


def tables(figures: dict[str, Any], console: Console | None = None) -> None:
    """Everything found, within 80 columns."""
    out = console or Console(highlight=False)
    if figures.get("sets"):
        out.print(_accuracy(figures))
        _thrice(out, figures["sets"])
        out.print(_differences(figures))
        out.print(_confidence("Confidence, with feedback", figures, figures))
        out.print(_confidence("Confidence, cold", figures, figures["cold"]))
        _confidence_notes(out, figures)
    _rates(out, "Pairs: AUROC, agree against contradict", figures["pairs"], _plain)
    _rates(out, "Final answers read as the benchmark has them, %", figures["extraction"], _percent)
    if "latency_ms" in figures:
        spent = figures["latency_ms"]
        out.print(f"CPU to read and decide: p50 {spent['p50']:.2f} ms, p99 {spent['p99']:.2f} ms")
    about = figures["about"]
    out.print(
        f"labels {about['delay']} requests late, a fit every {about['refit_every']}; "
        f"seed {about['seed']}; intervals: 95 %, bootstrap",
        style="dim",
    )
    if about["entailment"] is None:
        out.print("no entailment model: types and rules decide alone", style="dim")
    if about["left_out"]:
        out.print(f"no data here for: {escape(', '.join(about['left_out']))}", style="dim")


def _accuracy(figures: dict[str, Any]) -> Table:
    table = _table("Accuracy, %", ["n", *PROVIDERS, "vote", "cosine", "oracle", "cold", "learned"])
    for name, row in figures["sets"].items():
        held = row["baselines"]
        table.add_row(
            escape(name),
            str(row["n"]),
            *(_percent(held["single"][provider]) for provider in PROVIDERS),
            _percent(held["vote"]["accuracy"]),
            _percent(held["cosine"]["accuracy"]),
            _percent(held["oracle"]),
            _percent(row["cold"]["accuracy"]),
            f"[bold]{_percent(row['accuracy'])}[/]",
        )
    mean = figures["baselines"]["mean"]
    table.add_section()
    table.add_row(
        "mean",
        str(sum(row["n"] for row in figures["sets"].values())),
        "best",
        "single",
        _percent(mean["best_single"]),
        _percent(mean["vote"]["accuracy"]),
        _percent(mean["cosine"]["accuracy"]),
        _percent(mean["oracle"]),
        _percent(figures["cold"]["mean"]["accuracy"]),
        f"[bold]{_percent(figures['mean']['accuracy'])}[/]",
    )
    return table


def _thrice(out: Console, sets: dict[str, Any]) -> None:
    for name, row in sets.items():
        for provider, accuracy in row["baselines"].get("asked_thrice", {}).items():
            out.print(f"{escape(name)}: {provider} asked three times {_percent(accuracy)} %")


def _differences(figures: dict[str, Any]) -> Table:
    """Points gained on the best single vendor and on the plain vote, and where they come from."""
    table = _table(
        "Accuracy with feedback, in points", ["− best single", "− vote", "rescued", "lost"]
    )
    table.add_column("cold − vote", justify="right", no_wrap=True)
    for name, row in figures["sets"].items():
        table.add_row(
            escape(name),
            _points(row, "accuracy_minus_best_single"),
            _points(row, "accuracy_minus_vote"),
            _percent(row["dissent_rescued"]),
            _percent(row["dissent_lost"]),
            _signed(row["cold"]["accuracy_minus_vote"]),
        )
    table.add_section()
    for kind in ("mean", "worst"):
        table.add_row(
            kind,
            _points(figures[kind], "accuracy_minus_best_single"),
            _points(figures[kind], "accuracy_minus_vote"),
            "",
            "",
            _signed(figures["cold"][kind]["accuracy_minus_vote"]),
        )
    return table


def _confidence(title: str, figures: dict[str, Any], run: dict[str, Any]) -> Table:
    """How far the confidence tells right from wrong, and is a probability."""
    table = _table(title, ["errors", "AUROC", "of vote", "of cosine", "ECE", "Brier", "at 95 %"])
    cold = run is not figures
    for name, row in figures["sets"].items():
        shown = row["cold"] if cold else row
        table.add_row(
            escape(name),
            str(shown["errors"]),
            _plain(shown["auroc"]),
            _plain(row["baselines"]["vote"]["auroc"]),
            _plain(row["baselines"]["cosine"]["auroc"]),
            _plain(shown["ece"]),
            _plain(shown["brier"]),
            _percent(shown["coverage_at_95"]),
        )
    table.add_section()
    held = figures["baselines"]["mean"]
    for kind in ("mean", "worst"):
        shown = run[kind]
        table.add_row(
            kind,
            "",
            f"[bold]{_plain(shown['auroc'])}[/]",
            _plain(held["vote"]["auroc"]) if kind == "mean" else "",
            _plain(held["cosine"]["auroc"]) if kind == "mean" else "",
            _plain(shown["ece"]),
            _plain(shown["brier"]),
            _percent(shown["coverage_at_95"]),
        )
    return table


def _confidence_notes(out: Console, figures: dict[str, Any]) -> None:
    learned, held = figures["mean"], figures["baselines"]["mean"]
    out.print(
        f"AUROC, mean: of rows with {MIN_ERRORS} errors or more ({len(learned['auroc_rows'])}); "
        f"of all {_plain(learned['auroc_all_sets'])}, "
        f"of vote {_plain(held['vote']['auroc_all_sets'])}, "
        f"of cosine {_plain(held['cosine']['auroc_all_sets'])}\n"
        "at 95 %: the most confident share of the items that is 95 % right; mean: all items pooled",
        style="dim",
    )


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("set", no_wrap=True, overflow="ellipsis", max_width=NAME_WIDTH)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _rates(out: Console, title: str, rates: dict[str, float | None], show: Any) -> None:
    if not rates:
        return
    out.print()
    out.print(f"[italic]{title}[/]")
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, rate in rates.items():
        table.add_row(f" {escape(name)}", show(rate))
    out.print(table)


def _points(row: dict[str, Any], figure: str) -> str:
    """A difference in points of a hundred, with its interval."""
    ends = row["intervals"][figure]
    value = _signed(row[figure])
    return value if ends is None else f"{value} [{_signed(ends[0])} {_signed(ends[1])}]"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f}".replace("-", "−")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
