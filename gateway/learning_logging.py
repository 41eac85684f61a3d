"""Opens the learning engine's logs of one process, and has its figures written each minute."""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog

from gateway.monitoring.learning_log import LearningLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.monitoring.metrics import Metrics
    from gateway.settings import Settings

_log = structlog.get_logger(__name__)

SNAPSHOT_S = 60.0
"""Between two lines of ``metrics.jsonl``: with some 2 kB a line, 10 MB in three days."""


@asynccontextmanager
async def open_learning_log(
    settings: Settings, metrics: Metrics, *, instance: str, every_s: float = SNAPSHOT_S
) -> AsyncIterator[LearningLog | None]:
    """Write down what ``metrics.engine`` is told, until the context ends; None where learning is off.

    Of several workers of an instance one writes the figures, which are those of all.
    """
    if not settings.learning.enabled:
        yield None
        return
    told = False

    def lost(lines: int) -> None:
        nonlocal told
        metrics.engine.observe_error("log", lines)
        if not told:
            told = True
            _log.warning("learning_log_lost_lines", lines=lines)

    log = LearningLog(
        settings.learning_log_dir,
        settings.learning_metrics_dir,
        level=settings.learning.log_level,
        instance=instance,
        clock=lambda: datetime.now(UTC),
        on_lost=lost,
    )
    log.start()
    metrics.engine.log_to(log)
    turn = _Turn(settings.learning_metrics_dir / f".{quote(instance, safe='')}.writer")
    task = asyncio.create_task(_snapshots(log, metrics, turn, every_s), name="learning-snapshots")
    try:
        yield log
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        turn.give_up()
        await asyncio.to_thread(log.close)


async def _snapshots(log: LearningLog, metrics: Metrics, turn: _Turn, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        if await asyncio.to_thread(turn.is_mine):
            log.snapshot(metrics.learning_figures())


class _Turn:
    """Which worker of an instance writes: the one that holds the lock; when it ends another gets it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def is_mine(self) -> bool:
        """Whether this process writes; tried anew each time it does not. False where no lock can be had."""
        if self._descriptor is not None:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            _log.warning("learning_figures_not_written", error=type(error).__name__)
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def give_up(self) -> None:
        """Let another write."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
