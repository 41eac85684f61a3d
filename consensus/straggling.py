"""How long a round waits for who has not answered, by how long each usually takes.

A straggler is measured by itself: a model that always thinks for a minute is not late after ten seconds, and
one that answers in half a second is. And by the prompt: where those who answered took longer than they usually
do, the prompt is a hard one, and a straggler is given as many times longer (`hardness`).

* Once the answers that are in settle the matter, a vote more changes nothing: the wait ends when the
  straggler is slow by its own measure (`SETTLED_FACTOR`), at most after what a straggler of which nothing
  is known is given.
* While they do not, because they differ or there is one alone, the missing vote is worth a wait, but not
  for ever: it ends when the straggler takes `UNSETTLED_FACTOR` times what is usual for it, at least
  after the same patience. A vendor that hangs then costs seconds and a vote, not the caller's deadline.

Of whom nothing is known is waited for as long as may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

SETTLED_FACTOR = 3.3
"""Times its p95. A tenth over what a provider's own shell calls slow, so that a call cut here counts there."""

UNSETTLED_FACTOR = 10.0
"""Times its p95: no healthy call takes as long."""

LEAST_S = 0.3
"""No straggler is cut sooner: a busy processor alone delays fast answers by as much."""

STRAGGLER_FACTOR = 2.0
"""A straggler of whom nothing is known gets at least this many times the slowest answer so far: vendors'
latencies of one prompt rarely lie further apart, unless one of them is ill."""

Answered: TypeAlias = Sequence[tuple[float, float | None]]
"""Of each answer that is in: the seconds it took, and the p95 of its provider in seconds, None if unknown."""


def hardness(answered: Answered) -> float:
    """How many times longer than usual the prompt takes, 1 at least."""
    return max([1.0, *(took / usual for took, usual in answered if usual)])


def settled_wait_s(waiting: Sequence[float | None], answered: Answered, patience_s: float) -> float:
    """Seconds from the calls' beginning after which nobody is waited for once the matter is settled.

    Args:
        waiting: The usual p95 in seconds of each who has not answered, None if unknown.
        answered: Who has, one at least.
        patience_s: What a straggler is given at least of whom nothing is known.
    """
    at_most = max(patience_s, STRAGGLER_FACTOR * max(took for took, _ in answered))
    if any(usual is None for usual in waiting):
        return at_most
    harder = hardness(answered)
    longest = max((usual for usual in waiting if usual is not None), default=0.0)
    return min(at_most, max(LEAST_S, SETTLED_FACTOR * harder * longest))


def unsettled_wait_s(
    waiting: Sequence[float | None], answered: Answered, patience_s: float
) -> float | None:
    """The same while the matter is not settled; None waits to the deadline. Arguments as `settled_wait_s`."""
    if any(usual is None for usual in waiting):
        return None
    longest = max((usual for usual in waiting if usual is not None), default=0.0)
    return max(patience_s, UNSETTLED_FACTOR * hardness(answered) * longest)
