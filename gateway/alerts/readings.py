"""What the gateway's own records and figures say now, in the measures of the rules; no clock.

The same figures as `/metrics` shows, of this process alone: each judges what it served itself, and of
several that see the same thing one tells it (`gateway.alerts.claims`). Shadow requests count for the
vendors only: their answers went to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.alerts.engine import Reading
from gateway.alerts.rules import Measure
from gateway.monitoring.derived import latency_bin, latency_quantile
from gateway.monitoring.rolling import RollingSums
from gateway.rollout.observation import shows_life
from gateway.rollout.window import is_measured
from learning.records import IMPATIENT_DEADLINE_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.monitoring.rolling import Key
    from learning.records import RequestRecord, VoteRecord

WINDOW_S = 300.0
"""What rates and means look back over, as in `gateway.monitoring.metrics`."""

CALLERS_DOWN = 3
"""Different callers in a row who must find every vendor down, as for the rollback (API.md)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is no request's doing. ``rolled_back``: why, None while no rollback stands.

    ``memory_bytes`` is None where nobody can tell; ``records_lost`` since the start; ``crashes``: names of
    the instances of which a process was found to have ended without a goodbye; ``changed``: figures of vendors
    that were found changed within a day, by which and where it went, with how far.
    """

    rolled_back: str | None = None
    memory_bytes: float | None = None
    records_lost: int = 0
    crashes: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)


class Figures:
    """The last five minutes of one process; times are seconds, monotonic."""

    def __init__(self) -> None:
        self._sums = RollingSums(WINDOW_S)
        self._down: set[str] = set()
        self._nameless_down = 0
        self._lost_before = 0

    def observe(self, record: RequestRecord, now: float) -> None:
        """Take in a finished request; some microseconds."""
        if record.arm is None and not record.is_single:
            return
        sums = self._sums.current(now)
        for vote in record.votes:
            _count_vote(vote, sums, patient=record.timeout_ms >= IMPATIENT_DEADLINE_MS)
        self._count_outage(record)
        if record.is_shadow or record.arm is None:
            return
        if is_measured(record):
            sums["requests", record.arm] += 1
            sums["errors", record.arm] += record.is_error
            sums["latency", f"{record.arm}|{latency_bin(record.latency_ms)}"] += 1
        if record.confidence is not None:
            sums["confidence", ""] += record.confidence
            sums["confident", ""] += 1

    def readings(self, standing: Standing, now: float) -> dict[tuple[Measure, str], Reading]:
        """All that is known now. What is not known is left out: no traffic is no figure."""
        if standing.records_lost > self._lost_before:
            self._sums.current(now)["lost", ""] += standing.records_lost - self._lost_before
            self._lost_before = standing.records_lost
        sums = self._sums.totals(now)
        found = {**_of_arms(sums), **_of_providers(sums), **_of_process(standing, sums)}
        if confident := sums.get(("confident", ""), 0.0):
            mean = sums.get(("confidence", ""), 0.0) / confident
            found[Measure.CONFIDENCE, ""] = Reading(mean, int(confident))
        if any(name == "calls" for name, _ in sums):
            down = len(self._down) + self._nameless_down >= CALLERS_DOWN
            found[Measure.ALL_DOWN, ""] = Reading(float(down))
        return found

    def _count_outage(self, record: RequestRecord) -> None:
        if record.arm is None:
            return
        if not record.all_vendors_down:
            if shows_life(record):
                self._down.clear()
                self._nameless_down = 0
        elif record.caller is None:
            self._nameless_down = min(self._nameless_down + 1, CALLERS_DOWN)
        elif len(self._down) < CALLERS_DOWN:
            self._down.add(record.caller)


def _count_vote(vote: VoteRecord, sums: dict[Key, float], *, patient: bool) -> None:
    if patient or vote.error_code != "timeout":  # a caller's haste says nothing of the vendor
        sums["calls", vote.provider] += 1
        sums["up", vote.provider] += not vote.down


def _of_arms(sums: Mapping[Key, float]) -> dict[tuple[Measure, str], Reading]:
    bins: defaultdict[str, dict[int, float]] = defaultdict(dict)
    found = {}
    for (name, label), value in sums.items():
        if name == "requests":
            rate = sums.get(("errors", label), 0.0) / value
            found[Measure.ERROR_RATE, label] = Reading(rate, int(value))
        elif name == "latency":
            arm, _, number = label.partition("|")
            bins[arm][int(number)] = value
    for arm, of_arm in bins.items():
        p95_ms = latency_quantile(of_arm)
        if p95_ms is not None:
            found[Measure.LATENCY, arm] = Reading(p95_ms / 1000, int(sum(of_arm.values())))
    return found


def _of_providers(sums: Mapping[Key, float]) -> dict[tuple[Measure, str], Reading]:
    return {
        (Measure.AVAILABILITY, provider): Reading(
            sums.get(("up", provider), 0.0) / calls, int(calls)
        )
        for (name, provider), calls in sums.items()
        if name == "calls" and calls
    }


def _of_process(
    standing: Standing, sums: Mapping[Key, float]
) -> dict[tuple[Measure, str], Reading]:
    tripped = standing.rolled_back is not None
    found = {
        (Measure.ROLLED_BACK, ""): Reading(float(tripped), words=standing.rolled_back or ""),
        (Measure.RECORDS_LOST, ""): Reading(sums.get(("lost", ""), 0.0)),
    }
    if standing.memory_bytes is not None:
        found[Measure.MEMORY, ""] = Reading(standing.memory_bytes)
    for instance in standing.crashes:
        found[Measure.CRASHED, instance] = Reading(1.0)
    for figure, words in standing.changed.items():
        found[Measure.PROVIDER_CHANGED, figure] = Reading(1.0, words=words)
    return found
