"""Decides how a request is answered under the policy of its arm: whom, in which mode, weighed how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.selection import Selection, select_providers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.requests import GenerateRequest
    from gateway.rollout.plan import ArmPolicy


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A request as it is answered. ``request`` holds the mode and depth in force.

    ``weights`` take the configured ones' place; None leaves them.
    """

    request: GenerateRequest
    selection: Selection
    weights: Mapping[str, float] | None = None


def arrange(
    request: GenerateRequest, available: Sequence[str], policy: ArmPolicy | None = None
) -> Arrangement:
    """Join what the caller asks, what the arm tries, and who is there.

    What the caller said stands over the policy, word by word: a ``mode`` of its own leaves it the
    arm's depth.

    Args:
        request: As it came.
        available: All configured providers, best first.
        policy: The arm's; None for the legacy arm, and for an arm without one.

    Raises:
        gateway.selection.SelectionError: The caller's wishes about providers cannot be met.
    """
    selection = select_providers(
        request.task_type,
        requested=request.providers,
        available=available,
        minimum=request.minimum,
        maximum=request.max_providers,
        budget_usd=request.budget_usd,
        arm=None if policy is None else policy.providers,
    )
    if policy is None:
        return Arrangement(request, selection)
    tried: dict[str, Any] = {
        name: wish
        for name, wish in (("mode", policy.mode), ("depth", policy.depth))
        if wish is not None and name not in request.model_fields_set
    }
    # Not validated anew: a plan's values are checked where the plan is read.
    as_tried = request.model_copy(update=tried) if tried else request
    return Arrangement(as_tried, selection, policy.weights)
