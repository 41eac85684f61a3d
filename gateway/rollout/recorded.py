"""Recorded traffic in the order in which a judge would have met it; no clock, no randomness."""

from __future__ import annotations

import heapq
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from gateway.rollout.dry_run import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from gateway.rollout.observation import Label, Observation


def moments(
    observations: Iterable[Observation], labels: Iterable[tuple[datetime, Label]]
) -> Iterator[Moment]:
    """Requests as they ended, and labels as they were given, in the order of time.

    Only the requests that overlap are held at once, so that a history may be longer than memory.

    Args:
        observations: In the order in which they came in.
        labels: With the moment (UTC) of the feedback, in that order.
    """
    said = (Moment(at, label) for at, label in labels)
    return heapq.merge(_ended(observations), said, key=lambda moment: moment.at)


def _ended(observations: Iterable[Observation]) -> Iterator[Moment]:
    order = count()
    under_way: list[tuple[datetime, int, Moment]] = []
    for seen in observations:
        while under_way and under_way[0][0] <= seen.at:
            yield heapq.heappop(under_way)[2]
        ended = seen.at + timedelta(milliseconds=seen.latency_ms)
        heapq.heappush(under_way, (ended, next(order), Moment(ended, seen)))
    while under_way:
        yield heapq.heappop(under_way)[2]
