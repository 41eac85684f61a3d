"""The few sentences of an answer that tell it: what an entailment model is given to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.polarity import leading_polarity

if TYPE_CHECKING:
    from consensus.reading import Reading
    from consensus.statements import Statement

SHORT_CHARS: Final = {"en": 260, "ja": 130}
"""Texts so long are read whole, and longer ones cut to as much: what a model of 112 tokens takes in of
two answers and a question."""

CUE: Final = 3.0
ABOUT: Final = 2.0
FIRST: Final = 1.5
LAST: Final = 1.0
"""What makes a sentence one that answers: it says so, it takes up the question's words, it opens the
text or ends it. Set by hand."""

SENTENCES: Final = 2

_CUE = re.compile(
    r"\b(?:therefore|thus|hence|in conclusion|in short|in summary|overall|to conclude|the answer|final answer|ultimately|so,)"
    r"|つまり|したがって|従って|よって|結論|要するに|以上から|以上より|答え|まとめると",
    re.IGNORECASE,
)


def conclusion(reading: Reading, asked: frozenset[str], language: str) -> str:
    """The sentences of an answer that tell it, in their order; of a short answer all of it.

    Args:
        reading: The answer.
        asked: The question's content words.
        language: Of the question, ``en`` or ``ja``.
    """
    room = SHORT_CHARS.get(language, SHORT_CHARS["en"])
    text = reading.text.strip()
    if len(text) <= room:
        return text
    told = [s for s in reading.statements if not s.asks] or list(reading.statements)
    if not told:
        return text[:room]
    marks = [_mark(s, asked) for s in told]
    marks[0] += FIRST
    marks[-1] += LAST
    best = sorted(sorted(range(len(told)), key=lambda i: (-marks[i], i))[:SENTENCES])
    opening = leading_polarity(text)
    lead = "" if opening is None else ("Yes. " if opening else "No. ")
    return (lead + " ".join(told[i].text.strip()[: room // len(best)] for i in best))[:room]


def _mark(statement: Statement, asked: frozenset[str]) -> float:
    words = statement.words
    about = len(words & asked) / max(1, min(len(words), len(asked)))
    return ABOUT * about + (CUE if _CUE.search(statement.text) else 0.0)
