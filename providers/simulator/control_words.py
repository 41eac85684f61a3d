"""The words of the control endpoint: what ``PUT /_control`` asks for, checked before any of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.simulator.faults import FaultRule, fault_named
from providers.simulator.places import target_named
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from providers.simulator.places import Target

_FIELDS = frozenset(
    {"fault", "probability", "count", "skip", "latency_ms", "jitter_ms", "wrong_share"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One target's part of what is asked. What is not in ``asked`` stays as it is."""

    target: Target
    rule: FaultRule | None
    asked: frozenset[str]
    latency_ms: float | None
    jitter_ms: float | None
    wrong_share: float


def changes_of(wanted: Any) -> list[Change]:
    """Read ``{"gpt": {"fault": "500", "count": 3}, "gpt/eu": {"latency_ms": 50}}``.

    Raises:
        ValueError: when any of it makes no sense.
    """
    if not isinstance(wanted, dict):
        raise ValueError("expected an object of vendors")  # noqa: TRY004 - a caller's mistake on the wire
    return [_change(name, changes) for name, changes in wanted.items()]


def _change(name: str, changes: Any) -> Change:
    target = target_named(name)
    if not isinstance(changes, dict):
        raise ValueError(f"{name}: expected an object")  # noqa: TRY004 - as above
    unknown = sorted(set(changes) - _FIELDS)
    if unknown:
        raise ValueError(
            f"{name}: unknown {', '.join(unknown)}; there are {', '.join(sorted(_FIELDS))}"
        )
    if "fault" not in changes and changes.keys() & {"probability", "count", "skip"}:
        raise ValueError(f"{name}: probability, count and skip need a fault")
    wrong = number(name, "wrong_share", changes.get("wrong_share", 0.0))
    if not 0 <= wrong <= 1:
        raise ValueError(f"{name}: wrong_share is 0 to 1, not {wrong}")
    return Change(
        target,
        _rule(name, target.vendor or Vendor.GPT, changes),
        frozenset(changes),
        _optional(name, "latency_ms", changes),
        _optional(name, "jitter_ms", changes),
        wrong,
    )


def _rule(name: str, vendor: Vendor, changes: dict[str, Any]) -> FaultRule | None:
    probability = number(name, "probability", changes.get("probability", 1.0))
    if changes.get("fault") is None:
        return None
    count = changes.get("count")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
        raise ValueError(f"{name}: count is a whole number or null")
    skip = changes.get("skip", 0)
    if isinstance(skip, bool) or not isinstance(skip, int):
        raise ValueError(f"{name}: skip is a whole number")  # noqa: TRY004 - as above
    return FaultRule(vendor, fault_named(str(changes["fault"])), probability, count, skip)


def _optional(of: str, name: str, changes: dict[str, Any]) -> float | None:
    return number(of, name, changes[name]) if name in changes else None


def number(of: str, name: str, value: Any) -> float:
    """A JSON number; raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{of}: {name} is a number, not {value!r}")  # noqa: TRY004 - as above
    return float(value)
