"""What may be set, and how far. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Real:
    """A number in [low, high]; ``log``: its magnitude is searched evenly."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in [low, high]; ``log`` as in `Real`."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words, or numbers without an order, or yes and no."""

    values: tuple[str | float | bool, ...]


Dimension: TypeAlias = Real | Whole | OneOf
Setting: TypeAlias = float | int | str | bool
"""The value of one dimension."""


def inside(dimension: Dimension, setting: object) -> bool:
    """Whether a search of ``dimension`` could have proposed ``setting``."""
    match dimension:
        case OneOf(values):
            return setting in values
        case Whole(low, high):
            return isinstance(setting, int) and low <= setting <= high
        case Real(low, high):
            return isinstance(setting, int | float) and low <= setting <= high
