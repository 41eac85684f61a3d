"""How the simulated vendors behave from the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from providers.simulator.faults import Fault
from providers.simulator.latency import DEFAULT_LATENCY
from providers.simulator.places import USUAL, Endpoint, Place
from providers.simulator.script import Fails, Script
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.simulator.faults import FaultRule
    from providers.simulator.latency import Latency, LongTail


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """How the simulated vendors behave from the start.

    ``seed`` decides every choice that is not in the data: wordings, jitter, whether a probable
    fault strikes. ``latency_scale`` multiplies all waiting; 0 answers at once. ``slow_ms`` is what
    the fault ``slow`` adds, ``retry_after_s`` what a 429 says. ``endpoints`` are further places,
    each on a port of its own; ``apart`` gives every vendor's usual place one, too. ``script`` is
    the day that is played.
    """

    seed: int = 0
    latency_scale: float = 1.0
    latency: Mapping[Vendor, Latency | LongTail] = field(default_factory=lambda: DEFAULT_LATENCY)
    faults: tuple[FaultRule, ...] = ()
    slow_ms: float = 3000.0
    retry_after_s: int = 1
    endpoints: tuple[Endpoint, ...] = ()
    apart: bool = False
    script: Script = field(default_factory=Script)

    def __post_init__(self) -> None:
        if not 0 <= self.latency_scale < float("inf"):
            raise ValueError(f"latency_scale is 0 or more, not {self.latency_scale}")
        if self.slow_ms < 0 or self.retry_after_s < 0:
            raise ValueError("slow_ms and retry_after_s are 0 or more")
        if len({f.vendor for f in self.faults}) != len(self.faults):
            raise ValueError("a vendor has one fault at a time; two were given")
        places = [endpoint.place for endpoint in self.endpoints]
        if len(set(places)) != len(places):
            raise ValueError("an endpoint is there once; one was given twice")

    @property
    def places(self) -> tuple[Place, ...]:
        """All places: each vendor's usual one first, then those of the script and the configuration."""
        usual = (Place(vendor) for vendor in Vendor)
        return tuple(dict.fromkeys((*usual, *(e.place for e in self._listed))))

    @property
    def doors(self) -> tuple[Endpoint, ...]:
        """The places with a port of their own.

        A usual place has one where it is configured to, or is to refuse connections: a port shared
        with the other vendors cannot.
        """
        given = {endpoint.place: endpoint for endpoint in self._listed}
        usual = (Place(vendor) for vendor in Vendor)
        apart = [p for p in usual if p not in given and (self.apart or self._may_refuse(p))]
        return (*(Endpoint(place) for place in apart), *given.values())

    @property
    def _listed(self) -> tuple[Endpoint, ...]:
        """The configuration's own last, whose ports win over the script's."""
        return (*self.script.endpoints, *self.endpoints)

    def _may_refuse(self, place: Place) -> bool:
        if place.name != USUAL:
            return False
        by_rule = any(
            rule.vendor is place.vendor and rule.fault is Fault.REFUSED for rule in self.faults
        )
        return by_rule or any(
            isinstance(entry.what, Fails)
            and entry.what.fault is Fault.REFUSED
            and any(target.covers(place) for target in entry.who)
            for entry in self.script.entries
        )
