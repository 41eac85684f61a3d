"""How loud an alert is."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """The three levels of MISSION.md R6, the quietest first."""

    WARNING = "warning"
    CRITICAL = "critical"
    EMERGENCY = "emergency"

    @property
    def loudness(self) -> int:
        """Its place among the levels, from 0: a channel is told what is at least as loud as itself."""
        return list(Level).index(self)
