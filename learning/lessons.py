"""What is learned from: the newest labelled requests, each by its last label. Pure.

Readers hear of labels in any order, some twice, some late. What a `LessonBook` holds depends on the
labels alone and not on their order, so all processes that have read the same labels learn the same.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.ballot import Ballot, TrustModel


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled request. ``returned``: the group of ``ballot`` whose answer was given out."""

    ballot: Ballot
    returned: int
    correct: bool


class Learner(Protocol):
    """Turns lessons into a model. Not safe to call from several threads at once."""

    def fit(self, lessons: Sequence[Lesson]) -> TrustModel:
        """The model after ``lessons``, oldest first; without any it is the shipped prior."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a caller said of one answer: right or not.

    ``number`` orders all labels, the same for every reader; no two have the same. No clock does it,
    for instances' clocks differ.
    """

    number: int
    request_id: str
    correct: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a label speaks of: how the answers fell, and the group whose answer was given out."""

    ballot: Ballot
    returned: int

    @staticmethod
    def of(ballot: Ballot | None, returned: int | None) -> Outcome | None:
        """The outcome, None where the request teaches nothing: no ballot, or no group returned."""
        if ballot is None or returned is None or not 0 <= returned < len(ballot.groups):
            return None
        return Outcome(ballot, returned)


class LessonBook:
    """The ``capacity`` requests labelled last, by the number of the label that counts.

    Of several labels of one request the last counts: callers correct themselves.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._order: list[tuple[int, str]] = []  # ascending
        self._lessons: dict[str, tuple[int, Lesson]] = {}

    def __len__(self) -> int:
        return len(self._lessons)

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._lessons

    @property
    def oldest(self) -> int | None:
        """The number below which no label matters any more; None while there is room."""
        return self._order[0][0] if len(self._order) >= self._capacity else None

    @property
    def newest(self) -> int:
        """The number of the last label held; -1 for none. With the length it tells whether anything changed."""
        return self._order[-1][0] if self._order else -1

    def wants(self, label: Label) -> bool:
        """Whether the label would change what is held."""
        held = self._lessons.get(label.request_id)
        if held is not None:
            return held[0] < label.number
        oldest = self.oldest
        return oldest is None or oldest < label.number

    def add(self, label: Label, outcome: Outcome) -> bool:
        """Take in a label and what it speaks of; returns whether that changed what is held."""
        if not self.wants(label):
            return False
        held = self._lessons.get(label.request_id)
        if held is not None:
            del self._order[bisect_left(self._order, (held[0], label.request_id))]
        lesson = Lesson(outcome.ballot, outcome.returned, label.correct)
        self._lessons[label.request_id] = (label.number, lesson)
        insort(self._order, (label.number, label.request_id))
        if len(self._order) > self._capacity:
            _, gone = self._order.pop(0)
            del self._lessons[gone]
        return True

    def lessons(self) -> tuple[Lesson, ...]:
        """What is learned from, oldest first."""
        return tuple(self._lessons[request_id][1] for _, request_id in self._order)

    def by_request(self) -> dict[str, Lesson]:
        """What is learned from by the request it is of, oldest first."""
        return {request_id: self._lessons[request_id][1] for _, request_id in self._order}

    def labels(self) -> tuple[Label, ...]:
        """The labels that count, oldest first: equal for books that hold the same lessons."""
        return tuple(
            Label(number, request_id, self._lessons[request_id][1].correct)
            for number, request_id in self._order
        )
