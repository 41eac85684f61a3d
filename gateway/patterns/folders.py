"""Which folder a process keeps its engine in: one each, taken by a lock and given up with the process.

Workers and instances come and go by other names and numbers, so folders are numbered, and a process takes
the first that no other one holds: what a worker before it left is used on, and there are never more
folders than there were processes at once. The lock is the kernel's (`flock`): whoever is killed lets go.
The folder must be on a disk of this machine, for locks over a network are not to be relied on.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consensus.embedding.embedder import Embedder
    from learning.engine import Engine

MOST = 256
"""Processes that may share one LEARNING_STORAGE_DIR."""


def engine_in(
    base: Path,
    embedder: Embedder,
    name: str,
    *,
    cache_ttl_s: float,
    monotonic: Callable[[], float],
) -> Engine:
    """The engine in the first folder under ``base`` that is free. For a thread: it reads files.

    Args:
        base: LEARNING_STORAGE_DIR.
        embedder: Gives the vectors.
        name: Of the embedder.
        cache_ttl_s: See `learning.engine.Engine`.
        monotonic: Seconds that never jump.

    Raises:
        learning.graph.errors.EdgesInUseError: Every folder is taken.
        OSError: The folder cannot be used.
    """
    from learning.engine import Engine  # noqa: PLC0415 - numpy and the index: not at the start
    from learning.graph.errors import EdgesInUseError  # noqa: PLC0415 - as above

    dimensions = embedder.embed(["?"]).shape[1]
    opened = partial(
        Engine, dimensions=dimensions, embedder=name, cache_ttl_s=cache_ttl_s, monotonic=monotonic
    )
    for number in range(MOST):
        try:
            return opened(base / f"engine-{number}")
        except EdgesInUseError:
            continue
    raise EdgesInUseError(f"all {MOST} folders in {base} are taken")
