"""Files of patterns: a first line that says what they are, then one pattern a line."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

import orjson

from gateway.storage.pattern_archive import owners_only
from learning.patterns.exchange import (
    UnreadablePatternError,
    check_head,
    document,
    fingerprint,
    head,
    pattern_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.storage.pattern_store import SqlPatternStore
    from learning.patterns.pattern import Pattern

PAGE = 1_000

MOST_LINE = 1 << 20
"""Bytes of a line: a pattern has some thousand."""


async def write(
    store: SqlPatternStore, embedder: str, path: Path, advance: Callable[[int], None]
) -> int:
    """Write all patterns of ``store``; how many. An old file is replaced at the end, or not at all."""
    part = path.with_name(f".{path.name}.part")
    count, after = 0, 0
    try:
        with _writing(part, packed=path.suffix == ".gz") as file:
            while page := await store.page(after, PAGE):
                if not count:
                    first = head(embedder, len(page[0].scenario.embedding))
                    file.write(orjson.dumps(first) + b"\n")
                after = page[-1].id
                file.writelines(orjson.dumps(document(pattern)) + b"\n" for pattern in page)
                count += len(page)
                advance(len(page))
            if not count:
                file.write(orjson.dumps(head(embedder, 0)) + b"\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


async def take_in(
    store: SqlPatternStore, embedder: str, path: Path, told: Callable[[int, int], None]
) -> tuple[int, int]:
    """Take in the patterns of a file; how many were new, and how many known.

    The whole file is read before the first is taken in. ``told``: of so many lines, so many are done.

    Raises:
        UnreadablePatternError: A line is no pattern; the message names it. Nothing was taken in.
        OSError: The file cannot be read.
    """
    lines = sum(1 for _ in _patterns(path, embedder, await _dimensions(store)))
    seen, after = set[bytes](), 0
    while page := await store.page(after, PAGE):
        after = page[-1].id
        seen.update(fingerprint(pattern) for pattern in page)
    new: list[Pattern] = []
    taken = known = 0
    for pattern in _patterns(path, embedder, None):
        mark = fingerprint(pattern)
        if mark in seen:
            known += 1
        else:
            seen.add(mark)
            new.append(pattern)
        if len(new) == PAGE:
            taken += len(await store.add(new))
            new = []
        told(taken + known, lines)
    return taken + len(await store.add(new)), known


async def _dimensions(store: SqlPatternStore) -> int | None:
    """Of the patterns that are there; None for none."""
    first = await store.page(0, 1)
    return len(first[0].scenario.embedding) if first else None


def _patterns(path: Path, embedder: str, dimensions: int | None) -> Iterator[Pattern]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            if number == 1:
                check_head(_read(line), embedder)
                continue
            pattern = pattern_from(_read(line))
            dimensions = _checked(len(pattern.scenario.embedding), dimensions)
        except UnreadablePatternError as error:
            raise UnreadablePatternError(f"{path}, line {number}: {error}") from None
        yield pattern


def _checked(own: int, wanted: int | None) -> int:
    if wanted is not None and own != wanted:
        raise UnreadablePatternError(f"a vector of {own} dimensions, here they have {wanted}")
    return own


@contextmanager
def _writing(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    """Words of prompts are in it: its owner's eyes only."""
    with open(path, "wb", opener=owners_only) as raw:
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw, mode="wb") as file:
            yield cast("IO[bytes]", file)


def _read(line: bytes) -> Any:
    if len(line) > MOST_LINE:
        raise UnreadablePatternError(f"a line of over {MOST_LINE >> 20} MiB")
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadablePatternError(f"not JSON: {error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            empty = True
            while line := file.readline(MOST_LINE + 1):
                empty = False
                yield line
            if empty:
                raise UnreadablePatternError(f"{path}: is empty")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadablePatternError(f"{path}: not a whole gzip file: {error}") from error
