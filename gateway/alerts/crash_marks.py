"""How a process finds that another has ended without a goodbye: killed, crashed, out of memory.

A process cannot tell its own end. It holds a locked file in the data folder for as long as it lives and
removes it when it ends in order; the kernel lets go of the lock however it ends. A file that nobody
locks any more is a process that was ended, and whoever starts next finds it: the container's restart,
or the worker that replaces it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = structlog.get_logger(__name__)

FOLDER = "processes"

TOLD_AGAIN_S = 3600.0
"""A process that crashes again and again tells so once an hour, whatever restarts it."""


@contextmanager
def marked(data_dir: Path, instance: str) -> Iterator[tuple[str, ...]]:
    """Hold a mark for as long as the block runs.

    A folder that cannot be written is logged, and means that no crash is found.

    Yields:
        The names of the instances of which processes have ended without a goodbye; each is found by
        one process only, and of one instance once in `TOLD_AGAIN_S`.
    """
    folder = data_dir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="process-", suffix=".new", dir=folder)
        # The folder's own clock, which is that of its other files.
        now = os.fstat(descriptor).st_mtime
        found = tuple(name for name in _crashed(folder) if _is_news(folder, name, now))
    except OSError as error:
        _log.warning("crashes_not_watched", error=type(error).__name__)
        yield ()
        return
    path = Path(name).with_suffix(".mark")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, instance.encode())
        # Others find it locked, or not at all.
        Path(name).rename(path)
        yield found
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _crashed(folder: Path) -> tuple[str, ...]:
    found = []
    for path in folder.glob("*.mark"):
        # Another process may find it, or end in order, while we look.
        with suppress(FileNotFoundError), path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            said = file.read()
            path.unlink()
            found.append(said)
    return tuple(dict.fromkeys(found))


def _is_news(folder: Path, instance: str, now: float) -> bool:
    _log.error("process_crashed", crashed=instance)
    stamp = folder / f"told-{quote(instance, safe='')}"
    with suppress(FileNotFoundError):
        if now - stamp.stat().st_mtime < TOLD_AGAIN_S:
            return False
    stamp.touch()
    os.utime(stamp, (now, now))
    return True
