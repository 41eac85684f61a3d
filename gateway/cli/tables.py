"""What people read: votes, consensus and rollout as tables. Only commands that print import this."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

ANSWER_WIDTH = 120


def answer_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """An answer: its text, the votes, what they amount to."""
    out = console or Console()
    out.print(
        Panel(escape(body["content"]), title=f"answer ({body['answer_source']}, {body['path']})")
    )
    out.print(votes_table(body["votes"]))
    out.print(escape(models_line(body["votes"])), style="dim")
    consensus = body["consensus"]
    if consensus is not None:
        figures = "  ".join(
            f"{name} [bold]{consensus[name]:.2f}[/]"
            for name in ("confidence", "agreement", "coherence", "relevance")
        )
        out.print(
            f"[bold]{consensus['status']}[/] after {consensus['rounds']} round(s)   {figures}"
        )
        if consensus["dissent"]:
            out.print(f"dissent: [yellow]{', '.join(consensus['dissent'])}[/]")
        if consensus["below"]:
            out.print(f"below their floors: [yellow]{', '.join(consensus['below'])}[/]")
        out.print(escape(consensus["reasoning"]))
    if body["note"]:
        out.print(f"note: {escape(body['note'])}")
    out.print(
        f"cost {usd(body['cost_usd'])}   {body['processing_time_ms']:.0f} ms, of which ours "
        f"{body['overhead_ms']:.1f} ms   request {body['request_id']}",
        style="dim",
    )


def votes_table(votes: list[dict[str, Any]]) -> Table:
    """Who said what, how it was read, and what it counted."""
    table = Table(title="votes", title_justify="left", expand=True)
    for column in ("provider", "agree", "weight", "ms", "cost"):
        table.add_column(column, no_wrap=True)
    table.add_column("final answer", overflow="fold", ratio=1)
    table.add_column("answer", overflow="fold", ratio=2)
    for vote in votes:
        error = vote["error"]
        said = (
            f"[red]{error['code']}[/]: {escape(error['message'])}"
            if error
            else escape(shortened(vote["content"] or ""))
        )
        table.add_row(
            vote["provider"],
            "–" if vote["agreement_score"] is None else f"{vote['agreement_score']:.2f}",
            f"{vote['weight']:.2f}",
            f"{vote['latency_ms']:.0f}",
            usd(vote["cost_usd"]),
            escape(vote["final_answer"] or "–"),
            said,
        )
    return table


def models_line(votes: list[dict[str, Any]]) -> str:
    """Which model stood behind each provider, and in which round it spoke last."""
    return "   ".join(f"{v['provider']} = {v['model']} (round {v['round']})" for v in votes)


def rollout_tables(body: dict[str, Any], console: Console | None = None) -> None:
    """Where the traffic goes, and how both arms do."""
    out = console or Console()
    health = body["verdict"]["health"]
    colour = {"HEALTHY": "green", "WARNING": "yellow", "CRITICAL": "red"}.get(health, "cyan")
    out.print(
        f"stage [bold]{body['stage']}[/]   {body['traffic_percentage']:g} % in force, "
        f"ceiling {body['ceiling'] * 100:g} %   health [{colour}]{health}[/]"
    )
    for reason in body["verdict"]["reasons"]:
        out.print(f"  {escape(reason)}")
    if body["tripped"]:
        trip = body["trip"]
        out.print(
            f"[red]rolled back[/] by {escape(trip['by'])} at {trip['at']}: {escape(trip['reason'])}\n"
            "all traffic takes the legacy path until `wallbounce rollout acknowledge`"
        )
    table = Table(title="arms, this window", title_justify="left")
    table.add_column("arm")
    figures = list(next(iter(body["arms"].values())))
    for name in figures:
        table.add_column(name.replace("_", " "), justify="right")
    for arm, row in body["arms"].items():
        table.add_row(arm, *(shown(row[name]) for name in figures))
    out.print(table)
    if body["history"]:
        history = Table(title="history", title_justify="left")
        for column in ("at", "what", "by", "reason"):
            history.add_column(column, overflow="fold")
        for event in body["history"]:
            history.add_row(
                event["at"], event["kind"], event["by"] or "", escape(event["reason"] or "")
            )
        out.print(history)


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
