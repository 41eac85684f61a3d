"""When the families are made anew, and what is in force meanwhile. Starts nothing and waits for nothing.

Whoever runs the processes asks `GraphRunner.due`, starts `command`, tells when it ended or kills it once
it is `overdue`, and hands the outcome to `ended`. Times are those of any clock that only goes forward.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from learning.graph.errors import GraphFileError, RunFailedError
from learning.graph.family_file import FAMILIES, load_families

if TYPE_CHECKING:
    from pathlib import Path

    from learning.graph.families import Families

INTERVAL_S = 900.0

TIMEOUT_S = 1800.0
"""A run takes a processor only where nothing else wants it: on a busy machine it takes long."""

_LAST_WORDS = 500
"""Characters of a failed run's output that are told."""


def command(folder: Path, *, cpu_seconds: float = TIMEOUT_S) -> list[str]:
    """The program and arguments of a run; its processor time is bounded by itself as well."""
    bound = f"--cpu-seconds={max(1, round(cpu_seconds))}"
    # -P: nothing is imported from the folder it happens to be started in.
    return [sys.executable, "-P", "-m", "learning.graph.recompute", bound, str(folder)]


def result(folder: Path) -> Families:
    """The families of the last run that ended well.

    Raises:
        GraphFileError: there are none, or the file is not of families.
    """
    return load_families(folder / FAMILIES)


class GraphRunner:
    """The runs of one folder.

    Args:
        folder: See `learning.graph.recompute`.
        interval_s: From the start of one run to the next, in seconds.
        timeout_s: A run that takes longer is to be ended.

    Attributes:
        families: In force; None before the first run. Those of an earlier process go on.
        unread: Why what an earlier process left could not be read; empty for nothing.
    """

    def __init__(
        self, folder: Path, *, interval_s: float = INTERVAL_S, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.families: Families | None = None
        self.unread = ""
        self._folder = folder
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._started: float | None = None
        self._running = False
        if (folder / FAMILIES).exists():
            try:
                self.families = result(folder)
            except GraphFileError as error:
                self.unread = str(error)

    @property
    def running(self) -> bool:
        """A run was started and has not ended."""
        return self._running

    def due(self, now: float, *, changed: bool = True) -> bool:
        """Whether to start a run; not while one is on, nor where nothing ``changed`` since the last."""
        if self._running or not changed:
            return False
        return self._started is None or now - self._started >= self._interval_s

    def command(self) -> list[str]:
        """The program and arguments of the next run."""
        return command(self._folder, cpu_seconds=self._timeout_s)

    def started(self, now: float) -> None:
        """A run was started."""
        self._started, self._running = now, True

    def overdue(self, now: float) -> bool:
        """Whether the run on now has taken too long and is to be killed."""
        return self._running and self._started is not None and now - self._started > self._timeout_s

    def ended(self, status: int, output: str = "") -> Families:
        """The run ended; its families are in force.

        Args:
            status: As `subprocess` tells it: 0 for well, below 0 for the signal that ended it.
            output: What it wrote to its standard error.

        Raises:
            RunFailedError: it made none, or what it left is broken; those before stay in force.
        """
        self._running = False
        if status != 0:
            how = f"status {status}" if status > 0 else f"signal {-status}"
            raise RunFailedError(f"the run ended with {how}: {output.strip()[-_LAST_WORDS:]}")
        try:
            families = result(self._folder)
        except GraphFileError as error:
            raise RunFailedError(f"the run left no families: {error}") from error
        if self.families is not None and families.run == self.families.run:
            raise RunFailedError(f"the run left the families of run {families.run} as they were")
        self.families = families
        return families
