"""What feedback teaches about whom to believe: a model of trust, fitted anew as labels come in."""

from __future__ import annotations

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
