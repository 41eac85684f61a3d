"""Which arm a request gets: the share decides who takes the new path, a second place which arm of it."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

from gateway.rollout.buckets import bucket
from gateway.rollout.observation import CONTROL

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gateway.rollout.plan import ArmPolicy

_BELOW_ONE = math.nextafter(1.0, 0.0)


def place_among_arms(experiment: str, caller_id: str) -> float:
    """A caller's place in [0, 1) among the arms, independent of the place that lets them in.

    Were it the same place, an arm's callers would change whenever the share does.
    """
    return bucket(f"{experiment}/arms", caller_id)


def arm_of(
    place: float,
    share: float,
    among: float | None,
    arms: Sequence[ArmPolicy],
    closed: Collection[str] = (),
) -> str:
    """The arm of a request.

    Who is in an arm stays in it while the share grows. A closed arm's callers go to the control;
    nobody else moves.

    Args:
        place: In [0, 1); below ``share`` takes the new path.
        share: Of traffic on the new path, all arms together, in [0, 1].
        among: A caller's place among the arms (`place_among_arms`); None for a request without id,
            whose place below the share, being uniform there, is stretched to [0, 1) instead.
        arms: The plan's, in its order, at least one.
        closed: Names of arms taken out by harm.
    """
    if place >= share:
        return CONTROL
    if len(arms) == 1:
        name = arms[0].name
    else:
        name = _split(min(place / share, _BELOW_ONE) if among is None else among, arms)
    return CONTROL if name in closed else name


def _split(among: float, arms: Sequence[ArmPolicy]) -> str:
    ends = list(accumulate(arm.split for arm in arms))
    point = among * ends[-1]
    for arm, end in zip(arms, ends, strict=True):
        if point < end:
            return arm.name
    return arms[-1].name  # rounding may lift the point onto the last end
