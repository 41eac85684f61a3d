"""An entailment model that costs nothing until it is asked: neither its import nor its files."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.entailment.judgement import Entailment, Judgement


class LazyEntailment:
    """Builds the model it stands for at its first pair; safe to call from several threads.

    Args:
        load: Imports and builds the model.
    """

    def __init__(self, load: Callable[[], Entailment]) -> None:
        self._load = load
        self._model: Entailment | None = None
        self._lock = Lock()

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """See `consensus.entailment.judgement.Entailment`."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = self._load()
        return self._model.compare(question, pairs)


def entailment_named(name: str, *, budget_ms: float) -> LazyEntailment | None:
    """Choose a model by name; nothing of it is imported before it is used.

    Args:
        name: ``off`` for none (rules decide alone), ``shipped`` for the package's own, else a
            cross-encoder of sentence-transformers by name or folder (extra ``transformers``).
        budget_ms: Thread CPU that the shipped model may take for one decision, in milliseconds. A
            model chosen by name is run in full: who chooses it has weighed its time.
    """
    match name:
        case "off":
            return None
        case "shipped":
            return LazyEntailment(lambda: _shipped(budget_ms))
        case _:
            return LazyEntailment(lambda: _transformers(name))


def _shipped(budget_ms: float) -> Entailment:
    from consensus.entailment.shipped import OnnxEntailment  # noqa: PLC0415 - numpy, onnxruntime

    return OnnxEntailment(budget_ms=budget_ms)


def _transformers(name: str) -> Entailment:
    from consensus.entailment.transformers import TransformersEntailment  # noqa: PLC0415 - torch

    return TransformersEntailment(name)
