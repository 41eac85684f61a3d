"""When nobody answered, whose circuit refused is asked after all: a gateway is not down by its own doing.

A circuit refuses while somebody else could answer (`providers.resilience.front`). That somebody may fail, too, and
then the request would fail although nobody knows whether those it did not ask are well again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consensus.transcript import Transcript
from gateway.errors import BudgetTooSmallError
from providers.errors import CircuitOpenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from consensus.deliberation import Decide, Deliberation
    from consensus.rounds import Plan
    from consensus.transcript import Attempt


def refused(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    """The providers whose last attempt a circuit refused, in order."""
    last = {attempt.provider: attempt for attempt in attempts}
    return tuple(
        name
        for name, attempt in last.items()
        if attempt.failure is not None and attempt.failure.code == CircuitOpenError.code
    )


async def asked_after_all(
    first: Deliberation,
    plan: Plan,
    decide: Decide,
    run: Callable[[Plan], Awaitable[Deliberation]],
) -> Deliberation:
    """The deliberation with those asked whom circuits refused; ``first`` itself where there are none.

    Args:
        first: One in which nobody answered.
        plan: Its plan.
        decide: Weighs the answers of this question.
        run: Asks all of a plan, whatever their circuits say.
    """
    names = refused(first.transcript.attempts)
    left = None
    if plan.budget_usd is not None:
        left = plan.budget_usd - (first.spent_usd or 0.0)
    if not names or (left is not None and left <= 0.0):
        return first
    try:
        second = await run(replace(plan, providers=names, opening=0, budget_usd=left))
    except BudgetTooSmallError:
        return first  # what the others may have billed leaves nothing for these
    others = tuple(a for a in first.transcript.attempts if a.provider not in names)
    transcript = Transcript(others + second.transcript.attempts, second.transcript.flips)
    spent = None if left is None else (first.spent_usd or 0.0) + (second.spent_usd or 0.0)
    return replace(
        second,
        transcript=transcript,
        consensus=None if second.consensus is None else decide(transcript),
        waited_s=first.waited_s + second.waited_s,
        spent_usd=spent,
    )
