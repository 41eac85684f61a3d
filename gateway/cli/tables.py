"""What people read: votes, consensus and rollout as tables. Only commands that print import this."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

ANSWER_WIDTH = 120
FINAL_WIDTH = 14
"""Cells a final answer gets: a number, a letter, a name; a longer one is cut, its answer stands beside."""


def answer_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """An answer: its text, the votes, what they amount to."""
    out = console or Console(highlight=False)
    consensus = body["consensus"]
    path = body["path"].replace("_", "-")
    out.print(
        Panel(escape(body["content"]), title=f"answer of {body['answer_source']}, {path} path")
    )
    out.print(votes_table(body["votes"], set(consensus["dissent"]) if consensus else set()))
    if consensus is not None:
        _consensus(consensus, out)
    if body["note"]:
        out.print(f"note: {escape(body['note'])}")
    out.print(
        escape(models_line(body["votes"]))
        + f"\ncost {usd(body['cost_usd'])} · {body['processing_time_ms']:.0f} ms, "
        f"{body['overhead_ms']:.0f} of them ours · request {body['request_id']}",
        style="dim",
        highlight=False,
    )


def _consensus(consensus: dict[str, Any], out: Console) -> None:
    rounds = consensus["rounds"]
    colour = {"agreed": "green", "contested": "yellow"}.get(consensus["status"], "magenta")
    out.print(
        f"[bold {colour}]{consensus['status']}[/] after {rounds} round{'' if rounds == 1 else 's'}: "
        f"confidence [bold]{consensus['confidence']:.2f}[/] ({consensus['confidence_source']})\n"
        + "  ".join(
            f"{name} [bold]{consensus[name]:.2f}[/]"
            for name in ("agreement", "coherence", "relevance")
        ),
        highlight=False,
    )
    if consensus["dissent"]:
        out.print(f"dissent: [yellow]{', '.join(consensus['dissent'])}[/]", highlight=False)
    if consensus["below"]:
        out.print(
            f"below their floors: [yellow]{', '.join(consensus['below'])}[/]", highlight=False
        )
    out.print(escape(consensus["reasoning"]), highlight=False)


def votes_table(votes: list[dict[str, Any]], dissent: set[str]) -> Table:
    """Who said what, how it was read, and what it counted; who dissents is marked."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1, 0, 0))
    several_rounds = any(vote["round"] > 1 for vote in votes)
    table.add_column("vendor", no_wrap=True)
    table.add_column("says", no_wrap=True, overflow="ellipsis", max_width=FINAL_WIDTH)
    table.add_column("agree", justify="right", no_wrap=True)
    table.add_column("weight", justify="right", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("cost", justify="right", no_wrap=True)
    if several_rounds:
        table.add_column("round", justify="right", no_wrap=True)
    table.add_column("in its own words", overflow="fold", ratio=1)
    for vote in votes:
        error = vote["error"]
        said = (
            f"[red]{escape(error['code'])}: {escape(error['message'])}[/]"
            if error
            else escape(shortened(vote["content"] or ""))
        )
        table.add_row(
            vote["provider"],
            escape(vote["final_answer"] or "–"),
            "–" if vote["agreement_score"] is None else f"{vote['agreement_score']:.2f}",
            f"{vote['weight']:.2f}",
            f"{vote['latency_ms']:.0f}",
            usd(vote["cost_usd"]),
            *([str(vote["round"])] if several_rounds else []),
            said,
            style="yellow" if vote["provider"] in dissent else "",
        )
    return table


def models_line(votes: list[dict[str, Any]]) -> str:
    """Which models stood behind the providers."""
    return "models: " + ", ".join(vote["model"] for vote in votes)


def moment(at: str) -> str:
    """A time of the wire, in UTC and to the second."""
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def span(lasted: timedelta) -> str:
    """How long something lasted, in its two largest units: `2 h 5 min`, `45 s`."""
    seconds = round(lasted.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((n for n, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def shortened(text: str) -> str:
    """An answer's end, where the conclusion stands, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= ANSWER_WIDTH else "…" + line[-ANSWER_WIDTH:]


def usd(cost: float | None) -> str:
    """A price, or that nobody knows it."""
    return "unknown" if cost is None else f"${cost:.5f}"


def shown(figure: float | None) -> str:
    """A figure of a window, or a dash."""
    return "–" if figure is None else f"{figure:g}" if isinstance(figure, int) else f"{figure:.4g}"
