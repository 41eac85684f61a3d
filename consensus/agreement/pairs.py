"""How far two answers to one question agree: one figure, for evaluation and for a look by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.agreement.grid import compare_all
from consensus.answers import read_question
from consensus.nearness import Nearness
from consensus.reading import read_answer
from consensus.relevance import question_words

if TYPE_CHECKING:
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment


def pair_score(
    question: str, a: str, b: str, embedder: Embedder | None, entailment: Entailment | None
) -> float:
    """How far ``a`` and ``b`` agree as answers to ``question``, in [0, 1]: the panel's own figure.

    Args:
        question: The prompt, its options included where it has any.
        a: One answer.
        b: The other; the order of the two changes nothing.
        embedder: As `consensus.decision.decide` takes it.
        entailment: The same; its time budget begins anew with each call.
    """
    asked = read_question(question)
    readings = [read_answer(asked, a), read_answer(asked, b)]
    nearness = Nearness(embedder, [asked.text, *(reading.text for reading in readings)])
    return (
        compare_all(asked, question_words(asked), readings, nearness, entailment)
        .likeness[0][1]
        .degree
    )
