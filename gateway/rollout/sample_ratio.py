"""The sample-ratio check: counts who got which side since the share last changed.

Requests are counted by when they came in, a while after: the new path answers slower than the
control, and counted as they finish the first minutes of a stage would look short of it. A caller with an id
always gets the same side and so counts once; requests without id are spread anew each time.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.rollout.observation import CONTROL, SHADOW
from gateway.rollout.statistics.ratio import log_evidence
from gateway.rollout.verdict import SampleRatio

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.rollout.observation import Observation

SETTLED = timedelta(seconds=60)
"""Age from which on nearly every request of its second is over, however slow its path."""

CALLERS = 10_000
"""Callers remembered, about 1 MB. Later ones are left out: so many tell a wrong split already."""

LEVEL = 1e-4
"""How often a right split is called wrong, ever: a false word stops a rollout and sends people
looking for a bug, and a true mismatch is found by a few hundred callers all the same."""


class SplitCount:
    """The counts and their evidence; O(1) a request, amortised."""

    def __init__(self) -> None:
        self._share: float | None = None
        self._newest: datetime | None = None
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._callers: set[str] = set()
        self._open: dict[int, tuple[int, int]] = {}
        self._folded = 0
        self._seen = self._count = 0
        self._strongest = 0.0

    def add(self, seen: Observation) -> None:
        """Take in a finished request, measured or not."""
        if seen.arm == SHADOW or not self._is_current(seen):
            return
        second = int(seen.at.timestamp())
        if second <= self._folded or not self._is_new(seen.caller):
            return
        new_path, count = self._open.get(second, (0, 0))
        if count == 0:
            self._fold(second)
        self._open[second] = new_path + (seen.arm != CONTROL), count + 1

    def figures(self) -> SampleRatio:
        """What is known of the split, of all new arms together against the control."""
        return SampleRatio(
            expected=self._share,
            seen=self._seen / self._count if self._count else None,
            count=self._count,
            evidence=self._strongest,
            needed=math.log(1 / LEVEL),
        )

    def _is_current(self, seen: Observation) -> bool:
        later = self._newest is None or seen.at > self._newest
        if seen.share != self._share:
            if not later:
                return False
            self._share = seen.share
            self.clear()
        if later:
            self._newest = seen.at
        return True

    def _is_new(self, caller: str | None) -> bool:
        if caller is None:
            return True
        if caller in self._callers or len(self._callers) >= CALLERS:
            return False
        self._callers.add(caller)
        return True

    def _fold(self, newest: int) -> None:
        settled = newest - int(SETTLED.total_seconds())
        done = sorted(second for second in self._open if second <= settled)
        if not done or self._share is None:
            return
        for second in done:
            new_path, count = self._open.pop(second)
            self._seen += new_path
            self._count += count
            self._folded = second
        evidence = log_evidence(self._seen, self._count, self._share)
        self._strongest = max(self._strongest, evidence)
