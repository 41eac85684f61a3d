"""Finished parts of a long replay, kept on disk so that one that was cut short goes on where it was.

A part is what a pure step of the replay gave: plain JSON under a name. Who resumes walks the same way
again and finds the finished parts instead of working them out, so its figures are those of a run that
nothing interrupted.

A folder holds `IDENTITY`, what the parts are of (options, digests of the data, versions), and `PARTS`, one
line a part: the CRC-32 of the rest of the line, and a JSON array of name and value. Lines are only ever
added, each with one write to the end of the file that is synced to the disk. A line cut short by a crash
does not bear its sum: it and what follows it is cut off when the folder is opened again.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Protocol, Self
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

IDENTITY: Final = "identity.json"
PARTS: Final = "parts.jsonl"


class CheckpointError(ValueError):
    """A folder of parts cannot be used. The message says why; it is fit to be shown."""


class Kept(Protocol):
    """Where finished parts are kept."""

    def part(self, name: str, compute: Callable[[], Any]) -> Any:
        """What ``compute`` once gave under ``name``: as it is kept, or worked out now and kept.

        ``compute`` is pure, and gives plain JSON. What comes back has been through JSON either way, so
        that a resumed run sees the same as one that was not: lists for tuples, text for keys.
        """


class NothingKept:
    """Works out every part."""

    def part(self, name: str, compute: Callable[[], Any]) -> Any:  # noqa: ARG002 - as `Kept` has it
        """See `Kept`."""
        return _decoded(_encoded(compute()))


@dataclass
class Checkpoints:
    """Parts in a folder; made by `begin` or `resume`, closed at the end of a ``with``.

    One process at a time; ``found`` parts were there when it was opened.
    """

    folder: Path
    found: int
    _parts: dict[str, Any]
    _file: int = field(repr=False)

    @classmethod
    def begin(cls, folder: Path, identity: Mapping[str, Any]) -> Self:
        """An empty folder for the parts of ``identity``.

        Raises:
            CheckpointError: Parts of a run are there already, or the folder cannot be written.
        """
        if (folder / IDENTITY).exists():
            raise CheckpointError(
                f"{folder}: holds parts of an earlier run: resume it, or name another folder"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_whole(folder / IDENTITY, _encoded(identity))
            (folder / PARTS).unlink(missing_ok=True)
            return cls._open(folder)
        except OSError as error:
            raise CheckpointError(f"{folder}: cannot be written: {error.strerror}") from error

    @classmethod
    def resume(cls, folder: Path, identity: Mapping[str, Any]) -> Self:
        """The parts of an earlier run of the same ``identity``.

        Raises:
            CheckpointError: There are none, they are of something else (the message says what differs), or
                the folder cannot be used.
        """
        try:
            kept = json.loads((folder / IDENTITY).read_bytes())
        except FileNotFoundError:
            raise CheckpointError(f"{folder}: holds no parts of an earlier run") from None
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{folder}: {IDENTITY} cannot be read: {error}") from error
        now = _decoded(_encoded(identity))
        if kept != now:
            raise CheckpointError(
                f"{folder}: is of another run; what differs: {', '.join(_differing(kept, now))}"
            )
        try:
            return cls._open(folder)
        except OSError as error:
            raise CheckpointError(f"{folder}: cannot be used: {error.strerror}") from error

    @classmethod
    def at(cls, folder: Path, identity: Mapping[str, Any]) -> Self:
        """Goes on with the parts of ``identity`` where there are any, and begins where there are none.

        Raises:
            CheckpointError: As `resume` and `begin`.
        """
        there = (folder / IDENTITY).exists()
        return cls.resume(folder, identity) if there else cls.begin(folder, identity)

    def part(self, name: str, compute: Callable[[], Any]) -> Any:
        """See `Kept`.

        Raises:
            CheckpointError: It cannot be written.
        """
        if name not in self._parts:
            value = _encoded(compute())
            self._add(name, value)
            self._parts[name] = _decoded(value)
        return self._parts[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._file)

    @classmethod
    def _open(cls, folder: Path) -> Self:
        file = os.open(folder / PARTS, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            _sync_names(folder)
            with os.fdopen(os.dup(file), "rb") as lines:
                parts, whole = _read(lines.read())
            os.ftruncate(file, whole)
        except BaseException:
            os.close(file)
            raise
        return cls(folder, len(parts), parts, file)

    def _add(self, name: str, value: bytes) -> None:
        body = b"[%s, %s]" % (_encoded(name), value)
        line = b"%08x %s\n" % (crc32(body), body)
        try:
            written = os.write(self._file, line)
            os.fsync(self._file)
        except OSError as error:
            raise CheckpointError(f"{self.folder}: cannot be written: {error.strerror}") from error
        if written < len(line):
            raise CheckpointError(f"{self.folder}: cannot be written: no room for a part")


def digest(identity: Mapping[str, Any]) -> str:
    """SHA-256 of ``identity`` as JSON, whatever the order of its names."""
    return sha256(json.dumps(identity, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _read(packed: bytes) -> tuple[dict[str, Any], int]:
    """The parts of all whole lines from the first on, and how many bytes those take."""
    parts: dict[str, Any] = {}
    whole = 0
    for line in packed.split(b"\n")[:-1]:
        total, _, body = line.partition(b" ")
        if total != b"%08x" % crc32(body):
            break
        name, value = _decoded(body)
        parts[name] = value
        whole += len(line) + 1
    return parts, whole


def _differing(kept: Any, now: Any, path: str = "") -> list[str]:
    """Where two documents part, by the names on the way."""
    if isinstance(kept, dict) and isinstance(now, dict):
        missing = object()
        return [
            found
            for name in sorted({*kept, *now})
            if (old := kept.get(name, missing)) != (new := now.get(name, missing))
            for found in _differing(old, new, f"{path}.{name}" if path else name)
        ]
    return [path or "all of it"]


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _decoded(packed: bytes) -> Any:
    return json.loads(packed)


def _write_whole(path: Path, text: bytes) -> None:
    """All or nothing, whenever the machine stops."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_names(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_names(folder: Path) -> None:
    """So that files made in it are there after a crash."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
