"""The learning engine's own logs, one JSON object a line: what it does, what fails, how it stands.

``operations.log`` has every registration, search, label, recompute and so on; ``errors.log`` every
failure; ``metrics.jsonl`` the figures of learning each minute. Nothing in them can be a prompt or an answer:
an operation tells numbers, and words and ids from a short list of fields (`WORDS`); of an exception its type
and place, for its message may quote what it could not read. Lines are written by a thread of their own.
A disk that is full or gone costs lines, never a request (fail open): they are counted.
"""

from __future__ import annotations

import queue
import traceback
from collections import deque
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import orjson

from gateway.monitoring.line_file import LineFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from prometheus_client.metrics_core import Metric

LEVELS = ("debug", "info", "warning", "error")

WORDS = frozenset({"outcome", "cause"})
"""Fields whose value may be a word: the program's own, few, and no longer than `LONGEST`."""

LONGEST = 40
MOST_IDS = 64
"""Ids told of one operation; a batch may have more, its count says how many."""

MOST_FRAMES = 32
"""Of a failure's place, the innermost: a recursion without end has a thousand."""

CAPACITY = 10_000
"""Lines that may wait: some 2 MB. More are dropped and counted."""

AT_ONCE = 500
"""Lines written at once."""

OPERATIONS, ERRORS, METRICS = "operations.log", "errors.log", "metrics.jsonl"

_END = None


class LearningLog:
    """The logs of one process; any thread may tell it anything. `start` and `close` bracket its life.

    Args:
        log_dir: Of ``operations.log`` and ``errors.log``; shared with other workers and instances.
        metrics_dir: Of ``metrics.jsonl``.
        level: The least that is written: operations are ``info``, failures ``error``.
        instance: Whose lines these are.
        clock: The time, UTC.
        on_lost: Told how many lines were lost, from any thread; must not raise.
    """

    def __init__(  # noqa: PLR0913 - where, whose and how much, all by keyword but two
        self,
        log_dir: Path,
        metrics_dir: Path,
        *,
        level: str,
        instance: str,
        clock: Callable[[], datetime],
        on_lost: Callable[[int], None],
    ) -> None:
        self._files = {
            OPERATIONS: LineFile(log_dir / OPERATIONS),
            ERRORS: LineFile(log_dir / ERRORS),
            METRICS: LineFile(metrics_dir / METRICS),
        }
        self._least = LEVELS.index(level)
        self._instance = instance
        self._clock = clock
        self._on_lost = on_lost
        self._waiting: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue(CAPACITY)
        self._lost = 0
        self._counting = Lock()
        self._thread: Thread | None = None

    @property
    def lost(self) -> int:
        """Lines that were not written."""
        return self._lost

    def start(self) -> None:
        """Begin to write."""
        self._thread = Thread(target=self._write, name="learning-log", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, for ``timeout_s`` at most, and end."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        try:
            self._waiting.put(_END, timeout=timeout_s)
        except queue.Full:  # a disk that hangs: the thread ends with the process
            return
        thread.join(timeout_s)

    def operation(self, name: str, *, ids: Iterable[int] = (), **figures: Any) -> None:
        """Tell of something done: numbers, and words of `WORDS`. ``ids``: the patterns it was done to."""
        if self._least > LEVELS.index("info"):
            return
        line: dict[str, Any] = {"level": "info", "operation": name}
        line |= {field: value for field, value in figures.items() if _is_tellable(field, value)}
        if told := [int(number) for number in ids]:
            line["ids"] = told[:MOST_IDS]
        self._put(OPERATIONS, line)

    def failure(
        self, operation: str, *, count: int = 1, error: BaseException | None = None
    ) -> None:
        """Tell of something that failed."""
        line: dict[str, Any] = {"level": "error", "operation": operation, "count": count}
        if error is not None:
            line["error"] = type(error).__name__
            # Not by `extract_tb`, which reads the source: this may be the event loop.
            placed = deque(traceback.walk_tb(error.__traceback__), maxlen=MOST_FRAMES)
            line["frames"] = [
                f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at} {frame.f_code.co_name}"
                for frame, at in placed
            ]
        self._put(ERRORS, line)

    def snapshot(self, figures: Mapping[str, float]) -> None:
        """Tell how things stand."""
        self._put(METRICS, {"figures": dict(figures)})

    def _put(self, file: str, line: dict[str, Any]) -> None:
        stamped = {"timestamp": self._clock(), "instance": self._instance, **line}
        try:
            self._waiting.put_nowait((file, stamped))
        except queue.Full:
            self._lose(1)

    def _lose(self, lines: int) -> None:
        with self._counting:
            self._lost += lines
        self._on_lost(lines)

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._waiting.get()]
            while batch[-1] is not _END and len(batch) < AT_ONCE:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            ended = batch[-1] is _END
            by_file: dict[str, list[bytes]] = {}
            for file, line in filter(None, batch):
                try:
                    by_file.setdefault(file, []).append(orjson.dumps(line) + b"\n")
                except orjson.JSONEncodeError:  # a number no JSON of ours can hold
                    self._lose(1)
            for file, lines in by_file.items():
                try:
                    self._files[file].append(b"".join(lines))
                except OSError:
                    self._lose(len(lines))
        for held in self._files.values():
            held.close()


def figures_of(families: Iterable[Metric]) -> dict[str, float]:
    """Every sample by its name and labels, ``learning_errors_total{operation=search}``; no buckets."""
    found = {}
    for sample in (s for family in families for s in family.samples):
        if "le" not in sample.labels:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def _is_tellable(field: str, value: Any) -> bool:
    if isinstance(value, str):
        return field in WORDS and len(value) <= LONGEST
    return value is None or isinstance(value, (bool, int, float))
