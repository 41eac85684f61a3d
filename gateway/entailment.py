"""Chooses the entailment model the settings name; nothing of it is imported before it is used."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.entailment.judgement import Entailment, Judgement

WARM_UP = ("Is it safe?", ("Yes, it is safe.", "No, it is dangerous."))
"""Judged once after the start, so that no caller waits for the files."""


class LazyEntailment:
    """Loads the model it stands for at its first pair; safe to call from several threads.

    Args:
        load: Imports and builds the model.
    """

    def __init__(self, load: Callable[[], Entailment]) -> None:
        self._load = load
        self._entailment: Entailment | None = None
        self._lock = Lock()

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """See `consensus.entailment.judgement.Entailment`."""
        if self._entailment is None:
            with self._lock:
                if self._entailment is None:
                    self._entailment = self._load()
        return self._entailment.compare(question, pairs)


async def warm_up(entailment: LazyEntailment) -> None:
    """Load the model, in a thread as it reads files."""
    question, pair = WARM_UP
    await asyncio.to_thread(entailment.compare, question, [pair])


def entailment_named(name: str) -> LazyEntailment | None:
    """`off` is None, `builtin` the shipped model, anything else a cross-encoder by its name."""
    match name:
        case "off":
            return None
        case "builtin":
            return LazyEntailment(_builtin)
        case _:
            return LazyEntailment(lambda: _transformers(name))


def _builtin() -> Entailment:
    from consensus.entailment.shipped import OnnxEntailment  # noqa: PLC0415 - numpy: 0.1 s of a start

    return OnnxEntailment()


def _transformers(name: str) -> Entailment:
    from consensus.entailment.transformers import TransformersEntailment  # noqa: PLC0415 - torch: seconds

    return TransformersEntailment(name)
