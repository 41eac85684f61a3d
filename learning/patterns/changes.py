"""How a store tells those who follow it what changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning.patterns.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Change:
    """A pattern as it stands after change ``number``; ``pattern`` None: it is gone.

    Numbers only grow, the same for every process; of several changes of one pattern the last counts.
    """

    number: int
    id: int
    pattern: Pattern | None
