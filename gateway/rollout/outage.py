"""Every vendor down: seen by callers in a row, not by a rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.rollout.observation import Observation

CALLERS_DOWN = 3
"""Different callers who must meet a total outage in a row (API.md)."""


class Outage:
    """Counts the callers who in a row met vendors that were all down; O(1), no clock.

    Any reply of a vendor ends the run, be it an answer, a refusal, a filter or nonsense. A request that
    asked nobody, or whose caller left before anybody could reply, shows neither life nor death: it
    must not roll back, and must not keep an outage from being seen either.
    """

    def __init__(self) -> None:
        self._callers: set[str] = set()
        self._nameless = 0

    @property
    def callers(self) -> int:
        """Different callers of the present run; a request without id is its own caller."""
        return len(self._callers) + self._nameless

    @property
    def is_total(self) -> bool:
        """Whether the run is long enough to call every vendor down."""
        return self.callers >= CALLERS_DOWN

    @property
    def reason(self) -> str:
        """The run in words."""
        return (
            f"every vendor is down: {self.callers} requests of different callers in a row got no "
            "answer from any vendor"
        )

    def add(self, seen: Observation) -> None:
        """Take in the next request of the arm."""
        if seen.all_down:
            if seen.caller is None:
                self._nameless = min(self._nameless + 1, CALLERS_DOWN)
            elif not self.is_total:
                self._callers.add(seen.caller)
        elif seen.alive:
            self.clear()

    def clear(self) -> None:
        """Forget the run."""
        self._callers.clear()
        self._nameless = 0
