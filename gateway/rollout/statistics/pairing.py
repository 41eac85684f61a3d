"""Puts the arm's observations beside the control's of the same time, without looking at outcomes.

A block's sizes follow from the order of arm labels alone. Who goes where must not depend on how requests
end, so that given the sizes the outcomes are as free as before and the block may be bet on. This holds if
observations are given in the order in which requests came in, once all of a moment have ended; in the order
they end, failures come before the answers of their time. `gateway.rollout.settling` sees to that, but for
the few requests slower than its horizon (about one in twenty), which come late and are still counted.
Labels are given as they come: there, that feedback comes as fast on wrong answers as on right ones is assumed.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

BLOCK = 10
"""Observations of a block at least, of both sides together, at an even split. Smaller blocks leave
runs of one side without a partner (at 50 %: a quarter of the information); larger ones let harm wait."""

LARGEST_SIDE = 32
"""Observations of the more frequent side a block waits for at most: beyond 32 to 1 the rarer side's
noise is all that counts, and one more observation of the other adds nothing."""

PRIOR = 20.0
"""Observations the share in force counts for, before the labels themselves tell the ratio."""

MEMORY = 1_000
"""Labels after which half of their count is forgotten, so that a changed share is followed."""

REVIEW = 32
"""Labels after which the sizes are reconsidered."""


class Block(NamedTuple, Generic[T]):
    """Observations of both sides, each side at least one."""

    arm: list[T]
    control: list[T]


class Pairing(Generic[T]):
    """Two queues that give blocks. Bounded: a side without partners loses its oldest."""

    def __init__(self) -> None:
        self._arm: deque[T] = deque()
        self._control: deque[T] = deque()
        self._seen_arm = self._seen = 0.0
        self._until_review = 0
        self._need_arm = self._need_control = BLOCK // 2

    def add(self, item: T, share: float, *, to_arm: bool) -> Block[T] | None:
        """Queue an observation; the block that it completes, if it does.

        Args:
            item: What is to be paired.
            share: The arm's expected share of the observations, in [0, 1].
            to_arm: Whether it is the arm's, or the control's.
        """
        self._seen += 1
        self._seen_arm += to_arm
        self._until_review -= 1
        if self._until_review < 0:
            self._review(share)
        queue, most = (
            (self._arm, 4 * self._need_arm) if to_arm else (self._control, 4 * self._need_control)
        )
        queue.append(item)
        if len(self._arm) >= self._need_arm and len(self._control) >= self._need_control:
            return Block(
                _take(self._arm, 2 * self._need_arm), _take(self._control, 2 * self._need_control)
            )
        while len(queue) > most:
            queue.popleft()
        return None

    def clear(self) -> None:
        """Let go of what waits; the ratio of labels stays known."""
        self._arm.clear()
        self._control.clear()

    def _review(self, share: float) -> None:
        self._until_review = REVIEW
        if self._seen > MEMORY:
            self._seen /= 2
            self._seen_arm /= 2
        ratio = (self._seen_arm + PRIOR * share) / (self._seen + PRIOR)
        rarer = min(max(ratio, 1e-6), 1 - 1e-6)
        rarer = min(rarer, 1 - rarer)
        few = max(1, round(BLOCK * rarer))
        many = min(max(int(few * (1 - rarer) / rarer), few), LARGEST_SIDE)
        arm_is_rarer = ratio <= 1 / 2
        self._need_arm, self._need_control = (few, many) if arm_is_rarer else (many, few)


def _take(queue: deque[T], most: int) -> list[T]:
    return [queue.popleft() for _ in range(min(len(queue), most))]
