"""What an operator says of resilience, for all providers alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """How far the shell around an adapter may go.

    Attributes:
        circuits: whether a failing or slow endpoint is left alone for a while.
        hedging_share: how many of the calls may be made twice at most; 0 makes none twice.
        concurrency: calls at once on one account at most; the limit learned stays below.
        stall_s: longest silence between two pieces of a stream; None leaves it to the deadline.
    """

    circuits: bool = True
    hedging_share: float = 0.05
    concurrency: int = 256
    stall_s: float | None = 60.0
