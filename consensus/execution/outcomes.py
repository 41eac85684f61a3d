"""What running a program comes to: a value and a text, an exception of its own, or nothing decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Completed:
    """The program ran to its end."""

    value: Any
    """What the expression asked for yields, in Python's own values; None where none was asked for."""
    printed: str
    """Everything printed, line ends included."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The program ended in an exception that it did not catch."""

    exception: str
    """Its class's name, such as ``ValueError``."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Not computed: something is outside the subset, over a bound, or not the same in every run."""

    reason: str


Outcome = Completed | Raised | Undecided


class UndecidedError(Exception):
    """Ends a run whose outcome is `Undecided`; no program can catch it."""


class StopIterationRaised(Exception):  # noqa: N818 - stands for StopIteration, which no generator of ours may raise
    """``StopIteration`` as a program sees it (PEP 479 forbids the real one inside generators)."""
