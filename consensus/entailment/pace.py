"""How long a pair will take, from how long pairs have taken."""

from __future__ import annotations

from typing import Final

OVERHEAD_TOKENS: Final = 12
"""A run costs this many tokens' time before its first token (measured: 3.0 ms for 37, 6.7 for 98)."""

FIRST_GUESS: Final = 65e-6
"""Seconds of CPU a token, before anything is measured: a current server core with VNNI."""

WEIGHT: Final = 0.2
OUTLIER: Final = 4.0
"""A run slower than this many estimates (a page fault, a busy machine) counts as that many."""

FADE: Final = 0.9
"""Each refusal brings the estimate this near to the first guess: one slow spell is not for ever."""


class Pace:
    """Seconds of CPU a token: an exponential mean; a lost update between threads does no harm."""

    def __init__(self) -> None:
        self._seconds = FIRST_GUESS

    def estimate(self, tokens: int) -> float:
        """Seconds that a row of ``tokens`` will take."""
        return self._seconds * (tokens + OVERHEAD_TOKENS)

    def measured(self, tokens: int, seconds: float) -> None:
        """Learn from a run."""
        seen = min(seconds / (tokens + OVERHEAD_TOKENS), OUTLIER * self._seconds)
        self._seconds += WEIGHT * (seen - self._seconds)

    def refused(self) -> None:
        """Learn that a pair was not run for want of time."""
        self._seconds = FIRST_GUESS + FADE * (self._seconds - FIRST_GUESS)
