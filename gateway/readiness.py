"""Whether a process can answer: the state of what it depends on. Vendors are never called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.guard.admission import Admission
    from gateway.rollout.controller import RolloutController
    from gateway.storage.journal import Journal


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing this process needs. ``required``: without it no request can be answered."""

    ok: bool
    detail: str
    required: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """All dependencies, and what they come to."""

    dependencies: Mapping[str, Dependency]

    @property
    def ready(self) -> bool:
        """True when everything required is there."""
        return all(d.ok for d in self.dependencies.values() if d.required)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ready": self.ready,
            "dependencies": {
                name: {
                    "status": "ok" if d.ok else "down",
                    "required": d.required,
                    "detail": d.detail,
                }
                for name, d in self.dependencies.items()
            },
        }


def readiness(
    journal: Journal, rollout: RolloutController, admission: Admission, providers: tuple[str, ...]
) -> Readiness:
    """The state as this process last saw it; nothing is asked, so a probe costs nothing.

    A database that is away is not required: records wait in memory and requests are answered
    (`gateway.storage.journal`), so taking the instance out would only make things worse.
    """
    stats = journal.stats
    reachable = stats.healthy and rollout.store_reachable
    return Readiness(
        {
            "providers": Dependency(
                bool(providers),
                ", ".join(providers) or "none configured: set a vendor's API key",
                required=True,
            ),
            "admission": Dependency(
                not admission.draining,
                "shutting down" if admission.draining else f"{admission.in_flight} in flight",
                required=True,
            ),
            "database": Dependency(
                reachable,
                f"{stats.pending} records waiting" if reachable else "away; records wait in memory",
                required=False,
            ),
        }
    )
