"""A file of lines that several processes append to, bounded in size.

Lines go out whole: the file is opened for appending, and a batch of lines is one ``write``, which the
kernel does at the file's end and without another's in between. What a full disk cuts off is ended with a
line break before the next line. Past its size the file is renamed (``.1``, the newest, to ``.4``) by
whoever notices first, under a lock; the others find another file under the name and open that.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 10_000_000
"""Of one file, give or take a batch."""

KEPT = 4
"""Older files kept beside it: 50 MB in all."""


class LineFile:
    """One process's hand on the file. For one thread.

    Args:
        path: Its folder is made where it is not there.
        most_bytes: From which size on it is renamed.
        kept: Renamed files that are kept.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._descriptor: int | None = None
        self._torn = False

    def append(self, lines: bytes) -> None:
        """Write whole lines, each ended by a line break.

        Raises:
            OSError: They are not, or not all, written.
        """
        descriptor = self._opened()
        if os.fstat(descriptor).st_size >= self._most_bytes:
            self._rename()
            descriptor = self._opened()
        text = b"\n" + lines if self._torn else lines
        written = os.write(descriptor, text)
        self._torn = written < len(text)
        if self._torn:
            raise OSError(f"{len(text) - written} of {len(text)} bytes were not written")

    def close(self) -> None:
        """Close it; `append` opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        """The file that has the name now."""
        if self._descriptor is not None and not _is(self._descriptor, self._path):
            self.close()
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o640)
        return self._descriptor

    def _rename(self) -> None:
        with _locked(self._path.with_name(f".{self._path.name}.lock")):
            # Another process may have done it while this one waited for the lock.
            if self._descriptor is not None and _is(self._descriptor, self._path):
                for number in range(self._kept, 0, -1):
                    older = self._numbered(number - 1) if number > 1 else self._path
                    with suppress(FileNotFoundError):
                        older.replace(self._numbered(number))
        self.close()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _is(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that has the name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
