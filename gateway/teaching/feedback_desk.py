"""Takes in what callers say of answers: stored first, then counted and learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.monitoring.metrics import Metrics
    from gateway.rollout.controller import RolloutController
    from gateway.storage.journal import Journal
    from gateway.teaching.teacher import Teacher
    from learning.records import Feedback


@dataclass(frozen=True, slots=True)
class FeedbackDesk:
    """Where feedback comes in. ``teacher`` is None where learning is switched off.

    ``on_label`` is told of each request with a new label, once that is stored; it must not raise.
    """

    journal: Journal
    metrics: Metrics
    rollout: RolloutController
    teacher: Teacher | None
    on_label: Callable[[str], None] | None = None

    async def take(self, said: Feedback) -> None:
        """Take in one caller's feedback; when this returns it is stored.

        Raises:
            NotFoundError: No request of that id is known, or nobody was given its answer.
            OverloadedError: The database is away; nothing was stored or learned.
        """
        record = await self.journal.find(said.request_id)
        if record is None or record.is_shadow:
            raise NotFoundError("no request of that id is known")
        number = await self.journal.feedback(said)
        self.metrics.observe_feedback(said)
        if said.correct is not None:
            self.rollout.label(record, correct=said.correct)
        # A correction would count the same answer twice: a request's first label is its outcome.
        first = self.teacher is None or not self.teacher.knows(said.request_id)
        if said.correct is not None and record.confidence is not None and first:
            self.metrics.learning.observe_outcome(record.confidence, correct=said.correct)
        if self.teacher is not None:
            self.teacher.learn(number, said, record)
        if self.on_label is not None and said.correct is not None:
            self.on_label(said.request_id)
