"""What waits to become patterns: requests and labels, in order and bounded. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from learning.records import RequestRecord


@value(frozen=True, slots=True)
class Waiting:
    """A request that is over, and what it asked."""

    text: str
    record: RequestRecord


@dataclass(slots=True)
class Intake:
    """Two queues of at most ``capacity``; what finds no room is dropped, and the queue says so."""

    capacity: int
    _requests: deque[Waiting] = field(default_factory=deque)
    _labels: dict[str, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._requests) + len(self._labels)

    @property
    def requests(self) -> int:
        """Requests that wait."""
        return len(self._requests)

    def put(self, waiting: Waiting) -> bool:
        """Whether there was room."""
        if len(self._requests) >= self.capacity:
            return False
        self._requests.append(waiting)
        return True

    def put_label(self, request_id: str) -> bool:
        """Note that this request has a new label; whether there was room."""
        if len(self._labels) >= self.capacity and request_id not in self._labels:
            return False
        self._labels[request_id] = None
        return True

    def take(self, most: int) -> list[Waiting]:
        """The oldest requests; they wait no longer."""
        return [self._requests.popleft() for _ in range(min(most, len(self._requests)))]

    def take_labels(self, most: int) -> list[str]:
        """The requests labelled first; they wait no longer."""
        taken = list(self._labels)[:most]
        for request_id in taken:
            del self._labels[request_id]
        return taken
