"""Walks a policy through the stream: it decides a window of requests by what was known before, then learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning.backtest.steering.cases import Labelled
from learning.lessons import Lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from learning.backtest.steering.cases import Case
    from learning.backtest.steering.policies import Answered, Policy
    from learning.backtest.steering.words import Options


@dataclass(frozen=True, slots=True)
class Walked:
    """One request decided. ``window``: the test window it lay in."""

    case: Case
    answered: Answered
    right: float
    cost_usd: float
    window: int


def walk(
    cases: Sequence[Case],
    policy: Policy,
    options: Options,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Walked]:
    """Walk ``policy`` over ``cases``, in the order of time.

    A label is of the answer given out and arrives ``delay`` requests later; those of the ``purge`` requests
    before a window are held back as well. Windows overlap nowhere; what lies between two of
    them, where the step is longer than the test window, is not asked.

    Args:
        cases: The stream.
        policy: Starts knowing nothing.
        options: The windows.
        advance: Told of how many requests were decided.
    """
    done: list[Walked] = []
    labelled: list[tuple[int, Labelled]] = []
    step = options.step or options.test
    for window, start in enumerate(range(0, len(cases), step)):
        held_back = max(options.delay, options.purge + 1)
        known = [entry for at, entry in labelled if at <= start - held_back]
        policy.learn(known[-options.train :] if options.train else known)
        for at in range(start, min(len(cases), start + options.test)):
            case = cases[at]
            answered = policy.answer(case)
            done.append(_walked(case, answered, window))
            lesson = _lesson(case, answered)
            if lesson is not None:
                labelled.append((at, Labelled(case, lesson)))
        advance(min(step, len(cases) - start))
    return done


def _walked(case: Case, answered: Answered, window: int) -> Walked:
    given = answered.given
    right = answered.right
    if right is None:
        right = 0.0 if given is None else float(case.correct[given.provider])
    cost = sum(case.cost_usd.get(name, 0.0) for name in answered.asked)
    return Walked(case, answered, right, cost, window)


def _lesson(case: Case, answered: Answered) -> Lesson | None:
    """What the label of the answer given out teaches: of the panel that was asked, nobody else."""
    if answered.given is None:
        return None
    ballot = case.polled[answered.asked].ballot
    return Lesson(ballot, answered.given.group, case.correct[answered.given.provider])
