"""One place a vendor is asked at, with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from providers.resilience.choosing import Candidate
from providers.resilience.circuit import Outcome
from providers.resilience.yardstick import Yardstick

if TYPE_CHECKING:
    from providers.provider import Provider
    from providers.resilience.circuit import Circuit, State
    from providers.resilience.gate import Gate

LEFT_OUT_S = 300.0
"""How long an endpoint that refused our key, or lacks the model, is left out while there are others."""

SHORT_PAUSE_S = 1.0
"""A vendor that asks to be left alone for no longer is still there to be asked."""


@dataclass(eq=False, slots=True)
class Endpoint:
    """A place and its state.

    Attributes:
        name: what the operator calls it.
        provider: the adapter that asks there.
        circuit: whether it is asked at all.
        gate: the door of the account it is asked under; endpoints of one key share one.
        whole: what is usual of calls for a whole reply.
        first: what is usual of a stream's first piece.
        left_out_until: no call before, as long as there are other endpoints; on the loop's clock.
        asked: calls made here.
        under_way: calls here now.
    """

    name: str
    provider: Provider
    circuit: Circuit
    gate: Gate
    whole: Yardstick = field(default_factory=Yardstick)
    first: Yardstick = field(default_factory=Yardstick)
    left_out_until: float = 0.0
    asked: int = 0
    under_way: int = 0

    def available(self, now: float) -> bool:
        """Whether a call would be let pass without much of a wait."""
        return (
            not self.circuit.refuses(now)
            and now >= self.left_out_until
            and self.gate.limiter.pause_s(now) <= SHORT_PAUSE_S
        )

    def why_away(self, now: float) -> str:
        """Why it is not `available`, in words."""
        if self.circuit.refuses(now):
            slow = self.circuit.reason is Outcome.SLOW
            return "has been slow lately" if slow else "has failed lately"
        if now < self.left_out_until:
            return "refuses the key or lacks the model"
        return "has asked to wait"

    def as_candidate(self, now: float, tried: list[Endpoint], *, streamed: bool) -> Candidate:
        """As one to choose among, by calls of the kind that is to be made."""
        usual = self.first if streamed else self.whole
        fit = self not in tried and self.available(now) and not self.gate.limiter.pause_s(now)
        return Candidate(usual.recent_s, self.under_way, fit, silent=not usual.calls)

    def figures(self, provider: str) -> EndpointFigures:
        """Its state now."""
        limiter, usual = self.gate.limiter, self.whole
        return EndpointFigures(
            provider=provider,
            endpoint=self.name,
            state=self.circuit.state,
            reason=self.circuit.reason,
            opens=self.circuit.opens,
            asked=self.asked,
            p50_s=usual.p50_s,
            p95_s=usual.p95_s,
            first_p95_s=self.first.p95_s,
            limit=limiter.limit,
            in_flight=limiter.in_flight,
            waiting=self.gate.waiting,
        )


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """An endpoint's state, for people and metrics.

    ``asked`` and ``opens`` count since the start. ``p50_s`` and ``p95_s`` are learned of whole replies,
    ``first_p95_s`` of streams' first pieces, in seconds; None while too few are known. ``limit``,
    ``in_flight`` and ``waiting`` are calls of the account, which endpoints of one key share.
    """

    provider: str
    endpoint: str
    state: State
    reason: Outcome | None
    opens: int
    asked: int
    p50_s: float | None
    p95_s: float | None
    first_p95_s: float | None
    limit: int
    in_flight: int
    waiting: int
