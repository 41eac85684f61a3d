"""What can be set while the simulator runs, a vendor at a time: faults and latency; and its counters."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from providers.simulator.faults import Fault, FaultRule, fault_named, vendor_named
from providers.simulator.mind import draw
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.simulator.vendors import Spent

_FIELDS = frozenset({"fault", "probability", "count", "skip", "latency_ms", "jitter_ms"})


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds until a whole reply is out: ``base_ms`` plus up to ``jitter_ms``."""

    base_ms: float
    jitter_ms: float = 0.0

    def __post_init__(self) -> None:
        if self.base_ms < 0 or self.jitter_ms < 0:
            raise ValueError("a latency is 0 ms or more")


#: In proportion to the vendors' real speeds, and twenty times as fast.
DEFAULT_LATENCY: Mapping[Vendor, Latency] = MappingProxyType(
    {
        Vendor.GPT: Latency(120, 40),
        Vendor.CLAUDE: Latency(90, 30),
        Vendor.GEMINI: Latency(60, 20),
    }
)


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """How the simulated vendors behave from the start.

    ``seed`` decides every choice that is not in the data: wordings, jitter, whether a probable
    fault strikes. ``latency_scale`` multiplies all waiting; 0 answers at once. ``slow_ms`` is what
    the fault ``slow`` adds, ``retry_after_s`` what a 429 says.
    """

    seed: int = 0
    latency_scale: float = 1.0
    latency: Mapping[Vendor, Latency] = field(default_factory=lambda: DEFAULT_LATENCY)
    faults: tuple[FaultRule, ...] = ()
    slow_ms: float = 3000.0
    retry_after_s: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.latency_scale < float("inf"):
            raise ValueError(f"latency_scale is 0 or more, not {self.latency_scale}")
        if self.slow_ms < 0 or self.retry_after_s < 0:
            raise ValueError("slow_ms and retry_after_s are 0 or more")
        if len({f.vendor for f in self.faults}) != len(self.faults):
            raise ValueError("a vendor has one fault at a time; two were given")


@dataclass(slots=True)
class Counts:
    """Requests of one vendor: ``seen`` = ``open`` + answered + failed + refused + cancelled.

    ``failed``: struck by a fault. ``refused``: did not pass validation. ``cancelled``: the client
    went away before the reply was out, also while a fault was at work. ``billed``: replies that were
    written, and so are charged for, whether they arrived whole or not; the tokens are theirs.
    """

    seen: int = 0
    open: int = 0
    answered: int = 0
    failed: int = 0
    refused: int = 0
    cancelled: int = 0
    billed: int = 0
    billed_input_tokens: int = 0
    billed_output_tokens: int = 0

    def bill(self, spent: Spent) -> None:
        """Charge for a reply."""
        self.billed += 1
        self.billed_input_tokens += spent.input
        self.billed_output_tokens += spent.output


class VendorControls:
    """One vendor's fault, latency and counters."""

    def __init__(self, vendor: Vendor, config: SimulatorConfig) -> None:
        self._vendor = vendor
        self._config = config
        self.reset()

    def reset(self) -> None:
        """Back to the start: the configured fault and latency, counters at zero."""
        rule = next((f for f in self._config.faults if f.vendor is self._vendor), None)
        self.counts = Counts()
        self.strikes: Counter[Fault] = Counter()
        self.latency = self._config.latency.get(self._vendor, DEFAULT_LATENCY[self._vendor])
        self._drawn = 0
        self.set_rule(rule)

    def set_rule(self, rule: FaultRule | None) -> None:
        """Fail by ``rule`` from now on, or no more."""
        self.rule = rule
        self._left = rule.count if rule else None
        self._skip = rule.skip if rule else 0

    def next_request(self) -> tuple[Fault | None, float]:
        """The next request's fault, and the milliseconds its reply takes; repeatable by the seed."""
        self._drawn += 1
        jitter = (
            draw(self._config.seed, "jitter", self._vendor, self._drawn) * self.latency.jitter_ms
        )
        fault = self._strike()
        if fault is not None:
            self.strikes[fault] += 1
        extra = self._config.slow_ms if fault is Fault.SLOW else 0.0
        return fault, (self.latency.base_ms + jitter + extra) * self._config.latency_scale

    def _strike(self) -> Fault | None:
        rule = self.rule
        if rule is None or self._left == 0:
            return None
        if draw(self._config.seed, "fault", self._vendor, self._drawn) >= rule.probability:
            return None
        if self._skip:
            self._skip -= 1
            return None
        if self._left is not None:
            self._left -= 1
        return rule.fault

    def settings(self) -> dict[str, Any]:
        """What ``GET /_control`` shows of this vendor."""
        rule = self.rule
        return {
            "fault": rule.fault if rule and self._left != 0 else None,
            "probability": rule.probability if rule else None,
            "count": self._left,
            "skip": self._skip,
            "latency_ms": self.latency.base_ms,
            "jitter_ms": self.latency.jitter_ms,
        }

    def stats(self) -> dict[str, Any]:
        """What ``GET /_stats`` shows of this vendor."""
        return {**asdict(self.counts), "faults": {f.value: n for f, n in self.strikes.items()}}


