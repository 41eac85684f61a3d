"""What was seen of one measure since the stage began, on the scale it is tested on."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from gateway.rollout.statistics.intervals import difference, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_CALLERS = 3
"""Different callers whose requests must have gone badly before a comparison rolls back."""

LAST_BAD = 8
"""Bad requests that are asked for their callers: enough to see three even if one of them retries."""


class Tally:
    """Sums of outcomes in [0, 1], 1 the worst, of the arm and of the control."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.arm = self.control = 0.0
        self.arm_count = self.control_count = 0

    def add(self, arm: Sequence[float], control: Sequence[float]) -> None:
        """Take in a block of outcomes."""
        self.arm += math.fsum(arm)
        self.arm_count += len(arm)
        self.control += math.fsum(control)
        self.control_count += len(control)

    @property
    def difference(self) -> float | None:
        """The arm's mean less the control's; None while either is unknown."""
        if not self.arm_count or not self.control_count:
            return None
        return self.arm / self.arm_count - self.control / self.control_count

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """What the difference may be, at all times at once but for a chance of ``alpha``."""
        if not self.arm_count or not self.control_count:
            return None
        arm, control = (self.arm, self.arm_count), (self.control, self.control_count)
        return difference(arm, control, alpha)

    def interval_of_arm(self, alpha: float) -> tuple[float, float]:
        """What the arm's mean may be, likewise."""
        return interval(self.arm, self.arm_count, alpha)


class Callers:
    """Whose requests went badly lately; a request without id is its own caller. Bounded."""

    def __init__(self) -> None:
        self._last: deque[object] = deque(maxlen=LAST_BAD)

    def add(self, caller: str | None) -> None:
        """Take in the caller of a bad request."""
        self._last.append(object() if caller is None else caller)

    def clear(self) -> None:
        """Forget them."""
        self._last.clear()

    @property
    def enough(self) -> bool:
        """Whether they are different enough not to be one caller's trouble."""
        return len(set(self._last)) >= LEAST_CALLERS
