"""What was asked, read out of requests: the vector, the words and the kind of question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.answers import read_question
from consensus.language import language_of
from learning.patterns.pattern import Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.embedding.embedder import Embedder

READ_CHARS = 4_000
"""Of a longer question its head and tail are read for its kind: it is there that something is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what of its request belongs to it. ``kind`` is None where it is to be read."""

    text: str
    task: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioReader:
    """Reads questions, some 0.2 ms each; safe to call from several threads.

    ``keeps_words``: whether the words of a question are kept beside its vector.
    """

    embedder: Embedder
    keeps_words: bool = True

    def read(self, asked: Sequence[Asked]) -> list[Scenario]:
        """One scenario for each."""
        from learning.index.words import words_of  # noqa: PLC0415 - learning.index brings numpy

        if not asked:
            return []
        rows = self.embedder.embed([question.text for question in asked])
        return [
            Scenario(
                embedding=row,
                words=words_of(question.text) if self.keeps_words else (),
                task=question.task,
                kind=question.kind or str(read_question(_clipped(question.text)).asks),
                language=str(language_of(_clipped(question.text))),
            )
            for question, row in zip(asked, rows, strict=True)
        ]


def _clipped(text: str) -> str:
    half = READ_CHARS // 2
    return text if len(text) <= READ_CHARS else f"{text[:half]}\n{text[-half:]}"
