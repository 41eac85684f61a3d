"""A replay in the order of time: each request is decided with what feedback had taught by then.

Prediction before learning, with labels that come late, is the field's progressive validation (Blum,
Kalai and Langford 1999; river's ``progressive_val_score``). A label is what feedback says: whether the
answer given out was right. Of the answers not given out nothing is ever learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from learning.trust import Lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from consensus.ballot import Ballot, TrustModel
    from consensus.transcript import Attempt
    from learning.backtest.seating import Asked
    from learning.trust import Learner

DELAY = 20
"""Requests between an answer and its label."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a consensus makes of one request. ``seat``: whose answer is given out.

    ``learned``: feedback, not only the shipped prior, spoke for ``confidence``. Without a ``ballot`` a
    label teaches nothing.
    """

    seat: int
    confidence: float
    learned: bool
    ballot: Ballot | None


class Decider(Protocol):
    """The consensus under test. It sees the prompt, the answers and a model of trust: no label."""

    def __call__(
        self, prompt: str, attempts: tuple[Attempt, ...], trust: TrustModel
    ) -> Decided | None:
        """Decide; None where no answer stands."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request went. ``seat`` None: all failed, which counts as wrong and as known to be.

    ``lessons`` is how many labels were learned from before.
    """

    seat: int | None
    correct: bool
    confidence: float
    learned: bool
    lessons: int


@dataclass(frozen=True, slots=True)
class Step:
    """One request decided with feedback and without. ``cpu_ms`` is of the first of the two."""

    with_feedback: Outcome
    cold: Outcome
    cpu_ms: float


def walk_forward(  # noqa: PLR0913 - each is a different thing the replay rests on
    requests: Sequence[Asked],
    decide: Decider,
    learner: Learner,
    clock: Callable[[], float],
    *,
    delay: int = DELAY,
    refit_every: int = 1,
) -> Iterator[Step]:
    """Replay ``requests``, each decided before the next is looked at.

    Args:
        requests: In the order of time.
        decide: The consensus under test.
        learner: Without lessons it gives the shipped prior, which the cold run keeps.
        clock: Seconds of this thread's CPU.
        delay: The label of request ``s`` is known from request ``s + delay`` on, at least 1.
        refit_every: Labels between two fits, at least 1.

    Raises:
        ValueError: ``delay`` or ``refit_every`` is below 1.
    """
    if delay < 1 or refit_every < 1:
        raise ValueError("a label arrives at least one request late, and is fitted at least alone")
    prior = model = learner.fit(())
    labelled: list[tuple[int, Lesson]] = []
    fitted = 0
    for now, request in enumerate(requests):
        known = [lesson for asked, lesson in labelled if asked <= now - delay]
        if len(known) >= fitted + refit_every:
            model, fitted = learner.fit(known), len(known)
        started = clock()
        decided = decide(request.prompt, request.attempts, model)
        cpu_ms = (clock() - started) * 1000.0
        cold = decided if fitted == 0 else decide(request.prompt, request.attempts, prior)
        outcome = _outcome(request, decided, fitted)
        if decided is not None and decided.ballot is not None:
            returned = decided.ballot.group_of(request.attempts[decided.seat].provider)
            labelled.append((now, Lesson(decided.ballot, returned, outcome.correct)))
        yield Step(outcome, _outcome(request, cold, 0), cpu_ms)


def _outcome(request: Asked, decided: Decided | None, lessons: int) -> Outcome:
    if decided is None:
        return Outcome(None, correct=False, confidence=0.0, learned=False, lessons=lessons)
    return Outcome(
        seat=decided.seat,
        correct=request.correct[decided.seat],
        confidence=decided.confidence,
        learned=decided.learned,
        lessons=lessons,
    )
