"""What can be set while the simulator runs, a place at a time, and what the next request meets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.simulator.control_words import changes_of
from providers.simulator.counts import Counts, added
from providers.simulator.faults import Fault
from providers.simulator.latency import DEFAULT_LATENCY, Latency, LongTail
from providers.simulator.mind import draw
from providers.simulator.places import USUAL, Place
from providers.simulator.schedule import Schedule
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.simulator.bucket import Allowance
    from providers.simulator.config import SimulatorConfig
    from providers.simulator.control_words import Change
    from providers.simulator.faults import FaultRule


@dataclass(frozen=True, slots=True)
class Lot:
    """What a request gets: a fault or none, and the milliseconds its reply takes.

    ``retry_after_s`` is what a 429 says, ``allowance`` how it stands with the vendor's limit where it
    has one, ``misled`` whether the answer is another one.
    """

    fault: Fault | None
    wait_ms: float
    retry_after_s: float
    misled: bool = False
    allowance: Allowance | None = None


class PlaceControls:
    """One place's fault, latency and counters. What is set by hand goes before the day's script."""

    def __init__(self, place: Place, config: SimulatorConfig, schedule: Schedule) -> None:
        self._place = place
        self._config = config
        self._schedule = schedule
        # A usual place draws as its vendor did before there were others.
        self._lots = place.vendor.value if place.name == USUAL else str(place)
        self.reset()

    def reset(self) -> None:
        """Back to the start: the configured fault and latency, counters at zero."""
        vendor = self._place.vendor
        rule = next((f for f in self._config.faults if f.vendor is vendor), None)
        self.counts = Counts()
        self._latency = self._config.latency.get(vendor, DEFAULT_LATENCY[vendor])
        self._set_latency: Latency | LongTail | None = None
        self.wrong_share = 0.0
        self._drawn = 0
        self.set_rule(rule)

    @property
    def latency(self) -> Latency | LongTail:
        """The latency set by hand, else the usual one."""
        return self._set_latency or self._latency

    @latency.setter
    def latency(self, latency: Latency | LongTail) -> None:
        self._set_latency = latency

    def set_rule(self, rule: FaultRule | None) -> None:
        """Fail by ``rule`` from now on, or no more."""
        self.rule = rule
        self._left = rule.count if rule else None
        self._skip = rule.skip if rule else 0

    @property
    def down(self) -> bool:
        """Whether no connection is taken here now."""
        if (rule := self._live_rule()) is not None:
            certain = rule.probability >= 1 and not self._skip and self._left is None
            return certain and rule.fault is Fault.REFUSED
        return self._schedule.holding(self._place).refuses

    def next_request(self) -> Lot:
        """The next request's lot; repeatable by the seed, and the script's clock."""
        self._drawn += 1
        seed, number = self._config.seed, self._drawn
        meets = self._schedule.meets(self._place, number)
        fault = self._strike() if self._live_rule() else meets.fault
        wait_s = float(self._config.retry_after_s)
        if meets.retry_after_s is not None:
            wait_s = meets.retry_after_s
        allowance = meets.allowance
        if allowance is not None and allowance.wait_s > 0 and fault is not Fault.REFUSED:
            fault, wait_s = Fault.RATE_LIMITED, allowance.wait_s
        if fault is not None:
            self.counts.faults[fault] += 1
        latency = self._set_latency or meets.latency or self._latency
        base_ms = latency.ms(draw(seed, "jitter", self._lots, number)) * meets.factor
        extra_ms = self._config.slow_ms if fault is Fault.SLOW else 0.0
        misled = meets.misled or draw(seed, "wrong", self._lots, number) < self.wrong_share
        return Lot(
            fault, (base_ms + extra_ms) * self._config.latency_scale, wait_s, misled, allowance
        )

    def _live_rule(self) -> FaultRule | None:
        return None if self._left == 0 else self.rule

    def _strike(self) -> Fault | None:
        rule = self._live_rule()
        if rule is None:
            return None
        if draw(self._config.seed, "fault", self._lots, self._drawn) >= rule.probability:
            return None
        if self._skip:
            self._skip -= 1
            return None
        if self._left is not None:
            self._left -= 1
        return rule.fault

    def change(self, change: Change, latency: Latency | LongTail | None) -> None:
        """Do what was asked for and checked."""
        if latency is not None:
            self._set_latency = latency
        if "fault" in change.asked:
            self.set_rule(change.rule)
        if "wrong_share" in change.asked:
            self.wrong_share = change.wrong_share

    def changed_latency(self, change: Change) -> Latency | None:
        """The latency that is asked for, None for no other; raises ValueError for what is none."""
        if change.latency_ms is None and change.jitter_ms is None:
            return None
        now = self.latency
        base, jitter = (now.base_ms, now.jitter_ms) if isinstance(now, Latency) else (now.p50_ms, 0)
        return Latency(
            base if change.latency_ms is None else change.latency_ms,
            jitter if change.jitter_ms is None else change.jitter_ms,
        )

    def settings(self) -> dict[str, Any]:
        """What ``GET /_control`` shows of this place."""
        rule, latency = self.rule, self.latency
        if isinstance(latency, Latency):
            times = {"latency_ms": latency.base_ms, "jitter_ms": latency.jitter_ms}
        else:
            times = {"p50_ms": latency.p50_ms, "p95_ms": latency.p95_ms}
        return {
            "fault": rule.fault if rule and self._left != 0 else None,
            "probability": rule.probability if rule else None,
            "count": self._left,
            "skip": self._skip,
            "wrong_share": self.wrong_share,
            **times,
        }


class Controls:
    """All places' controls, and the words of the control endpoint."""

    def __init__(
        self, config: SimulatorConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.schedule = Schedule(config.script, config.seed, clock)
        self.of = {place: PlaceControls(place, config, self.schedule) for place in config.places}

    def reset(self) -> None:
        """Back to the start, all places; the day begins anew."""
        self.schedule.begin()
        for controls in self.of.values():
            controls.reset()

    def apply(self, wanted: Any) -> None:
        """Set what ``{"gpt": {"fault": "500", "probability": 1.0, "count": null, "latency_ms": 50}}`` says.

        A vendor's name is for all its places, ``gpt/eu`` for one, ``all`` for everybody. Missing
        fields stay as they are; ``"fault": null`` ends the fault.

        Raises:
            ValueError: when any of it makes no sense; then nothing is changed.
        """
        plans = []
        for change in changes_of(wanted):
            covered = [c for place, c in self.of.items() if change.target.covers(place)]
            if not covered:
                raise ValueError(
                    f"no endpoint {change.target}; there are {', '.join(map(str, self.of))}"
                )
            plans += [(c, change, c.changed_latency(change)) for c in covered]
        for controls, change, latency in plans:
            controls.change(change, latency)

    def settings(self) -> dict[str, Any]:
        """The settings of all places."""
        return {_shown(place): controls.settings() for place, controls in self.of.items()}

    def stats(self) -> dict[str, Any]:
        """Counters a vendor, and a place where the vendor has several."""
        found: dict[str, Any] = {}
        for vendor in Vendor:
            places = {p: c.counts for p, c in self.of.items() if p.vendor is vendor}
            found[vendor.value] = added(places.values()).view()
            if len(places) > 1:
                found |= {str(place): counts.view() for place, counts in places.items()}
        return found


def _shown(place: Place) -> str:
    return place.vendor.value if place.name == USUAL else str(place)
