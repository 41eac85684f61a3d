"""The report of some days in Markdown, for people and for whatever renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.cli.monitor_words import (
    chance,
    change_sentence,
    codes,
    said,
    share,
    slope,
    span,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


def markdown(body: Mapping[str, Any], pictures: Sequence[Path] = ()) -> str:
    """The whole report. ``pictures`` are shown by their file's names."""
    return "\n".join(_lines(body, pictures))


def _lines(body: Mapping[str, Any], pictures: Sequence[Path]) -> Iterator[str]:
    yield f"# wallbounce, {span(body)}"
    yield ""
    if not body["days"]:
        yield "No request in these days."
        return
    yield "## Arms"
    yield from _arms(body["total"]["arms"])
    yield "## Vendors"
    yield from _vendors(body["total"]["providers"])
    yield "## Alerts"
    yield from _alerts(body["alerts"])
    yield "## Vendors that changed"
    yield from _list(map(change_sentence, body["changes"]), "None was found changed.")
    yield "## Trends"
    yield from _trends(body["trends"])
    yield "## By day"
    yield from _days(body["days"])
    for picture in pictures:
        yield f"![{picture.stem}]({picture.name})"
        yield ""
    yield (
        "Intervals are of 95 % (Wilson). Quantiles are within 2.2 %. How each figure is made: docs/monitoring.md."
    )


def _arms(arms: Mapping[str, Any]) -> Iterator[str]:
    head = ("arm", "requests", "errors", "accuracy", "labels", "confidence", "calibration error")
    more = ("agreement", "p50", "p95", "cost", "a request", "refused", "failures")
    yield from _table(
        (*head, *more),
        (
            (
                name,
                f"{f['requests']:,}",
                share(f["error_rate"], interval=True),
                share(f["accuracy"], interval=True),
                str(f["labelled"]),
                said("", f["confidence"]),
                said("", f["calibration_error"]),
                said("", f["agreement"]),
                said("_ms", f["latency_p50_ms"]),
                said("_ms", f["latency_p95_ms"]),
                said("_usd", f["cost_usd"]),
                said("_usd", f["cost_per_request_usd"]),
                share(f["refusal_rate"]),
                codes(f["codes"]),
            )
            for name, f in arms.items()
        ),
    )


def _vendors(vendors: Mapping[str, Any]) -> Iterator[str]:
    head = ("vendor", "calls", "failed", "accuracy", "labels", "with the returned answer", "p50")
    more = ("p95", "length", "refused", "cost", "tokens in", "tokens out", "failures")
    yield from _table(
        (*head, *more),
        (
            (
                name,
                f"{f['requests']:,}",
                share(f["error_rate"], interval=True),
                share(f["accuracy"], interval=True),
                str(f["labelled"]),
                share(f["with_returned"]),
                said("_ms", f["latency_p50_ms"]),
                said("_ms", f["latency_p95_ms"]),
                said("length", f["length_p50_tokens"]),
                share(f["refusal_rate"]),
                said("_usd", f["cost_usd"]),
                f"{f['input_tokens']:,}",
                f"{f['output_tokens']:,}",
                codes(f["codes"]),
            )
            for name, f in vendors.items()
        ),
    )


def _alerts(alerts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not alerts:
        yield from _list((), "Nothing was wrong with these days.")
        return
    yield from _table(
        ("day", "level", "alert", "of", "what"),
        ((str(a["day"]), str(a["level"]), a["name"], a["subject"], a["words"]) for a in alerts),
    )


def _trends(trends: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    moving = [trend for trend in trends if trend["verdict"] != "steady"]
    if not moving:
        yield from _list((), f"Of {len(trends)} series none rises or falls beyond chance.")
        return
    yield from _table(
        ("figure", "of", "verdict", "a day", "95 % interval", "chance", "days", "harm"),
        (
            (
                t["measure"],
                t["subject"],
                t["verdict"],
                slope(t["measure"], t["slope"]),
                f"{slope(t['measure'], t['lower'])} to {slope(t['measure'], t['upper'])}",
                chance(t["chance"]),
                str(t["days"]),
                "yes" if t["harm"] else "",
            )
            for t in moving
        ),
    )


def _days(days: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from _table(
        ("day", "arm", "requests", "errors", "accuracy", "confidence", "p95", "a request"),
        (
            (
                str(day["day"]),
                name,
                f"{f['requests']:,}",
                share(f["error_rate"]),
                share(f["accuracy"], interval=True),
                said("", f["confidence"]),
                said("_ms", f["latency_p95_ms"]),
                said("_usd", f["cost_per_request_usd"]),
            )
            for day in days
            for name, f in day["arms"].items()
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield _row(head)
    yield "|" + "---|" * len(head)
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    # Arms and codes are named by people: a bar in a name must not end its cell.
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _list(items: Iterable[str], otherwise: str) -> Iterator[str]:
    lines = [f"* {item}" for item in items]
    yield ""
    yield from lines or [otherwise]
    yield ""
