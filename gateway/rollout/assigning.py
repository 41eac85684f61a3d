"""Gives each request its arm: sticky for callers with an id, spread evenly without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.arms import arm_of, place_among_arms
from gateway.rollout.buckets import bucket
from gateway.rollout.moves import arms_of
from gateway.rollout.observation import CONTROL
from gateway.rollout.spread import AnonymousSpread
from gateway.rollout.status import Assignment

if TYPE_CHECKING:
    from random import Random

    from gateway.rollout.status import Standing


class Assigner:
    """The assignment of one process.

    Args:
        experiment: Salt of the sticky buckets.
        rng: Spreads callers without an id.
    """

    def __init__(self, experiment: str, rng: Random) -> None:
        self._experiment = experiment
        self._spread = AnonymousSpread(rng)

    def assign(self, caller_id: str | None, standing: Standing) -> Assignment:
        """The arm of one request under what is in force."""
        share = standing.share
        if caller_id is None:
            place = self._spread.draw(share)
        else:
            place = bucket(self._experiment, caller_id)
        if place >= share:
            return Assignment(CONTROL, place, share, standing.stage)
        state = standing.state
        if state is None:  # then the share is nought, and nobody comes here
            return Assignment(CONTROL, place, share, standing.stage)
        arms = arms_of(state)
        among = None
        if caller_id is not None and len(arms) > 1:
            among = place_among_arms(self._experiment, caller_id)
        name = arm_of(place, share, among, arms, state.closed)
        if state.closed:
            # What the control got of it is no part of the new path's share.
            still = sum(arm.split for arm in arms if arm.name not in state.closed)
            share *= still / sum(arm.split for arm in arms)
        policy = next((arm for arm in arms if arm.name == name), None)
        return Assignment(name, place, share, standing.stage, policy if state.plan else None)
