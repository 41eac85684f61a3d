"""Decides how a request is answered under its arm's policy and the engine's advice: whom, how, weighed how.

Each thing is decided by itself; the first who says anything of it decides.

    who is asked    the caller's list; all three vendors for a critical task; the arm; the advice; one
                    vendor for a basic task on a small budget; the task type's table
    an opening      the advice, where it or the table says who is asked
    depth           the caller; the arm; the advice; 3
    mode            the caller; the arm; parallel
    weights         the arm's, whole; else the configured ones, times the advised ones, and the advised
                    offsets
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from gateway.selection import NOBODY, Selection, open_with, select_providers
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.requests import GenerateRequest
    from gateway.rollout.plan import ArmPolicy
    from learning.advice.words import Advice


@value(frozen=True, slots=True)
class Arrangement:
    """A request as it is answered. ``request`` holds the mode and depth in force.

    ``weights`` take the configured ones' place; None leaves them. ``factors`` multiply the configured
    ones. ``offsets`` and ``harder`` move the model of trust, as `learning.advice.words.Advice` has them.
    ``taken`` names the parts of the advice that took effect.
    """

    request: GenerateRequest
    selection: Selection
    weights: Mapping[str, float] | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    harder: float = 0.0
    taken: tuple[str, ...] = ()


def arrange(
    request: GenerateRequest,
    available: Sequence[str],
    policy: ArmPolicy | None = None,
    advice: Advice | None = None,
    away: Mapping[str, str] = NOBODY,
) -> Arrangement:
    """Join what the caller asks, what the arm tries, what is advised, and who is there.

    What the caller said stands over the policy, and that over the advice, word by word: a ``mode`` of
    the caller's own leaves it the arm's depth.

    Args:
        request: As it came.
        available: All configured providers, best first.
        policy: The arm's; None for the legacy arm, and for an arm without one.
        advice: The learning engine's; None for none.
        away: Who would not be asked at once, and why in words.

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
        advised=None if advice is None else advice.providers,
        away=away,
    )
    if policy is None and advice is None:
        return Arrangement(request, selection)
    tried = (
        {}
        if policy is None
        else _unsaid(request, mode=None if request.wants_json else policy.mode, depth=policy.depth)
    )
    deeper = {} if advice is None else _unsaid(request, depth=advice.depth)
    tried = deeper | tried
    # Not validated anew: a plan's values are checked where the plan is read, advice where it is taken.
    as_tried = request.model_copy(update=tried) if tried else request
    weights = None if policy is None else policy.weights
    if advice is None:
        return Arrangement(as_tried, selection, weights)
    if selection.by == "advice" or not advice.providers:
        selection = open_with(selection, advice.opening, advice.enough, request.minimum)
    took_effect = {
        "providers": selection.by == "advice",
        "opening": selection.opening > 0,
        "weights": weights is None and bool(advice.weights),
        "offsets": weights is None and bool(advice.offsets or advice.harder),
        "depth": bool(deeper) and (policy is None or policy.depth is None),
    }
    return Arrangement(
        as_tried,
        selection,
        weights,
        advice.weights if took_effect["weights"] else {},
        advice.offsets if took_effect["offsets"] else {},
        advice.harder if took_effect["offsets"] else 0.0,
        tuple(part for part, taken in took_effect.items() if taken),
    )


def _unsaid(request: GenerateRequest, **wishes: Any) -> dict[str, Any]:
    """The wishes that are any, of what the caller said nothing of."""
    return {
        name: wish
        for name, wish in wishes.items()
        if wish is not None and name not in request.model_fields_set
    }
