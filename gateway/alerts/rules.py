"""The rules as data: what is looked at, from which value on, for how long, how loud.

`ops/prometheus/rules/wallbounce.yml` holds the same list for Prometheus; a test compares the two.
The levels and figures are MISSION.md's row R6 and the KPIs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.alerts.levels import Level

AT_ONCE_S = 0.0
CRITICAL_S = 60.0
WARNING_S = 300.0
"""How long a condition must hold, by level."""

CALM_S = 120.0
"""How long a figure must be back before its alert is over, so that one that swings makes no noise."""

MINIMUM_REQUESTS = 20
"""In five minutes: one failed request of three is no emergency."""

MINIMUM_CALLS = 5
"""Of one vendor in five minutes."""


class Measure(StrEnum):
    """What a rule looks at; the unit of its value."""

    ERROR_RATE = "error_rate"
    """By arm: errors over requests, 0 to 1."""
    LATENCY = "latency_p95_seconds"
    """By arm: 95th percentile of the whole request."""
    CONFIDENCE = "confidence"
    """Mean of consensus answers, 0 to 1."""
    AVAILABILITY = "provider_availability"
    """By provider: calls that did not find the vendor down, over calls, 0 to 1."""
    ALL_DOWN = "all_vendors_down"
    """1 while requests of different callers in a row find every vendor down."""
    ROLLED_BACK = "rolled_back"
    """1 while a rollback stands."""
    CRASHED = "crashed"
    """1 for five minutes after a process was found to have ended without a goodbye."""
    PROVIDER_CHANGED = "provider_changed"
    """By provider, figure and direction: 1 for a day after it was found changed (`learning.monitor`)."""
    MEMORY = "memory_bytes"
    """Resident memory of the instance's processes."""
    RECORDS_LOST = "records_lost"
    """Request records given up in five minutes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert.

    It is true while the measure is above (or, with ``below``, under) ``limit``; equal is within. It
    fires once that held for ``wait_s``, and is over once it did not for ``calm_s``. ``minimum``: of how
    many requests or calls in five minutes the measure must come; of fewer it is unknown, which ends an
    alert like a good value. ``silent_end``: its end is told by another message, or is none.
    """

    name: str
    level: Level
    measure: Measure
    limit: float
    wait_s: float
    below: bool = False
    calm_s: float = CALM_S
    minimum: int = 0
    silent_end: bool = False

    def is_true(self, value: float) -> bool:
        """Whether a value is on the wrong side of the limit."""
        return value < self.limit if self.below else value > self.limit


def _traffic(name: str, level: Level, measure: Measure, limit: float, wait_s: float) -> Rule:
    below = measure is Measure.CONFIDENCE
    return Rule(name, level, measure, limit, wait_s, below=below, minimum=MINIMUM_REQUESTS)


RULES: tuple[Rule, ...] = (
    _traffic("ErrorRateEmergency", Level.EMERGENCY, Measure.ERROR_RATE, 0.03, AT_ONCE_S),
    _traffic("ErrorRateCritical", Level.CRITICAL, Measure.ERROR_RATE, 0.02, CRITICAL_S),
    _traffic("LatencyCritical", Level.CRITICAL, Measure.LATENCY, 10.0, CRITICAL_S),
    _traffic("LatencyWarning", Level.WARNING, Measure.LATENCY, 5.0, WARNING_S),
    _traffic("ConfidenceCritical", Level.CRITICAL, Measure.CONFIDENCE, 0.7, CRITICAL_S),
    _traffic("ConfidenceWarning", Level.WARNING, Measure.CONFIDENCE, 0.8, WARNING_S),
    Rule("MemoryCritical", Level.CRITICAL, Measure.MEMORY, 1000e6, CRITICAL_S),
    Rule("MemoryWarning", Level.WARNING, Measure.MEMORY, 800e6, WARNING_S),
    # The rollout's own messages tell its beginning and its end; this one goes on while it stands.
    Rule(
        "RolledBack",
        Level.CRITICAL,
        Measure.ROLLED_BACK,
        0.0,
        AT_ONCE_S,
        calm_s=0.0,
        silent_end=True,
    ),
    Rule("AllProvidersDown", Level.EMERGENCY, Measure.ALL_DOWN, 0.0, AT_ONCE_S, calm_s=0.0),
    Rule(
        "ProviderDown",
        Level.WARNING,
        Measure.AVAILABILITY,
        0.5,
        CRITICAL_S,
        below=True,
        minimum=MINIMUM_CALLS,
    ),
    # Nobody ends a crash: what matters is that it was.
    Rule(
        "Crashed",
        Level.EMERGENCY,
        Measure.CRASHED,
        0.0,
        AT_ONCE_S,
        calm_s=0.0,
        silent_end=True,
    ),
    # Nor a change: what a vendor is now is what it is held against from then on.
    Rule(
        "ProviderChanged",
        Level.WARNING,
        Measure.PROVIDER_CHANGED,
        0.0,
        AT_ONCE_S,
        calm_s=0.0,
        silent_end=True,
    ),
    Rule("JournalDropping", Level.CRITICAL, Measure.RECORDS_LOST, 0.0, AT_ONCE_S),
)
