"""Requests a minute, counted as vendors count them: by a bucket of tokens that fills evenly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many ``requests`` in ``seconds``; all of them may come at once."""

    requests: int
    seconds: float

    def __post_init__(self) -> None:
        if self.requests < 1 or not 0 < self.seconds < float("inf"):
            raise ValueError("a limit is 1 request or more in a time over 0")

    @property
    def per_second(self) -> float:
        """How fast it fills."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a request met: ``wait_s`` over 0 is a refusal, until the next one would pass.

    ``left``: requests that would pass at once. ``full_s``: seconds until all of them would.
    """

    rate: Rate
    left: int
    wait_s: float
    full_s: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """``tokens`` there were at ``at_s``."""

    rate: Rate
    tokens: float
    at_s: float

    @staticmethod
    def full(rate: Rate, now_s: float) -> Bucket:
        """A bucket nobody has taken from."""
        return Bucket(rate, float(rate.requests), now_s)

    def take(self, now_s: float) -> tuple[Bucket, Allowance]:
        """The bucket after a request at ``now_s``, and what that request met. A refusal takes nothing."""
        rate = self.rate
        passed = max(0.0, now_s - self.at_s)
        tokens = min(float(rate.requests), self.tokens + passed * rate.per_second)
        # Times are floats: a token that lacks a billionth is there.
        granted = tokens >= 1 - 1e-9
        wait_s = 0.0 if granted else (1 - tokens) / rate.per_second
        tokens = max(0.0, tokens - granted)
        full_s = (rate.requests - tokens) / rate.per_second
        after = Bucket(rate, tokens, max(now_s, self.at_s))
        return after, Allowance(rate, int(tokens + 1e-9), wait_s, full_s)
