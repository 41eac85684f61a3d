"""A request as the log has it, and the policies that are judged by such requests. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """Who was asked: ``opening`` at once, ``rest`` only where that was not enough. Sorted names."""

    opening: tuple[str, ...]
    rest: tuple[str, ...] = ()

    @classmethod
    def of(cls, panel: Sequence[str], opening: int) -> Choice:
        """``panel``, of which the first ``opening`` open; 0 asks all at once. No order within either."""
        first = opening if 0 < opening < len(panel) else len(panel)
        return cls(tuple(sorted(panel[:first])), tuple(sorted(panel[first:])))

    def __str__(self) -> str:
        """As tables show it: `claude+gemini, then gpt`."""
        said = "+".join(self.opening)
        return f"{said}, then {'+'.join(self.rest)}" if self.rest else said


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request on which the engine had the choice.

    Attributes:
        at: When it came in, UTC.
        task: Its task type.
        choice: Who was asked.
        propensity: How likely that choice was, in (0, 1].
        explored: It was drawn, not the best known.
        correct: The label of its answer; None without one.
        cost_usd: None where it is unknown.
    """

    at: datetime
    task: str
    choice: Choice
    propensity: float
    explored: bool
    correct: bool | None
    cost_usd: float | None


class Policy(Protocol):
    """A policy that is judged."""

    def chance(self, request: LoggedRequest) -> float:
        """How likely it makes the choice that was logged."""

    def choice(self, request: LoggedRequest) -> Choice | None:
        """What it does on this request; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Always:
    """Asks the same ones whatever comes."""

    asked: Choice

    def chance(self, request: LoggedRequest) -> float:
        """See `Policy`."""
        return float(request.choice == self.asked)

    def choice(self, request: LoggedRequest) -> Choice | None:  # noqa: ARG002 - whatever comes
        """See `Policy`."""
        return self.asked


@dataclass(frozen=True, slots=True)
class ByTask:
    """A table by task type; ``otherwise`` for tasks it lacks."""

    table: Mapping[str, Choice]
    otherwise: Choice

    def chance(self, request: LoggedRequest) -> float:
        """See `Policy`."""
        return float(request.choice == self.choice(request))

    def choice(self, request: LoggedRequest) -> Choice:
        """See `Policy`."""
        return self.table.get(request.task, self.otherwise)


class Unexplored:
    """The best known choice on every request. Which that was is not logged where another was drawn."""

    def chance(self, request: LoggedRequest) -> float:
        """See `Policy`."""
        return float(not request.explored)

    def choice(self, request: LoggedRequest) -> Choice | None:
        """See `Policy`."""
        return None if request.explored else request.choice
