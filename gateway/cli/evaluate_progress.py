"""How far a long command is, on stderr: a moving bar on a terminal, nothing in a log."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID


class Bar:
    """Told of each step."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._stage = ""

    def now(self, what: str) -> None:
        """What is under way."""
        self._progress.update(self._task, description=escape(what))

    def advance(self, items: int = 1) -> None:
        """So many items more are done."""
        self._progress.advance(self._task, items)

    def reached(self, done: int, of: int) -> None:
        """So many items of so many are done."""
        self._progress.update(self._task, completed=done, total=of)

    def at(self, stage: str, done: int, of: int) -> None:
        """``done`` of ``of`` steps of ``stage`` are done."""
        if self._stage != stage:
            # Each stage has a pace of its own.
            self._stage = stage
            self._progress.reset(self._task, total=of, description=escape(stage))
        self._progress.update(self._task, completed=done, total=of)


@contextmanager
def bar(total: int) -> Iterator[Bar]:
    """A bar of ``total`` items for as long as the block runs; it leaves nothing behind."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield Bar(progress, progress.add_task("", total=total))
