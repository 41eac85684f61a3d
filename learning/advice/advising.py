"""From what is known of like questions to advice. Values in, values out.

The neighbours' ballots tell how votes count here (`locality`), how each provider would do alone and whom
to ask first (`openings`); where they tell nothing, advice leaves the request to the task type's table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from learning.advice.drawing import drawn
from learning.advice.expecting import expected_amount, expected_share
from learning.advice.openings import POINTS_A_CALL, READ, choose, standings
from learning.advice.words import Advice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from learning.advice.locality import Local, LocalFit
    from learning.lessons import Lesson

CRITICAL = "critical"
"""The task type that always asks all at once."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked, and whom.

    ``models``: the model of each provider that can be asked, in the order of the task type's table.
    """

    task: str
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Like:
    """What is known of like questions, nearest first.

    Attributes:
        lessons: Labelled requests.
        counts: What each counts, in [0, 1]; empty counts them the same.
        patterns: The patterns they are, by number.
        family: The family of questions; None for none.
        costs_usd: What such requests cost.
        latencies_ms: How long they took.
    """

    lessons: Sequence[Lesson] = ()
    counts: Sequence[float] = ()
    patterns: tuple[int, ...] = ()
    family: int | None = None
    costs_usd: Sequence[float] = ()
    latencies_ms: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What advice may do here.

    Attributes:
        escalate: Advise an opening.
        alone: The opening may be a single provider, where one is known to be good enough.
        order: Advise who is asked, and in which order; else votes alone.
        points_a_call: Accuracy that a vendor call must be expected to gain.
        draws: (n, providers) standard normal draws, for exploration; None explores nothing.
        policy: Version of the policy document in force.
    """

    escalate: bool = False
    alone: bool = False
    order: bool = False
    points_a_call: float = POINTS_A_CALL
    draws: NDArray[np.float64] | None = field(default=None, compare=False)
    policy: int = 0


def advise(asking: Asking, like: Like, fit: LocalFit, terms: Terms) -> Advice | None:
    """How this request had best be answered; None where like questions tell nothing.

    Args:
        asking: The request.
        like: What is known of its like.
        fit: Fits neighbourhoods under the model of trust in force.
        terms: What advice may do.
    """
    local = fit.of(like.lessons, asking.models, like.counts or None)
    if not local.offsets and not (terms.escalate or terms.order):
        return None
    ballots = [lesson.ballot for lesson in like.lessons[:READ]]
    steers = terms.escalate or terms.order
    known = standings(fit, local, like.lessons, asking.models) if steers else {}
    place = {name: n for n, name in enumerate(asking.models)}
    order = tuple(
        sorted(place, key=lambda name: (-known[name].right if name in known else 0.0, place[name]))
    )
    opened, enough, propensity = 0, 1.0, 1.0
    if terms.draws is not None:
        order, propensity = drawn(known, order, 2, terms.draws)
    if terms.escalate and asking.task != CRITICAL:
        chosen = choose(
            known,
            ballots,
            order,
            alone=terms.alone and terms.draws is None,
            points_a_call=terms.points_a_call,
        )
        order, opened, enough = chosen.providers, chosen.opening, chosen.enough
    return Advice(
        providers=order if terms.order or opened else (),
        opening=opened,
        enough=enough if opened else 1.0,
        offsets=local.offsets,
        harder=local.harder,
        accuracy=None if local.right is None else expected_share(local.right, local.labels),
        cost_usd=expected_amount(like.costs_usd),
        latency_ms=expected_amount(like.latencies_ms),
        explored=terms.draws is not None,
        propensity=propensity,
        family=like.family,
        neighbours=like.patterns,
        policy=terms.policy,
        why=_why(local, order, opened),
    )


def _why(local: Local, order: Sequence[str], opened: int) -> str:
    said = f"{local.labels} labelled requests like this one"
    if local.unlike >= 0.5 and local.offsets:  # noqa: PLR2004 - likelier than not
        best = max(local.offsets, key=lambda name: local.offsets[name])
        worst = min(local.offsets, key=lambda name: local.offsets[name])
        said += f": votes count otherwise here, {best}'s more and {worst}'s less"
    else:
        said += ": votes count as everywhere"
    if opened:
        said += f"; {' and '.join(order[:opened])} asked first"
    return said
