"""Brings the evidence to the judge: this process's requests, the others', and those of before a restart.

Every process judges what all of them have seen: with traffic spread over many workers each would
otherwise need its own sample. What another process saw may be lost on the way; then this one
judges by less, and the one that saw it by more. Evidence fails open: none of it ever stops a request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from gateway.rollout.observation import Label, Observation, observation_of
from gateway.storage_errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gateway.rollout.judge import Judge
    from gateway.rollout.verdict import Alarm
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)

MOST_REMEMBERED = 20_000
"""Requests read back at most after a restart: some MB."""


STALE = timedelta(minutes=2)
"""What is heard of later, after an outage of Redis, is no news of now."""


class PastEvidence(Protocol):
    """Where a process that starts finds what was seen before."""

    async def seen_since(
        self, since: datetime | None, limit: int
    ) -> tuple[Sequence[Observation], Sequence[Label]]:
        """The newest ``limit`` requests that came in from ``since`` on, oldest first, and their labels."""
        ...


class EvidenceFeed:
    """Feeds one judge.

    ``on_alarm`` hears when an arm must go, ``armed`` says whether there is anything to take away;
    ``tell`` hears what the others should know.
    """

    def __init__(  # noqa: PLR0913 - what it joins, all by keyword but the judge
        self,
        judge: Judge,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        on_alarm: Callable[[Alarm], None],
        armed: Callable[[], bool],
        tell: Callable[[Sequence[Observation], Sequence[Label]], None] | None,
    ) -> None:
        self._judge = judge
        self._clock = clock
        self._monotonic = monotonic
        self._on_alarm = on_alarm
        self._armed = armed
        self._tell = tell
        self._replayed: frozenset[str] = frozenset()
        self._replaying = False

    def observe(self, record: RequestRecord) -> None:
        """Take in a request that ended in this process."""
        seen = observation_of(record)
        if seen is None:
            return
        self._observe(seen, self._monotonic())
        if self._tell is not None:
            self._tell((seen,), ())

    def label(self, record: RequestRecord, *, correct: bool) -> None:
        """Take in what was said here of an answer."""
        if record.arm is None:
            return
        label = Label(record.request_id, record.arm, record.at, correct, record.caller)
        self._label(label)
        if self._tell is not None:
            self._tell((), (label,))

    def hear(self, seen: Sequence[Observation], labels: Sequence[Label]) -> None:
        """Take in what other processes saw."""
        now = self._monotonic()
        oldest = self._clock() - STALE
        for observation in seen:
            if observation.request_id not in self._replayed and observation.at >= oldest:
                self._observe(observation, now)
        for label in labels:
            self._label(label)

    def tick(self) -> None:
        """Let what has settled meanwhile be judged; due a few times a second."""
        alarm = self._judge.tick(self._monotonic())
        if alarm is not None:
            self._on_alarm(alarm)

    async def replay(self, past: PastEvidence, since: datetime | None) -> None:
        """Take in what was seen before this process started; a database that is away leaves it out.

        It raises no alarm: whatever came of it was decided then. What still stands in the window is
        judged with the next request.
        """
        try:
            seen, labels = await past.seen_since(since, MOST_REMEMBERED)
        except (StorageError, TimeoutError) as failure:
            _log.warning("rollout_evidence_not_read", error=type(failure).__name__)
            return
        utc, monotonic = self._clock(), self._monotonic()
        self._replaying = True
        for observation in seen:
            age = (utc - observation.at).total_seconds() - observation.latency_ms / 1000
            self._observe(observation, monotonic - max(0.0, age))
        for label in labels:
            self._label(label)
        self._replaying = False
        self._replayed = frozenset(observation.request_id for observation in seen)

    def _observe(self, seen: Observation, now: float) -> None:
        alarm = self._judge.observe(seen, now, armed=self._armed() and not self._replaying)
        if alarm is not None and not self._replaying:
            self._on_alarm(alarm)

    def _label(self, label: Label) -> None:
        alarm = self._judge.label(label)
        if alarm is not None and not self._replaying:
            self._on_alarm(alarm)
