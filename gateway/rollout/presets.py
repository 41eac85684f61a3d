"""The plans that come along: the same stages at four paces, each stage under the limits of its share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.rollout.plan import RolloutPlan, Stage

PERCENTAGES = (1.0, 2.0, 10.0, 20.0, 35.0, 50.0, 100.0)
"""The stages after ``disabled`` (MISSION.md R2)."""

DEFAULT_PRESET = "standard"


@dataclass(frozen=True, slots=True)
class Band:
    """The absolute error limits, in [0, 1], for shares up to ``percentage``."""

    name: str
    percentage: float
    rollback: float
    warning: float


BANDS = (
    Band("conservative", 10.0, 0.008, 0.002),
    Band("growth", 35.0, 0.015, 0.005),
    Band("mature", 100.0, 0.03, 0.015),
)
"""MISSION.md R2. It lets two bands meet at 10 % and at 35 %; the boundary belongs to the lower band,
as the stricter of two limits is the safe reading: a share is new when it is first reached."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a stage lasts at least, how many requests each arm must have seen, who must agree."""

    minimum_time: timedelta
    minimum_sample: int
    approvals: int = 0


def _minutes(minutes: int, sample: int, approvals: int = 0) -> Pace:
    return Pace(timedelta(minutes=minutes), sample, approvals)


PACES: dict[str, tuple[Pace, ...]] = {
    "standard": (
        _minutes(30, 100),
        _minutes(30, 100),
        _minutes(60, 500),
        _minutes(120, 1_000),
        _minutes(120, 1_000),
        _minutes(240, 2_000),
        _minutes(240, 2_000),
    ),
    "conservative": (
        _minutes(120, 300),
        _minutes(120, 300),
        _minutes(360, 1_000, 1),
        _minutes(720, 2_000, 1),
        _minutes(720, 2_000, 1),
        _minutes(1_440, 5_000, 2),
        _minutes(1_440, 5_000, 2),
    ),
    "growth": (
        _minutes(10, 100),
        _minutes(10, 100),
        _minutes(20, 200),
        _minutes(30, 500),
        _minutes(30, 500),
        _minutes(60, 1_000),
        _minutes(60, 1_000),
    ),
    "mature": (
        _minutes(2, 50),
        _minutes(2, 50),
        _minutes(5, 100),
        _minutes(5, 200),
        _minutes(10, 200),
        _minutes(10, 500),
        _minutes(10, 500),
    ),
}
"""A pace for each of `PERCENTAGES`. The samples are floors: the verdict asks for proof beyond them."""

PRESET_NAMES = tuple(PACES)


def band_of(percentage: float) -> Band:
    """The limits that fit a share of ``percentage`` (above 0, at most 100)."""
    return next((band for band in BANDS if percentage <= band.percentage), BANDS[-1])


def stage_of(preset: str, percentage: float) -> Stage:
    """A stage at any percentage: the preset's pace of the nearest stage of its own not below it.

    Raises:
        KeyError: There is no such preset.
    """
    own = zip(PERCENTAGES, PACES[preset], strict=True)
    pace = next((pace for at, pace in own if percentage <= at), PACES[preset][-1])
    band = band_of(percentage)
    return Stage(
        percentage=percentage,
        minimum_time=pace.minimum_time,
        minimum_sample=pace.minimum_sample,
        approvals=pace.approvals,
        error_rate_rollback=band.rollback,
        error_rate_warning=band.warning,
    )


def preset_plan(name: str) -> RolloutPlan:
    """The plan that comes along under ``name``.

    Raises:
        KeyError: There is no such preset.
    """
    return RolloutPlan(name, tuple(stage_of(name, at) for at in PERCENTAGES))