class Controls:
    """All vendors' controls, and the words of the control endpoint."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.of = {vendor: VendorControls(vendor, config) for vendor in Vendor}

    def reset(self) -> None:
        """Back to the start, all vendors."""
        for controls in self.of.values():
            controls.reset()

    def apply(self, wanted: Any) -> None:
        """Set what ``{"gpt": {"fault": "500", "probability": 1.0, "count": null, "latency_ms": 50}}`` says.

        A vendor's missing fields stay as they are; ``"fault": null`` ends the fault.

        Raises:
            ValueError: when any of it makes no sense; then nothing is changed.
        """
        if not isinstance(wanted, dict):
            raise ValueError("expected an object of vendors")  # noqa: TRY004 - a caller's mistake on the wire
        plans = [_plan(vendor_named(name), value) for name, value in wanted.items()]
        latencies = [_latency(self.of[plan.vendor].latency, plan.changes) for plan in plans]
        for plan, latency in zip(plans, latencies, strict=True):
            controls = self.of[plan.vendor]
            controls.latency = latency
            if "fault" in plan.changes:
                controls.set_rule(plan.rule)

    def settings(self) -> dict[str, Any]:
        """All vendors' settings."""
        return {vendor.value: controls.settings() for vendor, controls in self.of.items()}

    def stats(self) -> dict[str, Any]:
        """All vendors' counters."""
        return {vendor.value: controls.stats() for vendor, controls in self.of.items()}


@dataclass(frozen=True, slots=True)
class _Plan:
    """One vendor's part of a change, checked."""

    vendor: Vendor
    rule: FaultRule | None
    changes: dict[str, Any]


def _plan(vendor: Vendor, changes: Any) -> _Plan:
    if not isinstance(changes, dict):
        raise ValueError(f"{vendor}: expected an object")  # noqa: TRY004 - as above
    unknown = sorted(set(changes) - _FIELDS)
    if unknown:
        raise ValueError(
            f"{vendor}: unknown {', '.join(unknown)}; there are {', '.join(sorted(_FIELDS))}"
        )
    name, count = changes.get("fault"), changes.get("count")
    probability = _number(vendor, "probability", changes.get("probability", 1.0))
    if name is None:
        if "fault" not in changes and changes.keys() & {"probability", "count", "skip"}:
            raise ValueError(f"{vendor}: probability, count and skip need a fault")
        return _Plan(vendor, None, changes)
    if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
        raise ValueError(f"{vendor}: count is a whole number or null")
    skip = changes.get("skip", 0)
    if isinstance(skip, bool) or not isinstance(skip, int):
        raise ValueError(f"{vendor}: skip is a whole number")  # noqa: TRY004 - as above
    rule = FaultRule(vendor, fault_named(str(name)), probability, count, skip)
    return _Plan(vendor, rule, changes)


def _latency(now: Latency, changes: dict[str, Any]) -> Latency:
    base = _number("latency", "latency_ms", changes.get("latency_ms", now.base_ms))
    return Latency(base, _number("latency", "jitter_ms", changes.get("jitter_ms", now.jitter_ms)))


def _number(of: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{of}: {name} is a number, not {value!r}")  # noqa: TRY004 - as above
    return float(value)
