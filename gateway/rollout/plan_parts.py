"""What a plan is made of: its stages, and the arms that share the new path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. ``percentage`` (0 to 100) of traffic on the new path, all its arms together.

    ``minimum_time`` and ``minimum_sample`` (requests of each arm) before it may end; ``approvals`` of
    different operators (0 to 2) before it may **begin**: none for the first stage, which begins with
    the plan. ``error_rate_rollback`` and
    ``error_rate_warning`` are the absolute limits of its preset, in [0, 1].
    """

    percentage: float
    minimum_time: timedelta = timedelta(minutes=10)
    minimum_sample: int = 100
    approvals: int = 0
    error_rate_rollback: float = 0.03
    error_rate_warning: float = 0.015


@dataclass(frozen=True, slots=True)
class ArmPolicy:
    """A way of asking that is tried beside others. None leaves a thing as the request has it.

    ``split`` is its share of the new path's traffic, relative to the other arms'.
    """

    name: str
    split: float = 1.0
    providers: tuple[str, ...] | None = None
    weights: Mapping[str, float] | None = None
    mode: Literal["parallel", "sequential"] | None = None
    depth: int | None = None
