"""What other choices of vendors would have been worth on requests that were answered by one choice each.

Pure: requests in, figures as plain JSON out. Judged are whoever was asked always (`always …`), the engine
without its exploration, and the choice that was best for each task in the earlier half, held against the
later half, which it never saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learning.backtest.off_policy.estimators import (
    Estimate,
    difference,
    doubly_robust,
    ips,
    mean,
    snips,
)
from learning.backtest.off_policy.policies import Always, ByTask, Unexplored
from learning.backtest.off_policy.reward_model import cross_fitted
from learning.backtest.off_policy.weights import CLIP, refusal, weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from learning.backtest.off_policy.policies import Choice, LoggedRequest, Policy
    from learning.backtest.off_policy.weights import Weights

UNEXPLORED: Final = "without exploration"
BEST_BY_TASK: Final = "best by task of the earlier half"


def judge(requests: Sequence[LoggedRequest], clip: float = CLIP) -> dict[str, Any]:
    """What each policy would have been worth, as plain JSON; fractions of 1 and USD.

    Args:
        requests: In the order of time; none gives no policy.
        clip: Largest importance weight.
    """
    choices = sorted({request.choice for request in requests})
    found: dict[str, Any] = {
        "requests": len(requests),
        "explored": sum(request.explored for request in requests),
        "labelled": sum(request.correct is not None for request in requests),
        "choices": {str(choice): _seen(requests, choice) for choice in choices},
        "clip": clip,
        "policies": {},
    }
    if requests:
        policies: dict[str, tuple[Policy, Sequence[LoggedRequest]]] = {
            f"always {choice}": (Always(choice), requests) for choice in choices
        }
        policies[UNEXPLORED] = (Unexplored(), requests)
        half = len(requests) // 2
        if table := best_by_task(requests[:half], clip):
            policies[BEST_BY_TASK] = (table, requests[half:])
        found["policies"] = {
            name: _judged(policy, on, clip) for name, (policy, on) in policies.items()
        }
    return found


def best_by_task(requests: Sequence[LoggedRequest], clip: float = CLIP) -> ByTask | None:
    """The choice that SNIPS finds right most often, by task; None without a choice that it can judge.

    Of a task without such a choice: the one best on all tasks.
    """
    best = _best(requests, clip)
    if best is None:
        return None
    by_task = {
        task: _best([request for request in requests if request.task == task], clip)
        for task in sorted({request.task for request in requests})
    }
    return ByTask({task: found for task, found in by_task.items() if found is not None}, best)


def _best(requests: Sequence[LoggedRequest], clip: float) -> Choice | None:
    labelled = [request for request in requests if request.correct is not None]
    worth: dict[Choice, float] = {}
    for choice in sorted({request.choice for request in labelled}):
        weighed = _weighed(Always(choice), labelled, clip)
        if refusal(weighed) is None:
            worth[choice] = snips([bool(r.correct) for r in labelled], weighed.used).value
    return max(worth, key=worth.__getitem__) if worth else None


def _judged(policy: Policy, requests: Sequence[LoggedRequest], clip: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(policy, ByTask):
        found["table"] = {task: str(choice) for task, choice in policy.table.items()}
    labelled = [request for request in requests if request.correct is not None]
    priced = [request for request in requests if request.cost_usd is not None]
    outcomes: tuple[tuple[str, Sequence[LoggedRequest], Callable[[LoggedRequest], float]], ...] = (
        ("accuracy", labelled, lambda request: float(bool(request.correct))),
        ("cost_usd", priced, lambda request: request.cost_usd or 0.0),
    )
    for name, of, reward in outcomes:
        found[name] = _estimated(policy, of, [reward(r) for r in of], clip) if of else None
    return found


def _estimated(
    policy: Policy, requests: Sequence[LoggedRequest], rewards: Sequence[float], clip: float
) -> dict[str, Any]:
    """All estimates of one outcome, or why there are none."""
    weighed = _weighed(policy, requests, clip)
    found: dict[str, Any] = {
        "requests": len(requests),
        "effective": weighed.effective,
        "mean_weight": weighed.mean,
        "clipped": weighed.clipped,
        "clipped_mass": weighed.clipped_mass,
        "refused": refusal(weighed),
    }
    if found["refused"] is not None:
        return found
    logged = mean(rewards)
    estimates = {"ips": ips(rewards, weighed.used), "snips": snips(rewards, weighed.used)}
    robust = _doubly_robust(policy, requests, rewards, weighed)
    if robust is not None:
        estimates["doubly_robust"] = robust
    found |= {name: _plain(estimate) for name, estimate in estimates.items()}
    found["logged"] = _plain(logged)
    found["minus_logged"] = _plain(difference(robust or estimates["snips"], logged))
    return found


def _doubly_robust(
    policy: Policy,
    requests: Sequence[LoggedRequest],
    rewards: Sequence[float],
    weighed: Weights,
) -> Estimate | None:
    """None where it is not known what the policy does on every request."""
    own = [policy.choice(request) for request in requests]
    known = [choice for choice in own if choice is not None]
    if len(known) < len(own):
        return None
    tasks = [request.task for request in requests]
    taken = [request.choice for request in requests]
    models = cross_fitted(tasks, taken, rewards)
    return doubly_robust(
        rewards,
        weighed.used,
        [model(task, made) for model, task, made in zip(models, tasks, taken, strict=True)],
        [model(task, made) for model, task, made in zip(models, tasks, known, strict=True)],
    )


def _weighed(policy: Policy, requests: Sequence[LoggedRequest], clip: float) -> Weights:
    chances = np.array([policy.chance(request) for request in requests])
    return weights(chances, [request.propensity for request in requests], clip)


def _seen(requests: Sequence[LoggedRequest], choice: Choice) -> dict[str, int]:
    """How often it was made and labelled. Where shares labelled differ, labels may not be by chance."""
    made = [request for request in requests if request.choice == choice]
    return {"requests": len(made), "labelled": sum(r.correct is not None for r in made)}


def _plain(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
