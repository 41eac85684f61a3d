"""Where the rollout stands, for people: what decides, how the arms do, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gateway.cli.rollout_plan_view import stages_table
from gateway.cli.tables import moment
from gateway.rollout.precedence import RULES, Rule

if TYPE_CHECKING:
    from rich.console import RenderableType

COLOURS = {
    "HEALTHY": "green",
    "WARNING": "yellow",
    "CRITICAL": "red",
    "NOT_ENOUGH_DATA": "cyan",
    "ADVANCE": "green",
    "HOLD": "yellow",
    "ROLL_BACK": "red",
    "INCONCLUSIVE": "cyan",
    "SAFE": "green",
    "HARM": "red",
    "OPEN": "yellow",
    "NO_DATA": "dim",
}
UNITS = {
    "error_rate": "rate",
    "quality": "rate",
    "latency": "ms",
    "cost": "usd",
}


def rollout_view(body: dict[str, Any], *, brief: bool = False) -> RenderableType:
    """The whole of `GET /api/v1/rollout`, what matters first.

    ``brief``: without what changes by an operator's hand alone, the plan's stages and the rules.
    """
    parts: list[RenderableType] = [*_headline(body), *_trip(body), *_verdicts(body["verdicts"])]
    if body["comparisons"]:
        parts += ["", _comparisons(body["comparisons"])]
    parts += ["", _arms(body["arms"]), _ratio(body)]
    if body["best_arm"] is not None:
        parts.append(Text(body["best_arm"]["said"]))
    if body["stages"] and not brief:
        parts += ["", stages_table(body["stages"])]
    parts += [_because(body)] if brief else ["", _precedence(body), ""]
    parts.append(_shared(body))
    if body["history"] is None:
        parts.append(Text("history: the database cannot be read now", style="yellow"))
    elif body["history"]:
        parts += ["", history_table(body["history"])]
    return Group(*parts)


def _headline(body: dict[str, Any]) -> list[RenderableType]:
    where = f"stage [bold]{escape(body['stage'])}[/]"
    if body["plan"] is not None:
        number = next((n for n, s in enumerate(body["stages"], 1) if s["is_now"]), 0)
        where += f" · {number} of {len(body['stages'])} of plan {escape(body['plan']['name'])}"
        where += f", {body['plan']['advance']} advance"
    share, ceiling = body["traffic_percentage"], body["ceiling"] * 100
    share, ceiling = body["traffic_percentage"], body["ceiling"] * 100
    lines = [where, f"{share:g} % of traffic on the wall-bounce path, ceiling {ceiling:g} %"]
    if body["held"]:
        lines.append("[yellow]held[/]: no automatic advance until `wallbounce rollout resume`")
    if body["approvals"]:
        by = ", ".join(escape(a["by"]) for a in body["approvals"])
        lines.append(f"next stage approved by {by}")
    if body["closed"]:
        lines.append(f"[red]closed arms[/]: {escape(', '.join(body['closed']))}")
    return [Text.from_markup("\n".join(lines))]


def _trip(body: dict[str, Any]) -> list[RenderableType]:
    trip = body["trip"]
    if not body["tripped"]:
        return []
    delivered = "" if body["delivered"] else " (in effect here, not stored yet)"
    return [
        Text.from_markup(
            f"[red]rolled back[/] by {escape(trip['by'])} at {moment(trip['at'])}{delivered}: "
            f"{escape(trip['reason'])}\n"
            "all traffic takes the legacy path until `wallbounce rollout acknowledge`"
        )
    ]


def _verdicts(verdicts: dict[str, dict[str, Any]]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for arm, verdict in verdicts.items():
        line = f"{_word(verdict['health'])} · {_word(verdict['decision'])}"
        parts.append(Text.from_markup(f"{_arm(arm)}: {line}"))
        grid = Table.grid(padding=(0, 1))
        for reason in verdict["reasons"]:
            grid.add_row(" •", escape(reason))
        parts.append(grid)
    return parts


def _comparisons(rows: list[dict[str, Any]]) -> Table:
    """Each measure beside the control: what is known, the figures, and how strong it is."""
    several = len({row["variant"] for row in rows}) > 1
    table = _table("measure")
    for name in ("arm", "control", "difference", "margin", "evidence"):
        table.add_column(name, justify="right")
    table.add_column("", no_wrap=True)
    for row in rows:
        name = row["measure"].replace("_", " ")
        unit = UNITS.get(row["measure"], "")
        table.add_row(
            f"{_arm(row['variant'])} {name}" if several else name,
            _value(row["arm"], unit),
            _value(row["control"], unit),
            _difference(row),
            f"{row['margin']:.3g}",
            f"{row['evidence']:.1f} of {row['needed']:.1f}",
            _word(row["finding"]),
        )
    return table


def _difference(row: dict[str, Any]) -> str:
    if row["difference"] is None:
        return "–"
    if row["interval"] is None:
        return f"{row['difference']:+.3g}"
    low, high = row["interval"]
    return f"{row['difference']:+.3f}\n{low:+.3f}…{high:+.3f}"


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return {"rate": f"{value:.2%}", "ms": f"{value:.0f} ms", "usd": f"${value:.5f}"}.get(
        unit, f"{value:.4g}"
    )


def _ratio(body: dict[str, Any]) -> RenderableType:
    ratio = body["sample_ratio"]
    if ratio["expected"] is None or ratio["seen"] is None:
        return Text("split of traffic: nothing seen yet", style="dim")
    said = (
        f"split of traffic: {ratio['seen']:.2%} seen of {ratio['expected']:.2%} meant, "
        f"{ratio['count']} requests"
    )
    if ratio["mismatch"]:
        return Text.from_markup(
            f"[red]{said}: not the one asked for, no comparison can be trusted[/]"
        )
    return Text(said, style="dim")


def _arms(arms: dict[str, dict[str, Any]]) -> Table:
    """A row a figure: two arms fit any terminal, ten figures side by side do not."""
    table = _table("this window")
    for arm in arms:
        table.add_column(_arm(arm), justify="right")
    for name in next(iter(arms.values())):
        table.add_row(*_figure(name, [row[name] for row in arms.values()]))
    return table


def _figure(name: str, values: list[float | None]) -> list[str]:
    """A row of the arms' table: the figure's name without its unit, its values with it."""
    for unit in ("rate", "ms", "usd"):
        if name.endswith(f"_{unit}"):
            shown = [_value(value, unit) for value in values]
            return [
                (name if unit == "rate" else name.removesuffix(f"_{unit}")).replace("_", " "),
                *shown,
            ]
    digits = ",d" if all(isinstance(value, int) for value in values) else ".3g"
    return [name.replace("_", " "), *("–" if v is None else format(v, digits) for v in values)]


def _precedence(body: dict[str, Any]) -> Table:
    """Every rule that could set the share, in their order; the one that does is marked."""
    table = _table("the first that holds sets the share")
    for rule, told in RULES.items():
        if Rule(body["rule"]) is rule:
            table.add_row(f"▶ {escape(body['because'])}", style="bold")
        else:
            table.add_row(f"  {escape(told)}", style="dim")
    return table


def _because(body: dict[str, Any]) -> Text:
    return Text(f"the share in force: {body['because']}", style="dim")


def _shared(body: dict[str, Any]) -> Text:
    shared = body["shared_state"]
    redis = {None: "no Redis", True: "Redis reached", False: "Redis away"}[shared["redis"]]
    database = "database reached" if shared["database"] else "database away"
    said = f"state {shared['version']}; {database}; {redis}; said by instance {body['instance']}"
    if shared["database"] and shared["redis"] is not False:
        return Text(said, style="dim")
    return Text(f"{said}\n{shared['words']}", style="yellow")


def history_table(events: list[dict[str, Any]]) -> Table:
    """What was done, when, by whom and why; newest first, as it came."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("at (UTC)", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("by", overflow="fold")
    table.add_column("reason", overflow="fold")
    for event in events:
        by, reason = escape(event["by"] or ""), escape(event["reason"] or "")
        table.add_row(moment(event["at"]), event["kind"], by, reason)
    return table


def _table(first: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first)
    return table


def _arm(name: str) -> str:
    return escape(name.replace("_", "-"))


def _word(word: str) -> str:
    return f"[{COLOURS.get(word, 'default')}]{word}[/]"


def _text(words: str) -> Text:
    return Text(words)
