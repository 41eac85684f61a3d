"""Any entailment cross-encoder by name, through sentence-transformers (extra ``transformers``)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from consensus.embedding.transformers import INSTALL_COMMAND, TransformersMissingError
from consensus.entailment.encoding import MAX_CHARS
from consensus.entailment.judgement import Judgement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentence_transformers import CrossEncoder

CLASSES: Final = ("entail", "neutral", "contradict")
"""What the labels of agree, neutral and conflict contain, whatever else a model calls them."""


class NotAnEntailmentModelError(ValueError):
    """The model's labels are not entailment, neutral and contradiction; the message names them."""


class TransformersEntailment:
    """Implements `consensus.entailment.judgement.Entailment`; loads on first use (seconds, torch).

    The longer answer is the premise, the shorter the hypothesis, both with the question: the
    longer can entail the shorter but seldom the other way round, and the order of a pair cannot
    matter.

    Args:
        model: A cross-encoder's name on the hub, or a folder with its files; trained on natural
            language inference, with its three labels named in its configuration.
    """

    def __init__(self, model: str) -> None:
        self._name = model

    @cached_property
    def _loaded(self) -> tuple[CrossEncoder, tuple[int, ...]]:
        try:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - imports torch
        except ImportError as error:
            raise TransformersMissingError(
                f"The entailment model {self._name} needs sentence-transformers: {INSTALL_COMMAND}"
            ) from error
        model = CrossEncoder(self._name)
        return model, _columns(self._name, model.config.id2label)

    def compare(self, question: str, pairs: Sequence[tuple[str, str]]) -> Sequence[Judgement]:
        """See `consensus.entailment.judgement.Entailment`; judges every pair.

        Raises:
            TransformersMissingError: sentence-transformers is not installed.
            NotAnEntailmentModelError: The model has other labels.
        """
        if not pairs:
            return []
        model, columns = self._loaded
        asked = question[:MAX_CHARS]
        shares = model.predict(
            [_in_order(asked, first[:MAX_CHARS], second[:MAX_CHARS]) for first, second in pairs],
            apply_softmax=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return [Judgement(*(float(row[column]) for column in columns)) for row in shares]


def _columns(name: str, labels: Mapping[int, str]) -> tuple[int, ...]:
    found = [
        [column for column, label in labels.items() if word in label.lower()] for word in CLASSES
    ]
    if len(labels) != len(CLASSES) or any(len(columns) != 1 for columns in found):
        raise NotAnEntailmentModelError(
            f"{name} does not tell entailment, neutral and contradiction apart: its labels are "
            f"{', '.join(map(str, labels.values()))}"
        )
    return tuple(int(columns[0]) for columns in found)


def _in_order(question: str, first: str, second: str) -> tuple[str, str]:
    longer, shorter = sorted((first, second), key=lambda text: (-len(text), text))
    return f"{question}\n{longer}".strip(), f"{question}\n{shorter}".strip()
