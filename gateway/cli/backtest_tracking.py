"""Notes backtests and searches with a tracker, each as a run of its own."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.tracking.opening import open_tracker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gateway.cli.backtest_running import Found
    from gateway.tracking.opening import Kind
    from gateway.tracking.tracker import Parameter, Tracker

POINTS = 200
"""Points of a policy's course that are noted with a tracker; more say no more on a screen."""


@contextmanager
def tracked(kind: Kind, place: str | None, what: str) -> Iterator[Tracker]:
    """A tracker for one run; one that fails is noted as failed.

    Raises:
        TrackingError: The place cannot be used, or its library is missing.
    """
    # To the millisecond: TensorBoard takes a name once.
    started = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    tracker = open_tracker(kind, place, f"{what}-{started}")
    try:
        yield tracker
    except BaseException:
        tracker.close(failed=True)
        raise
    tracker.close()


def note(tracker: Tracker, found: Found, files: Sequence[Path]) -> None:
    """Note a backtest: how it was told, what it found, how each policy went, the files.

    Raises:
        TrackingError: The place does not take it.
    """
    about = found.figures["about"]
    tracker.parameters(
        flat({name: about[name] for name in ("options", "rows", "data", "versions")})
    )
    tracker.metrics(
        {
            name: value
            for part in ("lift", "cheaper", "ablations", "policies", "halves")
            for name, value in flat({part: found.figures[part]}).items()
            if isinstance(value, int | float)
        }
    )
    courses = {name: course.right for name, course in found.report.courses.items()}
    length = max(map(len, courses.values()), default=0)
    for step in sorted({round(length * n / POINTS) for n in range(1, POINTS + 1)} - {0}):
        tracker.metrics(
            {f"course/{name}": sum(right[:step]) / step for name, right in courses.items()}, step
        )
    for path in files:
        tracker.artifact(path)


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Parameter]:
    """Nested values under names with slashes; lists as text."""
    found: dict[str, Parameter] = {}
    for name, value in values.items():
        path = f"{above}/{name}" if above else str(name)
        if isinstance(value, dict):
            found |= flat(value, path)
        elif isinstance(value, list | tuple):
            found[path] = ", ".join(map(str, value))
        else:
            found[path] = value
    return found
