"""What people read: a notification, or a move of the rollout, as one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.alerts.engine import Kind
from gateway.alerts.levels import Level
from gateway.alerts.rules import Measure

if TYPE_CHECKING:
    from gateway.alerts.engine import Notification
    from gateway.alerts.rules import Rule
    from gateway.rollout.state import RolloutEvent

MANUAL = "docs/alerts.md"

_MINUTE_S, _HOUR_S = 60, 3600
_TIMELESS = frozenset(
    {Measure.ROLLED_BACK, Measure.ALL_DOWN, Measure.CRASHED, Measure.PROVIDER_CHANGED}
)
"""Measures that are so or not: no figure, no limit."""

_SAID = {
    Measure.ERROR_RATE: "{subject}: {value:.1%} of requests end in an error of ours",
    Measure.LATENCY: "{subject}: p95 latency is {value:.1f} s",
    Measure.CONFIDENCE: "mean confidence is {value:.2f}",
    Measure.AVAILABILITY: "{subject} answers {value:.0%} of its calls",
    Measure.ALL_DOWN: "no answer from any vendor",
    Measure.ROLLED_BACK: "rolled back: all traffic takes the legacy path",
    Measure.CRASHED: "a process of {subject} ended without a goodbye",
    Measure.PROVIDER_CHANGED: "a vendor has changed: {subject}",
    Measure.MEMORY: "memory is {mega:.0f} MB",
    Measure.RECORDS_LOST: "{value:.0f} request records lost in five minutes",
}

_MOVES = {
    "trip": (Level.CRITICAL, "rolled back: all traffic takes the legacy path"),
    "close": (Level.CRITICAL, "an arm was closed"),
    "acknowledge": (Level.WARNING, "the rollback was acknowledged: traffic returns"),
    "adopt": (Level.WARNING, "a plan was adopted"),
    "advance": (Level.WARNING, "the rollout moved on to the next stage"),
    "hold": (Level.WARNING, "the rollout is held"),
    "resume": (Level.WARNING, "the rollout goes on"),
    "approve": (Level.WARNING, "the next stage was approved"),
    "abort": (Level.WARNING, "the rollout was aborted"),
    "drop": (Level.WARNING, "the plan was dropped"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message, the same to every channel. ``good_news``: something is over."""

    level: Level
    title: str
    body: str
    good_news: bool = False


def of_notification(notification: Notification, instance: str) -> Message:
    """What is told of an alert."""
    rule = notification.rule
    over = notification.kind is Kind.RESOLVED
    mark = "RESOLVED" if over else rule.level.upper()
    still = "still: " if notification.kind is Kind.REPEATED else ""
    lines = [
        _end(notification) if over else _course(notification),
        f"alert {rule.name}, seen by {instance}; what to do: {MANUAL}",
    ]
    return Message(
        rule.level,
        f"[{mark}] {still}{_said(notification)}",
        "\n".join(line for line in lines if line),
        good_news=over,
    )


def of_event(event: RolloutEvent, instance: str) -> Message:
    """What is told of a move of the rollout; a kind that is new here is told by its name."""
    level, said = _MOVES.get(event.kind, (Level.WARNING, f"the rollout changed: {event.kind}"))
    reason = f"reason: {event.reason}\n" if event.reason else ""
    return Message(
        level,
        f"[{level.upper()}] {said}",
        f"{reason}by {event.by} at {event.at:%Y-%m-%d %H:%M:%S} UTC, told by {instance}; "
        "see `wallbounce rollout status`",
        good_news=event.kind == "acknowledge",
    )


def trial(level: Level, instance: str) -> Message:
    """What `wallbounce alerts test` sends."""
    return Message(
        level,
        f"[{level.upper()}] this is a test: nothing is wrong",
        f"sent by `wallbounce alerts test` on {instance}",
    )


def _said(notification: Notification) -> str:
    """The condition in words, with its figure."""
    rule, subject, value = notification.rule, notification.subject, notification.reading.value
    return _SAID[rule.measure].format(subject=subject, value=value, mega=value / 1e6) + _limit(rule)


def _limit(rule: Rule) -> str:
    if rule.measure in _TIMELESS or rule.measure is Measure.RECORDS_LOST:
        return ""
    match rule.measure:
        case Measure.ERROR_RATE | Measure.AVAILABILITY:
            limit = f"{rule.limit:.0%}"
        case Measure.LATENCY:
            limit = f"{rule.limit:g} s"
        case Measure.MEMORY:
            limit = f"{rule.limit / 1e6:.0f} MB"
        case _:
            limit = f"{rule.limit:g}"
    return f" ({'under' if rule.below else 'over'} {limit})"


def _course(notification: Notification) -> str:
    rule, reading = notification.rule, notification.reading
    parts = []
    if reading.words:
        parts.append(reading.words)
    if rule.minimum:
        of = "calls" if rule.measure is Measure.AVAILABILITY else "requests"
        parts.append(f"{reading.count} {of} in five minutes")
    if notification.lasted_s >= 1:
        parts.append(f"for {_duration(notification.lasted_s)}")
    return "; ".join(parts)


def _end(notification: Notification) -> str:
    after = f"after {_duration(notification.lasted_s)}"
    if notification.known:
        return f"over {after}"
    return f"cannot be judged any more, for lack of traffic; {after}"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h"
