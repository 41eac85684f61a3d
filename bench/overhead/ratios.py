"""CPU of one system over another's, round by round, and what it may be at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.figures import Bar, Spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.overhead.system import System


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU a request of ``over`` over that of ``under``; ``bar`` is the issue's, None for none."""

    name: str
    over: str
    under: str
    bar: float | None = None

    def concerns(self, keys: frozenset[str]) -> bool:
        """Whether both systems were chosen."""
        return {self.over, self.under} <= keys

    def of(self, systems: Mapping[str, System]) -> Spread | None:
        """The ratio over the rounds, so that what else the machine does weighs on both sides; None unmeasured."""
        if self.over not in systems or self.under not in systems:
            return None
        over, under = systems[self.over], systems[self.under]
        if over.figures is None or under.figures is None:
            return None
        return Spread(tuple(a / b for a, b in zip(over.cpu_ms, under.cpu_ms, strict=True)))

    def judged(self, spread: Spread | None) -> Bar | None:
        """The bar with the median, None where there is no bar."""
        if self.bar is None:
            return None
        return Bar(self.name, self.bar, None if spread is None else spread.median)


RATIOS = (
    Ratio("consensus_vs_litellm", "wallbounce", "litellm", 0.28),
    Ratio("consensus_vs_portkey", "wallbounce", "portkey", 1.3),
    Ratio("single_vs_litellm", "wallbounce_single", "litellm", 0.11),
    Ratio("consensus_vs_tensorzero_mixture", "wallbounce", "tensorzero_mixture", 3.0),
    Ratio("consensus_vs_bare_fanout", "wallbounce", "bare_fanout"),
    Ratio("bare_fanout_vs_litellm", "bare_fanout", "litellm"),
    Ratio("single_vs_portkey", "wallbounce_single", "portkey"),
    Ratio("single_vs_tensorzero", "wallbounce_single", "tensorzero_single"),
)
