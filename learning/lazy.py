"""A learner that costs nothing until there is something to learn: its import brings numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.ballot import TrustModel
    from learning.lessons import Learner, Lesson


class LazyLearner:
    """Loads the learner it stands for at the first fit, on the thread of that fit.

    Args:
        load: Imports and builds the learner.
    """

    def __init__(self, load: Callable[[], Learner]) -> None:
        self._load = load
        self._learner: Learner | None = None

    def fit(self, lessons: Sequence[Lesson]) -> TrustModel:
        """See `learning.lessons.Learner`."""
        if self._learner is None:
            self._learner = self._load()
        return self._learner.fit(lessons)
