"""The sentence of a dissenting answer that tells best why it dissents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consensus.agreement import opposed, other_numbers
from consensus.answers.folding import sentences
from consensus.quotation import neutralised
from consensus.sentences import clipped
from consensus.statements import content_words, statements

if TYPE_CHECKING:
    from consensus.statements import Statement

MAX_REASON_CHARS = 160
"""Length of the one sentence that is quoted: two lines."""

MAX_SENTENCES = 60
"""Sentences of an answer that are considered, from its head."""

OPPOSES = 4.0
REASONS = 2.0
NEWS = 0.5
MAX_NEWS = 4
"""What makes a sentence decisive: that it contradicts what the winner says, that it gives a reason,
and the words and numbers the winner does not have. Set by hand."""

_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MARKUP = re.compile(r"^[\s#>*•・-]+|^\(?\d{1,2}[.)]\s+|[\s*]+$")
_ANSWER_LINE = re.compile(
    r"^\W*(?:the )?(?:final |correct )?(?:answer|result)\b.{0,3}(?:is|:|=)|^\W*(?:最終)?(?:回答|答え|解答)(?:は|[::：])",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|as|so|therefore|thus|hence|due to|given that|which means|reason)\b|"
    r"ため|ので|(?:だ|です|ます|ある|いる)から|したがって|よって|なぜなら|理由|つまり"
)


def decisive_sentence(text: str, winning_text: str) -> str | None:
    """The sentence of ``text`` that sets it apart from ``winning_text``, safe to quote.

    Returns:
        At most `MAX_REASON_CHARS` characters on one line, or None where the answer gives nothing but
        its result, or nothing that the winning answer does not say as well.
    """
    theirs = statements(winning_text)
    known = content_words(theirs)
    best: tuple[float, str] | None = None
    for sentence in sentences(_CODE.sub("\n", clipped(text)))[:MAX_SENTENCES]:
        said = _MARKUP.sub("", sentence)
        weight = _weight(said, theirs, known)
        if weight > 0.0 and (best is None or weight > best[0]):
            best = (weight, said)
    return None if best is None else neutralised(best[1], MAX_REASON_CHARS)


def _weight(sentence: str, theirs: tuple[Statement, ...], known: frozenset[str]) -> float:
    read = statements(sentence)
    words = content_words(read)
    if len(words) < 2 or _ANSWER_LINE.match(sentence):  # noqa: PLR2004 - one word is a result, no reason
        return 0.0
    against = any(opposed(a, b) or other_numbers(a, b) for a in read for b in theirs)
    news = min(MAX_NEWS, len(words - known))
    if not against and not news:
        return 0.0
    reasons = _REASON.search(sentence.lower()) is not None
    return OPPOSES * against + REASONS * reasons + NEWS * news
