"""Which records tell of a choice of the engine's, and what they tell. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from learning.backtest.off_policy.policies import Choice, LoggedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NOT_ITS_CHOICE: Final = "whom to ask was not the engine's choice"
UNREADABLE: Final = "the advice on record cannot be read"

_CHOOSING: Final = frozenset({"providers", "opening"})
"""The parts of advice that say whom to ask."""


def logged_request(
    at: datetime,
    task: str,
    advice: Mapping[str, Any],
    correct: bool | None,
    cost_usd: float | None,
) -> LoggedRequest | str:
    """A request as the log has it, or why it tells nothing of the engine's choices.

    Args:
        at: When it came in, UTC.
        task: Its task type.
        advice: `learning.records.RequestRecord.advice`.
        correct: Its newest label.
        cost_usd: What it cost.
    """
    try:
        taken, panel = advice["taken"], advice["panel"]
        opening, propensity = advice["opening_in_force"], advice["propensity"]
        explored = advice["explored"]
        if _CHOOSING.isdisjoint(taken):
            return NOT_ITS_CHOICE
        readable = (
            all(isinstance(name, str) for name in panel)
            and len(panel) > 0
            and isinstance(opening, int)
            and isinstance(propensity, int | float)
            and 0 < propensity <= 1
            and isinstance(explored, bool)
        )
    except (KeyError, TypeError):
        return UNREADABLE
    if not readable:
        return UNREADABLE
    return LoggedRequest(
        at, task, Choice.of(panel, opening), float(propensity), explored, correct, cost_usd
    )
