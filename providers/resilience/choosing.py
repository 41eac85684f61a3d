"""Which of a vendor's endpoints is asked: the one whose calls end soonest, as far as is known.

Counted is a mean of its last calls times the calls under way there (as Finagle's least-loaded "peak EWMA"),
so that calls spread where endpoints are alike and go elsewhere where one slows down. Now and then another is
asked: one that has become faster is found only by asking it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPLORED = 0.05
"""Share of calls for which an endpoint other than the best is drawn."""

SOON_S = 0.001
"""What an endpoint is thought to take while none has answered: less than any that let calls wait in vain."""


@value(frozen=True, slots=True)
class Candidate:
    """An endpoint as it stands.

    ``recent_s``: mean seconds of its last calls, None before the first. ``under_way``: calls there now.
    ``fit`` is false for one that would refuse or make wait. ``silent``: none of its calls was answered yet.
    """

    recent_s: float | None
    under_way: int
    fit: bool = True
    silent: bool = False


def choose(candidates: Sequence[Candidate], uniform: float) -> int:
    """The place of the endpoint to ask; one that is not fit only where none is.

    ``uniform`` is a draw from [0, 1).
    """
    places = [n for n, candidate in enumerate(candidates) if candidate.fit]
    places = places or list(range(len(candidates)))
    answering = (candidates[n] for n in places if not candidates[n].silent)
    known = [one.recent_s for one in answering if one.recent_s is not None]
    # Who is not known yet is taken for as fast as the fastest that answers: so it is asked, and soon known.
    unknown_s = min(known, default=SOON_S)

    def score(place: int) -> float:
        candidate = candidates[place]
        recent_s = unknown_s if candidate.recent_s is None else candidate.recent_s
        if candidate.silent:  # some are given up at once
            recent_s = max(recent_s, unknown_s)
        return recent_s * (candidate.under_way + 1)

    best = min(places, key=score)
    others = [place for place in places if place != best]
    if uniform < EXPLORED and others:
        return others[int(uniform / EXPLORED * len(others))]
    return best
