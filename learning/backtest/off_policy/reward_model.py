"""What a choice earns on a kind of question, from the choices that were seen: means that borrow. Pure.

A mean over few requests is drawn toward the mean one level up: choice on this kind of question → choice
on all → everything. Source: Efron and Morris 1975, JASA 70:311 (shrinkage of many means at once).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

PRIOR_REQUESTS = 20.0
"""How many requests of its own a mean must rest on to count as much as the mean above it."""

FOLDS = 5
"""Parts of the log; each is predicted by a model of the others (cross-fitting, Chernozhukov et al. 2018)."""

Kind = TypeVar("Kind", bound="Hashable")
Choice = TypeVar("Choice", bound="Hashable")


@dataclass(frozen=True, slots=True)
class RewardModel(Generic[Kind, Choice]):
    """Shrunken means. Made by `fitted`."""

    overall: float
    by_choice: Mapping[Choice, float]
    by_both: Mapping[tuple[Kind, Choice], float]

    def __call__(self, kind: Kind, choice: Choice) -> float:
        """What ``choice`` is expected to earn on ``kind``; on what was never seen the mean above."""
        return self.by_both.get((kind, choice), self.by_choice.get(choice, self.overall))


def fitted(
    kinds: Sequence[Kind], choices: Sequence[Choice], rewards: Sequence[float]
) -> RewardModel[Kind, Choice]:
    """The means of n requests; 0 all over where there is none."""
    overall = sum(rewards) / len(rewards) if rewards else 0.0
    of_choice: defaultdict[Choice, list[float]] = defaultdict(list)
    of_both: defaultdict[tuple[Kind, Choice], list[float]] = defaultdict(list)
    for kind, choice, reward in zip(kinds, choices, rewards, strict=True):
        of_choice[choice].append(reward)
        of_both[kind, choice].append(reward)
    by_choice = {choice: _drawn(seen, overall) for choice, seen in of_choice.items()}
    return RewardModel(
        overall,
        by_choice,
        {both: _drawn(seen, by_choice[both[1]]) for both, seen in of_both.items()},
    )


def cross_fitted(
    kinds: Sequence[Kind],
    choices: Sequence[Choice],
    rewards: Sequence[float],
    folds: int = FOLDS,
) -> list[RewardModel[Kind, Choice]]:
    """For each of n requests a model that has not seen it: request i is in fold ``i % folds``."""
    models = []
    for fold in range(folds):
        others = [i for i in range(len(rewards)) if i % folds != fold]
        models.append(
            fitted(
                [kinds[i] for i in others],
                [choices[i] for i in others],
                [rewards[i] for i in others],
            )
        )
    return [models[i % folds] for i in range(len(rewards))]


def _drawn(seen: Sequence[float], toward: float) -> float:
    return (sum(seen) + PRIOR_REQUESTS * toward) / (len(seen) + PRIOR_REQUESTS)
