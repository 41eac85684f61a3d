"""Observations and labels for tests of the judge."""

from datetime import UTC, datetime, timedelta

from gateway.rollout.observation import CONTROL, Label, Observation
from gateway.rollout.plan import MAIN_ARM
from gateway.rollout.rules import Limits

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)

LIMITS = Limits(
    error_rate=0.03,
    latency_ms=10_000.0,
    warning_error_rate=0.015,
    window=timedelta(minutes=5),
)


def seen(arm=MAIN_ARM, now=0.0, **changes):
    """A request that went well, of the arm, which came in ``now`` seconds after the beginning."""
    values = {
        "request_id": f"{arm}-{now}",
        "at": BEGIN + timedelta(seconds=now),
        "arm": arm,
        "share": 0.1,
        "measured": True,
        "error": False,
        "latency_ms": 500.0,
        "cost_usd": 0.002,
        "confidence": None if arm == CONTROL else 0.85,
    }
    return Observation(**(values | changes))


def label(number, arm=MAIN_ARM, *, correct=True, now=0.0, caller=None):
    """Feedback on the request of that number."""
    return Label(f"{arm}-{number}", arm, BEGIN + timedelta(seconds=now), correct, caller)
