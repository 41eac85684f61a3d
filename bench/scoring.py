"""What the benchmarks of scoring share: one decision with what ships, and its CPU."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from consensus.answers import read_question
from consensus.answers.code import parses, program
from consensus.decision import decide
from consensus.execution.remembered import remembered_answer
from consensus.reading import remembered_reading
from consensus.relevance import remembered_words
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.verdict import Floors

if TYPE_CHECKING:
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.transcript import Transcript
    from consensus.trust.topics import Topics

TRUST = LogitTrust(shipped_prior())
FLOORS = Floors()


def cpu_ms(
    asked: str,
    transcript: Transcript,
    embedder: Embedder,
    topics: Topics,
    entailment: Entailment | None = None,
) -> float:
    """CPU of this thread, in ms, to read one question and score its answers for the first time.

    What a request's later decisions find remembered is forgotten before; a question's topic is not,
    so that questions should differ from call to call.
    """
    for remembered in (remembered_reading, remembered_words, remembered_answer, parses, program):
        remembered.cache_clear()
    begun = time.thread_time_ns()
    decide(
        read_question(asked),
        transcript,
        weights={},
        floors=FLOORS,
        min_providers=2,
        embedder=embedder,
        trust=TRUST,
        topics=topics,
        entailment=entailment,
    )
    return (time.thread_time_ns() - begun) / 1e6
