"""What the judge is told of the stage it judges at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class StageTerms:
    """The stage in force, as the judge needs it.

    ``next_share`` in [0, 1] is the share the new path would take next, None at the last stage or without
    a plan. ``elapsed`` since the stage began, ``minimum_time`` and ``minimum_sample`` (requests of the
    arm) before it may end.
    """

    share: float
    next_share: float | None
    elapsed: timedelta
    minimum_time: timedelta
    minimum_sample: int
