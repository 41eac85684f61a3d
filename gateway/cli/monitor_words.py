"""Figures as people read them: percents, milliseconds, prices, and what has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PERCENTS = frozenset(
    {
        "accuracy",
        "error_rate",
        "refusal_rate",
        "with_returned",
        "wrong",
        "dissent",
        "refusal",
        "failure",
    }
)
NONE = "–"


def share(value: Mapping[str, float] | None, *, interval: bool = False) -> str:
    """A share in percent, with its interval if asked for."""
    if value is None:
        return NONE
    said = f"{value['value'] * 100:.1f} %"
    if interval:
        said += f" ({value['lower'] * 100:.0f}–{value['upper'] * 100:.0f})"
    return said


def said(measure: str, value: float | None) -> str:
    """A figure with its unit, by the name of what it measures."""
    if value is None:
        return NONE
    if measure in PERCENTS:
        return f"{value * 100:.1f} %"
    if measure == "latency" or measure.endswith("_ms"):
        return f"{value:,.0f} ms"
    if measure.endswith("_usd"):
        return f"${value:.5f}"
    if measure == "length" or measure.endswith("_tokens"):
        return f"{value:,.0f} tokens"
    return f"{value:.3f}"


def slope(measure: str, value: float | None) -> str:
    """A change a day, signed; of percents in points."""
    if value is None:
        return NONE
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    if measure in PERCENTS:
        return f"{sign}{size * 100:.2f} points"
    if measure.endswith("_ms"):
        return f"{sign}{size:,.1f} ms"
    if measure.endswith("_usd"):
        return f"{sign}${size:.5f}"
    if measure.endswith("_tokens"):
        return f"{sign}{size:,.1f} tokens"
    return f"{sign}{size:.4f}"


def chance(value: float) -> str:
    """A chance, small ones as such."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 - the digits shown


def codes(value: Mapping[str, int]) -> str:
    """Failures by their code, the most frequent first."""
    ranked = sorted(value.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{code} {count}" for code, count in ranked)


def span(body: Mapping[str, Any]) -> str:
    """Which days."""
    return f"{body['from']} to {body['to']}, {body['timezone']}"


def change_sentence(change: Mapping[str, Any]) -> str:
    """What was found of a vendor."""
    measure = str(change["measure"])
    return (
        f"{measure} of {change['provider']} went {change['direction']}: "
        f"{said(measure, change['before'])} → {said(measure, change['after'])}, likely since "
        f"{change['since']:%Y-%m-%d %H:%M} UTC, found {change['at']:%Y-%m-%d %H:%M}"
    )
