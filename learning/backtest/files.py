"""Recorded data on disk: every row of the files named, each set in the order of time."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from learning.backtest.records import (
    EvaluationDataError,
    LabelledPair,
    RecordedRequest,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PATTERNS = ("*.jsonl", "*.jsonl.gz")
"""What is taken of a folder, its own folders left alone."""

MAX_UNPACKED_BYTES = 1 << 30
"""Of one file: a gzip bomb ends here, and no recording of texts comes near."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """All rows of some files. ``digests``: SHA-256 of each file's bytes, by its name."""

    requests: dict[str, tuple[RecordedRequest, ...]]
    pairs: dict[str, tuple[LabelledPair, ...]]
    digests: dict[str, str]


def read(paths: Sequence[Path]) -> Recordings:
    """Read files and the files of folders; one that is named twice is read once.

    Raises:
        EvaluationDataError: A path is missing or cannot be read, a row is bad (the message names file
            and line), a set has an id twice, or there is no row at all.
    """
    requests: dict[str, list[RecordedRequest]] = {}
    pairs: dict[str, list[LabelledPair]] = {}
    digests: dict[str, str] = {}
    for path in _files(paths):
        packed = _bytes(path)
        name = str(path) if path.name in digests else path.name
        digests[name] = sha256(packed).hexdigest()
        for row in _rows(path, packed):
            if isinstance(row, RecordedRequest):
                requests.setdefault(row.dataset, []).append(row)
            else:
                pairs.setdefault(row.dataset, []).append(row)
    if not requests and not pairs:
        raise EvaluationDataError("no recorded answers in " + ", ".join(map(str, paths)))
    for dataset, rows in requests.items():
        _refuse_twins(dataset, rows)
    return Recordings(
        {name: tuple(sorted(rows, key=lambda r: r.order)) for name, rows in requests.items()},
        {name: tuple(rows) for name, rows in pairs.items()},
        digests,
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found = sorted(file for pattern in PATTERNS for file in path.glob(pattern))
        elif path.exists():
            found = [path]
        else:
            raise EvaluationDataError(f"{path}: no such file or folder")
        for file in found:
            if (real := file.resolve()) not in seen:
                seen.add(real)
                yield file


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise EvaluationDataError(f"{path}: cannot be read: {e.strerror}") from e


def _rows(path: Path, packed: bytes) -> Iterator[RecordedRequest | LabelledPair]:
    for number, line in enumerate(_lines(path, packed), start=1):
        if line.strip():
            try:
                yield parse(line)
            except EvaluationDataError as e:
                raise EvaluationDataError(f"{path}, line {number}: {e}") from e


def _lines(path: Path, packed: bytes) -> list[str]:
    try:
        if path.name.endswith(".gz"):
            with gzip.open(BytesIO(packed)) as unpacked:
                packed = unpacked.read(MAX_UNPACKED_BYTES + 1)
        if len(packed) > MAX_UNPACKED_BYTES:
            raise EvaluationDataError(f"{path}: over {MAX_UNPACKED_BYTES >> 20} MiB of text")
        # Not splitlines(): answers hold U+2028 and its like unescaped.
        return packed.decode("utf-8").split("\n")
    except (OSError, EOFError, zlib.error) as e:
        raise EvaluationDataError(f"{path}: not a whole gzip file: {e}") from e
    except UnicodeDecodeError as e:
        raise EvaluationDataError(f"{path}: not UTF-8: {e}") from e


def _refuse_twins(dataset: str, rows: Iterable[RecordedRequest]) -> None:
    """The same request twice would be its own label, known before it is asked."""
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise EvaluationDataError(f"{dataset}: the id {row.id} is there twice")
        seen.add(row.id)
